//! `GET /livez` and `/healthz`: the process runs.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A word on how things are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    status: &'static str,
}

/// Says that the process runs, whatever the others do.
#[utoipa::path(get, path = "/livez", tag = "health",
    responses((status = 200, description = "It runs", body = Alive)))]
pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: "live" })
}

/// The same under the name that others look for.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, description = "It runs", body = Alive)))]
pub(crate) async fn healthz() -> Json<Alive> {
    live().await
}
