//! `POST /v1/auth/sign-in`: e-mail and password for a token.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::account::password::Verdict;
use learnflow_storage::account::{self, Account};
use serde::Deserialize;
use utoipa::ToSchema;

use super::signed_in::{self, SignedInBody};
use crate::body::Body;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::State;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// However it is typed.
    email: String,
    /// As it was chosen.
    #[schema(format = Password)]
    password: String,
}

/// Signs in. Unknown e-mail and wrong password get the same answer in the same time.
#[utoipa::path(post, path = "/v1/auth/sign-in", tag = "accounts", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = SignedInBody)))]
pub(crate) async fn sign_in(
    Shared(state): Shared<State>,
    Peer(address): Peer,
    headers: HeaderMap,
    Body(SignIn { email, password }): Body<SignIn>,
) -> Result<Response, Problem> {
    let attempt = state.throttle.attempt(&email, address, state.clock.now())?;
    let owner = owner(&state, &email, &password).await;
    if !matches!(owner, Ok(None)) {
        // Only a wrong guess counts, not that the store was away or that many came at once.
        state.throttle.forgive(attempt);
    }
    let account = owner?.ok_or(ErrorCode::SignInFailed)?;
    signed_in::answer(&state, &headers, account, StatusCode::OK).await
}

/// Whose e-mail and password these are; it takes as long when they are nobody's.
pub(crate) async fn owner(
    state: &State,
    email: &str,
    password: &str,
) -> Result<Option<Account>, Problem> {
    let found = account::find_by_email(&state.db, email).await?;
    let usable = found.filter(|account| account.disabled_at.is_none());
    let hash = usable.as_ref().and_then(|account| account.password_hash.as_deref());
    Ok(match state.passwords.verify(password, hash).await? {
        Verdict::Right => usable,
        Verdict::Wrong => None,
    })
}
