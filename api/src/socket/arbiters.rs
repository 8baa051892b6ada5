//! The arbiters on which connection actors live: made once at boot, on a thread of their own.
//!
//! actix needs a `System` before any `Arbiter`, and `Actor::start` panics on another runtime's
//! threads: so actors are only ever started by [`Arbiters::next`]'s handle.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix::prelude::{Arbiter, ArbiterHandle, System};
use parking_lot::Mutex;

/// The arbiters and their system.
#[derive(Debug)]
pub struct Arbiters {
    handles: Vec<ArbiterHandle>,
    next: AtomicUsize,
    system: System,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The system didn't come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection actors' system did not start")]
pub struct SystemFailed;

impl Arbiters {
    /// Starts a system with `count` arbiters.
    ///
    /// # Errors
    /// [`SystemFailed`] when its thread can't be made or doesn't answer within 5 s.
    pub fn start(count: usize) -> Result<Self, SystemFailed> {
        let (tell, told) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("actix-system".to_owned())
            .spawn(move || {
                let runner = System::new();
                runner.block_on(async {
                    let handles: Vec<_> = (0..count).map(|_| Arbiter::new().handle()).collect();
                    drop(tell.send((System::current(), handles)));
                });
                if let Err(error) = runner.run() {
                    tracing::error!(%error, "the connection actors' system failed");
                }
            })
            .map_err(|_| SystemFailed)?;
        let (system, handles) =
            told.recv_timeout(Duration::from_secs(5)).map_err(|_| SystemFailed)?;
        Ok(Self { handles, next: AtomicUsize::new(0), system, thread: Mutex::new(Some(thread)) })
    }

    /// The arbiter for the next connection, in turn.
    pub fn next(&self) -> &ArbiterHandle {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.handles.len();
        &self.handles[at]
    }

    /// Stops the system: only after all connections were closed.
    pub fn stop(&self) {
        self.system.stop();
        if let Some(thread) = self.thread.lock().take() {
            drop(thread.join());
        }
    }
}
