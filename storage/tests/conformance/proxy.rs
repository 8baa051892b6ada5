//! A TCP proxy before PostgreSQL that can cut a connection around its COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Where the next COMMIT's connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nowhere.
    Never = 0,
    /// Before the server has seen it.
    BeforeCommit = 1,
    /// After the server has answered, before the client has heard.
    BeforeAnswer = 2,
}

/// The proxy; it ends when it is dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    next: Arc<AtomicU8>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(AtomicU8::new(Cut::Never as u8));
        let mut tasks = JoinSet::new();
        let armed = Arc::clone(&next);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(carry(client, server.clone(), Arc::clone(&armed)));
            }
        });
        Self { port, next, _tasks: tasks }
    }

    /// Cuts around the next COMMIT, once.
    pub(crate) fn arm(&self, cut: Cut) {
        self.next.store(cut as u8, Ordering::SeqCst);
    }

    /// Whether it has not cut yet.
    pub(crate) fn is_armed(&self) -> bool {
        self.next.load(Ordering::SeqCst) != Cut::Never as u8
    }
}

/// Carries bytes both ways until either side ends or the connection is cut.
async fn carry(mut client: TcpStream, server: String, armed: Arc<AtomicU8>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0) else { return };
                let asked = &asked[..bytes];
                if asked.windows(6).any(|word| word == b"COMMIT") {
                    let cut = armed.swap(Cut::Never as u8, Ordering::SeqCst);
                    if cut == Cut::BeforeCommit as u8 {
                        return;
                    }
                    if cut == Cut::BeforeAnswer as u8 {
                        // The server has committed once it answers.
                        server.write_all(asked).await.unwrap();
                        assert!(server.read(&mut answered).await.unwrap() > 0);
                        return;
                    }
                }
                if server.write_all(asked).await.is_err() { return; }
            }
            read = server.read(&mut answered) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0) else { return };
                if client.write_all(&answered[..bytes]).await.is_err() { return; }
            }
        }
    }
}
