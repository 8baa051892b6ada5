//! The partitioned log: commands in, replies and public events out.
//!
//! # Ordering
//! Commands of one student keep the order in which they were appended: they share a partition.
//! # Duplicates
//! A record may come again after a crash or a rebalance; whoever reads drops by position and by
//! command id.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::id::{CommandId, PartitionId, SocketId, StudentId, TurnId};

mod kind;

pub use kind::{CommandKind, EventTopic};

/// A stream that owns what it reads.
pub type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send + 'static>>;

/// A command on its way into the log. The headers are clear, the body is sealed (or empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommand {
    /// The key: whose command it is.
    pub student: StudentId,
    /// The client's id of the command; for commands without one, an id of the sender's making.
    pub command: CommandId,
    /// Which kind, for operators and metrics; the body says it again, sealed.
    pub kind: CommandKind,
    /// W3C trace context of the frame or request that caused it.
    pub traceparent: Option<String>,
    /// [`crate::session::command::Command`] sealed under the student's key.
    pub body: Bytes,
}

/// The version of a command's sealed body, in the header `schema`.
pub const COMMAND_SCHEMA: u8 = 1;

/// A record as the reader hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub partition: PartitionId,
    /// Its offset in the partition.
    pub offset: i64,
    /// When it was appended, by the log's clock.
    pub at: Timestamp,
    /// [`digest`] of the record: part of the log's identity.
    pub digest: [u8; 16],
    /// What it holds.
    pub content: RecordContent,
}

/// What a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordContent {
    /// A command whose headers were read.
    Command(NewCommand),
    /// Something that isn't a command of ours: dead-lettered, settled and counted.
    Undecodable(DeadLetter),
}

/// A record that nobody can apply, on its way to the dead-letter topic with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The partition it stood in.
    pub partition: PartitionId,
    /// Its offset there.
    pub offset: i64,
    /// Why, in words without any of the record's content.
    pub reason: &'static str,
    /// The record's key, as it was.
    pub key: Option<Bytes>,
    /// The record's headers, as they were.
    pub headers: Vec<(String, Bytes)>,
    /// The record's value, as it was.
    pub value: Option<Bytes>,
}

/// 16 bytes that identify a record's content, for the log's identity.
pub fn digest(key: Option<&[u8]>, value: Option<&[u8]>, at: Timestamp) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("learnflow log record v1");
    for part in [key.unwrap_or_default(), value.unwrap_or_default()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(&at.as_micros().to_le_bytes());
    let mut short = [0_u8; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    short
}

/// A message to a gateway: one partition of `learnflow.replies` a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The gateway's slot.
    pub slot: i32,
    /// The lease under which the route was made; a gateway drops what names another epoch.
    pub slot_epoch: i64,
    /// Whose frames they are.
    pub student: StudentId,
    /// What the sealed body holds.
    pub header: ReplyHeader,
    /// Sealed under the student's key, [`crate::port::vault::Place::Reply`].
    pub body: Bytes,
}

/// The clear part of a reply: ids and numbers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ReplyHeader {
    /// Durable frames `first_seq..=last_seq`; the body is their JSON texts, one a line.
    Frames {
        /// Seq of the first line.
        first_seq: i64,
        /// Seq of the last line.
        last_seq: i64,
    },
    /// One passing frame for every socket of the student; the body is its JSON text.
    Passing,
    /// The answer to an `attach`, for one socket; the body is the running turn's text so far.
    Attached {
        /// The socket that asked.
        socket: SocketId,
        /// The student's newest committed frame when this was said.
        seq: i64,
        /// The running turn.
        turn: Option<TurnId>,
        /// Its attempt.
        attempt: i16,
    },
    /// A command came again: its frame stands at `seq`. The body is empty.
    Repeated {
        /// The command.
        command: CommandId,
        /// Where its `ack` stands.
        seq: i64,
    },
    /// A command was refused and nothing was stored; the body is the `error` frame's JSON text,
    /// meant for the socket that waits for the command.
    Refused {
        /// The command.
        command: CommandId,
    },
}

/// A public event: CloudEvents 1.0, text-free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEvent {
    /// The topic; `ce_type` is `learnflow.<topic>.v1`.
    pub topic: EventTopic,
    /// Stable across republishing.
    pub id: Uuid,
    /// The key and `ce_subject`.
    pub student: StudentId,
    /// When it happened.
    pub at: Timestamp,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// JSON data.
    pub data: Bytes,
}

/// What leaves after a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// To a gateway.
    Reply(Reply),
    /// To the world.
    Event(PublicEvent),
}

