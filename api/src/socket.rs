//! The student's WebSocket, protocol `learnflow.v1`.
//!
//! ```text
//! axum (main runtime) ── read task ──► Connection (actix actor on an arbiter) ──► append task ──► log
//!                      ◄─ write task ◄─┘        ▲
//!                                               └── Gateway: replies of our slot, by student
//! ```
//! Read in this order: [`frame`] (what is said), [`gateway`] (what all sockets share),
//! [`connection`] (one socket), [`resume`] (how a client catches up).
//!
//! **Invariant:** a socket gets a durable frame only if its seq is the last one's + 1; whatever
//! else happens, the gap is read from the store or the client is told by `resync`.

pub mod arbiters;
mod client;
pub mod connection;
mod dispatch;
pub mod frame;
pub mod gateway;
mod heard_turns;
mod hello;
mod lease;
mod outbox;
pub mod resume;
mod tasks;

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use learnflow_engine::error_code::ErrorCode;

use frame::CloseCode;
use gateway::Gateway;

use crate::problem::Problem;

/// The subprotocol that the server answers.
pub const PROTOCOL: &str = "learnflow.v1";
/// The largest message of a client.
pub const MESSAGE_LIMIT_BYTES: usize = 65_536;

/// The route of `GET /v1/socket`.
pub fn route<S: Clone + Send + Sync + 'static>(gateway: Arc<Gateway>) -> MethodRouter<S> {
    get(move |headers: HeaderMap, upgrade: WebSocketUpgrade| {
        let gateway = Arc::clone(&gateway);
        async move { accept(gateway, &headers, upgrade) }
    })
}

/// Refuses foreign pages, upgrades everything else: a browser can't read a refused upgrade, so a
/// bad ticket is told by a close code.
fn accept(gateway: Arc<Gateway>, headers: &HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if gateway.is_foreign(headers) {
        return Problem::new(ErrorCode::ForeignOrigin).into_response();
    }
    if !offers_protocol(headers) {
        return (StatusCode::BAD_REQUEST, "the subprotocol learnflow.v1 is needed").into_response();
    }
    let ticket = ticket(headers);
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_LIMIT_BYTES)
        .max_frame_size(MESSAGE_LIMIT_BYTES)
        .read_buffer_size(4 * 1_024)
        .write_buffer_size(4 * 1_024)
        .max_write_buffer_size(256 * 1_024)
        .on_upgrade(move |socket| async move {
            // The upgrade task only hands over; the gateway owns what lives on.
            open(gateway, socket, ticket).await;
        })
}

async fn open(gateway: Arc<Gateway>, mut socket: WebSocket, ticket: Option<String>) {
    let redeemed = match &ticket {
        Some(ticket) => gateway.redeem(ticket).await,
        None => Err(CloseCode::NotSignedIn),
    };
    match redeemed {
        Ok(redeemed) => gateway.serve(socket, redeemed),
        Err(code) => {
            let frame = CloseFrame { code: code.as_u16(), reason: code.reason().into() };
            drop(socket.send(Message::Close(Some(frame))).await);
        }
    }
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn offers_protocol(headers: &HeaderMap) -> bool {
    protocols(headers).any(|protocol| protocol == PROTOCOL)
}

fn ticket(headers: &HeaderMap) -> Option<String> {
    protocols(headers).find_map(|protocol| protocol.strip_prefix("ticket.")).map(str::to_owned)
}
