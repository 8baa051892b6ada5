//! Every request's trace: its id, its span, its line in the log and its duration.
//!
//! What is recorded is a closed list: method, route template, status, duration and trace id.
//! Paths, query strings, bodies, e-mails and addresses are not.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::state::State;

/// OpenTelemetry's name of the time that a server takes for a request.
const DURATION: &str = "http_server_request_duration_seconds";
/// The route of what no route takes.
const NO_ROUTE: &str = "none";

tokio::task_local! {
    static TRACE_ID: String;
}

/// The trace id of the request that this task answers.
pub(crate) fn current() -> Option<String> {
    TRACE_ID.try_with(Clone::clone).ok()
}

/// Gives the request its trace id and records what became of it.
pub(crate) async fn record(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let trace_id = trace_id(request.headers())
        .unwrap_or_else(|| format!("{:032x}", state.clock.seed().max(1)));
    let method = known_method(request.method());
    let route = route(&request);
    let span = tracing::info_span!(
        "http_request",
        http.request.method = method,
        http.route = route.as_str(),
        trace_id = trace_id.as_str(),
    );
    let began = Instant::now();
    let answered = TRACE_ID.scope(trace_id, next.run(request).instrument(span.clone())).await;
    let seconds = began.elapsed().as_secs_f64();
    let status = answered.status().as_u16();
    span.in_scope(|| tracing::debug!(status, duration_ms = seconds * 1_000.0, "answered"));
    ::metrics::histogram!(
        DURATION,
        "http_request_method" => method,
        "http_route" => route,
        "http_response_status_code" => status.to_string(),
    )
    .record(seconds);
    answered
}

/// The template, so that ids are neither in labels nor in logs.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or(NO_ROUTE, MatchedPath::as_str).to_owned()
}

/// A closed list: a client may send any word as a method.
fn known_method(method: &axum::http::Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

/// The trace id of a `traceparent` header (W3C Trace Context, level 1), if there is a valid one.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let flags = parts.next()?;
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let shaped = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    // Version 00 has four parts; a later one may have more.
    let whole = version != "ff" && (version != "00" || parts.next().is_none());
    (shaped && whole && !zero(trace) && !zero(parent)).then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_traceparent_counts() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let cases = [
            (format!("00-{TRACE}-00f067aa0ba902b7-01"), true),
            (format!("01-{TRACE}-00f067aa0ba902b7-01-more"), true),
            (format!("00-{TRACE}-00f067aa0ba902b7-01-more"), false),
            (format!("ff-{TRACE}-00f067aa0ba902b7-01"), false),
            (format!("00-{TRACE}-0000000000000000-01"), false),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), false),
            (format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()), false),
            (format!("00-{TRACE}"), false),
            (String::new(), false),
        ];
        for (text, valid) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", text.parse().unwrap());
            assert_eq!(trace_id(&headers).as_deref(), valid.then_some(TRACE), "{text}");
        }
    }
}
