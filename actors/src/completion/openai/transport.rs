//! The service below async-openai's seam: sends once, reads errors, caps the body.
//!
//! Installing it replaces async-openai's retries, which have no jitter and multiply an outage by
//! four; ours stand in [`upstream`](crate::completion::upstream). An error response is turned into
//! a [`ModelError`] here, where its headers can be seen, and its body goes no further.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, future, stream};
use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use learnflow_engine::port::model::ModelError;

use super::chunk::WireErrorBody;

/// The largest body of an answer. async-openai queues what it has parsed without a bound; this
/// is the bound.
const BODY_MAX_BYTES: usize = 1024 * 1024;

/// So much of an error's body is read to find out what it means.
const ERROR_BODY_MAX_BYTES: usize = 16 * 1024;

/// A longer `Retry-After` is no shorter than this to us: all deadlines are.
const RETRY_AFTER_MAX_MS: u64 = 3_600_000;

/// A model error on its way through async-openai.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Fault(pub(super) ModelError);

#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("the answer is larger than {BODY_MAX_BYTES} bytes")]
    TooLarge,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    http: reqwest::Client,
}

impl Transport {
    pub(super) const fn new(http: reqwest::Client) -> Self {
        Self { http }
    }
}

impl tower::Service<HttpRequestFactory> for Transport {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let http = self.http.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            match send(&http, request).await {
                Ok(response) => Ok(response),
                Err(error) => Err(OpenAIError::Boxed(Box::new(Fault(error)))),
            }
        })
    }
}

async fn send(
    http: &reqwest::Client,
    request: reqwest::Request,
) -> Result<reqwest::Response, ModelError> {
    let response = http.execute(request).await.map_err(|_| ModelError::Unreachable)?;
    let status = response.status().as_u16();
    if !response.status().is_success() {
        let headers = response.headers().clone();
        let body = error_body(response).await;
        return Err(refusal(status, &headers, &body));
    }
    if is_other_than_a_stream(response.headers()) {
        return Err(ModelError::Unreadable);
    }
    Ok(capped(response))
}

/// Some servers send no content type; one that says it is something else is believed.
fn is_other_than_a_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"))
}

/// The beginning of an error's body; the attempt's deadline bounds the wait.
async fn error_body(response: reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    let mut pieces = response.bytes_stream();
    while body.len() < ERROR_BODY_MAX_BYTES
        && let Some(Ok(piece)) = pieces.next().await
    {
        body.extend_from_slice(&piece);
    }
    body.freeze()
}

/// What an error response means.
fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> ModelError {
    let asked_to_wait = retry_after_ms(headers);
    match status {
        429 if is_quota(body) => ModelError::Refused(429),
        429 => ModelError::RateLimited { retry_after_ms: asked_to_wait },
        // A server that says when to come again limits its rate, whatever number it says it by.
        503 if asked_to_wait.is_some() => ModelError::RateLimited { retry_after_ms: asked_to_wait },
        408 | 500..=599 => ModelError::ServerFailed(status),
        _ => ModelError::Refused(status),
    }
}

fn is_quota(body: &[u8]) -> bool {
    serde_json::from_slice::<WireErrorBody>(body).is_ok_and(|body| body.error.is_quota())
}

/// `retry-after-ms`, or `Retry-After` in seconds. A date is not understood and counts as absent.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let number = |name: &str, factor: f64| {
        let value: f64 = headers.get(name)?.to_str().ok()?.trim().parse().ok()?;
        let millis = (value * factor).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "checked to be between zero and an hour"
        )]
        (0.0..=f64::MAX).contains(&millis).then(|| millis.min(RETRY_AFTER_MAX_MS as f64) as u64)
    };
    number("retry-after-ms", 1.0).or_else(|| number(RETRY_AFTER.as_str(), 1_000.0))
}

/// The same response with a body that breaks off when it grows too large.
fn capped(response: reqwest::Response) -> reqwest::Response {
    let status = response.status();
    let headers = response.headers().clone();
    let body = response.bytes_stream().map(|piece| piece.map_err(BodyError::from));
    let body = body.scan(0_usize, |total, piece| {
        let piece = piece.and_then(|bytes| {
            *total += bytes.len();
            if *total > BODY_MAX_BYTES { Err(BodyError::TooLarge) } else { Ok(bytes) }
        });
        future::ready(Some(piece))
    });
    // Nothing after the first error.
    let body = stream::unfold(Some(body.boxed()), |body| async move {
        let mut body = body?;
        match body.next().await? {
            Ok(bytes) => Some((Ok(bytes), Some(body))),
            Err(error) => Some((Err(error), None)),
        }
    });
    let mut capped = http::Response::new(reqwest::Body::wrap_stream(body));
    *capped.status_mut() = status;
    *capped.headers_mut() = headers;
    reqwest::Response::from(capped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn an_error_response_is_read_by_status_header_and_body() {
        let limited = |retry_after_ms| ModelError::RateLimited { retry_after_ms };
        let quota = r#"{"error":{"message":"x","type":"insufficient_quota"}}"#;
        for (status, pairs, body, expected) in [
            (500, vec![], "", ModelError::ServerFailed(500)),
            (502, vec![], "<html>", ModelError::ServerFailed(502)),
            (503, vec![], "", ModelError::ServerFailed(503)),
            (503, vec![("retry-after", "2")], "", limited(Some(2_000))),
            (429, vec![], "", limited(None)),
            (429, vec![("retry-after", "3")], "{}", limited(Some(3_000))),
            (429, vec![("retry-after-ms", "250"), ("retry-after", "9")], "", limited(Some(250))),
            (429, vec![("retry-after", "0.5")], "", limited(Some(500))),
            (429, vec![("retry-after", "-1")], "", limited(None)),
            (429, vec![("retry-after", "NaN")], "", limited(None)),
            (429, vec![("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], "", limited(None)),
            (429, vec![("retry-after", "864000")], "", limited(Some(RETRY_AFTER_MAX_MS))),
            (429, vec![("retry-after", "3")], quota, ModelError::Refused(429)),
            (400, vec![], "", ModelError::Refused(400)),
            (401, vec![], "", ModelError::Refused(401)),
            (403, vec![], "", ModelError::Refused(403)),
            (404, vec![], "", ModelError::Refused(404)),
            (408, vec![], "", ModelError::ServerFailed(408)),
            (302, vec![], "", ModelError::Refused(302)),
        ] {
            let found = refusal(status, &headers(&pairs), body.as_bytes());
            assert_eq!(found, expected, "{status} {pairs:?} {body}");
        }
    }
}
