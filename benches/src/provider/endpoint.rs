//! The provider's HTTP face: the two OpenAI endpoints, and those by which tests steer and read it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{ChatRequest, pieces, tokens};
use super::ledger::{Ledger, OpenCall, Outcome};
use super::profile::{Fault, Profile, ProfileChange};
use super::stream::{Chunks, plan, play};

/// The name of the model that is listed.
const MODEL: &str = "simulated-tutor";

/// What the endpoints share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) profile: Mutex<Profile>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) hang: Duration,
}

/// Marks a response that must not be sent: the connection is dropped in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct DropConnection;

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/ledger", get(ledger))
        .route("/calls", get(calls))
        .route("/control", post(control).get(profile))
        .route("/reset", post(reset))
        .with_state(desk)
}

async fn chat(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    let request: ChatRequest = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(problem) => return failure(StatusCode::BAD_REQUEST, &problem.to_string()),
    };
    let (profile, fault) = {
        let mut profile = desk.profile.lock();
        let fault = profile.draw(rand::random());
        let mut drawn = profile.clone();
        drawn.answers.truncate(1);
        profile.answers.pop_front();
        (drawn, fault)
    };
    let mut call = desk.ledger.enter(&request, &body, fault);
    match fault {
        Fault::Refuse => {
            call.end(Outcome::Faulted);
            (axum::Extension(DropConnection), ()).into_response()
        }
        Fault::HangFirst => {
            tokio::time::sleep(desk.hang).await;
            call.end(Outcome::Faulted);
            failure(StatusCode::GATEWAY_TIMEOUT, "nothing came")
        }
        Fault::InternalError => refused(call, StatusCode::INTERNAL_SERVER_ERROR),
        Fault::Unavailable => refused(call, StatusCode::SERVICE_UNAVAILABLE),
        Fault::RateLimited => refused(call, StatusCode::TOO_MANY_REQUESTS),
        Fault::None
        | Fault::HangInside
        | Fault::Cut
        | Fault::CutClean
        | Fault::Garbage
        | Fault::Length
        | Fault::Filter => answer(&desk, &profile, fault, &request, call).await,
    }
}

fn refused(mut call: OpenCall, status: StatusCode) -> Response {
    call.end(Outcome::Faulted);
    failure(status, "a fault that was asked for")
}

fn failure(status: StatusCode, message: &str) -> Response {
    let error = json!({"error": {
        "message": message, "type": "simulated", "param": null, "code": status.as_str(),
    }});
    let mut response = (status, Json(error)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let after = http::HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}

async fn answer(
    desk: &Desk,
    profile: &Profile,
    fault: Fault,
    request: &ChatRequest,
    call: OpenCall,
) -> Response {
    let tokens = match profile.answers.front() {
        Some(text) => pieces(text),
        None => tokens(&request.digest(), profile.answer_tokens),
    };
    let model = if request.model.is_empty() { MODEL } else { &request.model };
    let chunks = Chunks { id: format!("chatcmpl-{}", call.id()), model: model.to_owned() };
    let usage = usage(request, tokens.len());
    if request.stream {
        let usage = request.wants_usage().then_some(&usage);
        let steps = plan(profile, fault, &chunks, &tokens, usage);
        let kind = [(header::CONTENT_TYPE, "text/event-stream")];
        return (kind, play(steps, call, desk.hang)).into_response();
    }
    whole(desk, profile, fault, &chunks, &tokens, &usage, call).await
}

async fn whole(
    desk: &Desk,
    profile: &Profile,
    fault: Fault,
    chunks: &Chunks,
    tokens: &[String],
    usage: &Value,
    mut call: OpenCall,
) -> Response {
    let last = u32::try_from(tokens.len().saturating_sub(1)).unwrap_or(u32::MAX);
    tokio::time::sleep_until(call.began() + profile.due(last)).await;
    let half = tokens[..tokens.len().div_ceil(2)].concat();
    let (text, reason) = match fault {
        Fault::Length => (half, "length"),
        Fault::Filter => (half, "content_filter"),
        Fault::HangInside => {
            tokio::time::sleep(desk.hang).await;
            call.end(Outcome::Faulted);
            return failure(StatusCode::GATEWAY_TIMEOUT, "nothing more came");
        }
        Fault::Cut | Fault::CutClean => {
            call.end(Outcome::Faulted);
            return (axum::Extension(DropConnection), ()).into_response();
        }
        Fault::Garbage => {
            call.end(Outcome::Faulted);
            let kind = [(header::CONTENT_TYPE, "application/json")];
            return (kind, "{\"choices\": [{\"message\": }").into_response();
        }
        Fault::None
        | Fault::Refuse
        | Fault::HangFirst
        | Fault::InternalError
        | Fault::Unavailable
        | Fault::RateLimited => (tokens.concat(), "stop"),
    };
    call.end(Outcome::Finished);
    let message = json!({"role": "assistant", "content": text});
    Json(json!({
        "id": chunks.id, "object": "chat.completion", "created": super::CREATED,
        "model": chunks.model, "usage": usage,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }))
    .into_response()
}

/// Tokens as a model would count them, roughly: four bytes each.
fn usage(request: &ChatRequest, completion_tokens: usize) -> Value {
    let prompt_tokens = request.prompt_bytes().div_ceil(4);
    json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    })
}

async fn models() -> Json<Value> {
    let model = json!({
        "id": MODEL, "object": "model", "created": super::CREATED, "owned_by": "learnflow-bench",
    });
    Json(json!({"object": "list", "data": [model]}))
}

async fn ledger(State(desk): State<Arc<Desk>>) -> Response {
    Json(desk.ledger.report()).into_response()
}

#[derive(Debug, Deserialize)]
struct CallsQuery {
    contains: String,
}

async fn calls(State(desk): State<Arc<Desk>>, Query(query): Query<CallsQuery>) -> Response {
    if !desk.ledger.keeps_bodies() {
        return failure(StatusCode::CONFLICT, "bodies are not kept: start with --keep-bodies");
    }
    Json(json!({"items": desk.ledger.containing(&query.contains)})).into_response()
}

async fn profile(State(desk): State<Arc<Desk>>) -> Json<Profile> {
    Json(desk.profile.lock().clone())
}

async fn control(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    match serde_json::from_slice::<ProfileChange>(&body) {
        Ok(change) => {
            let mut profile = desk.profile.lock();
            profile.change(&change);
            Json(profile.clone()).into_response()
        }
        Err(problem) => failure(StatusCode::BAD_REQUEST, &problem.to_string()),
    }
}

async fn reset(State(desk): State<Arc<Desk>>) -> StatusCode {
    desk.ledger.reset();
    StatusCode::NO_CONTENT
}
