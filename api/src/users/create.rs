//! `POST /v1/users`: a new account of any role.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_storage::account::password::{self, Verdict};
use learnflow_storage::account::{self, Account, NewAccount, Role};
use learnflow_storage::audit::Action;
use learnflow_storage::section;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::sign_up;
use crate::body::Body;
use crate::guard::{self, Caller};
use crate::idempotency::{self, Key, Turn};
use crate::problem::Problem;
use crate::sections::create::refused;
use crate::state::State;

/// Sections that a new instructor may get at once.
const SECTIONS_MAX: usize = 32;

/// An account that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// What it may do.
    role: RoleWord,
    /// Used to sign in.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// What people are called: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    display_name: String,
    /// At least 15 characters.
    #[schema(format = Password, min_length = 15, max_length = 1_024)]
    password: String,
    /// For instructors: what they teach.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    section_ids: Vec<SectionId>,
    /// For students: the section to join.
    #[serde(default)]
    class_code: Option<String>,
    /// For students.
    #[serde(default)]
    birth_year: Option<i32>,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RoleWord {
    Student,
    Instructor,
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Student => Self::Student,
            RoleWord::Instructor => Self::Instructor,
            RoleWord::Admin => Self::Admin,
        }
    }
}

/// The account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserMade {
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    student_id: Option<StudentId>,
    #[schema(value_type = String)]
    role: &'static str,
    email: String,
    display_name: String,
}

impl From<Account> for UserMade {
    fn from(account: Account) -> Self {
        Self {
            user_id: account.user,
            student_id: account.student_id,
            role: account.role.as_str(),
            email: account.email,
            display_name: account.display_name,
        }
    }
}

/// Makes an account.
#[utoipa::path(post, path = "/v1/users", tag = "administration",
    operation_id = "create_user", request_body = NewUser,
    params(("Idempotency-Key" = Option<String>, Header, description = "makes a repeat safe")),
    responses((status = 201, description = "The account", body = UserMade)))]
pub(crate) async fn create(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    key: Key,
    Body(new): Body<NewUser>,
) -> Result<Response, Problem> {
    let fingerprint = fingerprint(&new);
    let route = "POST /v1/users";
    let turn = idempotency::begin(&state, caller.user, route, &key, &fingerprint).await?;
    if let Turn::Done(..) = &turn {
        same_password(&state, &new).await?;
    }
    let work = async {
        password::check(&new.password, &new.email).map_err(|weak| {
            Problem::new(ErrorCode::PasswordTooWeak).with_field("/password", weak.to_string())
        })?;
        let role = Role::from(new.role);
        sections_exist(&state, role, &new.section_ids).await?;
        guard::note_administration(&state, &caller, Action::CreateAccount, None).await?;
        let section_ids = new.section_ids.clone();
        let account = make(&state, role, new).await?;
        for section in section_ids {
            let now = state.clock.now();
            section::add_instructor(&state.db, section, account.user, now)
                .await
                .map_err(|error| refused(&error))?;
        }
        Ok(UserMade::from(account))
    };
    idempotency::once(turn, StatusCode::CREATED, Box::pin(work)).await
}

/// All but the password: see [`same_password`].
fn fingerprint(new: &NewUser) -> Vec<u8> {
    let NewUser { role, email, display_name, password: _, section_ids, class_code, birth_year } =
        new;
    format!("{:?}", (role, email, display_name, section_ids, class_code, birth_year)).into_bytes()
}

/// A password rests as its slow hash alone, so that is what a repeat is compared with.
async fn same_password(state: &State, new: &NewUser) -> Result<(), Problem> {
    let account = account::find_by_email(&state.db, &new.email).await?;
    let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
    match state.passwords.verify(&new.password, hash).await? {
        Verdict::Right => Ok(()),
        Verdict::Wrong => Err(ErrorCode::IdempotencyMismatch.into()),
    }
}

async fn sections_exist(state: &State, role: Role, ids: &[SectionId]) -> Result<(), Problem> {
    if !ids.is_empty() && role != Role::Instructor {
        return Err(Problem::field("/section_ids", "only instructors teach sections"));
    }
    if ids.len() > SECTIONS_MAX {
        return Err(Problem::field("/section_ids", "has more than 32 items"));
    }
    for (place, id) in ids.iter().enumerate() {
        let found = section::find(&state.db, *id).await?;
        if found.is_none_or(|section| section.closed_at.is_some()) {
            let pointer = format!("/section_ids/{place}");
            return Err(Problem::field(pointer, "there is no such section"));
        }
    }
    Ok(())
}

async fn make(state: &State, role: Role, new: NewUser) -> Result<Account, Problem> {
    let NewUser { email, display_name, password, birth_year, class_code, .. } = new;
    let password_hash = Some(state.passwords.hash(&password).await?);
    let new = NewAccount { role, email, display_name, password_hash, birth_year, class_code };
    sign_up::create(state, new).await
}
