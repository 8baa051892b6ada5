//! What a client is to do, and what it has seen.

use tokio::time::Instant;
use uuid::Uuid;

use crate::client::frame::DurableFrame;

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Fetch a ticket and open a socket.
    Connect,
    /// Send a text frame.
    Send(String),
    /// Close the socket.
    Close,
}

/// Something that whoever uses the client wants to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// When it was seen.
    pub at: Instant,
    /// What was seen.
    pub what: Seen,
}

/// What a client sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// The server answered `hello`.
    Welcome {
        /// The student's newest frame.
        seq: u64,
        /// The turn that runs.
        running: Option<Uuid>,
    },
    /// A command is safe.
    Acked {
        /// The command.
        cmd: Uuid,
        /// The turn of an ask.
        turn: Option<Uuid>,
    },
    /// A specialist was chosen.
    Routed {
        /// The turn.
        turn: Uuid,
    },
    /// An attempt at the answer has begun.
    FirstToken {
        /// The turn.
        turn: Uuid,
        /// The attempt.
        attempt: u32,
    },
    /// A turn ended.
    Done(Box<DurableFrame>),
    /// A turn ended while this client was away, and was told by `resync` alone.
    DoneUnseen {
        /// The turn.
        turn: Uuid,
    },
    /// Another durable frame.
    Durable(Box<DurableFrame>),
    /// A command, or something without one, was refused.
    Refused {
        /// The command.
        cmd: Option<Uuid>,
        /// The error's code.
        code: String,
        /// Whether the client will send the command again by itself.
        will_retry: bool,
    },
    /// The socket is gone; the client comes back by itself.
    Lost {
        /// The close code; 1006 for a broken connection.
        code: u16,
    },
    /// No socket could be had; the client tries again by itself.
    NotConnected {
        /// The HTTP status of the refusal, if there was an answer.
        status: Option<u16>,
    },
    /// The client will not come back.
    Stopped(StopReason),
}

/// Why a client gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The sign-in is over.
    SignedOut,
    /// The student may not be here (4403).
    Forbidden,
    /// Too many sockets are open (4429).
    TooManySockets,
    /// The server could not read our frames (4400).
    Misunderstood,
}
