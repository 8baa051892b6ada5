//! `PUT /v1/sections/{id}/policy`: what a section allows.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::id::IntentId;
use learnflow_storage::audit::Action;
use learnflow_storage::section::{self, Policy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SectionBody;
use super::create::{TranscriptsWord, refused};
use crate::body::Body;
use crate::guard::{self, Caller, Taught};
use crate::intent::{self, Progress};
use crate::problem::Problem;
use crate::state::State;

/// What a section shall allow from now on.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPolicy {
    /// The highest hint rung, 1 to 5. A student in several sections has the lowest of theirs.
    #[schema(minimum = 1, maximum = 5)]
    highest_rung: u8,
    /// Whether its instructors may read transcripts.
    transcripts: TranscriptsWord,
}

/// The section, and whether its students' sessions know already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyBody {
    section: SectionBody,
    /// `applied` when every student's session has answered, else `accepted`.
    progress: Progress,
    /// One command a student.
    #[schema(value_type = Vec<String>)]
    commands: Vec<IntentId>,
}

/// Changes what a section allows. Who is enrolled at this moment is told; who joins later gets
/// the policy with joining.
#[utoipa::path(put, path = "/v1/sections/{id}/policy", tag = "sections",
    operation_id = "change_policy", request_body = NewPolicy,
    params(("id" = String, Path, format = Uuid, description = "the section")),
    responses(
        (status = 200, description = "Every session has applied it", body = PolicyBody),
        (status = 202, description = "Stored; sessions apply it soon", body = PolicyBody)))]
pub(crate) async fn change(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    Taught(id): Taught,
    Body(new): Body<NewPolicy>,
) -> Result<Response, Problem> {
    let policy = Policy { highest_rung: new.highest_rung, transcripts: new.transcripts.into() };
    guard::note_administration(&state, &caller, Action::ChangeSection, Some(id)).await?;
    let (now, seed) = (state.clock.now(), state.clock.seed());
    let changed =
        section::change_policy(&state.db, state.vault.as_ref(), id, policy, now, seed).await;
    let (section, commands) = changed.map_err(|error| refused(&error))?;
    let progress = intent::settled(&state, &commands).await;
    let students = i64::try_from(commands.len()).unwrap_or(i64::MAX);
    let section = SectionBody::new(section, students);
    let status: StatusCode = progress.status();
    Ok((status, Json(PolicyBody { section, progress, commands })).into_response())
}
