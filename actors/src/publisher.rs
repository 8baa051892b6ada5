//! The publisher: replies and public events, after the commit that made them true.
//!
//! - **Owns** the order in which frames leave this process, and the backlog while the log is away.
//! - **Receives** durable frames from the committer, passing ones from sessions.
//! - **Sends** to the log, but nothing to slots whose lease has lapsed; tells the supervisor which partitions fell behind.
//! - **Mailbox**: durable jobs are bounded in bytes: above the bound they are dropped here and read
//!   back from the journal later; passing frames are dropped, which the client heals.
//! - **Failure**: the supervisor starts committer and publisher again and all partitions claim
//!   again; what was lost is read back then.
//! - **Observable state**: `learnflow_actors_passing_frames_dropped_total`.

mod slots;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use learnflow_engine::port::log::{LogError, Outgoing};
use learnflow_engine::port::store::SlotLease;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::task::AbortHandle;

use crate::metrics;
use crate::partition::ledger::Ledger;
use crate::supervisor::Message as SupervisorMessage;
use crate::world::World;
use slots::{Looked, Slots};

/// Messages that leave in one call.
const CHUNK: usize = 256;
/// Pause between looks at the lease table.
const LEASES: Duration = Duration::from_secs(5);
/// The longest pause before the log is tried again.
const RETRY_CAP_MS: u64 = 1_000;

/// Something to publish.
#[derive(Debug)]
pub struct Job {
    outgoing: Vec<Outgoing>,
    /// The claim and outbox place that it completes; `None` for passing frames.
    completes: Option<(Arc<Ledger>, i64)>,
    bytes: usize,
}

/// What the publisher is told.
#[derive(Debug)]
pub enum Message {
    /// Publish this.
    Publish(Job),
    /// The call in flight ended.
    Ended(Result<(), LogError>),
    /// A pause is over.
    Again,
    /// Time to look at the lease table.
    LookAtLeases,
    /// What the lease table said.
    Leases(Looked, Vec<SlotLease>),
}

/// The publisher's address.
#[derive(Debug, Clone)]
pub struct PublisherHandle {
    actor: ActorRef<Message>,
    waiting_bytes: Arc<AtomicUsize>,
    limit_bytes: usize,
}

impl PublisherHandle {
    /// Wraps the actor's reference and the counter that it was started with.
    pub const fn new(
        actor: ActorRef<Message>,
        waiting_bytes: Arc<AtomicUsize>,
        limit_bytes: usize,
    ) -> Self {
        Self { actor, waiting_bytes, limit_bytes }
    }

    /// Publishes what a durable step says.
    pub fn durable(&self, ledger: Arc<Ledger>, out_seq: i64, outgoing: Vec<Outgoing>) {
        self.send(outgoing, Some((ledger, out_seq)));
    }

    /// Publishes passing frames, or drops them when the log can't keep up.
    pub fn passing(&self, outgoing: Vec<Outgoing>) {
        if self.waiting_bytes.load(Ordering::Relaxed) > self.limit_bytes / 2 {
            ::metrics::counter!(metrics::PASSING_DROPPED).increment(outgoing.len() as u64);
            return;
        }
        self.send(outgoing, None);
    }

    fn send(&self, outgoing: Vec<Outgoing>, completes: Option<(Arc<Ledger>, i64)>) {
        if outgoing.is_empty() && completes.is_none() {
            return;
        }
        let bytes = outgoing.iter().map(size).sum();
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        drop(self.actor.cast(Message::Publish(Job { outgoing, completes, bytes })));
    }
}

fn size(outgoing: &Outgoing) -> usize {
    match outgoing {
        Outgoing::Reply(reply) => reply.body.len() + 64,
        Outgoing::Event(event) => event.data.len() + 128,
    }
}

/// The behaviour.
#[derive(Debug)]
pub struct Publisher;

/// What it is started with.
#[derive(Debug)]
pub struct Arguments {
    /// The ports.
    pub world: World,
    /// Who hears of partitions that fell behind.
    pub supervisor: ActorRef<SupervisorMessage>,
    /// Bytes that wait, shared with the handles.
    pub waiting_bytes: Arc<AtomicUsize>,
}

/// What it knows.
#[derive(Debug)]
pub struct State {
    world: World,
    supervisor: ActorRef<SupervisorMessage>,
    waiting_bytes: Arc<AtomicUsize>,
    waiting: VecDeque<Job>,
    in_flight: Vec<Job>,
    /// Bytes of both.
    queued_bytes: usize,
    /// Claims whose frames were dropped, and the last row of each that was.
    behind: Vec<(Arc<Ledger>, i64)>,
    pause_ms: u64,
    slots: Slots,
    _clock: Ticking,
}

