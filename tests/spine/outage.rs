//! The model is down: the student is told in time, keeps the connection, and is served again.

use std::time::Duration;

use learnflow_bench::provider::{Fault, Provider};
use serde_json::Value;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::socket::{Socket, assembled, turn_of};

/// The student is told within so long.
const TOLD_WITHIN: Duration = Duration::from_secs(15);

/// Asks while the model is down.
async fn asks_in_vain(socket: &mut Socket, what: &str) {
    socket.ask(&question()).await;
    is_told(socket, Vec::new(), what).await;
}

/// The turn ends in time: as failed, or with an answer that says where it is from.
async fn is_told(socket: &mut Socket, mut frames: Vec<Value>, what: &str) {
    frames.extend(socket.until_within(TOLD_WITHIN, |frame| frame["type"] == "done").await);
    let done = frames.last().expect("done");
    let honest = ["authored", "offline", "cache"];
    let is_told = match done["status"].as_str() {
        Some("failed") => code(done).starts_with("LF06"),
        Some("complete") => honest.iter().any(|source| done["source"] == *source),
        _ => false,
    };
    assert!(is_told, "{what}: {done}");
    if done["status"] == "complete" {
        let text = assembled(&frames, turn_of(done)).expect("every answered turn has a token");
        assert_eq!(done["text"], text.as_str(), "{what}");
    }
}

fn code(done: &Value) -> &str {
    done["code"].as_str().unwrap_or_default()
}

/// Asks on the same socket once the model is back.
async fn asks_again(socket: &mut Socket, what: &str) {
    let frames = socket.converse(&question()).await;
    let done = frames.last().expect("done");
    assert_eq!((&done["status"], &done["source"]), (&"complete".into(), &"model".into()), "{what}");
}

async fn world(pace: Pace) -> (Server, Provider, Socket) {
    let provider = provider(pace).await;
    let server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let socket = Socket::greeted(&server, &student, 0).await;
    (server, provider, socket)
}

async fn survives(faults: &[Fault]) {
    let (_server, provider, mut socket) = world(Pace::Quick).await;
    for fault in faults {
        provider.control(&(*fault).into());
        asks_in_vain(&mut socket, &format!("{fault:?}")).await;
        provider.control(&Fault::None.into());
        asks_again(&mut socket, &format!("after {fault:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_hangs_before_its_answer_is_told_in_time() {
    survives(&[Fault::HangFirst]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_hangs_inside_its_answer_is_told_in_time() {
    survives(&[Fault::HangInside]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_at_once_is_told_in_time() {
    let faults = [
        Fault::InternalError,
        Fault::Unavailable,
        Fault::RateLimited,
        Fault::Refuse,
        Fault::Garbage,
    ];
    survives(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_is_told_in_time() {
    survives(&[Fault::Cut, Fault::CutClean]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_nobody_reaches_is_told_in_time() {
    let (server, provider, mut socket) = world(Pace::Quick).await;
    asks_again(&mut socket, "before").await;
    provider.close_port().await;
    asks_in_vain(&mut socket, "refused").await;
    let (status, ready) = server.api().readiness().await.expect("an answer");
    assert_eq!(status, 200, "a model takes nobody out of service: {ready}");
    provider.open_port().await.expect("the same port");
    asks_again(&mut socket, "back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_dies_while_it_streams_is_told_in_time() {
    let (_server, provider, mut socket) = world(Pace::Endless).await;
    socket.ask(&question()).await;
    let frames = socket.until(|frame| frame["type"] == "token").await;
    provider.close_port().await;
    is_told(&mut socket, frames, "cut off").await;
    provider.control(&learnflow_bench::provider::ProfileChange {
        tokens_per_s: Some(400),
        answer_tokens: Some(12),
        ..Default::default()
    });
    provider.open_port().await.expect("the same port");
    asks_again(&mut socket, "back").await;
}
