//! `GET /readyz`: whether the process may get work, and if not, each cause.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State as Shared};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::port::store::Store as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{Cause, Component};
use crate::problem::Problem;
use crate::state::State;

/// Who doesn't answer within so long isn't there.
const WITHIN: Duration = Duration::from_millis(1_500);

/// How much is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadyQuery {
    /// Anything but `false`: every component is listed.
    verbose: Option<String>,
}

/// The process may get work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ready`, or `degraded` when something is missing that it can do without.
    status: &'static str,
    /// What is missing.
    causes: Vec<Cause>,
    /// Every component, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<ComponentHealth>>,
}

/// How a component is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComponentHealth {
    component: Component,
    /// `ok` or `failed`.
    status: &'static str,
}

/// Asks log and store, and says whether the process may get work.
#[utoipa::path(get, path = "/readyz", tag = "health", params(ReadyQuery),
    responses((status = 200, description = "It may get work", body = Ready),
        (status = 503, description = "It may not: `causes` says why")))]
pub(crate) async fn ready(
    Shared(state): Shared<State>,
    Query(query): Query<ReadyQuery>,
) -> Response {
    let causes = causes(&state).await;
    let verbose = query.verbose.is_some_and(|word| word != "false");
    let components = verbose.then(|| components(&causes));
    let needed = causes.keys().find(|component| component.is_needed()).copied();
    let list: Vec<Cause> =
        causes.into_iter().map(|(component, detail)| Cause { component, detail }).collect();
    if let Some(component) = needed {
        let problem = Problem::new(code_of(component)).with_extension("causes", json!(list));
        return problem.with_detail("not ready: see causes").into_response();
    }
    let status = if list.is_empty() { "ready" } else { "degraded" };
    Json(Ready { status, causes: list, components }).into_response()
}

/// What was reported, and what log and store answer at this moment.
async fn causes(state: &State) -> BTreeMap<Component, String> {
    let log = async {
        match tokio::time::timeout(WITHIN, state.log.health()).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(late()),
        }
    };
    let store = async {
        match tokio::time::timeout(WITHIN, state.db.health()).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(late()),
        }
    };
    let (log, store) = tokio::join!(log, store);
    let mut causes = state.health.causes();
    for (component, answer) in [(Component::Log, log), (Component::Store, store)] {
        if let Err(cause) = answer {
            causes.insert(component, cause);
        }
    }
    causes
}

fn late() -> String {
    format!("no answer within {} ms", WITHIN.as_millis())
}

fn components(causes: &BTreeMap<Component, String>) -> Vec<ComponentHealth> {
    let health = |component| ComponentHealth {
        component,
        status: if causes.contains_key(&component) { "failed" } else { "ok" },
    };
    Component::ALL.into_iter().map(health).collect()
}

const fn code_of(component: Component) -> ErrorCode {
    match component {
        Component::Process | Component::Log | Component::Claim | Component::Model => {
            ErrorCode::LogUnavailable
        }
        Component::Store => ErrorCode::StoreUnavailable,
    }
}
