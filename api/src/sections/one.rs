//! `GET /v1/sections/{id}`.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::section;

use super::SectionBody;
use crate::guard::Taught;
use crate::problem::Problem;
use crate::state::State;

/// Describes a section.
#[utoipa::path(get, path = "/v1/sections/{id}", tag = "sections", operation_id = "read_section",
    params(("id" = String, Path, format = Uuid, description = "the section")),
    responses((status = 200, description = "The section", body = SectionBody)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Taught(id): Taught,
) -> Result<Json<SectionBody>, Problem> {
    let section = section::find(&state.db, id).await?.ok_or(ErrorCode::NotYours)?;
    let students = section::student_ids(&state.db, id).await?.len();
    Ok(Json(SectionBody::new(section, i64::try_from(students).unwrap_or(i64::MAX))))
}