/// The task that says when to look at the lease table; it ends with the actor.
#[derive(Debug)]
struct Ticking(AbortHandle);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Actor for Publisher {
    type Msg = Message;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Message>,
        arguments: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        let Arguments { world, supervisor, waiting_bytes } = arguments;
        let ticking = world.tasks.spawn(async move {
            let mut interval = tokio::time::interval(LEASES);
            loop {
                interval.tick().await;
                if myself.cast(Message::LookAtLeases).is_err() {
                    return;
                }
            }
        });
        Ok(State {
            slots: Slots::default(),
            _clock: Ticking(ticking.abort_handle()),
            world,
            supervisor,
            waiting_bytes,
            waiting: VecDeque::new(),
            in_flight: Vec::new(),
            queued_bytes: 0,
            behind: Vec::new(),
            pause_ms: 0,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Publish(job) => {
                state.take(job);
                state.publish(&myself);
            }
            Message::Ended(result) => state.ended(&myself, result),
            Message::Again => state.call(&myself),
            Message::LookAtLeases => state.look_at_leases(&myself),
            Message::Leases(looked, standing) => state.slots.learn(&looked, &standing),
        }
        Ok(())
    }
}

impl State {
    /// Queues a job, or drops it when the backlog is full or its partition is behind already.
    fn take(&mut self, job: Job) {
        // One job always fits, however large.
        let limit_bytes = self.world.config.backlog_bytes;
        let full = self.queued_bytes > 0 && self.queued_bytes + job.bytes > limit_bytes;
        let Some((ledger, out_seq)) = &job.completes else {
            return if full { self.forget(&job) } else { self.queue(job) };
        };
        match self.behind.iter_mut().find(|(known, _)| Arc::ptr_eq(known, ledger)) {
            Some((_, last)) => *last = (*last).max(*out_seq),
            None if full => {
                tracing::warn!(partition = %ledger.partition, "the backlog is full; frames will be read back");
                self.behind.push((Arc::clone(ledger), *out_seq));
            }
            None => return self.queue(job),
        }
        self.forget(&job);
    }

    fn queue(&mut self, job: Job) {
        self.queued_bytes += job.bytes;
        self.waiting.push_back(job);
    }

    fn forget(&self, job: &Job) {
        self.waiting_bytes.fetch_sub(job.bytes, Ordering::Relaxed);
    }

    fn publish(&mut self, myself: &ActorRef<Message>) {
        if !self.in_flight.is_empty() || self.waiting.is_empty() {
            return;
        }
        let mut messages = 0;
        while messages < CHUNK {
            let Some(job) = self.waiting.pop_front() else { break };
            messages += job.outgoing.len().max(1);
            self.in_flight.push(job);
        }
        self.call(myself);
    }

    fn call(&mut self, myself: &ActorRef<Message>) {
        let slots = &mut self.slots;
        let outgoing: Vec<Outgoing> = self
            .in_flight
            .iter()
            .flat_map(|job| &job.outgoing)
            .filter(|outgoing| match outgoing {
                Outgoing::Reply(reply) => slots.is_wanted(reply),
                Outgoing::Event(_) => true,
            })
            .cloned()
            .collect();
        let log = Arc::clone(&self.world.log);
        let myself = myself.clone();
        self.world.tasks.spawn(async move {
            // A call that panics must not leave the rest waiting for its end.
            let result = AssertUnwindSafe(log.publish(outgoing))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(LogError::Unavailable("publishing panicked".to_owned())));
            drop(myself.cast(Message::Ended(result)));
        });
    }

    /// A table that can't be read condemns nobody.
    fn look_at_leases(&mut self, myself: &ActorRef<Message>) {
        let Some(looked) = self.slots.look() else { return };
        let (store, now) = (Arc::clone(&self.world.store), self.world.clock.now());
        let myself = myself.clone();
        self.world.tasks.spawn(async move {
            if let Ok(standing) = store.slots(now).await {
                drop(myself.cast(Message::Leases(looked, standing)));
            }
        });
    }

    fn ended(&mut self, myself: &ActorRef<Message>, result: Result<(), LogError>) {
        match result {
            Ok(()) => {}
            Err(LogError::Refused(cause)) => {
                // What the log will never take must not stop the rest; the journal has it.
                tracing::error!(cause, "the log refused to publish");
            }
            Err(LogError::Unavailable(cause)) => {
                self.pause_ms = (self.pause_ms * 2).clamp(50, RETRY_CAP_MS);
                tracing::warn!(cause, pause_ms = self.pause_ms, "publishing waits for the log");
                let (myself, pause) = (myself.clone(), Duration::from_millis(self.pause_ms));
                self.world.tasks.spawn(async move {
                    tokio::time::sleep(pause).await;
                    drop(myself.cast(Message::Again));
                });
                return;
            }
        }
        self.pause_ms = 0;
        for job in std::mem::take(&mut self.in_flight) {
            self.forget(&job);
            self.queued_bytes -= job.bytes;
            if let Some((ledger, out_seq)) = job.completes {
                ledger.published(out_seq);
            }
        }
        if self.waiting.is_empty() {
            for (ledger, until) in self.behind.drain(..) {
                let (partition, epoch) = (ledger.partition, ledger.epoch);
                let behind = SupervisorMessage::Behind { partition, epoch, until };
                drop(self.supervisor.cast(behind));
            }
        }
        self.publish(myself);
    }
}
