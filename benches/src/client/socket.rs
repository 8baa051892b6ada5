//! Opens the WebSocket: a ticket, then the upgrade, each within a deadline.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::http::Http;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// No socket could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotConnected {
    /// The status of the refused ticket.
    pub(super) status: Option<u16>,
    /// The wait that the server asked for.
    pub(super) retry_ms: Option<u64>,
}

impl NotConnected {
    const UNREACHABLE: Self = Self { status: None, retry_ms: None };
}

/// Fetches a ticket and opens the socket with it.
pub(super) async fn open(
    http: Http,
    token: String,
    limit: Duration,
) -> Result<Socket, NotConnected> {
    let ticket = tokio::time::timeout(limit, http.ticket(&token)).await;
    let ticket = ticket.map_err(|_| NotConnected::UNREACHABLE)?;
    let ticket = ticket.map_err(|problem| NotConnected {
        status: problem.status(),
        retry_ms: problem.retry_ms(),
    })?;
    let uri: Uri = http.target().socket().parse().map_err(|_| NotConnected::UNREACHABLE)?;
    let request = ClientRequestBuilder::new(uri)
        .with_sub_protocol("learnflow.v1")
        .with_sub_protocol(format!("ticket.{ticket}"));
    let upgrade = connect_async_with_config(request, None, true);
    match tokio::time::timeout(limit, upgrade).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(_)) | Err(_) => Err(NotConnected::UNREACHABLE),
    }
}
