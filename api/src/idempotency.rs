//! `Idempotency-Key`: a request that is sent twice is done once.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::UserId;
use learnflow_storage::idempotency::{self, Begin, RequestKey};
use serde::Serialize;

use crate::problem::Problem;
use crate::state::State;

/// Bytes of a key at most.
const KEY_BYTES_MAX: usize = 255;
/// When to ask again while the first request still runs.
const RUNNING_RETRY_MS: u64 = 1_000;
/// Marks an answer that was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The request's key, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Key(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = value.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            let detail = "the Idempotency-Key must be 1 to 255 visible ASCII characters";
            return Err(Problem::new(ErrorCode::InvalidField).with_detail(detail));
        }
        Ok(Self(Some(key.to_owned())))
    }
}

/// What to do with a request.
pub(crate) enum Turn<'a> {
    /// Do it; with a key, say what came of it.
    Do(Option<Running<'a>>),
    /// It was done, and this was answered.
    Done(StatusCode, Vec<u8>),
}

/// A request with a key, under way.
pub(crate) struct Running<'a> {
    state: &'a State,
    request: RequestKey<'a>,
}

/// Takes a key up. `fingerprint` is what must be the same when the key comes again; it rests
/// hashed without a salt, so it must hold no password.
pub(crate) async fn begin<'a>(
    state: &'a State,
    account: UserId,
    route: &'static str,
    key: &'a Key,
    fingerprint: &[u8],
) -> Result<Turn<'a>, Problem> {
    let Some(key) = key.0.as_deref() else { return Ok(Turn::Do(None)) };
    let request = RequestKey { account, route, key };
    match idempotency::begin(&state.db, request, fingerprint, state.clock.now()).await? {
        Begin::Start => Ok(Turn::Do(Some(Running { state, request }))),
        Begin::Running => Err(Problem::new(ErrorCode::Conflict)
            .with_detail("the first request with this key still runs")
            .with_retry_ms(RUNNING_RETRY_MS)),
        Begin::Mismatch => Err(ErrorCode::IdempotencyMismatch.into()),
        Begin::Done { status, response } => {
            let status = StatusCode::from_u16(status).map_err(|_| ErrorCode::Internal)?;
            Ok(Turn::Done(status, response))
        }
    }
}

impl Running<'_> {
    /// Keeps the answer for the next request with this key. A failure costs only that.
    pub(crate) async fn finish(self, status: StatusCode, response: &[u8]) {
        let done =
            idempotency::finish(&self.state.db, self.request, status.as_u16(), response).await;
        if let Err(error) = done {
            tracing::warn!(%error, "an idempotent answer was not kept");
        }
    }

    /// Lets the key go: nothing was done.
    pub(crate) async fn abandon(self) {
        if let Err(error) = idempotency::abandon(&self.state.db, self.request).await {
            tracing::warn!(%error, "an idempotency key was not let go");
        }
    }
}

/// Does a request once and answers it, with JSON, each time that it comes.
pub(crate) async fn once<T: Serialize>(
    turn: Turn<'_>,
    status: StatusCode,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<Response, Problem> {
    answered_once(turn, async { work.await.map(|answer| (status, answer)) }).await
}

/// As [`once`], where the work says with which status it is answered.
pub(crate) async fn answered_once<T: Serialize>(
    turn: Turn<'_>,
    work: impl Future<Output = Result<(StatusCode, T), Problem>>,
) -> Result<Response, Problem> {
    let running = match turn {
        Turn::Do(running) => running,
        Turn::Done(status, response) => return Ok(replay(status, response)),
    };
    match work.await {
        Ok((status, answer)) => {
            let body = serde_json::to_vec(&answer).map_err(|_| ErrorCode::Internal)?;
            if let Some(running) = running {
                running.finish(status, &body).await;
            }
            Ok(json(status, body))
        }
        Err(problem) => {
            if let Some(running) = running {
                running.abandon().await;
            }
            Err(problem)
        }
    }
}

/// The answer that was given before.
fn replay(status: StatusCode, response: Vec<u8>) -> Response {
    let mut response = json(status, response);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
