//! The store: the only commit point.
//!
//! Events, next offset, outgoing frames, read models and work go in one fenced transaction.
//! Counters (`rev`, `seq`, offsets, epochs) are `i64`, as both databases keep them; none is ever
//! negative but an offset of -1, which stands for "no record".

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::id::{IntentId, PartitionId, StudentId};
use crate::port::vault::WrappedKey;

mod read_change;

pub use read_change::ReadChange;

/// The row that says who owns a partition, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Which partition.
    pub partition: PartitionId,
    /// The log's generation; raised only by `log adopt`.
    pub generation: i64,
    /// The fence: raised by each claim.
    pub epoch: i64,
    /// The number of the last applied batch.
    pub batch: i64,
    /// Every record below it is settled.
    pub next_offset: i64,
    /// The highest committed position, -1 for none.
    pub top: i64,
    /// The out-sequence of the last journal row of this partition.
    pub out_seq: i64,
    /// Rows up to here have been published.
    pub published_seq: i64,
    /// Claims since the last progress.
    pub claims: i64,
    /// Whether the last owner handed over cleanly (before this claim).
    pub clean: bool,
    /// The log's cluster id at the last commit; empty before the first.
    pub cluster_id: String,
    /// Digest of the record at `next_offset - 1`, where one was seen.
    pub digest: Option<[u8; 16]>,
}

/// What a batch says of one partition. Applied only if the epoch and the batch number fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerUpdate {
    /// Which partition.
    pub partition: PartitionId,
    /// The epoch under which the batch was made.
    pub epoch: i64,
    /// This batch's number: the row's must be one less.
    pub batch: i64,
    /// The new watermark.
    pub next_offset: i64,
    /// The new highest committed position.
    pub top: i64,
    /// The new out-sequence.
    pub out_seq: i64,
    /// The new published-sequence.
    pub published_seq: i64,
    /// The log's cluster id.
    pub cluster_id: String,
    /// Digest of the record at `next_offset - 1`; `None` leaves the row's.
    pub digest: Option<[u8; 16]>,
    /// `true` in the last commit before a clean hand-over.
    pub clean: bool,
}

/// One journal row: a step of a session, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Whose.
    pub student: StudentId,
    /// The step's number, gapless per student from 0.
    pub rev: i64,
    /// The partition that the student belongs to.
    pub partition: PartitionId,
    /// The epoch of the owner that wrote it; 0 for rev 0.
    pub epoch: i64,
    /// The log's generation.
    pub generation: i64,
    /// The record's offset, -1 for a step without one.
    pub position: i64,
    /// When, in the student's time.
    pub at: Timestamp,
    /// The student's newest frame after this step.
    pub last_frame: i64,
    /// The student's newest event after this step.
    pub last_event: i64,
    /// The row's place in its partition's outbox.
    pub out_seq: i64,
    /// The step's events, encoded and sealed.
    pub facts: Vec<u8>,
    /// The step's texts, encoded and sealed; `None` when it has none, or when they were swept.
    pub text: Option<Vec<u8>>,
}

/// A snapshot, sealed. Guarded by its own `rev`: an older one never replaces a newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The step it includes.
    pub rev: i64,
    /// Encoded and sealed state.
    pub state: Vec<u8>,
    /// The conversation needs the journal's rows from this rev on; older ones may be swept.
    pub kept_from: i64,
}

/// A change of the durable work list, which a new owner takes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkChange {
    /// Adds or replaces.
    Put(Work),
    /// Removes.
    Remove {
        /// The work's id.
        id: Uuid,
    },
}

/// Work that runs: for now, an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Whose.
    pub student: StudentId,
    /// The turn's id for an answer.
    pub id: Uuid,
    /// What kind.
    pub kind: WorkKind,
    /// Which attempt runs.
    pub attempt: i16,
    /// How many owners died with it.
    pub crashes: i16,
}

/// Kinds of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// A model call.
    Answer,
}

impl WorkKind {
    /// The stored number.
    pub const fn as_i16(self) -> i16 {
        match self {
            Self::Answer => 1,
        }
    }

    /// The kind that a stored number names.
    pub const fn from_i16(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Answer),
            _ => None,
        }
    }
}

/// Everything of one step that is committed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The journal row.
    pub row: JournalRow,
    /// A snapshot that goes along.
    pub snapshot: Option<SnapshotRow>,
    /// The session's earliest timer, when the column must change: `Some(None)` clears it.
    #[expect(clippy::option_option, reason = "leave as it is, clear, set: exactly three cases")]
    pub next_timer: Option<Option<Timestamp>>,
    /// Changes of the work list.
    pub work: Vec<WorkChange>,
    /// Changes of the read models.
    pub reads: Vec<ReadChange>,
    /// The intent that this step settles, with its result (a word of a closed list).
    pub intent: Option<(IntentId, &'static str)>,
}

