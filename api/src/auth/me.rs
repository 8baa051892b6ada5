//! `GET /v1/me`: who is signed in.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::account;

use super::signed_in::{self, User};
use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::State;

/// Says who is signed in.
#[utoipa::path(get, path = "/v1/me", tag = "accounts", operation_id = "read_me",
    responses((status = 200, description = "The account", body = User)))]
pub(crate) async fn me(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
) -> Result<Json<User>, Problem> {
    let account = account::by_id(&state.db, caller.user).await?.ok_or(ErrorCode::NotSignedIn)?;
    Ok(Json(signed_in::user(&state, account).await?))
}