/// What the reader says about partitions.
pub enum Assignment {
    /// These partitions are ours now.
    Assigned(Assigned),
    /// These partitions are no longer ours, or soon: stop and say so.
    Revoked(Revoked),
}

impl fmt::Debug for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned(assigned) => assigned.fmt(f),
            Self::Revoked(revoked) => revoked.fmt(f),
        }
    }
}

/// New partitions, each with its own bounded queue of records.
pub struct Assigned {
    /// The partitions.
    pub partitions: Vec<AssignedPartition>,
    /// Call it once with where to start. Until then no record comes; a partition that is left
    /// out stays silent until it is assigned again.
    pub start: Box<dyn FnOnce(Vec<Start>) + Send>,
}

impl fmt::Debug for Assigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assigned").field("partitions", &self.partitions).finish_non_exhaustive()
    }
}

/// One assigned partition.
pub struct AssignedPartition {
    /// Which.
    pub partition: PartitionId,
    /// Its records from the start offset on, in order; ends when the partition is taken away.
    /// Not polling it is backpressure: the reader carries over a little and pauses the partition.
    pub records: BoxStream<Record>,
}

impl fmt::Debug for AssignedPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AssignedPartition").field(&self.partition).finish_non_exhaustive()
    }
}

/// Where to begin to read a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Which.
    pub partition: PartitionId,
    /// The first offset to read.
    pub next_offset: i64,
}

/// Partitions that are being taken away.
pub struct Revoked {
    /// Which.
    pub partitions: Vec<PartitionId>,
    /// Call it when the running commit has ended. The reader waits 250 ms at most; the fence
    /// protects the rest.
    pub done: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revoked").field("partitions", &self.partitions).finish_non_exhaustive()
    }
}

/// What the log knows of itself around an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The first offset that is still there.
    pub start: i64,
    /// The offset that the next record will get.
    pub end: i64,
    /// The cluster's own id.
    pub cluster_id: String,
    /// [`digest`] of the record at `next_offset - 1`, where the log still has it.
    pub digest: Option<[u8; 16]>,
}

/// The log failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// Nobody answers, or not in time; try again.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// The log refuses for good: wrong topics, wrong partition count, record too large.
    #[error("the log refused: {0}")]
    Refused(String),
}

/// The partitioned log. Implementations: Apache Kafka, embedded, simulated.
#[async_trait]
pub trait Log: Send + Sync + fmt::Debug {
    /// How many partitions the command topic has.
    fn partition_count(&self) -> u32;

    /// Appends a command and answers once the log has it, within 5 s.
    ///
    /// # Errors
    /// [`LogError::Unavailable`]: unknown outcome, the caller may append again (the command id
    /// makes it harmless). [`LogError::Refused`]: don't.
    async fn append(&self, command: NewCommand) -> Result<(), LogError>;

    /// Sends replies and public events, in order for each student; answers when all are out.
    ///
    /// # Errors
    /// As [`Log::append`]; some of them may have gone out. A reply to a slot that nobody reads is
    /// dropped and is no error.
    async fn publish(&self, outgoing: Vec<Outgoing>) -> Result<(), LogError>;

    /// Puts a record into the dead-letter topic.
    ///
    /// # Errors
    /// As [`Log::append`].
    async fn dead_letter(&self, letter: DeadLetter) -> Result<(), LogError>;

    /// Begins to read commands as a member of the engine's group. Called once a process; the
    /// stream ends when [`Log::stop`] was called.
    fn assignments(&self) -> BoxStream<Assignment>;

    /// Asks the reader to hand a partition over anew, as if it had just been assigned: its present
    /// stream ends, and an [`Assignment::Assigned`] with a new stream follows. Used when the owner
    /// of a partition failed and claims again. Nothing happens if it isn't assigned to us.
    fn reopen(&self, partition: PartitionId);

    /// Looks at the log around `next_offset`, within 5 s.
    ///
    /// # Errors
    /// As [`Log::append`].
    async fn inspect(
        &self,
        partition: PartitionId,
        next_offset: i64,
    ) -> Result<Inspection, LogError>;

    /// Reads the replies to a slot from the newest on. When this returns, whatever is published
    /// afterwards will be seen.
    ///
    /// # Errors
    /// As [`Log::append`].
    async fn replies(&self, slot: i32) -> Result<BoxStream<Reply>, LogError>;

    /// Says that records below the offset are settled for good and may go. A hint.
    async fn settled(&self, partition: PartitionId, next_offset: i64);

    /// Whether the log answers at the moment.
    ///
    /// # Errors
    /// As [`Log::append`], with the cause for `/readyz`.
    async fn health(&self) -> Result<(), LogError>;

    /// Leaves the group and ends all streams.
    async fn stop(&self);
}
