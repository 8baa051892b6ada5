//! `GET /v1/sections`: the open sections that the caller teaches; all of them for administrators.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_storage::account::Role;
use learnflow_storage::section;

use super::SectionBody;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::query::{List, ListQuery};
use crate::state::State;

/// Lists the caller's sections, oldest first.
#[utoipa::path(get, path = "/v1/sections", tag = "sections",
    operation_id = "list_sections", params(ListQuery),
    responses((status = 200, description = "Sections", body = List<SectionBody>)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
    query: ListQuery,
) -> Result<Json<List<SectionBody>>, Problem> {
    let request = query.page()?;
    let page = match caller.role {
        Role::Admin => section::all(&state.db, &request).await?,
        Role::Instructor | Role::Student => {
            section::of_instructor(&state.db, caller.user, &request).await?
        }
    };
    let items = page.items.into_iter().map(SectionBody::from).collect();
    Ok(Json(List { items, next_cursor: page.next_cursor }))
}
