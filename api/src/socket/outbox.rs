//! What waits to be written to a socket: bounded in count and bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::frame::CloseCode;

/// Frames that may wait.
const COUNT_LIMIT: usize = 2_048;
/// Above this, passing frames are dropped: the client heals by `from`.
const PASSING_LIMIT_BYTES: usize = 256 * 1_024;
/// Above this, the client reads too slowly and is closed: a whole replay and the frames held back
/// during it still fit.
const LIMIT_BYTES: usize = 1_536 * 1_024;

/// Something to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outbound {
    /// A text frame.
    Text(String),
    /// A WebSocket ping.
    Ping,
    /// Close, then end.
    Close(CloseCode),
}

/// The client reads too slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooSlow;

/// The sending half, held by the connection actor.
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::Sender<Outbound>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The receiving half, held by the write task.
#[derive(Debug)]
pub(super) struct Outgoing {
    receiver: mpsc::Receiver<Outbound>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// Makes both halves.
pub(super) fn outbox() -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::channel(COUNT_LIMIT);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    (
        Outbox { sender, waiting_bytes: Arc::clone(&waiting_bytes) },
        Outgoing { receiver, waiting_bytes },
    )
}

impl Outbox {
    /// Queues a frame that must not be lost.
    pub(super) fn push(&self, text: String) -> Result<(), TooSlow> {
        let bytes = text.len();
        if self.waiting_bytes.load(Ordering::Relaxed) + bytes > LIMIT_BYTES {
            return Err(TooSlow);
        }
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        match self.sender.try_send(Outbound::Text(text)) {
            // A closed channel means that the socket is gone: nobody is too slow then.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(TooSlow),
        }
    }

    /// Queues a frame that may be lost.
    pub(super) fn push_passing(&self, text: String) {
        if self.waiting_bytes.load(Ordering::Relaxed) < PASSING_LIMIT_BYTES
            && self.push(text).is_ok()
        {
            return;
        }
        ::metrics::counter!(super::gateway::PASSING_DROPPED).increment(1);
    }

    /// Queues a ping; a full outbox needs none.
    pub(super) fn ping(&self) {
        drop(self.sender.try_send(Outbound::Ping));
    }

    /// Queues a close; when there is no room for it, dropping the outbox ends the socket.
    pub(super) fn close(&self, code: CloseCode) {
        drop(self.sender.try_send(Outbound::Close(code)));
    }
}

impl Outgoing {
    /// The next thing to write; `None` when the connection actor is gone.
    pub(super) async fn next(&mut self) -> Option<Outbound> {
        let next = self.receiver.recv().await;
        if let Some(Outbound::Text(text)) = &next {
            self.waiting_bytes.fetch_sub(text.len(), Ordering::Relaxed);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_frames_are_dropped_first_then_the_client_is_too_slow() {
        let (outbox, _outgoing) = outbox();
        let kib = "x".repeat(1_024);
        for _ in 0..300 {
            outbox.push_passing(kib.clone());
        }
        let held = outbox.waiting_bytes.load(Ordering::Relaxed);
        assert_eq!(held, PASSING_LIMIT_BYTES, "passing frames stop at their own limit");
        let mut pushed = 0;
        while outbox.push(kib.clone()).is_ok() {
            pushed += 1;
        }
        assert_eq!(held + pushed * 1_024, LIMIT_BYTES);
    }
}
