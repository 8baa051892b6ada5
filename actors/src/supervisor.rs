//! The root of the tree: claims partitions, starts and stops what serves them.
//!
//! - **Owns** the committer, the publisher and one partition actor per claimed partition.
//! - **Receives** assignments of the log, lost claims, failures of its children.
//! - **Sends** starting offsets to the log reader.
//! - **Mailbox**: a handful of messages a rebalance.
//! - **Failure**: committer and publisher are started again together and every partition is
//!   claimed again; when they fail again and again the engine ends, and with it the process.
//!   Everything durable is in the store.
//! - **Observable state**: [`EngineStatus`], for readiness.

mod claim;
mod handle;
mod pipeline;
pub mod status;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{Assigned, Assignment, Revoked};
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::metrics;
use crate::partition::behavior::PartitionActor;
use crate::partition::ledger::Ledger;
use crate::partition::{Arguments as PartitionArguments, Message as PartitionMessage};
use crate::world::World;
use claim::Claimed;
pub use handle::EngineHandle;
use pipeline::Pipeline;
pub use status::EngineStatus;

/// Pause before a lost or failed claim is tried again.
const CLAIM_AGAIN: Duration = Duration::from_millis(500);
/// A hand-over of one partition takes at most so long on drain.
const DRAIN: Duration = Duration::from_secs(5);
/// Committer and publisher are started again so often within [`FAILURE_WINDOW`].
const FAILURE_LIMIT: usize = 3;
/// The window in which their failures are counted.
const FAILURE_WINDOW: Duration = Duration::from_mins(1);

/// What the supervisor is told.
pub enum Message {
    /// The log reader says something.
    Assignment(Assignment),
    /// A claim has ended.
    Claimed(Box<Claimed>),
    /// A claim is no longer ours.
    Lost {
        /// Which partition.
        partition: PartitionId,
        /// Which claim.
        epoch: i64,
    },
    /// The publisher had to drop frames of this claim.
    Behind {
        /// Which partition.
        partition: PartitionId,
        /// Which claim.
        epoch: i64,
        /// The last row whose frames were dropped.
        until: i64,
    },
    /// Hand everything over, then tell.
    Drain(oneshot::Sender<()>),
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Assignment(assignment) => assignment.fmt(f),
            Self::Claimed(_) => f.write_str("Claimed"),
            Self::Lost { partition, epoch } => write!(f, "Lost {partition}@{epoch}"),
            Self::Behind { partition, epoch, .. } => write!(f, "Behind {partition}@{epoch}"),
            Self::Drain(_) => f.write_str("Drain"),
        }
    }
}

/// The behaviour.
#[derive(Debug)]
pub struct Supervisor;

/// What it is started with.
#[derive(Debug)]
pub struct Arguments {
    world: World,
    status: EngineStatus,
}

/// What it knows.
#[derive(Debug)]
pub struct State {
    world: World,
    status: EngineStatus,
    pipeline: Pipeline,
    /// When committer or publisher failed lately.
    failures: VecDeque<Instant>,
    served: BTreeMap<PartitionId, Served>,
    draining: bool,
}

/// A partition that is served.
#[derive(Debug)]
struct Served {
    actor: ActorRef<PartitionMessage>,
    ledger: Arc<Ledger>,
}

impl Served {
    /// Ends the subtree. The fence stands at once: no batch holds two claims of a partition.
    fn stop(&self) {
        self.ledger.fence();
        self.actor.stop(None);
    }
}

