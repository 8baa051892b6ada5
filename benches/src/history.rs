//! What one student's client saw, in order, and the checker that finds what must never happen.

mod check;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use check::{Violation, ViolationKind, check};

/// A short digest of a text: enough to tell two texts apart, and no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest(u64);

impl Digest {
    /// Digests a text.
    pub fn of(text: &str) -> Self {
        let hash = blake3::hash(text.as_bytes());
        let mut first = [0_u8; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_le_bytes(first))
    }
}

/// Whether somebody else sends commands for the same student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sharing {
    /// All commands of this student are in this history.
    #[default]
    Sole,
    /// Another socket of the same student sends commands too.
    Shared,
}

/// What one socket's client of one student sent and saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudentHistory {
    /// The student whose frames these must be.
    pub student: Uuid,
    /// Whether acknowledgements of unknown commands are to be expected.
    pub sharing: Sharing,
    /// Everything, in the order in which it happened.
    pub entries: Vec<Entry>,
}

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Microseconds since the client began.
    pub at_us: u64,
    /// What happened.
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A command went out, for the first time or again.
    Sent {
        /// Its id.
        cmd: Uuid,
        /// What it asks for.
        kind: CommandKind,
    },
    /// `hello` went out.
    Hello {
        /// The newest durable frame that was seen.
        after_seq: u64,
    },
    /// `welcome` came.
    Welcome {
        /// Whom the server took the client for.
        student: Uuid,
        /// The student's newest frame.
        seq: u64,
    },
    /// `resync` came in the place of a replay.
    Resync {
        /// Where the durable frames go on.
        seq: u64,
        /// The turns that it told, and whether they had ended.
        turns: Vec<(Uuid, TurnState)>,
    },
    /// A durable frame came.
    Durable(DurableEntry),
    /// A durable frame was thrown away by the test before the client could see it.
    LostOnPurpose {
        /// Its number.
        seq: u64,
    },
    /// The first piece of an attempt at an answer came.
    FirstToken {
        /// The turn.
        turn: Uuid,
        /// The attempt.
        attempt: u32,
    },
    /// A piece of a turn came that had not been routed.
    TokenUnrouted {
        /// The turn.
        turn: Uuid,
    },
    /// A piece came after the turn's end, on a connection without a break.
    TokenAfterDone {
        /// The turn.
        turn: Uuid,
    },
    /// The server refused a command, or complained without naming one.
    Refused {
        /// The command.
        cmd: Option<Uuid>,
        /// The error's code.
        code: String,
    },
    /// A frame came that can't be read.
    Unreadable,
    /// The socket was closed.
    Closed {
        /// The close code; 1006 for a connection that broke.
        code: u16,
    },
}

/// Whether a turn that was told by `resync` had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TurnState {
    /// Waits for its turn.
    Queued,
    /// Is being answered.
    Running,
    /// Has its `done`.
    Ended,
}

/// What a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandKind {
    /// A question: it gets a turn, and the turn gets a `done`.
    Ask,
    /// Anything else.
    Other,
}

/// A durable frame, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DurableEntry {
    /// Its number.
    pub seq: u64,
    /// Its type.
    pub kind: String,
    /// The command that it answers.
    pub cmd: Option<Uuid>,
    /// The turn that it is about.
    pub turn: Option<Uuid>,
    /// The turn's status, on `done`.
    pub status: Option<String>,
    /// Digest of the text of a `done`.
    pub text: Option<Digest>,
    /// What the client had put together from tokens when the `done` came.
    pub assembled: Assembled,
    /// Digest of the whole frame.
    pub frame: Digest,
}

/// What the tokens of a turn came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assembled {
    /// The frame is no `done`, or the connection was interrupted during the turn.
    #[default]
    Unknown,
    /// No token came.
    Nothing,
    /// This text.
    Text(Digest),
}
