//! The OpenAI-compatible model against a server that plays faults over real sockets.
#![cfg(test)]

#[path = "completion_openai/log.rs"]
mod log;
#[path = "completion_openai/server.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use learnflow_actors::completion::openai::{OpenAiConfig, OpenAiModel, TokenLimit};
use learnflow_actors::completion::scripted::ScriptedModel;
use learnflow_actors::completion::{Call, CompletionEvent, CompletionHandle, Config, Parts, Reuse};
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::model::Course;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::model::{
    AnswerSource, FinishReason, Model, ModelError, ModelPiece, ModelRequest, Usage,
};
use learnflow_engine::tutor::prompt::{
    Again, Brief, Material, Message, PersonalPrompt, Prompt, Quiz, Role,
};
use learnflow_engine::tutor::triage::{Agent, Route};
use log::Log;
use secrecy::SecretString;
use server::{Play, Server, Write, chunk, data};
use tokio::time::timeout;

type Piece = Result<ModelPiece, ModelError>;

/// Nothing here takes so long unless it hangs.
const GUARD: Duration = Duration::from_secs(20);

fn model(base_url: &str) -> OpenAiModel {
    OpenAiModel::new(&OpenAiConfig {
        base_url: base_url.to_owned(),
        name: "tutor-model".to_owned(),
        api_key: SecretString::from("sk-test".to_owned()),
        token_limit: TokenLimit::default(),
        connect_timeout_ms: 2_000,
    })
    .unwrap()
}

fn route() -> Route {
    Route { agent: Agent::Concepts, topic: None, confidence_pct: 90, options: Vec::new() }
}