impl Actor for Supervisor {
    type Msg = Message;
    type State = State;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Message>,
        Arguments { world, status }: Arguments,
    ) -> Result<State, ActorProcessingErr> {
        let pipeline = Pipeline::start(&world, &myself).await?;
        Ok(State {
            world,
            status,
            pipeline,
            failures: VecDeque::new(),
            served: BTreeMap::new(),
            draining: false,
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Assignment(Assignment::Assigned(assigned)) => {
                state.assigned(&myself, assigned);
            }
            Message::Assignment(Assignment::Revoked(revoked)) => state.revoked(revoked),
            Message::Claimed(claimed) => return state.claimed(&myself, *claimed).await,
            Message::Lost { partition, epoch } => state.lost(partition, epoch),
            Message::Behind { partition, epoch, until } => state.behind(partition, epoch, until),
            Message::Drain(done) => state.drain(done),
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Message>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(who, error) = event {
            let id = who.get_id();
            if state.pipeline.holds(id) {
                return state.pipeline_failed(&myself, error).await;
            }
            tracing::error!(%error, "a child of the engine failed");
            // A partition that fails on its way out is nobody's any more.
            if let Some(partition) = state.partition_of(id) {
                state.claim_again(partition);
            }
        }
        Ok(())
    }
}

impl State {
    /// Claims in a task: the mailbox stays awake for a revocation.
    fn assigned(&self, myself: &ActorRef<Message>, assigned: Assigned) {
        if self.draining {
            return;
        }
        let partitions = assigned.partitions.iter().map(|one| one.partition);
        self.status.claiming(partitions);
        let (world, status) = (self.world.clone(), self.status.clone());
        let myself = myself.clone();
        self.world.tasks.spawn(async move {
            if let Some(claimed) = claim::claim(&world, &status, assigned).await {
                drop(myself.cast(Message::Claimed(Box::new(claimed))));
            }
        });
    }

    async fn claimed(
        &mut self,
        myself: &ActorRef<Message>,
        claimed: Claimed,
    ) -> Result<(), ActorProcessingErr> {
        for partition in claimed.partitions {
            let id = partition.ledger.partition;
            let epoch = partition.ledger.epoch;
            let newer = self.served.get(&id).is_some_and(|served| served.ledger.epoch > epoch);
            // Taken away, or claimed once more, while it was being claimed.
            if newer || !self.status.is_wanted(id) {
                continue;
            }
            let ledger = Arc::clone(&partition.ledger);
            let arguments = PartitionArguments {
                world: self.world.clone(),
                ledger: partition.ledger,
                records: partition.records,
                inheritance: partition.inheritance,
                committer: self.pipeline.committer.clone(),
                publisher: self.pipeline.publisher.clone(),
            };
            let (actor, _) =
                Actor::spawn_linked(None, PartitionActor, arguments, myself.get_cell()).await?;
            tracing::info!(partition = %id, epoch, "a partition is served");
            self.status.served(id);
            if let Some(old) = self.served.insert(id, Served { actor, ledger }) {
                old.stop();
            }
        }
        Ok(())
    }

    fn revoked(&mut self, revoked: Revoked) {
        let Revoked { partitions, done } = revoked;
        let mut leaving = Vec::new();
        for partition in partitions {
            self.status.released(partition);
            if let Some(served) = self.served.remove(&partition) {
                tracing::info!(%partition, "a partition is handed over");
                leaving.push(served);
            }
        }
        let waits: Vec<_> = leaving.iter().map(hand_over).collect();
        self.world.tasks.spawn(async move {
            let all = futures_util::future::join_all(waits);
            if tokio::time::timeout(DRAIN, all).await.is_err() {
                tracing::warn!("not every partition was handed over in time");
            }
            for served in &leaving {
                served.stop();
            }
            done();
        });
    }

    fn lost(&mut self, partition: PartitionId, epoch: i64) {
        if self.served.get(&partition).is_some_and(|served| served.ledger.epoch == epoch) {
            tracing::warn!(%partition, epoch, "the claim is lost");
            self.claim_again(partition);
        }
    }

    /// Stops a partition's subtree and asks the log to hand it over anew.
    fn claim_again(&mut self, partition: PartitionId) {
        if let Some(served) = self.served.remove(&partition) {
            served.stop();
        }
        self.status.held_up(partition, "the claim was lost; it is claimed again");
        let (log, status) = (Arc::clone(&self.world.log), self.status.clone());
        self.world.tasks.spawn(async move {
            tokio::time::sleep(CLAIM_AGAIN).await;
            if status.is_wanted(partition) {
                log.reopen(partition);
            }
        });
    }

    fn behind(&self, partition: PartitionId, epoch: i64, until: i64) {
        let served = self.served.get(&partition);
        if let Some(served) = served.filter(|one| one.ledger.epoch == epoch) {
            drop(served.actor.cast(PartitionMessage::ReadBack { until }));
        }
    }

    fn drain(&mut self, done: oneshot::Sender<()>) {
        self.draining = true;
        self.status.draining();
        let served = std::mem::take(&mut self.served);
        let waits: Vec<_> = served.values().map(hand_over).collect();
        let pipeline = self.pipeline.clone();
        self.world.tasks.spawn(async move {
            let all = futures_util::future::join_all(waits);
            if tokio::time::timeout(DRAIN, all).await.is_err() {
                tracing::warn!("not every partition was handed over in time");
            } else {
                pipeline.committer.barrier().await;
            }
            for one in served.values() {
                one.stop();
            }
            pipeline.stop_committer();
            done.send(()).ok();
        });
    }

    /// Nothing that was on its way through the old pair was acknowledged unless it is durable; a
    /// claim raises the epoch, so a batch of theirs that is still under way is durable before it
    /// or never, and what it says is read back from the outbox.
    async fn pipeline_failed(
        &mut self,
        myself: &ActorRef<Message>,
        error: ActorProcessingErr,
    ) -> Result<(), ActorProcessingErr> {
        let now = Instant::now();
        self.failures.retain(|at| now.duration_since(*at) < FAILURE_WINDOW);
        self.failures.push_back(now);
        self.pipeline.stop();
        let partitions: Vec<PartitionId> = self.served.keys().copied().collect();
        if self.failures.len() > FAILURE_LIMIT {
            tracing::error!(%error, "committer or publisher failed again and again; the engine ends");
            for served in self.served.values() {
                served.stop();
            }
            self.status.failed();
            return Err(error);
        }
        tracing::error!(%error, "committer or publisher failed; every partition is claimed again");
        ::metrics::counter!(metrics::PIPELINES_RESTARTED).increment(1);
        self.pipeline = Pipeline::start(&self.world, myself).await?;
        for partition in partitions {
            self.claim_again(partition);
        }
        Ok(())
    }

    fn partition_of(&self, id: ActorId) -> Option<PartitionId> {
        self.served
            .iter()
            .find(|(_, served)| served.actor.get_id() == id)
            .map(|(partition, _)| *partition)
    }
}

fn hand_over(served: &Served) -> oneshot::Receiver<()> {
    let (done, wait) = oneshot::channel();
    drop(served.actor.cast(PartitionMessage::HandOver(done)));
    wait
}
