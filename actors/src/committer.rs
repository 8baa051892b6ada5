//! The committer: turns steps of all sessions into fenced group commits.
//!
//! - **Owns** the order of steps between sessions and store, and the one commit in flight.
//! - **Receives** steps, watermarks and hand-overs; [`CommitterHandle`].
//! - **Sends** what became durable to the publisher and to the sessions, lost claims to the
//!   supervisor.
//! - **Mailbox**: bounded by the senders: a session has at most
//!   [`crate::session::PENDING_STEPS`] steps here.
//! - **Failure**: the supervisor starts committer and publisher again and all partitions claim again.
//! - **Observable state**: `learnflow_actors_batches_total`, `…_commit_seconds`, `…_batch_steps`.
//!
//! # Duplicates
//! A commit whose outcome is unknown is repeated as it was; the store knows it by its number.

pub mod batch;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use learnflow_engine::port::log::Outgoing;
use learnflow_engine::port::store::{Committed, LooseSnapshot, Step, StoreError};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::metrics;
use crate::partition::ledger::Ledger;
use crate::publisher::PublisherHandle;
use crate::session::Message as SessionMessage;
use crate::supervisor::Message as SupervisorMessage;
use crate::world::World;
use batch::Built;

/// The longest pause before a commit is tried again.
const RETRY_CAP_MS: u64 = 1_000;

/// A step on its way into the store.
#[derive(Debug)]
pub struct StepSubmission {
    /// What to commit; its out-sequence is set when the batch is built.
    pub step: Step,
    /// The claim under which it was made.
    pub ledger: Arc<Ledger>,
    /// What leaves once it is durable, in this order.
    pub outgoing: Vec<Outgoing>,
    /// Whose step it is.
    pub session: ActorRef<SessionMessage>,
}

/// The last commit of a claim: the store learns that the partition was handed over in order.
#[derive(Debug)]
pub struct HandOver {
    /// The claim.
    pub ledger: Arc<Ledger>,
    /// Snapshots of the sessions that had changed since their last.
    pub snapshots: Vec<LooseSnapshot>,
    /// Told when it is durable, or will never be.
    pub done: oneshot::Sender<()>,
}

/// Something to commit.
#[derive(Debug)]
pub enum Submission {
    /// A step.
    Step(Box<StepSubmission>),
    /// A watermark that no step carries.
    Touch(Arc<Ledger>),
    /// A snapshot before passivation.
    Snapshot(Arc<Ledger>, LooseSnapshot),
    /// The last commit of a claim.
    HandOver(HandOver),
}

/// What the committer is told.
#[derive(Debug)]
pub enum Message {
    /// Commit this.
    Submit(Submission),
    /// The first step of a batch has waited long enough.
    LingerOver,
    /// The commit in flight ended.
    Ended(Box<Ended>),
    /// Tell when everything that was submitted before has ended.
    Barrier(oneshot::Sender<()>),
}

/// How a commit ended.
#[derive(Debug)]
pub struct Ended {
    built: Built,
    result: Result<Committed, StoreError>,
}

/// The committer's address.
#[derive(Debug, Clone)]
pub struct CommitterHandle(ActorRef<Message>);

impl CommitterHandle {
    /// Wraps the actor's reference.
    pub const fn new(actor: ActorRef<Message>) -> Self {
        Self(actor)
    }

    /// Submits something. A committer that is gone loses it, which is what a crash does too:
    /// nothing was acknowledged.
    pub fn submit(&self, submission: Submission) {
        drop(self.0.cast(Message::Submit(submission)));
    }

    /// Waits until everything that was submitted before is durable, fenced or lost.
    pub async fn barrier(&self) {
        let (told, wait) = oneshot::channel();
        if self.0.cast(Message::Barrier(told)).is_ok() {
            drop(wait.await);
        }
    }
}

/// The behaviour.
#[derive(Debug)]
pub struct Committer;

/// What it is started with.
#[derive(Debug)]
pub struct Arguments {
    /// The ports.
    pub world: World,
    /// Where durable steps go.
    pub publisher: PublisherHandle,
    /// Who hears of lost claims.
    pub supervisor: ActorRef<SupervisorMessage>,
}

/// What it knows.
#[derive(Debug)]
pub struct State {
    world: World,
    publisher: PublisherHandle,
    supervisor: ActorRef<SupervisorMessage>,
    waiting: VecDeque<Submission>,
    /// Submissions that were ever taken, and how many of them the commit in flight holds.
    taken: u64,
    in_flight: u64,
    /// Who waits, and for how many submissions to have ended. In this order.
    barriers: VecDeque<(u64, oneshot::Sender<()>)>,
    phase: Phase,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Lingering,
    Committing,
}

impl Actor for Committer {
    type Msg = Message;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        arguments: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        let Arguments { world, publisher, supervisor } = arguments;
        Ok(State {
            world,
            publisher,
            supervisor,
            waiting: VecDeque::new(),
            taken: 0,
            in_flight: 0,
            barriers: VecDeque::new(),
            phase: Phase::Idle,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Submit(submission) => state.submit(&myself, submission),
            Message::LingerOver => state.commit_next(&myself),
            Message::Ended(ended) => state.ended(&myself, *ended),
            Message::Barrier(told) => {
                state.barriers.push_back((state.taken, told));
                state.release_barriers();
            }
        }
        Ok(())
    }
}

