//! What no handler answers in order: a panic, no answer in time, or an error in other words than
//! ours (a path or an upgrade that the framework itself refuses).

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use learnflow_engine::error_code::ErrorCode;

use crate::problem::{MEDIA_TYPE, Problem};

/// Answers with a problem when the handler panics, or has not answered within `limit`.
pub(crate) async fn rescue(
    Shared(limit): Shared<Duration>,
    request: Request,
    next: Next,
) -> Response {
    // Handlers share nothing that a panic could leave half changed: locks here don't poison.
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, answering).await {
        Ok(Ok(response)) => in_our_words(response),
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Problem::new(ErrorCode::Internal).into_response()
        }
        Err(_) => {
            tracing::error!(limit_ms = limit.as_millis(), "a handler took too long");
            Problem::new(ErrorCode::StoreUnavailable)
                .with_detail("the request took too long")
                .into_response()
        }
    }
}

/// Turns an error that is no problem into one; what its headers say stays.
fn in_our_words(response: Response) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let ours = HeaderValue::from_static(MEDIA_TYPE);
    if !failed || response.headers().get(header::CONTENT_TYPE) == Some(&ours) {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => ErrorCode::NoSuchPath,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        _ if status.is_client_error() => ErrorCode::InvalidField,
        _ => ErrorCode::Internal,
    };
    let mut problem = Problem::new(code).with_status(status).into_response();
    for (name, value) in response.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            problem.headers_mut().append(name.clone(), value.clone());
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(path: &str) -> Response {
        let panics = get(async || -> () { panic!("a secret") });
        let hangs = get(async || std::future::pending::<()>().await);
        let router: Router = Router::new()
            .route("/panics", panics)
            .route("/hangs", hangs)
            .route("/plain", get(async || (StatusCode::UPGRADE_REQUIRED, "a secret")))
            .layer(from_fn_with_state(Duration::from_millis(50), rescue));
        router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        let response = ask("/panics").await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }

    #[tokio::test]
    async fn an_error_of_the_framework_is_a_problem() {
        let response = ask("/plain").await;
        assert_eq!(response.status(), 426);
        assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_a_problem() {
        let response = ask("/hangs").await;
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key("retry-after"));
    }
}
