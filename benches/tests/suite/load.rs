//! Whole runs inside this process.

use std::sync::Arc;

use learnflow_bench::account_file::provide;
use learnflow_bench::history::ViolationKind;
use learnflow_bench::measure::{Board, Count, Measure};
use learnflow_bench::run::{End, Outcome, run};
use learnflow_bench::scenario::Scenario;
use tokio_util::sync::CancellationToken;

use crate::fake_server::{FakeServer, Script};

async fn ran(scenario: Scenario, script: Script) -> Outcome {
    let server = FakeServer::start(script).await;
    let http = server.http();
    let students = usize::try_from(scenario.students).expect("few");
    let accounts = provide(&http, Vec::new(), students, 4, |_| {}).await.expect("accounts");
    let (board, stop) = (Arc::new(Board::default()), CancellationToken::new());
    run(scenario, &http, &accounts, "test".to_owned(), board, stop).await
}

#[tokio::test]
async fn a_closed_loop_asks_everything_once() {
    let outcome = ran(Scenario::unnamed(4, 5), Script::default()).await;
    assert_eq!(outcome.violations, []);
    let counts = [Count::Asked, Count::Acked, Count::Answered, Count::Unanswered];
    assert_eq!(counts.map(|count| outcome.sums.counts[&count]), [20, 20, 20, 0]);
    let sampled = [Measure::Connect, Measure::Ack, Measure::Route, Measure::Done];
    assert_eq!(sampled.map(|measure| outcome.sums.measures[&measure].count), [4, 20, 20, 20]);
    assert_eq!(outcome.sums.sources["model"], 20);
    assert_eq!(outcome.end, End::Complete);
}

/// The server is silent until the 20th ask of a schedule of 50 a second has come. Whatever the
/// speed of this machine, the first ask then waited for 19 periods, the second for 18, and so on.
#[tokio::test]
async fn a_stall_of_the_server_counts_for_every_ask_that_was_due_in_it() {
    let scenario = Scenario {
        rate_per_s: Some(50.0),
        provider_first_token_ms: Some(100),
        ..Scenario::unnamed(20, 1)
    };
    let outcome = ran(scenario, Script { gate_at: 20, ..Script::default() }).await;
    assert_eq!(outcome.violations, []);
    let ack = outcome.sums.measures[&Measure::Ack];
    assert_eq!(ack.count, 20);
    assert!(ack.max_ms >= 379.0, "{ack:?}");
    assert!(ack.p50_ms >= 179.0, "{ack:?}");
    let all = outcome.sums.measures[&Measure::FirstToken];
    let added = outcome.sums.measures[&Measure::AddedFirstToken];
    assert!(((all.max_ms - added.max_ms) - 100.0).abs() < 2.0, "{all:?} {added:?}");
}

/// Nine asks are in flight and the server waits for a tenth, which is held back until the first
/// ask is given up at its deadline.
#[tokio::test]
async fn an_ask_that_this_program_held_back_is_told() {
    let scenario =
        Scenario { rate_per_s: Some(1_000.0), deadline_ms: 100, ..Scenario::unnamed(1, 12) };
    let outcome = ran(scenario, Script { gate_at: 10, ..Script::default() }).await;
    assert_eq!(outcome.sums.counts[&Count::Asked], 12);
    assert!(outcome.sums.counts[&Count::HeldBack] >= 1);
    assert!(outcome.sums.counts[&Count::Unanswered] >= 1);
}

#[tokio::test]
async fn failures_and_violations_are_counted_apart() {
    let failing = ran(Scenario::unnamed(2, 2), Script { fails: true, ..Script::default() }).await;
    assert_eq!(failing.sums.counts[&Count::Failed], 4);
    assert_eq!(failing.sums.errors["LF0601"], 4);
    assert_eq!(failing.violations, []);
    let script = Script { differs: Some("another text".into()), ..Script::default() };
    let lying = ran(Scenario::unnamed(2, 2), script).await;
    assert_eq!(lying.violations.len(), 4);
    assert!(lying.violations.iter().all(|found| found.kind == ViolationKind::TextDiffers));
}

#[tokio::test]
async fn an_ask_without_an_answer_is_unanswered_at_its_deadline() {
    let scenario = Scenario { deadline_ms: 50, ..Scenario::unnamed(1, 1) };
    let outcome = ran(scenario, Script { gate_at: 2, ..Script::default() }).await;
    assert_eq!(outcome.sums.counts[&Count::Unanswered], 1);
    assert_eq!(outcome.sums.counts[&Count::Answered], 0);
}
