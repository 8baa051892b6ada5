//! The answer to whoever has just signed in: the token, the cookie and who they are.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_storage::account::{Account, Role};
use learnflow_storage::read::page::{LIMIT_MAX, PageRequest};
use learnflow_storage::section::{self, Section};
use learnflow_storage::session_token;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie::Kind;
use crate::problem::Problem;
use crate::state::State;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub(crate) struct User {
    /// The account.
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
    /// The student, for students.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    student_id: Option<StudentId>,
    /// What they may do.
    #[schema(value_type = String, example = "student")]
    role: &'static str,
    /// As it is stored.
    email: String,
    /// What people are called.
    display_name: String,
    /// What a student belongs to, or what an instructor teaches.
    sections: Vec<SectionName>,
}

/// A section by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SectionName {
    #[schema(value_type = String, format = Uuid)]
    id: SectionId,
    name: String,
}

impl From<Section> for SectionName {
    fn from(section: Section) -> Self {
        Self { id: section.id, name: section.name }
    }
}

/// A sign-in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInBody {
    /// For `Authorization: Bearer`.
    token: String,
    /// When the token ends.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Who it is for.
    user: User,
}

/// Describes an account.
pub(crate) async fn user(state: &State, account: Account) -> Result<User, Problem> {
    let sections = match (account.role, account.student_id) {
        (Role::Student, Some(student)) => section::of_student(&state.db, student).await?,
        (Role::Instructor, _) => {
            let first = PageRequest::first(LIMIT_MAX);
            let taught = section::of_instructor(&state.db, account.user, &first).await?;
            taught.items.into_iter().map(|summary| summary.section).collect()
        }
        (Role::Admin, _) | (Role::Student, None) => Vec::new(),
    };
    Ok(User {
        user_id: account.user,
        student_id: account.student_id,
        role: account.role.as_str(),
        email: account.email,
        display_name: account.display_name,
        sections: sections.into_iter().map(SectionName::from).collect(),
    })
}

/// Issues a token and answers with it.
pub(crate) async fn answer(
    state: &State,
    headers: &HeaderMap,
    account: Account,
    status: StatusCode,
) -> Result<Response, Problem> {
    let issued = session_token::issue(&state.db, account.user, state.clock.now()).await?;
    let user = user(state, account).await?;
    let token = issued.token.expose_secret();
    let cookie = Kind::of(&state.config, headers)
        .set(token, session_token::LIFETIME_MS / 1_000)
        .ok_or(ErrorCode::Internal)?;
    let body =
        SignedInBody { token: token.to_owned(), expires_at: issued.expires_at.to_string(), user };
    Ok((status, [(header::SET_COOKIE, cookie)], axum::Json(body)).into_response())
}
