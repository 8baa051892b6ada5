//! `POST /v1/auth/sign-up`: a student's account.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::UserId;
use learnflow_storage::account::password;
use learnflow_storage::account::{self, Account, AccountError, NewAccount, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::sign_in;
use super::signed_in::{self, SignedInBody};
use crate::body::Body;
use crate::idempotency::{self, Key, REPLAYED, Turn};
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::State;

/// What idempotency keys of this route are kept under.
const ROUTE: &str = "POST /v1/auth/sign-up";
/// Nobody has an account yet: keys are kept under an id that is made of the e-mail.
const ACCOUNT_CONTEXT: &str = "learnflow api 2026-11 sign-up key";

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    /// Used to sign in.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// At least 15 characters.
    #[schema(format = Password, min_length = 15, max_length = 1_024)]
    password: String,
    /// What people are called: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    display_name: String,
    /// Below 13 years a parent or the school must consent before the tutor answers.
    #[serde(default)]
    birth_year: Option<i32>,
    /// The section to join.
    #[serde(default)]
    class_code: Option<String>,
}

/// Makes a student's account and signs in.
#[utoipa::path(post, path = "/v1/auth/sign-up", tag = "accounts", request_body = SignUp,
    params(("Idempotency-Key" = Option<String>, Header, description = "makes a repeat safe")),
    responses((status = 201, description = "Signed in", body = SignedInBody)))]
pub(crate) async fn sign_up(
    Shared(state): Shared<State>,
    Peer(address): Peer,
    headers: HeaderMap,
    key: Key,
    Body(new): Body<SignUp>,
) -> Result<Response, Problem> {
    checked(&new)?;
    // An e-mail that is taken is told: asking for many of them is guessing.
    let attempt = state.throttle.attempt(&new.email, address, state.clock.now())?;
    let made = make_once(&state, &key, new).await;
    let guess = made.as_ref().err().is_some_and(|problem| {
        matches!(problem.code(), ErrorCode::EmailTaken | ErrorCode::IdempotencyMismatch)
    });
    if !guess {
        state.throttle.forgive(attempt);
    }
    let (account, made) = made?;
    let mut response = signed_in::answer(&state, &headers, account, StatusCode::CREATED).await?;
    if made == Made::Before {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// When an account was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Now,
    /// By an earlier request with the same key.
    Before,
}

async fn make_once(state: &State, key: &Key, new: SignUp) -> Result<(Account, Made), Problem> {
    let fingerprint =
        format!("{:?}", (&new.email, &new.display_name, new.birth_year, &new.class_code));
    let account = key_account(&new.email);
    match idempotency::begin(state, account, ROUTE, key, fingerprint.as_bytes()).await? {
        // The account stands; whoever knows its password is the one who made it.
        Turn::Done(..) => {
            let owner = sign_in::owner(state, &new.email, &new.password).await?;
            Ok((owner.ok_or(ErrorCode::IdempotencyMismatch)?, Made::Before))
        }
        Turn::Do(running) => {
            let made = make(state, new).await;
            match (&made, running) {
                (Ok(_), Some(running)) => running.finish(StatusCode::CREATED, b"").await,
                (Err(_), Some(running)) => running.abandon().await,
                (Ok(_) | Err(_), None) => {}
            }
            Ok((made?, Made::Now))
        }
    }
}

fn checked(new: &SignUp) -> Result<(), Problem> {
    password::check(&new.password, &new.email).map_err(|weak| {
        let detail = weak.to_string();
        Problem::new(ErrorCode::PasswordTooWeak).with_field("/password", detail)
    })
}

async fn make(state: &State, new: SignUp) -> Result<Account, Problem> {
    let SignUp { email, password, display_name, birth_year, class_code } = new;
    let password_hash = Some(state.passwords.hash(&password).await?);
    let role = Role::Student;
    let new = NewAccount { role, email, display_name, password_hash, birth_year, class_code };
    create(state, new).await
}

/// Makes an account of any role.
pub(crate) async fn create(state: &State, new: NewAccount) -> Result<Account, Problem> {
    let (now, seed) = (state.clock.now(), state.clock.seed());
    account::create(&state.db, &*state.vault, state.log.partition_count(), new, now, seed)
        .await
        .map_err(|error| refused(&error))
}

fn refused(error: &AccountError) -> Problem {
    match error {
        AccountError::EmailTaken => ErrorCode::EmailTaken.into(),
        AccountError::InvalidEmail => Problem::field("/email", error.to_string()),
        AccountError::InvalidDisplayName => Problem::field("/display_name", error.to_string()),
        AccountError::InvalidBirthYear => Problem::field("/birth_year", error.to_string()),
        AccountError::UnknownClassCode | AccountError::NotAStudent => {
            Problem::field("/class_code", error.to_string())
        }
        AccountError::Vault(cause) => (*cause).into(),
        AccountError::Store(cause) => cause.clone().into(),
    }
}

fn key_account(email: &str) -> UserId {
    let email = email.trim().to_lowercase();
    let mut short = [0_u8; 16];
    short.copy_from_slice(&blake3::derive_key(ACCOUNT_CONTEXT, email.as_bytes())[..16]);
    UserId::new(Uuid::from_bytes(short))
}
