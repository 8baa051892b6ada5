//! Sessions that fail: restored, laid to rest, tried again; others never notice.

use std::sync::atomic::Ordering;
use std::time::Duration;

use learnflow_actors::completion::scripted::Step;
use learnflow_engine::event::v1::AttemptCause;
use learnflow_engine::session::command::Command;

use crate::world::{P0, Universe, command_id, pass, until};

fn answer() -> Vec<Step> {
    vec![Step::say("Lists begin at zero."), Step::stop()]
}

#[tokio::test(start_paused = true)]
async fn a_session_that_panics_is_restored_and_others_never_notice() {
    let universe = Universe::new(&answer());
    let (anna, bert) = (universe.student(1), universe.student(2));
    let process = universe.boot().await;
    universe.model.then(vec![Step::say("Lists"), Step::Gate, Step::stop()]);
    bert.attach(11, 1);
    bert.ask(12, "slowly");
    bert.hears(1, "token").await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.vault.panics.lock().insert(anna.id, 3);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
    universe.model.release();
    bert.hears(1, "done").await;
    assert_eq!(bert.raised(), []);
    assert!(process.log.reopened.lock().is_empty(), "the partition went on");
    universe.settles(4).await;
}

#[tokio::test(start_paused = true)]
async fn a_student_whose_session_fails_four_times_rests_and_is_tried_again() {
    let universe = Universe::new(&answer());
    let (anna, bert) = (universe.student(1), universe.student(2));
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.vault.panics.lock().insert(anna.id, 4);
    let begun = universe.clock.now();
    anna.ask(2, "now");
    until("the quarantine is stored", || universe.tables.session(anna.id).quarantines == 1).await;
    let rests_until = universe.tables.session(anna.id).quarantined_until.unwrap();
    assert!((60_000..62_000).contains(&rests_until.millis_since(begun)));
    anna.ask(3, "still there?");
    bert.attach(11, 1);
    bert.ask(12, "now");
    bert.hears(1, "done").await;
    universe.settles(5).await;
    assert_eq!(anna.order(), ["attached"], "what came for who rests is settled");
    until("the rest is over", || universe.clock.now() > rests_until).await;
    anna.ask(4, "again");
    let ack = anna.hears(1, "ack").await;
    assert_eq!(ack[0]["cmd"], serde_json::json!(command_id(4)));
    anna.hears(1, "done").await;
    assert!(process.log.reopened.lock().is_empty(), "the partition went on");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_was_open_when_its_student_was_laid_to_rest_is_taken_up_afterwards() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "token").await;
    universe.vault.panics.lock().insert(anna.id, 4);
    anna.send(3, &Command::Active);
    until("the quarantine is stored", || universe.tables.session(anna.id).quarantines == 1).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(universe.model.open_streams(), 0, "its call ended with the session");
    universe.model.then(answer());
    let done = anna.hears(1, "done").await;
    assert_eq!(done[0]["status"], "complete");
    assert_eq!(anna.raised(), [AttemptCause::Crash]);
}

