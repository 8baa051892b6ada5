//! `GET /v1/demo/accounts`: the accounts that are offered.

use axum::Json;
use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;

use super::DemoAccount;
use crate::query::List;
use crate::state::State;

/// A sample account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampleAccount {
    #[schema(value_type = String)]
    role: &'static str,
    email: String,
    display_name: String,
}

/// Lists the sample accounts.
#[utoipa::path(get, path = "/v1/demo/accounts", tag = "demo", operation_id = "list_demo_accounts",
    responses((status = 200, description = "Sample accounts", body = List<SampleAccount>)))]
pub(crate) async fn list(Shared(state): Shared<State>) -> Json<List<SampleAccount>> {
    let shown = |account: &DemoAccount| SampleAccount {
        role: account.role.as_str(),
        email: account.email.clone(),
        display_name: account.display_name.clone(),
    };
    Json(List { items: state.demo_accounts.iter().map(shown).collect(), next_cursor: None })
}
