//! `POST /v1/me/sections`: a student joins a class by its code.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::IntentId;
use learnflow_storage::section::{self, Joined};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::create::refused;
use crate::auth::signed_in::SectionName;
use crate::body::Body;
use crate::guard::Caller;
use crate::idempotency::{self, Key};
use crate::intent::{self, Progress};
use crate::problem::Problem;
use crate::state::State;

/// The class that the student wants to join.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Join {
    /// As the instructor says it; spaces, hyphens and capitals don't matter.
    class_code: String,
}

/// The class, and whether the student's session knows already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JoinedBody {
    section: SectionName,
    /// `applied` when the session has answered, else `accepted`.
    progress: Progress,
    /// The command; none for who belonged to the class already.
    #[schema(value_type = Option<String>)]
    command: Option<IntentId>,
}

/// Joins a class. Its policy holds from then on.
#[utoipa::path(post, path = "/v1/me/sections", tag = "accounts", operation_id = "join_section",
    request_body = Join,
    params(("Idempotency-Key" = Option<String>, Header, description = "makes a repeat safe")),
    responses(
        (status = 200, description = "The session has applied it", body = JoinedBody),
        (status = 202, description = "Stored; the session applies it soon", body = JoinedBody)))]
pub(crate) async fn join(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    key: Key,
    Body(wanted): Body<Join>,
) -> Result<Response, Problem> {
    let student = caller.student_id.ok_or(ErrorCode::RoleNotAllowed)?;
    let fingerprint = serde_json::to_vec(&wanted).unwrap_or_default();
    let route = "POST /v1/me/sections";
    let turn = idempotency::begin(&state, caller.user, route, &key, &fingerprint).await?;
    let work = async {
        let (now, seed) = (state.clock.now(), state.clock.seed());
        let (vault, code) = (state.vault.as_ref(), &wanted.class_code);
        let joined = section::join(&state.db, vault, student, code, now, seed).await;
        let (section, progress, command) = match joined.map_err(|error| refused(&error))? {
            Joined::UnknownCode => {
                return Err(Problem::field("/class_code", "no class has this code"));
            }
            Joined::Already(section) => (section, Progress::Applied, None),
            Joined::Now(section, command) => {
                (section, intent::settled(&state, &[command]).await, Some(command))
            }
        };
        let body = JoinedBody { section: section.into(), progress, command };
        Ok::<(StatusCode, JoinedBody), Problem>((progress.status(), body))
    };
    idempotency::answered_once(turn, Box::pin(work)).await
}
