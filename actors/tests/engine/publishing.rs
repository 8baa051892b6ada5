//! The publisher: a log that is away, a backlog that overflows.

use std::sync::atomic::Ordering;
use std::time::Duration;

use learnflow_actors::completion::scripted::Step;

use crate::world::{P0, Pupil, Universe, pass, until};

fn answer() -> Vec<Step> {
    vec![Step::say("Lists begin at zero."), Step::stop()]
}

fn seqs(pupil: &Pupil<'_>) -> Vec<i64> {
    let heard = pupil.heard();
    let durable = heard.iter().filter(|frame| frame["type"] != "attached");
    durable.filter_map(|frame| frame["seq"].as_i64()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_published_leaves_in_order_when_the_log_is_back() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.topic.away.store(true, Ordering::SeqCst);
    anna.ask(2, "now");
    until("the turn is stored", || anna.ended(1)).await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(anna.order(), ["attached"]);
    universe.topic.away.store(false, Ordering::SeqCst);
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
}

#[tokio::test(start_paused = true)]
async fn a_backlog_that_overflows_is_read_back_from_the_journal() {
    let mut universe = Universe::new(&answer());
    universe.config.backlog_bytes = 1_000;
    let pupils: Vec<_> = (1..=20).map(|number| universe.student(number)).collect();
    universe.boot().await;
    for pupil in &pupils {
        pupil.attach(1, 1);
        pupil.hears(1, "attached").await;
    }
    universe.topic.away.store(true, Ordering::SeqCst);
    for pupil in &pupils {
        pupil.ask(2, "now");
    }
    until("all turns are stored", || pupils.iter().all(|pupil| pupil.ended(1))).await;
    universe.topic.away.store(false, Ordering::SeqCst);
    for pupil in &pupils {
        pupil.hears(1, "done").await;
        let mut seqs = seqs(pupil);
        seqs.sort_unstable();
        seqs.dedup();
        assert_eq!(seqs, [1, 2, 3]);
    }
    let all_published = || {
        let owner = universe.tables.owner(P0);
        owner.published_seq == owner.out_seq
    };
    until("the store knows that all is out", all_published).await;
}

#[tokio::test(start_paused = true)]
async fn rows_beyond_one_page_are_published_after_a_claim_too() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.topic.away.store(true, Ordering::SeqCst);
    for number in 0..1_300 {
        anna.send(100 + number, &rating());
    }
    until("all ratings are stored", || anna.events().len() == 2 + 1_300).await;
    first.die();
    universe.topic.away.store(false, Ordering::SeqCst);
    universe.boot().await;
    anna.hears(1_300, "ack").await;
    assert_eq!(seqs(&anna), (1..=1_300).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_to_a_gateway_that_is_gone() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    universe.boot().await;
    anna.attach(1, 1);
    anna.attach(2, 2);
    anna.ask(3, "now");
    anna.hears(1, "done").await;
    until("the other gateway heard it too", || anna.heard_at(2).len() == anna.heard().len()).await;
    let heard = anna.heard_at(2).len();
    universe.tables.lease(2, 1, universe.clock.now());
    pass(Duration::from_secs(6)).await;
    anna.ask(4, "again");
    pass(Duration::from_secs(6)).await;
    anna.ask(5, "and again");
    anna.hears(3, "done").await;
    let late = &anna.heard_at(2)[heard..];
    assert!(late.iter().all(|frame| frame["seq"].as_i64() <= Some(6)), "{late:?}");
}

fn rating() -> learnflow_engine::session::command::Command {
    use learnflow_engine::clock::Timestamp;
    use learnflow_engine::id::TurnId;
    use learnflow_engine::session::command::{Command, Rating};
    let turn = TurnId::from_seed(Timestamp::EPOCH, 1 << 64);
    Command::Feedback { turn, rating: Rating::Up, reason: None }
}
