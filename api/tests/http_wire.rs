//! The server over real sockets: what only a connection shows.
#![cfg(test)]

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::WebSocket;
use axum::routing::get;
use futures_util::{SinkExt as _, StreamExt as _};
use learnflow_api::serve::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[path = "http/world.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod world;

use world::World;

/// A world's server, until it is stopped.
struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    async fn start(world: &World, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = world.router.clone();
        let serving = learnflow_api::serve(listener, router, limits, stop.clone(), tasks.clone());
        tasks.spawn(serving);
        Self { address, stop, tasks }
    }

    /// Every connection has ended when this returns.
    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Sends bytes and reads the answer to the end of the connection.
async fn talk(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn the_socket_passes_through_every_layer() {
    let upgrade =
        get(async |upgrade: WebSocketUpgrade| upgrade.protocols(["learnflow.v1"]).on_upgrade(echo));
    let world = World::with_socket(upgrade).await;
    let server = Server::start(&world, Limits::default()).await;
    let mut request = format!("ws://{}/v1/socket", server.address).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "learnflow.v1".parse().unwrap());
    headers.insert("accept-encoding", "gzip".parse().unwrap());
    let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "learnflow.v1");
    assert!(!response.headers().contains_key("content-encoding"));
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    socket.close(None).await.unwrap();
}

#[tokio::test]
async fn no_socket_without_an_upgrade() {
    let upgrade = get(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo));
    let world = World::with_socket(upgrade).await;
    let server = Server::start(&world, Limits::default()).await;
    let request = "GET /v1/socket HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = talk(server.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_body_without_a_length_is_limited_too() {
    let world = World::new().await;
    let server = Server::start(&world, Limits::default()).await;
    let chunk = "a".repeat(0x8000);
    let body = format!("8000\r\n{chunk}\r\n8000\r\n{chunk}\r\n8000\r\n{chunk}\r\n0\r\n\r\n");
    let head = "POST /v1/auth/sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
        content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = talk(server.address, format!("{head}{body}").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("LF0411"), "{answer}");
}

#[tokio::test]
async fn a_head_has_headers_alone() {
    let world = World::new().await;
    let server = Server::start(&world, Limits::default()).await;
    let request = "HEAD /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = talk(server.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    server.end().await;
}

#[tokio::test]
async fn who_never_finishes_a_head_is_sent_away() {
    let world = World::new().await;
    let limits = Limits { head_within: Duration::from_millis(50), ..Limits::default() };
    let server = Server::start(&world, limits).await;
    // The connection ends though the client neither finishes nor leaves.
    let answer = talk(server.address, b"GET /livez HTTP/1.1\r\nhost: ").await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.end().await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_server_up() {
    let world = World::new().await;
    let server = Server::start(&world, Limits::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0_u8; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    server.end().await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
}

#[tokio::test]
async fn a_connection_too_many_waits_for_its_turn() {
    let world = World::new().await;
    let server = Server::start(&world, Limits { connections: 1, ..Limits::default() }).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let request = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let second = talk(server.address, request);
    tokio::pin!(second);
    assert!(futures_util::poll!(second.as_mut()).is_pending());
    drop(first);
    let answer = second.await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.end().await;
}
