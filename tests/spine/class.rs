//! A class of a hundred on Kafka and PostgreSQL: all answered, nothing doubled, one call a turn.

use std::collections::BTreeMap;
use std::time::Duration;

use learnflow_bench::client::StudentClient;
use learnflow_bench::history::{StudentHistory, check};
use learnflow_bench::question::question;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::provider::{Pace, provider};
use crate::server::Setup;
use crate::services;

/// Students at a time.
const STUDENTS: u32 = 100;
/// Questions of each.
const TURNS: u32 = 10;
/// An answer may take so long while a hundred others are given.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// One student's ten questions, one after the other.
async fn ask_all(mut client: StudentClient, student: u32) -> StudentHistory {
    for turn in 0..TURNS {
        let until = Instant::now() + ANSWER_LIMIT;
        let ask = client.ask(&question("class", student, turn)).expect("room for a command");
        let done = client.answer(ask, until).await;
        let done = done.unwrap_or_else(|error| panic!("student {student}, turn {turn}: {error}"));
        let end = (done.status.as_deref(), done.source.as_deref());
        assert_eq!(end, (Some("complete"), Some("model")), "student {student}: {done:?}");
    }
    client.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_students_get_ten_answers_each_for_one_call_a_turn() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let server = Setup::serve(&services).await.model(&provider).start().await;
    let accounts = server.students(STUDENTS as usize).await;
    let mut students = JoinSet::new();
    for (number, account) in (0_u32..).zip(&accounts) {
        students.spawn(ask_all(StudentClient::new(server.http(), account), number));
    }
    let histories = students.join_all().await;
    assert_eq!(histories.len(), STUDENTS as usize);
    assert_eq!(check(&histories), []);

    let ledger = provider.ledger();
    let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
    for call in &ledger.items {
        *calls.entry(&call.question_digest).or_default() += 1;
    }
    let turns = STUDENTS * TURNS;
    assert_eq!(ledger.calls, u64::from(turns), "exactly one call a turn");
    assert_eq!(calls.len(), turns as usize, "each for a question of its own");
    assert_eq!(ledger.finished, ledger.calls);
}