#[tokio::test(start_paused = true)]
async fn a_quarantine_outlives_its_owner() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let rests_until = universe.clock.now().plus_millis(300_000);
    universe.tables.quarantine(anna.id, rests_until, 2);
    universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    universe.settles(2).await;
    anna.ask(3, "and now?");
    universe.settles(3).await;
    assert_eq!(universe.model.calls(), 0);
    until("the rest is over", || universe.clock.now() > rests_until).await;
    anna.attach(4, 1);
    anna.ask(5, "again");
    anna.hears(1, "done").await;
    assert_eq!((universe.model.calls(), anna.heard_of("ack").len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_row_lays_one_student_to_rest_until_it_is_healed() {
    let universe = Universe::new(&answer());
    let (anna, bert) = (universe.student(1), universe.student(2));
    let process = universe.boot().await;
    universe.vault.poisoned.lock().insert(anna.id);
    anna.attach(1, 1);
    bert.attach(11, 1);
    bert.ask(12, "now");
    bert.hears(1, "done").await;
    until("the quarantine is stored", || universe.tables.session(anna.id).quarantines == 1).await;
    universe.settles(3).await;
    universe.vault.poisoned.lock().clear();
    pass(Duration::from_secs(65)).await;
    anna.attach(2, 1);
    anna.ask(3, "again");
    anna.hears(1, "done").await;
    assert!(process.log.reopened.lock().is_empty(), "the partition went on");
}

#[tokio::test(start_paused = true)]
async fn records_of_nobody_are_settled_for_ever() {
    let universe = Universe::new(&answer());
    let nobody = universe.stranger(9);
    let process = universe.boot().await;
    let holders = process.holders();
    nobody.ask(1, "am I there?");
    universe.settles(1).await;
    // Its empty session comes and goes.
    pass(Duration::from_mins(3)).await;
    assert_eq!(process.holders(), holders, "nothing is kept of nobody");
    nobody.ask(2, "and now?");
    universe.settles(2).await;
    nobody.ask(3, "and now?");
    universe.settles(3).await;
    assert!(universe.topic.letters().is_empty(), "no dead letter");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_nobody_can_read_becomes_a_dead_letter_and_the_partition_goes_on() {
    let universe = Universe::new(&answer());
    let (anna, bert) = (universe.student(1), universe.student(2));
    universe.boot().await;
    universe.topic.put_garbage(P0);
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    // Bert's command under Anna's name: it does not open with her key.
    bert.send_as(anna.id, 2);
    anna.ask(3, "now");
    anna.hears(1, "done").await;
    universe.settles(4).await;
    let letters = universe.topic.letters();
    let offsets: Vec<i64> = letters.iter().map(|letter| letter.offset).collect();
    assert_eq!(offsets, [0, 2]);
    assert!(letters[1].reason.contains("does not open"), "{:?}", letters[1].reason);
}

#[tokio::test(start_paused = true)]
async fn a_slow_restore_holds_up_nobody_who_is_there() {
    let universe = Universe::new(&answer());
    let (anna, bert) = (universe.student(1), universe.student(2));
    universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.stall_restores(true);
    bert.attach(11, 1);
    bert.ask(12, "now");
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert!(bert.heard().is_empty());
    universe.tables.stall_restores(false);
    bert.hears(1, "done").await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_fails_is_restored_only_after_its_steps_have_ended() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.stall_commits(true);
    anna.ask(2, "now");
    pass(Duration::from_millis(100)).await;
    universe.vault.panics.lock().insert(anna.id, 1);
    anna.send(3, &Command::Active);
    pass(Duration::from_secs(2)).await;
    universe.tables.stall_commits(false);
    anna.hears(1, "done").await;
    assert_eq!((anna.heard_of("ack").len(), anna.heard_of("repeated").len()), (1, 0));
    universe.settles(3).await;
    pass(Duration::from_secs(5)).await;
    assert!(process.log.reopened.lock().is_empty(), "no rev was written twice");
    assert_eq!(universe.model.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_commit_or_a_restore_that_panics_leaves_nobody_waiting() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    universe.boot().await;
    universe.tables.restore_panics.store(2, Ordering::SeqCst);
    universe.tables.commit_panics.store(1, Ordering::SeqCst);
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_is_given_up_whole_and_what_it_held_comes_again() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.refusals.store(1, Ordering::SeqCst);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
    assert_eq!(*process.log.reopened.lock(), [P0]);
}

#[tokio::test(start_paused = true)]
async fn a_committer_that_fails_is_started_again_and_every_partition_is_claimed_again() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.committer_panics.store(1, Ordering::SeqCst);
    anna.ask(2, "now");
    let done = anna.hears(1, "done").await;
    assert_eq!(done[0]["text"], "Lists begin at zero.");
    assert_eq!(*process.log.reopened.lock(), [P0], "it was claimed again");
    let acks = anna.heard_of("ack");
    assert!(acks.iter().all(|ack| *ack == acks[0]), "said again, if at all, with its number");
    anna.ask(3, "and now?");
    anna.hears(2, "done").await;
    assert!(process.engine.status().causes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_engine_whose_committer_fails_again_and_again_ends_and_says_so() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    universe.tables.committer_panics.store(usize::MAX, Ordering::SeqCst);
    anna.attach(1, 1);
    for question in 2..10 {
        anna.ask(question, "now");
        pass(Duration::from_secs(2)).await;
    }
    tokio::time::timeout(Duration::from_mins(1), process.engine.failed()).await.unwrap();
    let causes = process.engine.status().causes();
    assert!(causes.iter().any(|cause| cause.contains("the engine has failed")), "{causes:?}");
    // Nothing that was accepted is gone: the next process serves it.
    process.die();
    universe.tables.committer_panics.store(0, Ordering::SeqCst);
    universe.boot().await;
    anna.hears(1, "done").await;
}
