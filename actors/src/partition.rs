//! A partition: the only sender of records to its sessions, and the keeper of its watermark.
//!
//! - **Owns** one claim of one partition: the ledger, the sessions of its active students, the
//!   due times of those that sleep.
//! - **Receives** records from its stream, one credit each; idle notes and timers of its sessions.
//! - **Sends** records to sessions; touches of the watermark to the committer.
//! - **Mailbox**: bounded by the ledger's credits.
//! - **Failure**: the supervisor claims the partition again. A session's failure is handled here:
//!   restored at most 3 times in 60 s, then the student rests and the partition goes on.
//! - **Observable state**: `learnflow_actors_partitions_served`, `learnflow_actors_records_total`.

pub mod behavior;
pub mod ledger;
mod lifecycle;
mod outbox;
mod restarts;
mod sessions;
mod watermark;

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::log::{BoxStream, DeadLetter, LogError, Record};
use learnflow_engine::port::store::{JournalRow, Work};
use learnflow_engine::session::input::HandOver;
use tokio::sync::oneshot;

use crate::committer::CommitterHandle;
use crate::publisher::PublisherHandle;
use crate::world::World;
use ledger::Ledger;

/// What a partition is told.
#[derive(Debug)]
pub enum Message {
    /// A record has arrived; its credit is taken.
    Record(Box<Record>),
    /// The stream of records has ended: the partition was taken away or the log stops.
    StreamEnded,
    /// A session has nothing to do.
    Idle {
        /// Whose.
        student: StudentId,
    },
    /// A session that was asked to stop has got something to do again.
    StillBusy {
        /// Whose.
        student: StudentId,
    },
    /// A session wants to be woken.
    TimerWanted {
        /// Whose.
        student: StudentId,
        /// When.
        due: Timestamp,
    },
    /// Once a second: due timers, idle sessions, a watermark that the store doesn't know yet.
    Tick,
    /// The log's end, as seen after timers had become due.
    LogEnd {
        /// One after the newest record.
        end: i64,
        /// When it was asked: timers due by then may fire once `end` is read.
        asked_at: Timestamp,
    },
    /// The committer has nothing of this student any more: restore the session that failed.
    Restart {
        /// Whose.
        student: StudentId,
        /// Work that ran in it.
        work: Vec<Work>,
    },
    /// The store says that a student is in quarantine.
    Rests {
        /// Who.
        student: StudentId,
        /// Until when.
        until: Timestamp,
        /// How often in a row.
        quarantines: i16,
    },
    /// A page of the outbox: rows that may not have been published.
    Unpublished(Page),
    /// Read rows back that the publisher had to drop.
    ReadBack {
        /// The last of them.
        until: i64,
    },
    /// Hand over: no new records, last snapshots, last commit; then tell.
    HandOver(oneshot::Sender<()>),
    /// The snapshots of the sessions are here.
    SnapshotsTaken(Vec<learnflow_engine::port::store::LooseSnapshot>, oneshot::Sender<()>),
}

/// Rows of the outbox in order, from the first that may not have been published.
#[derive(Debug, Default)]
pub struct Page {
    /// They follow this one.
    pub after: i64,
    /// The last that must be read back.
    pub until: i64,
    /// The rows; fewer than [`PAGE_ROWS`] are all there are.
    pub rows: Vec<JournalRow>,
}

/// Rows of the outbox that are read at once.
pub const PAGE_ROWS: u32 = 1_000;

/// What a new owner found in the store.
#[derive(Debug, Default)]
pub struct Inheritance {
    /// Work that ran.
    pub work: Vec<Work>,
    /// How the last owner went.
    pub handed_over: Option<HandOver>,
    /// Due times of sleeping sessions.
    pub timers: Vec<(StudentId, Timestamp)>,
    /// The first rows that may not have been published.
    pub unpublished: Page,
}

/// What a partition is started with.
pub struct Arguments {
    /// The ports.
    pub world: World,
    /// The claim.
    pub ledger: Arc<Ledger>,
    /// Its records, from the store's next offset on.
    pub records: BoxStream<Record>,
    /// What the last owner left.
    pub inheritance: Inheritance,
    /// Where steps go.
    pub committer: CommitterHandle,
    /// Where frames go.
    pub publisher: PublisherHandle,
}

impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arguments").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

/// Puts a letter into the dead-letter topic, then settles its record. While the log is away the
/// record stays unsettled and comes again.
pub(crate) fn spawn_dead_letter(world: &World, ledger: &Arc<Ledger>, letter: DeadLetter) {
    let (log, ledger) = (Arc::clone(&world.log), Arc::clone(ledger));
    world.tasks.spawn(async move {
        let offset = letter.offset;
        let mut pause_ms = 50;
        while !ledger.is_fenced() {
            match log.dead_letter(letter.clone()).await {
                Ok(()) | Err(LogError::Refused(_)) => {
                    tracing::warn!(partition = %ledger.partition, offset, reason = letter.reason, "dead letter");
                    return ledger.settle(offset);
                }
                Err(LogError::Unavailable(_)) => {
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
            }
        }
    });
}
