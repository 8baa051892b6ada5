//! `POST /v1/auth/sign-out`: ends this sign-in everywhere.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::session_token;

use super::cookie::Kind;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::State;

/// Ends the sign-in; its sockets are closed with 4401.
#[utoipa::path(post, path = "/v1/auth/sign-out", tag = "accounts",
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    session_token::revoke(&state.db, caller.token_hash, state.clock.now()).await?;
    let cookie = Kind::of(&state.config, &headers).set("", 0).ok_or(ErrorCode::Internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
