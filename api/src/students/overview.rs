//! `GET /v1/students/{id}`: a student in a few figures.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::StudentId;
use learnflow_storage::read::student;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::signed_in::SectionName;
use crate::guard::Record;
use crate::problem::Problem;
use crate::state::State;

/// A student in a few figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    /// The student.
    #[schema(value_type = String, format = Uuid)]
    id: StudentId,
    /// Their name.
    display_name: String,
    /// Their open sections.
    sections: Vec<SectionName>,
    /// Questions that were accepted.
    turns_total: i64,
    /// Questions that were answered in full.
    complete_total: i64,
    /// When they were last active.
    #[schema(format = DateTime)]
    last_active_at: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Describes a student.
#[utoipa::path(get, path = "/v1/students/{id}", tag = "students", operation_id = "read_student",
    params(("id" = String, Path, description = "the student, or `me`")),
    responses((status = 200, description = "The student", body = Overview)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Record(id): Record,
) -> Result<Json<Overview>, Problem> {
    let found = student::overview(&state.db, id).await?.ok_or(ErrorCode::NotYours)?;
    Ok(Json(Overview {
        id,
        display_name: found.display_name,
        sections: found.sections.into_iter().map(SectionName::from).collect(),
        turns_total: found.activity.turns_total,
        complete_total: found.activity.complete_total,
        last_active_at: found.activity.last_active_at.map(|at| at.to_string()),
        created_at: found.created_at.to_string(),
    }))
}