/// A snapshot without a step: before passivation and on drain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseSnapshot {
    /// The partition, which must be among the batch's owners.
    pub partition: PartitionId,
    /// Whose.
    pub student: StudentId,
    /// The snapshot.
    pub snapshot: SnapshotRow,
    /// The true value of the column `next_timer`.
    pub next_timer: Option<Timestamp>,
}

/// A group commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// One entry a partition, sorted by partition.
    pub owners: Vec<OwnerUpdate>,
    /// Steps of those partitions only; a student's in order of rev.
    pub steps: Vec<Step>,
    /// Snapshots that go along without a step, fenced as steps are.
    pub snapshots: Vec<LooseSnapshot>,
}

/// What became of a group commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// Partitions whose epoch or batch number no longer fits: nothing of theirs was written, and
    /// their owner here must stop. All other partitions of the batch are durable, whether by this
    /// call or by an earlier one whose outcome was unknown.
    pub fenced: Vec<PartitionId>,
}

/// A session as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The student's wrapped data key.
    pub key: WrappedKey,
    /// The newest snapshot, if one was ever written.
    pub snapshot: Option<SnapshotRow>,
    /// The column `next_timer`.
    pub next_timer: Option<Timestamp>,
    /// Journal rows after the snapshot (all, when there is none), by rev.
    pub rows: Vec<JournalRow>,
    /// The student is quarantined until then.
    pub quarantined_until: Option<Timestamp>,
    /// How often in a row.
    pub quarantines: i16,
}

/// A gateway's lease of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotLease {
    /// The slot.
    pub slot: i32,
    /// Raised each time the slot is taken.
    pub epoch: i64,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// An intent that waits for its command to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Its id; the command's id too.
    pub id: IntentId,
    /// Whose session it concerns.
    pub student: StudentId,
    /// The command's kind.
    pub kind: String,
    /// The command, encoded and sealed.
    pub body: Vec<u8>,
}

/// The store failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Nobody answers, a deadlock, a lost connection: the same call may be made again. A commit's
    /// outcome is unknown; repeating the same batch is safe.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store refuses this batch for what is in it; repeating it won't help.
    #[error("the store refused: {0}")]
    Refused(String),
    /// What is stored can't be read.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

/// What the running tutor needs of the store. Implementations: PostgreSQL, SQLite, simulated.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Takes partitions over: raises each epoch, counts the claim, clears `clean`, and answers
    /// the rows (`clean` as it was before). A partition seen for the first time gets its row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: try again.
    async fn claim(&self, partitions: &[PartitionId]) -> Result<Vec<Owner>, StoreError>;

    /// Commits a batch in one transaction, fenced by epoch and batch number.
    ///
    /// # Duplicates
    /// The same batch may be committed again after an unknown outcome: it is recognised by its
    /// number and changes nothing.
    /// # Errors
    /// [`StoreError::Unavailable`]: repeat the same batch. [`StoreError::Refused`]: don't.
    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError>;

    /// Reads a session; `None` when the student has no key: never made, or erased.
    ///
    /// # Errors
    /// As [`Store::claim`]; [`StoreError::Damaged`].
    async fn restore(&self, student: StudentId) -> Result<Option<StoredSession>, StoreError>;

    /// Reads sealed texts of journal rows by primary key; swept or unknown ones are left out.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn texts(
        &self,
        student: StudentId,
        revs: &[i64],
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError>;

    /// The work list of a partition.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn work(&self, partition: PartitionId) -> Result<Vec<Work>, StoreError>;

    /// Rows of a partition after `out_seq`, by `out_seq`, `limit` at most.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn outbox(
        &self,
        partition: PartitionId,
        out_seq: i64,
        limit: u32,
    ) -> Result<Vec<JournalRow>, StoreError>;

    /// Sessions of a partition whose timer is due at or before `until`, earliest first.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn due(
        &self,
        partition: PartitionId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(StudentId, Timestamp)>, StoreError>;

    /// Leases of gateway slots that have not lapsed.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn slots(&self, now: Timestamp) -> Result<Vec<SlotLease>, StoreError>;

    /// Puts a student into quarantine (or, with `None`, out of it).
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn quarantine(
        &self,
        student: StudentId,
        until: Option<Timestamp>,
        quarantines: i16,
    ) -> Result<(), StoreError>;

    /// Takes intents that are due to be appended (again), `limit` at most, and notes the attempt.
    ///
    /// # Errors
    /// As [`Store::claim`].
    async fn intents(&self, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>, StoreError>;

    /// Whether the store answers at the moment.
    ///
    /// # Errors
    /// As [`Store::claim`], with the cause for `/readyz`.
    async fn health(&self) -> Result<(), StoreError>;
}
