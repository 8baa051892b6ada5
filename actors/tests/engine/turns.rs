//! A turn from its question to its end: order, commits, repetition, cancelling, tokens, routes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use learnflow_actors::completion::scripted::Step;
use serde_json::json;

use crate::world::{P0, Universe, command_id, pass, until};

fn answer() -> Vec<Step> {
    vec![Step::say("Lists "), Step::say("begin "), Step::say("at zero."), Step::stop()]
}

#[tokio::test(start_paused = true)]
async fn a_question_is_accepted_streamed_and_ended_in_this_order() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    let done = anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
    assert_eq!(done[0]["text"], "Lists begin at zero.");
    assert_eq!(done[0]["source"], "model");
    assert_eq!(anna.heard_of("ack")[0]["cmd"], json!(command_id(2)));
    let seqs: Vec<i64> = anna.heard().iter().filter_map(|frame| frame["seq"].as_i64()).collect();
    assert_eq!(seqs, [0, 1, 2, 3], "attached says what was there, then a gapless count");
}

#[tokio::test(start_paused = true)]
async fn no_frame_leaves_before_its_commit() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.stall_commits(true);
    anna.ask(2, "now");
    until("the model was asked and has answered", || {
        universe.model.calls() == 1 && universe.model.open_streams() == 0
    })
    .await;
    pass(Duration::from_secs(5)).await;
    assert_eq!(anna.order(), ["attached"], "nothing of the turn is durable");
    universe.tables.stall_commits(false);
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_command_is_answered_once_the_first_is_durable() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.stall_commits(true);
    anna.ask(2, "now");
    anna.ask(2, "now");
    pass(Duration::from_secs(5)).await;
    assert_eq!(anna.heard_of("repeated"), Vec::<serde_json::Value>::new());
    universe.tables.stall_commits(false);
    let repeated = anna.hears(1, "repeated").await;
    let ack = anna.heard_of("ack");
    assert_eq!((ack.len(), &repeated[0]["seq"]), (1, &ack[0]["seq"]));
    let order = anna.order();
    let place = |kind: &str| order.iter().position(|known| known == kind);
    assert!(place("ack") < place("repeated"), "{order:?}");
    anna.hears(1, "done").await;
    assert_eq!(universe.model.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_unknown_outcome_is_applied_once() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.unknown_outcomes.store(3, Ordering::SeqCst);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
    assert_eq!(universe.tables.owner(P0).epoch, 1, "nobody had to claim again");
    assert!(process.log.reopened.lock().is_empty());
    let revs: Vec<i64> = universe.tables.journal(anna.id).iter().map(|row| row.rev).collect();
    assert_eq!(revs, [0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_delays_and_loses_nothing() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let _process = universe.boot().await;
    universe.tables.away.store(true, Ordering::SeqCst);
    anna.attach(1, 1);
    anna.ask(2, "now");
    pass(Duration::from_secs(30)).await;
    assert!(anna.heard().is_empty());
    universe.tables.away.store(false, Ordering::SeqCst);
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
}

#[tokio::test(start_paused = true)]
async fn cancelling_stops_the_models_stream() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    let turn = anna.turn(1).await;
    anna.hears(1, "token").await;
    assert_eq!(universe.model.open_streams(), 1);
    anna.cancel(3, turn);
    let done = anna.hears(1, "done").await;
    assert_eq!((&done[0]["status"], &done[0]["text"]), (&json!("cancelled"), &json!("Lists")));
    until("the stream is dropped", || universe.model.open_streams() == 0).await;
    assert!(universe.tables.work().is_empty());
}

#[tokio::test(start_paused = true)]
async fn later_pieces_of_an_answer_are_gathered() {
    let mut script = vec![Step::say("0 ")];
    for number in 1..=30 {
        script.push(Step::Wait(Duration::from_millis(4)));
        script.push(Step::say(&format!("{number} ")));
    }
    script.push(Step::stop());
    let universe = Universe::new(&script);
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    let done = anna.hears(1, "done").await;
    let tokens = anna.heard_of("token");
    assert_eq!(tokens[0]["text"], "0 ", "the first piece leaves at once");
    // 120 ms in pieces of 40 ms, the first, and what is left at the end.
    assert!((4..=6).contains(&tokens.len()), "{} frames for 31 pieces", tokens.len());
    let mut said = String::new();
    for token in &tokens {
        assert_eq!(token["from"], json!(said.chars().count()), "a gapless text");
        said.push_str(token["text"].as_str().unwrap());
    }
    assert_eq!(done[0]["text"], json!(said));
}

#[tokio::test(start_paused = true)]
async fn every_route_gets_every_frame() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.attach(2, 2);
    anna.hears(1, "attached").await;
    anna.ask(3, "now");
    anna.hears(1, "done").await;
    until("the other slot heard it too", || anna.heard_at(2).len() == anna.heard().len()).await;
    assert_eq!(anna.heard_at(2)[1..], anna.heard()[1..], "all but the answer to the attach");
}

#[tokio::test(start_paused = true)]
async fn an_attach_is_answered_with_the_text_so_far() {
    let universe = Universe::new(&[Step::say("Lists begin"), Step::Gate, Step::stop()]);
    let anna = universe.student(1);
    let _process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    let turn = anna.turn(1).await;
    anna.hears(1, "token").await;
    anna.attach(3, 2);
    until("the second page is answered", || !anna.heard_at(2).is_empty()).await;
    let attached = &anna.heard_at(2)[0];
    assert_eq!(
        *attached,
        json!({"type": "attached", "seq": 2, "turn": turn, "attempt": 1, "text": "Lists begin"})
    );
    universe.model.release();
    anna.hears(1, "done").await;
}

#[tokio::test(start_paused = true)]
async fn history_reaches_the_prompt_after_passivation_and_the_actor_is_gone_meanwhile() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    let holders = process.holders();
    anna.attach(1, 1);
    anna.ask(2, "the red question");
    anna.hears(1, "done").await;
    assert!(process.holders() > holders, "the session is resident");
    until("the passivation's snapshot is stored", || {
        universe.tables.session(anna.id).snapshot.is_some()
    })
    .await;
    until("every reference is dropped", || process.holders() == holders).await;
    anna.ask(3, "the blue question");
    anna.hears(2, "done").await;
    let asked = universe.model.asked();
    let prompt = format!("{:?}", asked[1].messages);
    for part in ["the red question", "Lists begin at zero.", "the blue question"] {
        assert!(prompt.contains(part), "the prompt lacks {part:?}: {prompt}");
    }
}

#[tokio::test(start_paused = true)]
async fn texts_of_a_conversation_that_rests_are_let_go_and_read_again_when_it_goes_on() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    universe.boot().await;
    let reads = || universe.tables.text_reads.load(Ordering::SeqCst);
    anna.attach(1, 1);
    anna.ask(2, "where do lists begin?");
    anna.hears(1, "done").await;
    pass(Duration::from_secs(20)).await;
    anna.ask(3, "why?");
    anna.hears(2, "done").await;
    assert_eq!(reads(), 0, "they were still there");
    pass(Duration::from_secs(40)).await;
    anna.ask(4, "explain that again");
    anna.hears(3, "done").await;
    assert_eq!(reads(), 1, "the session stayed and read them once");
    let prompt = format!("{:?}", universe.model.asked().last().unwrap());
    assert!(prompt.contains("where do lists begin?"), "the earlier turn is in the prompt");
}
