//! `POST /v1/demo/sign-in`: one click instead of a password.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::account;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::signed_in::{self, SignedInBody};
use crate::body::Body;
use crate::problem::Problem;
use crate::state::State;

/// Which sample account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemoSignIn {
    email: String,
}

/// Signs in to a sample account.
#[utoipa::path(post, path = "/v1/demo/sign-in", tag = "demo",
    operation_id = "demo_sign_in", request_body = DemoSignIn,
    responses((status = 200, description = "Signed in", body = SignedInBody)))]
pub(crate) async fn sign_in(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    Body(wanted): Body<DemoSignIn>,
) -> Result<Response, Problem> {
    let email = wanted.email.trim().to_lowercase();
    let sample = state.demo_accounts.iter().find(|sample| sample.email.to_lowercase() == email);
    let sample = sample.ok_or(ErrorCode::NoSuchPath)?;
    let account = account::find_by_email(&state.db, &sample.email).await?;
    let usable = account.filter(|account| account.disabled_at.is_none());
    let account = usable.ok_or(ErrorCode::NoSuchPath)?;
    signed_in::answer(&state, &headers, account, StatusCode::OK).await
}