fn request() -> ModelRequest {
    ModelRequest {
        messages: vec![
            Message { role: Role::System, content: "Teach.".to_owned() },
            Message { role: Role::User, content: "What is a loop?".to_owned() },
        ],
        brief: Brief {
            route: route(),
            text: String::new(),
            code: None,
            previous: None,
            level: learnflow_engine::course::model::Level::Beginner,
        },
        max_tokens: 123,
        safety_identifier: "pseudonym".to_owned(),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

async fn answer_of(server: &Server) -> Vec<Piece> {
    let stream = model(&server.base_url()).answer(request());
    timeout(GUARD, stream.collect()).await.expect("the model hangs")
}

async fn check(name: &str, play: Play, expected: &[Piece]) {
    let server = Server::start(vec![play]).await;
    assert_eq!(answer_of(&server).await, expected, "{name}");
    assert_eq!(server.requests().len(), 1, "{name}: the transport retries nothing");
}

#[expect(clippy::unnecessary_wraps, reason = "a row of a table of results")]
fn text(said: &str) -> Piece {
    Ok(ModelPiece::Text(said.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "a row of a table of results")]
fn finished(reason: FinishReason, usage: Option<Usage>) -> Piece {
    Ok(ModelPiece::Finished { reason, usage })
}

const USAGE: Usage = Usage { prompt_tokens: 12, completion_tokens: 5 };
const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const COST: &str = r#"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}}"#;
const DONE: &str = "[DONE]";

#[tokio::test]
async fn a_whole_answer_has_pieces_a_reason_and_its_usage() {
    let role = r#"{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
    check(
        "as OpenAI sends it",
        Play::stream(vec![
            data(role),
            Write::Bytes(b": keep-alive\n\n".to_vec()),
            chunk("A loop "),
            chunk("repeats."),
            data(STOP),
            data(COST),
            data(DONE),
        ]),
        &[text("A loop "), text("repeats."), finished(FinishReason::Stop, Some(USAGE))],
    )
    .await;
    check(
        "without usage",
        Play::stream(vec![chunk("ok"), data(STOP), data(DONE)]),
        &[text("ok"), finished(FinishReason::Stop, None)],
    )
    .await;
    check(
        "silent after the reason",
        Play::stream(vec![chunk("ok"), data(STOP), Write::Hang]),
        &[text("ok"), finished(FinishReason::Stop, None)],
    )
    .await;
    check(
        "cut after the reason",
        Play::stream(vec![chunk("ok"), data(STOP), Write::Cut]),
        &[text("ok"), finished(FinishReason::Stop, None)],
    )
    .await;
    let (head, tail) = ("data: {\"choices\":[{\"delta\":{\"content\":\"h\u{e9}", "\"}}]}\n\n");
    let bytes = [head.as_bytes(), tail.as_bytes()].concat();
    let inside = head.len() - 1;
    check(
        "a character in two packets",
        Play::stream(vec![
            Write::Bytes(bytes[..inside].to_vec()),
            Write::Bytes(bytes[inside..].to_vec()),
            data(STOP),
            data(DONE),
        ]),
        &[text("h\u{e9}"), finished(FinishReason::Stop, None)],
    )
    .await;
}

#[tokio::test]
async fn a_stream_without_a_finish_reason_is_a_cut_however_it_ends() {
    let cut = [text("A loop rep"), Err(ModelError::Cut)];
    for (name, end) in
        [("done marker", data(DONE)), ("clean end", Write::End), ("broken", Write::Cut)]
    {
        check(name, Play::stream(vec![chunk("A loop rep"), end]), &cut).await;
    }
    check("nothing at all", Play::stream(vec![Write::End]), &[Err(ModelError::Cut)]).await;
}

#[tokio::test]
async fn other_ends_are_told_apart() {
    let length = r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#;
    let filter = r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#;
    let error = r#"{"error":{"message":"boom","type":"server_error"}}"#;
    for (name, last, expected) in [
        ("length", data(length), finished(FinishReason::Length, None)),
        ("filter", data(filter), finished(FinishReason::ContentFilter, None)),
        ("error inside", data(error), Err(ModelError::ServerFailed(500))),
        ("garbage", data("{oops"), Err(ModelError::Unreadable)),
        ("not a completion", data(r#"{"a":1}"#), Err(ModelError::Unreadable)),
        ("not UTF-8", Write::Bytes(b"data: \xff\xfe\n\n".to_vec()), Err(ModelError::Unreadable)),
    ] {
        let play = Play::stream(vec![chunk("A loop "), last, data(DONE)]);
        check(name, play, &[text("A loop "), expected]).await;
    }
}

#[tokio::test]
async fn an_error_response_keeps_its_status_and_its_retry_after() {
    let limited = |retry_after_ms| Err(ModelError::RateLimited { retry_after_ms });
    let quota = r#"{"error":{"message":"pay","type":"insufficient_quota","code":"x"}}"#;
    for (status, header, body, expected) in [
        (500, "", "oops", Err(ModelError::ServerFailed(500))),
        (503, "", "", Err(ModelError::ServerFailed(503))),
        (503, "retry-after: 2\r\n", "", limited(Some(2_000))),
        (429, "retry-after: 7\r\n", "not json", limited(Some(7_000))),
        (429, "retry-after-ms: 15\r\n", "{}", limited(Some(15))),
        (429, "", quota, Err(ModelError::Refused(429))),
        (400, "", "{}", Err(ModelError::Refused(400))),
        (401, "", "", Err(ModelError::Refused(401))),
        (403, "", "", Err(ModelError::Refused(403))),
        (404, "", "<html>", Err(ModelError::Refused(404))),
        (200, "content-type: text/html\r\n", "<html>", Err(ModelError::Unreadable)),
        (307, "location: http://127.0.0.1:9/\r\n", "", Err(ModelError::Refused(307))),
    ] {
        let name = format!("{status} {header}");
        check(&name, Play::respond(status, header, body), &[expected]).await;
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    check("closed at once", Play::Close, &[Err(ModelError::Unreachable)]).await;
    let gone = Server::start(Vec::new()).await;
    let base_url = gone.base_url();
    drop(gone);
    let stream = model(&base_url).answer(request());
    let pieces: Vec<Piece> = timeout(GUARD, stream.collect()).await.unwrap();
    assert_eq!(pieces, [Err(ModelError::Unreachable)]);
}

#[tokio::test]
async fn a_body_above_a_mebibyte_is_broken_off() {
    let flood = std::iter::repeat_with(|| chunk(&"x".repeat(60_000))).take(30).collect();
    let server = Server::start(vec![Play::stream(flood)]).await;
    let pieces = answer_of(&server).await;
    let said: usize = pieces
        .iter()
        .map(|piece| match piece {
            Ok(ModelPiece::Text(text)) => text.len(),
            Ok(ModelPiece::Finished { .. }) | Err(_) => 0,
        })
        .sum();
    assert!(said <= 1024 * 1024, "{said} bytes came through");
    assert_eq!(pieces.last(), Some(&Err(ModelError::Cut)));
}

#[tokio::test]
async fn the_request_says_what_is_needed_and_nothing_more() {
    let server = Server::start(vec![Play::stream(vec![chunk("ok"), data(STOP), data(DONE)])]).await;
    answer_of(&server).await;
    let [asked] = server.requests().try_into().unwrap();
    assert_eq!(asked.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer sk-test"));
    assert_eq!(asked.header("traceparent"), request().traceparent.as_deref());
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let expected = serde_json::json!({
        "model": "tutor-model",
        "messages": [
            {"role": "system", "content": "Teach."},
            {"role": "user", "content": "What is a loop?"},
        ],
        "max_completion_tokens": 123,
        "safety_identifier": "pseudonym",
        "store": false,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    for play in [Play::Hang, Play::stream(vec![chunk("A loop "), Write::Hang])] {
        let server = Server::start(vec![play]).await;
        let mut stream = model(&server.base_url()).answer(request());
        tokio::select! {
            _ = stream.next() => {}
            () = server.received(1) => {}
        }
        drop(stream);
        timeout(GUARD, server.closed(1)).await.expect("the connection stays open");
    }
}

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    fn seed(&self) -> u128 {
        0
    }
}

async fn handle(server: &Server) -> CompletionHandle {
    let model = model(&server.base_url());
    let config =
        Config { first_content_ms: 3_000, idle_ms: 1_500, total_ms: 10_000, ..Config::default() };
    let parts = Parts {
        config,
        endpoint: model.endpoint().to_owned(),
        model: Arc::new(model),
        authored: Arc::new(ScriptedModel::new(Vec::new())),
        clock: Arc::new(Still),
    };
    CompletionHandle::start(parts, None).await.unwrap()
}

fn call() -> Call {
    let course = Course::builtin().unwrap();
    let material = Material {
        course: &course,
        route: &route(),
        summary: "",
        window: &[],
        last_route: None,
        question: "What is a loop?",
        code: None,
        level: learnflow_engine::course::model::Level::Beginner,
        open: None,
        quiz: Quiz::Elsewhere,
        again: Again::First,
    };
    let id = uuid::Uuid::from_bytes([7; 16]);
    Call {
        student: StudentId::new(id),
        turn: TurnId::new(id),
        prompt: Prompt::Personal(PersonalPrompt::new(&material)),
        reuse: Reuse::Nothing,
        max_tokens: 123,
        safety_identifier: "pseudonym".to_owned(),
        traceparent: None,
    }
}

#[tokio::test]
async fn through_the_whole_actor_each_fault_has_one_end_and_counted_requests() {
    let good = || Play::stream(vec![chunk("ok"), data(STOP), data(COST), data(DONE)]);
    let whole = CompletionEvent::Finished {
        reason: FinishReason::Stop,
        usage: Some(USAGE),
        source: AnswerSource::Model,
    };
    let failed = |error| CompletionEvent::Failed { error };
    let soon = || Play::respond(503, "retry-after-ms: 20\r\n", "");
    let rows = [
        ("well", vec![good()], "ok", whole.clone(), 1),
        ("503, asked to wait", vec![soon(), good()], "ok", whole.clone(), 2),
        ("closed once", vec![Play::Close, good()], "ok", whole, 2),
        ("refused", vec![Play::respond(400, "", "")], "", failed(ModelError::Refused(400)), 1),
        ("hang", vec![Play::Hang], "", failed(ModelError::FirstContentTimeout), 1),
        (
            "headers are no content",
            vec![Play::stream(vec![Write::Hang])],
            "",
            failed(ModelError::FirstContentTimeout),
            1,
        ),
        (
            "hang inside",
            vec![Play::stream(vec![chunk("A loop "), Write::Hang])],
            "A loop ",
            failed(ModelError::IdleTimeout),
            1,
        ),
        (
            "cut inside",
            vec![Play::stream(vec![chunk("A loop "), Write::Cut])],
            "A loop ",
            failed(ModelError::Cut),
            1,
        ),
    ];
    let all = rows.map(|(name, plays, said, end, requests)| async move {
        assert_eq!(
            through_the_actor(name, plays, requests).await,
            (said.to_owned(), end),
            "{name}"
        );
    });
    futures_util::future::join_all(all).await;
}

/// The text and the end that a caller hears.
async fn through_the_actor(
    name: &str,
    plays: Vec<Play>,
    requests: usize,
) -> (String, CompletionEvent) {
    let server = Server::start(plays).await;
    let mut events: Vec<_> =
        timeout(GUARD, handle(&server).await.complete(call()).collect()).await.expect(name);
    let end = events.pop().expect(name);
    let text = events.into_iter().map(|event| match event {
        CompletionEvent::Text(text) => text,
        CompletionEvent::Finished { .. } | CompletionEvent::Failed { .. } => {
            panic!("{name}: an end before the end")
        }
    });
    let text = text.collect();
    assert_eq!(server.requests().len(), requests, "{name}: requests");
    (text, end)
}

/// The one target that the process's log filter must switch off.
const SWITCHED_OFF: &str = "async_openai";

#[tokio::test]
async fn no_word_of_prompt_or_answer_is_logged_but_under_the_target_that_is_switched_off() {
    const CANARY: &str = "canary7319";
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let garbage = format!("{{{CANARY}");
    for play in [
        Play::stream(vec![chunk(CANARY), data(STOP), data(DONE)]),
        Play::stream(vec![chunk(CANARY), Write::Cut]),
        Play::respond(500, "", CANARY),
        Play::respond(400, "", &format!(r#"{{"error":{{"message":"{CANARY}"}}}}"#)),
        Play::respond(429, "", CANARY),
        Play::stream(vec![data(&garbage)]),
    ] {
        let server = Server::start(vec![play]).await;
        let mut asked = request();
        asked.messages[1].content = CANARY.to_owned();
        let stream = model(&server.base_url()).answer(asked);
        let pieces: Vec<Piece> = timeout(GUARD, stream.collect()).await.unwrap();
        assert!(!pieces.is_empty());
    }
    let told = log.targets_with(CANARY);
    let foreign: Vec<_> = told.iter().filter(|to| !to.starts_with(SWITCHED_OFF)).collect();
    assert!(foreign.is_empty(), "{foreign:?} print what was said");
    assert_eq!(told.len(), 1, "only the unreadable chunk gets as far as that target: {told:?}");
}