impl State {
    fn submit(&mut self, myself: &ActorRef<Message>, submission: Submission) {
        self.waiting.push_back(submission);
        self.taken += 1;
        if self.phase == Phase::Idle {
            self.phase = Phase::Lingering;
            let linger = Duration::from_millis(self.world.config.linger_ms);
            let myself = myself.clone();
            self.world.tasks.spawn(async move {
                tokio::time::sleep(linger).await;
                drop(myself.cast(Message::LingerOver));
            });
        }
    }

    /// Builds the next batch and commits it in a task: the mailbox stays awake.
    fn commit_next(&mut self, myself: &ActorRef<Message>) {
        if self.phase == Phase::Committing {
            return;
        }
        let before = self.waiting.len();
        let built = batch::build(&mut self.waiting, &self.world.config);
        if built.is_empty() {
            self.phase = Phase::Idle;
            self.release_barriers();
            return;
        }
        self.phase = Phase::Committing;
        self.in_flight = (before - self.waiting.len()) as u64;
        let world = self.world.clone();
        let myself = myself.clone();
        self.world.tasks.spawn(async move {
            // A commit that panics must not leave everybody waiting: its claims are given up.
            let result = AssertUnwindSafe(commit(&world, &built))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(StoreError::Damaged("the commit panicked".to_owned())));
            drop(myself.cast(Message::Ended(Box::new(Ended { built, result }))));
        });
    }

    fn ended(&mut self, myself: &ActorRef<Message>, ended: Ended) {
        self.phase = Phase::Idle;
        self.in_flight = 0;
        match ended.result {
            Ok(committed) => self.durable(ended.built, &committed),
            Err(error) => self.refused(&ended.built, &error),
        }
        self.release_barriers();
        self.commit_next(myself);
    }

    fn durable(&self, built: Built, committed: &Committed) {
        ::metrics::counter!(metrics::BATCHES, "outcome" => "committed").increment(1);
        let now = self.world.clock.now();
        for ledger in &built.ledgers {
            if committed.fenced.contains(&ledger.partition) {
                ::metrics::counter!(metrics::FENCED).increment(1);
                self.lose(ledger);
            }
        }
        for note in built.notes {
            if note.ledger.is_fenced() {
                continue;
            }
            ::metrics::counter!(metrics::STEPS_COMMITTED).increment(1);
            if let Some(at) = note.recorded_at {
                let wait = Duration::from_millis(now.millis_since(at).unsigned_abs());
                ::metrics::histogram!(metrics::ACCEPT_SECONDS).record(wait.as_secs_f64());
            }
            // Frames first: what a session says next comes behind them.
            self.publisher.durable(Arc::clone(&note.ledger), note.out_seq, note.outgoing);
            drop(note.session.cast(SessionMessage::Committed { rev: note.rev }));
        }
        for done in built.hand_overs {
            done.send(()).ok();
        }
    }

    /// The store refuses for what is in the batch: the claims of all of it are given up, and what
    /// was not acknowledged comes again from the log.
    fn refused(&self, built: &Built, error: &StoreError) {
        ::metrics::counter!(metrics::BATCHES, "outcome" => "refused").increment(1);
        tracing::error!(%error, steps = built.notes.len(), "the store refused a batch");
        for ledger in &built.ledgers {
            self.lose(ledger);
        }
    }

    fn lose(&self, ledger: &Ledger) {
        ledger.fence();
        let lost = SupervisorMessage::Lost { partition: ledger.partition, epoch: ledger.epoch };
        drop(self.supervisor.cast(lost));
    }

    fn release_barriers(&mut self) {
        let ended = self.taken - self.waiting.len() as u64 - self.in_flight;
        while self.barriers.front().is_some_and(|(awaited, _)| *awaited <= ended) {
            if let Some((_, told)) = self.barriers.pop_front() {
                told.send(()).ok();
            }
        }
    }
}

/// Commits a batch, repeating it while the store is away.
async fn commit(world: &World, built: &Built) -> Result<Committed, StoreError> {
    let begun = Instant::now();
    let mut pause_ms = 20;
    loop {
        match world.store.commit(&built.batch).await {
            Err(StoreError::Unavailable(cause)) => {
                if built.ledgers.iter().all(|ledger| ledger.is_fenced()) {
                    return Ok(Committed {
                        fenced: built.ledgers.iter().map(|ledger| ledger.partition).collect(),
                    });
                }
                ::metrics::counter!(metrics::BATCHES, "outcome" => "retried").increment(1);
                tracing::warn!(cause, pause_ms, "the store is away; the batch is tried again");
                tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                pause_ms = (pause_ms * 2).min(RETRY_CAP_MS);
            }
            result => {
                ::metrics::histogram!(metrics::COMMIT_SECONDS)
                    .record(begun.elapsed().as_secs_f64());
                #[expect(clippy::cast_precision_loss, reason = "a batch has at most 64 steps")]
                ::metrics::histogram!(metrics::BATCH_STEPS).record(built.batch.steps.len() as f64);
                return result;
            }
        }
    }
}
