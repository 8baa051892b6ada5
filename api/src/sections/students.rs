//! `GET /v1/sections/{id}/students`: the class list.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::id::StudentId;
use learnflow_storage::read::class;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Taught;
use crate::problem::Problem;
use crate::query::{List, ListQuery};
use crate::state::State;

/// A student in a class list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StudentRow {
    /// The student.
    #[schema(value_type = String, format = Uuid)]
    id: StudentId,
    /// Their name.
    display_name: String,
    /// Questions that were accepted.
    turns_total: i64,
    /// Topics that they asked about.
    topics_total: i64,
    /// Questions that wait or are being answered.
    open_turns_total: i64,
    /// When they were last active.
    #[schema(format = DateTime)]
    last_active_at: Option<String>,
    /// Since when they belong to the section.
    #[schema(format = DateTime)]
    enrolled_at: String,
}

impl From<class::StudentRow> for StudentRow {
    fn from(row: class::StudentRow) -> Self {
        Self {
            id: row.student,
            display_name: row.display_name,
            turns_total: row.activity.turns_total,
            topics_total: row.topics_total,
            open_turns_total: row.open_turns_total,
            last_active_at: row.activity.last_active_at.map(|at| at.to_string()),
            enrolled_at: row.enrolled_at.to_string(),
        }
    }
}

/// Lists a section's students in the order in which they signed up.
#[utoipa::path(get, path = "/v1/sections/{id}/students", tag = "sections",
    operation_id = "list_section_students",
    params(("id" = String, Path, format = Uuid, description = "the section"), ListQuery),
    responses((status = 200, description = "Students", body = List<StudentRow>)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Taught(section): Taught,
    query: ListQuery,
) -> Result<Json<List<StudentRow>>, Problem> {
    let page = class::students(&state.db, section, &query.page()?).await?;
    let items = page.items.into_iter().map(StudentRow::from).collect();
    Ok(Json(List { items, next_cursor: page.next_cursor }))
}
