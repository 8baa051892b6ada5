//! `GET /startupz`: the start is over.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Start;
use crate::problem::Problem;
use crate::state::State;

/// The start is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    status: &'static str,
}

/// Says whether the start is over; 503 while it isn't.
#[utoipa::path(get, path = "/startupz", tag = "health",
    responses((status = 200, description = "It has started", body = Started)))]
pub(crate) async fn startup(Shared(state): Shared<State>) -> Result<Json<Started>, Problem> {
    match state.health.start() {
        Start::Over => Ok(Json(Started { status: "started" })),
        Start::Running => {
            Err(Problem::new(ErrorCode::LogUnavailable).with_detail("the process is starting"))
        }
    }
}
