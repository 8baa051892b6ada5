//! Timers of sessions that sleep: they fire in the student's time, after what came before them.

use std::time::Duration;

use learnflow_actors::completion::scripted::Step;
use serde_json::json;

use crate::world::{Process, Pupil, Universe, pass};

/// A turn whose owner died and whose work is gone: only its timer can end it.
async fn sleeping_turn<'a>(universe: &'a Universe, pupil: &Pupil<'a>) -> Process {
    let first = universe.boot().await;
    pupil.attach(1, 1);
    pupil.ask(2, "now");
    pupil.hears(1, "token").await;
    first.die();
    universe.tables.forget_work();
    assert!(universe.tables.session(pupil.id).next_timer.is_some());
    universe.boot().await
}

#[tokio::test(start_paused = true)]
async fn a_due_timer_wakes_a_session_that_sleeps() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let _process = sleeping_turn(&universe, &anna).await;
    pass(Duration::from_secs(140)).await;
    assert_eq!(anna.heard_of("done").len(), 0, "it is not due yet");
    let done = anna.hears(1, "done").await;
    assert_eq!((&done[0]["status"], &done[0]["code"]), (&json!("failed"), &json!("LF0602")));
}

#[tokio::test(start_paused = true)]
async fn a_timer_waits_for_records_that_came_before_it_was_due() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let _process = sleeping_turn(&universe, &anna).await;
    let turn = anna.turn(1).await;
    universe.topic.withhold(true);
    anna.cancel(3, turn);
    pass(Duration::from_mins(5)).await;
    assert_eq!(anna.heard_of("done").len(), 0, "the log's end has not been read");
    universe.topic.withhold(false);
    let done = anna.hears(1, "done").await;
    assert_eq!(done[0]["status"], "cancelled", "the cancel came first");
}
