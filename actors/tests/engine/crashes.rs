//! Processes that die: running turns, redelivered records, rows that were never published.

use std::sync::atomic::Ordering;

use learnflow_actors::completion::scripted::Step;
use learnflow_engine::event::v1::AttemptCause;
use serde_json::json;

use crate::world::{P0, Universe, pass, until};

fn answer() -> Vec<Step> {
    vec![Step::say("Lists begin at zero."), Step::stop()]
}

#[tokio::test(start_paused = true)]
async fn a_running_turn_is_driven_again_by_the_next_owner_and_ends_once() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "token").await;
    assert_eq!(universe.tables.work().len(), 1);
    first.die();
    universe.model.then(answer());
    universe.boot().await;
    let done = anna.hears(1, "done").await;
    pass(std::time::Duration::from_mins(5)).await;
    assert_eq!(anna.heard_of("done").len(), 1);
    let acks = anna.heard_of("ack");
    assert!(acks.iter().all(|ack| *ack == acks[0]), "said again, if at all, with its number");
    assert_eq!(done[0]["text"], "Lists begin at zero.");
    assert_eq!(anna.heard_of("token").last().map(|token| token["attempt"].clone()), Some(json!(2)));
    assert_eq!(anna.raised(), [AttemptCause::Crash]);
    assert!(universe.tables.work().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_turn_with_which_three_owners_died_fails_and_leaves_a_dead_letter() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "route").await;
    first.die();
    for crash in 1..=2 {
        let next = universe.boot().await;
        until("the attempt is raised", || anna.raised().len() == crash).await;
        next.die();
    }
    universe.boot().await;
    let done = anna.hears(1, "done").await;
    assert_eq!((&done[0]["status"], &done[0]["code"]), (&json!("failed"), &json!("LF0604")));
    assert_eq!(anna.raised(), [AttemptCause::Crash; 2]);
    until("the dead letter is there", || !universe.topic.letters().is_empty()).await;
    let letters = universe.topic.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].reason.contains("given up"), "{:?}", letters[0]);
    anna.ask(3, "later");
    anna.hears(2, "route").await;
}

#[tokio::test(start_paused = true)]
async fn a_gap_holds_the_watermark_back_and_what_comes_again_is_dropped_by_position() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    universe.topic.away.store(true, Ordering::SeqCst);
    universe.topic.put_garbage(P0);
    anna.attach(1, 1);
    anna.ask(2, "now");
    until("the turn is stored", || anna.ended(1)).await;
    pass(std::time::Duration::from_secs(5)).await;
    let owner = universe.tables.owner(P0);
    assert_eq!((owner.next_offset, owner.top), (0, 2), "the first record is not settled");
    let events = anna.events();
    first.die();

    universe.topic.away.store(false, Ordering::SeqCst);
    universe.boot().await;
    universe.settles(3).await;
    assert_eq!(anna.events(), events, "nothing was applied twice");
    assert_eq!((universe.model.calls(), universe.topic.letters().len()), (1, 1));
    assert_eq!(anna.heard_of("repeated").len(), 0, "dropped by position, not by command id");
}

#[tokio::test(start_paused = true)]
async fn rows_that_were_not_published_are_published_by_the_next_owner() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.topic.away.store(true, Ordering::SeqCst);
    anna.ask(2, "now");
    until("the turn is stored", || anna.ended(1)).await;
    first.die();
    universe.topic.away.store(false, Ordering::SeqCst);
    assert_eq!(anna.heard_of("ack").len(), 0);
    universe.boot().await;
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "done"]);
    let all_published = || {
        let owner = universe.tables.owner(P0);
        owner.published_seq == owner.out_seq
    };
    until("the store knows", all_published).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_with_an_unknown_outcome_neither_loses_nor_doubles_a_question() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.unknown_outcomes.store(usize::MAX, Ordering::SeqCst);
    anna.ask(2, "now");
    until("the question is stored", || anna.events().len() > 2).await;
    first.die();
    universe.tables.unknown_outcomes.store(0, Ordering::SeqCst);
    universe.boot().await;
    anna.hears(1, "done").await;
    assert_eq!((anna.heard_of("ack").len(), anna.heard_of("done").len()), (1, 1));
    universe.settles(2).await;
}
