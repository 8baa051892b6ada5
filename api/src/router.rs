//! The table becomes a server: every row behind its guard, everything behind the same layers.
//!
//! From the outside in: trace, security headers, panics and deadline, body limit, compression
//! (not for the socket), guard, handler.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use learnflow_engine::error_code::ErrorCode;
use tower_http::compression::CompressionLayer;

use crate::body::BODY_LIMIT_BYTES;
use crate::problem::Problem;
use crate::state::State;
use crate::table::{Endpoint, endpoints};
use crate::{guard, pages, rescue, security_headers, trace};

/// The whole server but the metrics. `socket` answers `GET /v1/socket`.
///
/// Serve it with [`crate::serve()`], or else with
/// `into_make_service_with_connect_info::<SocketAddr>()`: without the peer's address the sample
/// accounts are not offered, and guessing is slowed down by e-mail alone.
pub fn router(state: State, socket: MethodRouter<State>) -> Router {
    let mut router = Router::new();
    for Endpoint { row, handler } in endpoints(socket) {
        let guard = from_fn_with_state((state.clone(), row.who), guard::hold);
        router = router.route(row.path, handler.route_layer(guard));
    }
    router
        .fallback(pages::site::file)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(from_fn_with_state(state.config.request_timeout, rescue::rescue))
        .layer(from_fn_with_state(state.clone(), security_headers::set))
        .layer(from_fn_with_state(state.clone(), trace::record))
        .with_state(state)
}

async fn method_not_allowed() -> Problem {
    ErrorCode::MethodNotAllowed.into()
}
