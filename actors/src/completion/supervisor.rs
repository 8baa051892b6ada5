//! The supervisor of flights: whoever misses the cache is mailed here and joins or starts one.
//!
//! **Owns** the running flights by key, and their tasks. **Receives** `Open` (a miss) and `Ended`
//! (from a flight's last breath). **Sends** a follower, or an answer that was stored meanwhile, to
//! whoever asked. **Mailbox:** bounded by credits that the handle takes before it mails; without
//! one the call is refused as overloaded. **Failure:** a flight that panics fails its followers
//! with `Cut` and nobody else; when this actor fails, running flights go on and
//! [`CompletionHandle::restart`](super::handle::CompletionHandle::restart) gives them a new one.
//! **Observable state:** the gauge `learnflow_completion_flights`.

use std::collections::HashMap;
use std::sync::Arc;

use learnflow_engine::port::model::{AnswerSource, ModelError};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cache::AnswerCache;
use super::flight::{End, FlightLog, Follower};
use super::key::CacheKey;
use super::metrics;
use super::scope::ScopeKind;
use super::upstream::{Job, Upstream};

/// What the handle and the flights say.
#[derive(Debug)]
pub(super) enum Message {
    Open(Box<Open>),
    Ended { key: CacheKey, log: Arc<FlightLog> },
}

/// A miss.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) job: Job,
    pub(super) key: Option<CacheKey>,
    pub(super) kind: ScopeKind,
    pub(super) reply: oneshot::Sender<Opened>,
    /// Held while the message is in the mailbox.
    pub(super) credit: OwnedSemaphorePermit,
}

/// What became of a miss.
#[derive(Debug)]
pub(super) enum Opened {
    /// A flight, new or joined.
    Flight(Follower),
    /// The answer was stored while the message was under way.
    Stored(Arc<str>),
}

/// What outlives the actor.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) upstream: Upstream,
    pub(super) cache: AnswerCache,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// The actor.
pub(super) struct CompletionSupervisor;

/// Its state.
#[derive(Debug)]
pub(super) struct Flights {
    shared: Arc<Shared>,
    by_key: HashMap<CacheKey, Arc<FlightLog>>,
}

impl Actor for CompletionSupervisor {
    type Msg = Message;
    type State = Flights;
    type Arguments = Arc<Shared>;

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        shared: Arc<Shared>,
    ) -> Result<Flights, ActorProcessingErr> {
        Ok(Flights { shared, by_key: HashMap::new() })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        flights: &mut Flights,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Open(open) => flights.open(*open, myself).await,
            Message::Ended { key, log } => flights.ended(key, &log),
        }
        Ok(())
    }
}

impl Flights {
    async fn open(&mut self, open: Open, myself: ActorRef<Message>) {
        let Open { job, key, kind, reply, credit } = open;
        drop(credit);
        if reply.is_closed() {
            return;
        }
        if let Some(key) = key {
            if let Some(follower) = self.by_key.get(&key).and_then(FlightLog::join) {
                metrics::joined();
                return give(reply, Opened::Flight(follower));
            }
            // Memory only: no wait. Without this look, a flight that ended while this message was
            // under way would be flown twice.
            if let Some(text) = self.shared.cache.get(&key).await {
                return give(reply, Opened::Stored(text));
            }
        }
        if let Some(follower) = self.start(job, key, kind, myself) {
            give(reply, Opened::Flight(follower));
        }
    }

    fn start(
        &mut self,
        job: Job,
        key: Option<CacheKey>,
        kind: ScopeKind,
        myself: ActorRef<Message>,
    ) -> Option<Follower> {
        let log = FlightLog::new(AnswerSource::Model, kind.when_left());
        let follower = log.join()?;
        if let Some(key) = key {
            self.by_key.insert(key, Arc::clone(&log));
        }
        let last_breath = LastBreath { key, log: Arc::clone(&log), supervisor: myself };
        let shared = Arc::clone(&self.shared);
        self.shared.tasks.spawn(fly(shared, job, kind, last_breath));
        metrics::flights(self.shared.tasks.len());
        Some(follower)
    }

    fn ended(&mut self, key: CacheKey, log: &Arc<FlightLog>) {
        // A newer flight of the same key stays.
        if self.by_key.get(&key).is_some_and(|known| Arc::ptr_eq(known, log)) {
            self.by_key.remove(&key);
        }
        metrics::flights(self.shared.tasks.len());
    }
}

/// A caller that has left drops the follower, which leaves the flight.
fn give(reply: oneshot::Sender<Opened>, opened: Opened) {
    drop(reply.send(opened));
}

/// Flies: the call upstream, then the cache, then the end.
async fn fly(shared: Arc<Shared>, job: Job, kind: ScopeKind, last_breath: LastBreath) {
    let log = &last_breath.log;
    let end = tokio::select! {
        biased;
        () = shared.stop.cancelled() => End::Failed(ModelError::Cut),
        () = log.deserted() => End::Failed(ModelError::Cut),
        end = shared.upstream.run(&job, log) => end,
    };
    // Stored before the end is told: who asks after the end finds it.
    if let (Some(key), End::Finished { reason, .. }) = (last_breath.key, end) {
        shared.cache.offer(key, kind, reason, &log.text()).await;
    }
    log.end(end);
}

/// Whatever becomes of a flight's task, its followers and the supervisor learn of it.
struct LastBreath {
    key: Option<CacheKey>,
    log: Arc<FlightLog>,
    supervisor: ActorRef<Message>,
}

impl Drop for LastBreath {
    fn drop(&mut self) {
        // Only a panic leaves the log without an end.
        self.log.end(End::Failed(ModelError::Cut));
        if let Some(key) = self.key {
            let log = Arc::clone(&self.log);
            // A supervisor that is gone has forgotten its flights with it.
            drop(self.supervisor.send_message(Message::Ended { key, log }));
        }
    }
}
