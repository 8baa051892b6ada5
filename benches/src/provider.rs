//! A simulated model provider: an OpenAI-compatible server whose answers follow from the prompt,
//! whose pace and faults are set while it runs, and which keeps a ledger of its calls.
//!
//! Model side: `POST /v1/chat/completions` (streamed or whole), `GET /v1/models`.
//! Test side: `GET /ledger`, `GET /calls?contains=TEXT`, `GET` and `POST /control`, `POST /reset`.

mod answer;
mod endpoint;
mod ledger;
mod port;
mod profile;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::task::TaskTracker;

pub use ledger::{CallRecord, LedgerReport, Outcome};
pub use profile::{Bodies, Config, Fault, Profile, ProfileChange};

/// The time that every answer bears: answers depend on nothing but the prompt.
const CREATED: u64 = 1_767_225_600;

/// A running provider. Dropping it closes its port.
#[derive(Debug)]
pub struct Provider {
    desk: Arc<endpoint::Desk>,
    addr: SocketAddr,
    port: Mutex<Option<port::OpenPort>>,
    tasks: TaskTracker,
}

impl Provider {
    /// Starts a provider inside this process.
    ///
    /// # Errors
    ///
    /// The address can't be listened on, or the ledger's file can't be opened.
    pub async fn start(config: Config) -> io::Result<Self> {
        let ledger = ledger::Ledger::new(config.bodies, config.ledger_file.as_deref())?;
        let desk = Arc::new(endpoint::Desk {
            profile: Mutex::new(config.profile),
            ledger: Arc::new(ledger),
            hang: Duration::from_millis(config.hang_ms),
        });
        let tasks = TaskTracker::new();
        let router = endpoint::router(Arc::clone(&desk));
        let port = port::OpenPort::open(config.listen, router, &tasks).await?;
        Ok(Self { desk, addr: port.addr, port: Mutex::new(Some(port)), tasks })
    }

    /// Where it listens, or listened before its port was closed.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL for `model.base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// Changes pace and faults for the calls that come from now on.
    pub fn control(&self, change: &ProfileChange) {
        self.desk.profile.lock().change(change);
    }

    /// The ledger as it stands.
    pub fn ledger(&self) -> LedgerReport {
        self.desk.ledger.report()
    }

    /// The calls whose body holds the text; none unless bodies are kept.
    pub fn calls_containing(&self, text: &str) -> Vec<CallRecord> {
        self.desk.ledger.containing(text)
    }

    /// Empties the ledger but for the calls that run.
    pub fn reset(&self) {
        self.desk.ledger.reset();
    }

    /// Closes the port and all connections, as the death of a process would: callers are refused.
    pub async fn close_port(&self) {
        let port = self.port.lock().take();
        if let Some(port) = port {
            port.close().await;
        }
    }

    /// Opens the port again, at the same address.
    ///
    /// # Errors
    ///
    /// Somebody else has taken the address meanwhile.
    pub async fn open_port(&self) -> io::Result<()> {
        let router = endpoint::router(Arc::clone(&self.desk));
        let port = port::OpenPort::open(self.addr, router, &self.tasks).await?;
        *self.port.lock() = Some(port);
        Ok(())
    }
}
