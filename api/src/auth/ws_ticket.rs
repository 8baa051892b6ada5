//! `POST /v1/ws-tickets`: what a page shows to open the student's socket.

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::ticket::{self, TicketError};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::State;

/// A ticket: one use, 30 s.
#[derive(Serialize, ToSchema)]
pub(crate) struct TicketBody {
    /// For `Sec-WebSocket-Protocol: learnflow.v1, ticket.<ticket>`.
    ticket: String,
    /// When it ends.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Issues a ticket that is bound to this sign-in.
#[utoipa::path(post, path = "/v1/ws-tickets", tag = "socket", operation_id = "issue_ws_ticket",
    responses((status = 201, description = "A ticket", body = TicketBody)))]
pub(crate) async fn issue(
    Shared(state): Shared<State>,
    Caller(caller): Caller,
) -> Result<(StatusCode, Json<TicketBody>), Problem> {
    let issued =
        ticket::issue(&state.db, &caller, state.clock.now()).await.map_err(
            |error| match error {
                TicketError::NotAStudent => Problem::new(ErrorCode::RoleNotAllowed),
                TicketError::Store(error) => error.into(),
            },
        )?;
    let ticket = issued.token.expose_secret().to_owned();
    Ok((
        StatusCode::CREATED,
        Json(TicketBody { ticket, expires_at: issued.expires_at.to_string() }),
    ))
}
