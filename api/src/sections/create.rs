//! `POST /v1/sections`: a new section.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use learnflow_engine::id::UserId;
use learnflow_storage::account::{self, Role};
use learnflow_storage::audit::Action;
use learnflow_storage::section::{self, HIGHEST_RUNG, Policy, SectionError, Transcripts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SectionBody;
use crate::body::Body;
use crate::guard::{self, Caller};
use crate::idempotency::{self, Key};
use crate::problem::Problem;
use crate::state::State;

/// Instructors that a new section may have at once.
const INSTRUCTORS_MAX: usize = 32;

/// A section that is wanted.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSection {
    /// What people call it: 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// Who teaches it.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    instructor_ids: Vec<UserId>,
    /// The highest hint rung, 1 to 5; 5 if nothing is said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5)]
    highest_rung: Option<u8>,
    /// Whether its instructors may read transcripts; `readable` if nothing is said.
    #[serde(default)]
    transcripts: Option<TranscriptsWord>,
}

/// Whether instructors may read transcripts.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TranscriptsWord {
    Readable,
    Closed,
}

/// Makes a section with a class code of its own.
#[utoipa::path(post, path = "/v1/sections", tag = "administration",
    operation_id = "create_section", request_body = NewSection,
    params(("Idempotency-Key" = Option<String>, Header, description = "makes a repeat safe")),
    responses((status = 201, description = "The section", body = SectionBody)))]
pub(crate) async fn create(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    key: Key,
    Body(new): Body<NewSection>,
) -> Result<Response, Problem> {
    let fingerprint = serde_json::to_vec(&new).unwrap_or_default();
    let route = "POST /v1/sections";
    let turn = idempotency::begin(&state, caller.user, route, &key, &fingerprint).await?;
    let work = async {
        let policy = policy(&new);
        instructors_exist(&state, &new.instructor_ids).await?;
        guard::note_administration(&state, &caller, Action::ChangeSection, None).await?;
        let (now, seed) = (state.clock.now(), state.clock.seed());
        let made = section::create(&state.db, &new.name, policy, now, seed).await;
        let made = made.map_err(|error| refused(&error))?;
        for instructor in new.instructor_ids {
            section::add_instructor(&state.db, made.id, instructor, now)
                .await
                .map_err(|error| refused(&error))?;
        }
        Ok(SectionBody::new(made, 0))
    };
    idempotency::once(turn, StatusCode::CREATED, Box::pin(work)).await
}

fn policy(new: &NewSection) -> Policy {
    Policy {
        highest_rung: new.highest_rung.unwrap_or(HIGHEST_RUNG),
        transcripts: new.transcripts.map_or(Transcripts::Readable, Transcripts::from),
    }
}

impl From<TranscriptsWord> for Transcripts {
    fn from(word: TranscriptsWord) -> Self {
        match word {
            TranscriptsWord::Readable => Self::Readable,
            TranscriptsWord::Closed => Self::Closed,
        }
    }
}

/// Looks before anything is made: a section without one of its instructors helps nobody.
async fn instructors_exist(state: &State, instructors: &[UserId]) -> Result<(), Problem> {
    if instructors.len() > INSTRUCTORS_MAX {
        return Err(Problem::field("/instructor_ids", "has more than 32 items"));
    }
    for (place, instructor) in instructors.iter().enumerate() {
        let account = account::by_id(&state.db, *instructor).await?;
        if !account.is_some_and(|a| a.role == Role::Instructor && a.disabled_at.is_none()) {
            let pointer = format!("/instructor_ids/{place}");
            return Err(Problem::field(pointer, "there is no such instructor"));
        }
    }
    Ok(())
}

/// Why a section wasn't made or changed.
pub(crate) fn refused(error: &SectionError) -> Problem {
    match error {
        SectionError::InvalidName => Problem::field("/name", error.to_string()),
        SectionError::InvalidRung => Problem::field("/highest_rung", error.to_string()),
        SectionError::UnknownSection => Problem::field("/section_ids", error.to_string()),
        SectionError::UnknownInstructor => Problem::field("/instructor_ids", error.to_string()),
        SectionError::Store(cause) => cause.clone().into(),
    }
}
