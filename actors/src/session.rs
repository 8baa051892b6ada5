//! A session: one active student.
//!
//! - **Owns** the student's state in memory, the texts of the conversation while the student is
//!   active, the running call.
//! - **Receives** records from its partition, pieces from its call, commits from the committer.
//! - **Sends** steps to the committer, passing frames to the publisher.
//! - **Mailbox**: records are bounded by the partition's credits; pieces by the coalescing pump;
//!   inputs that must wait are stashed in order, and at most [`PENDING_STEPS`] steps are in the
//!   committer.
//! - **Failure**: the partition restores it from the store; nothing acknowledged is lost.
//! - **Observable state**: `learnflow_actors_sessions_active`.
//!
//! What a session says leaves after the commit that makes it true: passing frames carry the rev
//! at which they were decided and wait until it is durable.

pub mod behavior;
mod call;
pub mod pace;
mod restore;
mod say;
mod step;
mod work;

use std::collections::VecDeque;
use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::log::{NewCommand, Outgoing};
use learnflow_engine::port::store::{JournalRow, LooseSnapshot};
use learnflow_engine::port::vault::StudentKey;
use learnflow_engine::session::input::{HandOver, Texts};
use learnflow_engine::tutor::leak::LeakReason;
use ractor::ActorRef;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::committer::CommitterHandle;
use crate::completion::handle::CompletionEvent;
use crate::metrics::Living;
use crate::partition::Message as PartitionMessage;
use crate::partition::ledger::Ledger;
use crate::publisher::PublisherHandle;
use crate::world::World;

pub use restore::{RestoreError, Restored};

/// Steps of one session that may wait for the committer.
pub const PENDING_STEPS: usize = 32;

/// A record of this student.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Its offset.
    pub offset: i64,
    /// Its time.
    pub at: Timestamp,
    /// The command, its body sealed.
    pub command: NewCommand,
}

/// What a session is told.
#[derive(Debug)]
pub enum Message {
    /// A record of the log.
    Record(Box<SessionRecord>),
    /// The store has answered.
    Restored(Box<Result<Option<Restored>, RestoreError>>),
    /// The texts of the conversation are here.
    TextsLoaded(Box<Result<Texts, RestoreError>>),
    /// The running call says something.
    Completion {
        /// Its turn.
        turn: TurnId,
        /// Its attempt.
        attempt: i16,
        /// What.
        event: CompletionEvent,
    },
    /// The rest of the answer was held back, and its call has ended.
    Guarded {
        /// Its turn.
        turn: TurnId,
        /// Its attempt.
        attempt: i16,
        /// Why.
        reason: LeakReason,
    },
    /// A new owner found this turn running.
    Recover {
        /// Which.
        turn: TurnId,
        /// How the last owner went.
        handed_over: HandOver,
    },
    /// The partition has read up to a log end that was seen after this time.
    FireTimers {
        /// Timers due at or before it fire.
        until: Timestamp,
    },
    /// A step is durable.
    Committed {
        /// Which.
        rev: i64,
    },
    /// These rows may not have been published: say them again.
    Republish(Vec<JournalRow>),
    /// Is there anything left to do here?
    IdleCheck,
    /// Stop, if there is still nothing to do; else say so.
    Passivate,
    /// Hand over: a snapshot, if anything changed since the last.
    HandOver(oneshot::Sender<Option<LooseSnapshot>>),
}

/// What a session is started with.
#[derive(Debug)]
pub struct Arguments {
    /// Whose.
    pub student: StudentId,
    /// The ports.
    pub world: World,
    /// The claim under which it works.
    pub ledger: Arc<Ledger>,
    /// Where steps go.
    pub committer: CommitterHandle,
    /// Where passing frames go.
    pub publisher: PublisherHandle,
    /// Its partition.
    pub partition: ActorRef<PartitionMessage>,
}

/// What a session knows.
#[derive(Debug)]
pub struct Session {
    arguments: Arguments,
    phase: Phase,
    stash: VecDeque<Message>,
    _living: Living,
}

/// How far a session has come.
#[derive(Debug)]
enum Phase {
    /// The store is being asked.
    Restoring,
    /// It works.
    Active(Box<Active>),
    /// There is no such student any more, or the student rests: what comes is settled and dropped.
    Gone,
    /// It was handed over: what comes is the next owner's.
    HandedOver,
}

/// A restored session.
#[derive(Debug)]
struct Active {
    student: StudentId,
    world: World,
    ledger: Arc<Ledger>,
    committer: CommitterHandle,
    publisher: PublisherHandle,
    partition: ActorRef<PartitionMessage>,
    key: StudentKey,
    durable: learnflow_engine::session::state::State,
    texts: Texts,
    texts_phase: TextsPhase,
    committed_rev: i64,
    snapshot_rev: i64,
    timer_column: Option<Timestamp>,
    timer_told: Option<Timestamp>,
    /// Passing frames that wait for a commit.
    held: VecDeque<(i64, Outgoing)>,
    call: Option<Call>,
    last_input_at: tokio::time::Instant,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum TextsPhase {
    Away,
    Loading,
    Here,
}

/// The running call.
#[derive(Debug)]
struct Call {
    turn: TurnId,
    pump: AbortHandle,
}

/// However a session ends, its call ends with it: dropping the stream ends it upstream.
impl Drop for Call {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Active {
    fn pending_steps(&self) -> usize {
        usize::try_from(self.durable.rev - self.committed_rev).unwrap_or(0)
    }

    /// Whether nothing would be lost but memory.
    fn is_idle(&self) -> bool {
        self.durable.is_quiet() && self.pending_steps() == 0 && self.held.is_empty()
    }
}
