//! The provider's listening port: opened and closed like that of a process that comes and goes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::endpoint::DropConnection;

/// Connections at a time; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// The connection is dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
struct Dropped;

/// An open port. Dropping it closes the port and all connections.
#[derive(Debug)]
pub(super) struct OpenPort {
    pub(super) addr: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl OpenPort {
    /// Listens and serves.
    pub(super) async fn open(
        addr: SocketAddr,
        router: Router,
        tasks: &TaskTracker,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let stop = CancellationToken::new();
        let task = tasks.spawn(serve(listener, router, stop.clone()));
        Ok(Self { addr, stop, task: Some(task) })
    }

    /// Closes the port and all connections, and waits until that is done.
    pub(super) async fn close(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // A task that was cancelled or failed has closed its port too.
            let _ended = task.await;
        }
    }
}

impl Drop for OpenPort {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    // Dropped at the end, which ends the connections.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        tokio::select! {
            () = stop.cancelled() => return,
            _ = connections.join_next(), if connections.len() >= MAX_CONNECTIONS => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, router.clone()));
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    // Tokens are small; without this they wait for one another.
    let _best_effort = stream.set_nodelay(true);
    let router = Arc::new(router);
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let router = Arc::clone(&router);
        async move { respond(&router, request).await }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // How a connection ends is the caller's business; the ledger knows what became of its call.
    let _ended =
        http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    router: &Router,
    request: http::Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let response = router.clone().oneshot(request.map(Body::new)).await.map_err(|_| Dropped)?;
    if response.extensions().get::<DropConnection>().is_some() {
        return Err(Dropped);
    }
    Ok(response)
}
