//! A server that answers each connection with the next play, byte by byte as it is written down.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens on one connection after the request was read. The last play is repeated.
#[derive(Debug, Clone)]
pub(super) enum Play {
    /// The connection is closed without an answer.
    Close,
    /// No answer comes until the client leaves.
    Hang,
    /// An answer of a known length.
    Respond(String),
    /// A 200 with an event stream.
    Stream(Vec<Write>),
}

impl Play {
    pub(super) fn respond(status: u16, header: &str, body: &str) -> Self {
        let length = body.len();
        Self::Respond(format!(
            "HTTP/1.1 {status} X\r\n{header}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    pub(super) const fn stream(writes: Vec<Write>) -> Self {
        Self::Stream(writes)
    }
}

/// One step of a stream; after the last one it ends in order.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// Some bytes of the body.
    Bytes(Vec<u8>),
    /// The body ends in order.
    End,
    /// The connection breaks inside the body.
    Cut,
    /// Nothing more comes until the client leaves.
    Hang,
}

/// An event with this data.
pub(super) fn data(json: &str) -> Write {
    Write::Bytes(format!("data: {json}\n\n").into_bytes())
}

/// An event with a piece of an answer.
pub(super) fn chunk(text: &str) -> Write {
    let json = serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    data(&json.to_string())
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    _accepting: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    plays: Vec<Play>,
    asked: Mutex<Vec<Asked>>,
    received: watch::Sender<usize>,
    closed: watch::Sender<usize>,
}

impl Server {
    pub(super) async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            plays,
            asked: Mutex::default(),
            received: watch::Sender::new(0),
            closed: watch::Sender::new(0),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, _accepting: accepting }
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The requests so far.
    pub(super) fn requests(&self) -> Vec<Asked> {
        self.shared.asked.lock().clone()
    }

    /// Waits for so many requests.
    pub(super) async fn received(&self, count: usize) {
        self.shared.received.subscribe().wait_for(|seen| *seen >= count).await.unwrap();
    }

    /// Waits until clients have left so many hanging connections.
    pub(super) async fn closed(&self, count: usize) {
        self.shared.closed.subscribe().wait_for(|seen| *seen >= count).await.unwrap();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(serve(socket, Arc::clone(&shared)));
    }
}

async fn serve(mut socket: TcpStream, shared: Arc<Shared>) {
    let Some(asked) = read_request(&mut socket).await else { return };
    let number = {
        let mut all = shared.asked.lock();
        all.push(asked);
        all.len()
    };
    shared.received.send_replace(number);
    let last = shared.plays.len() - 1;
    match shared.plays[(number - 1).min(last)].clone() {
        Play::Close => {}
        Play::Hang => hang(&mut socket, &shared).await,
        Play::Respond(response) => {
            socket.write_all(response.as_bytes()).await.unwrap();
            socket.shutdown().await.unwrap();
        }
        Play::Stream(writes) => stream(&mut socket, writes, &shared).await,
    }
}

async fn stream(socket: &mut TcpStream, writes: Vec<Write>, shared: &Shared) {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                        connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    if socket.write_all(HEAD.as_bytes()).await.is_err() {
        return;
    }
    for write in writes {
        match write {
            Write::Bytes(bytes) => {
                let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
                framed.extend_from_slice(&bytes);
                framed.extend_from_slice(b"\r\n");
                // A client that has heard enough may be gone.
                if socket.write_all(&framed).await.is_err() {
                    return;
                }
            }
            Write::End => break,
            Write::Cut => return,
            Write::Hang => return hang(socket, shared).await,
        }
    }
    drop(socket.write_all(b"0\r\n\r\n").await);
    drop(socket.shutdown().await);
}

/// Reads until the client leaves.
async fn hang(socket: &mut TcpStream, shared: &Shared) {
    let mut rest = [0; 64];
    while matches!(socket.read(&mut rest).await, Ok(count) if count > 0) {}
    shared.closed.send_modify(|count| *count += 1);
}

async fn read_request(socket: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length")?;
    let length: usize = length.1.parse().ok()?;
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if socket.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { line, headers, body })
}
