//! What happens to partitions inside the client's callbacks: assigned and revoked.
//!
//! All of it runs on the reader's thread, and each wait is at most 250 ms: a longer one would
//! silence the partitions that stay. An owner that needs longer to say where to start is not waited
//! for: the partition is assigned paused, and read from its start when that is known
//! (`late_start`). Pausing survives a revocation in the client, so every partition is resumed or
//! paused on purpose when it is assigned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{Assigned, Assignment, Revoked, Start};
use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{
    BaseConsumer, CommitMode, Consumer as _, ConsumerContext, RebalanceProtocol,
};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::partitions::{OfferId, Phase, Table};
use super::settings;
use crate::metrics::{self, ClientRole};

/// How long a callback waits for the engine.
const CALLBACK_WAIT: Duration = Duration::from_millis(250);
/// How often a full channel of assignments is tried again inside a callback.
const CHANNEL_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// A client of the engine's group.
pub(super) type Member = BaseConsumer<GroupContext>;

/// What reader thread, callbacks and the log itself share.
pub(super) struct Shared {
    pub(super) topic: String,
    pub(super) table: Mutex<Table>,
    /// Starts that are awaited after their callback.
    pub(super) late: Mutex<Vec<LateOffer>>,
    /// Partitions to hand over anew.
    pub(super) reopen: Mutex<BTreeSet<PartitionId>>,
    /// Settled offsets to commit, as a hint.
    pub(super) hints: Mutex<BTreeMap<PartitionId, i64>>,
    /// What readiness says of the reader; `None` is fine.
    pub(super) fault: Arc<Mutex<Option<String>>>,
    assignments: mpsc::Sender<Assignment>,
}

/// A hand-over whose starts are awaited.
pub(super) struct LateOffer {
    pub(super) id: OfferId,
    pub(super) starts: Receiver<Vec<Start>>,
}

impl Shared {
    pub(super) fn new(
        topic: String,
        table: Table,
        fault: Arc<Mutex<Option<String>>>,
        assignments: mpsc::Sender<Assignment>,
    ) -> Self {
        Self {
            topic,
            table: Mutex::new(table),
            late: Mutex::default(),
            reopen: Mutex::default(),
            hints: Mutex::default(),
            fault,
            assignments,
        }
    }

    /// Hands partitions over; `None` when the engine takes no assignment at the moment, and then
    /// they are handed over again by and by.
    pub(super) fn offer(&self, partitions: &[PartitionId], deadline: Instant) -> Option<LateOffer> {
        let (id, assigned) = self.table.lock().offer(partitions);
        let (sender, starts) = sync_channel(1);
        let start = Box::new(move |given: Vec<Start>| {
            // The reader ended meanwhile.
            sender.try_send(given).ok();
        });
        let assignment = Assignment::Assigned(Assigned { partitions: assigned, start });
        if self.hand_over(assignment, deadline) {
            return Some(LateOffer { id, starts });
        }
        let mut table = self.table.lock();
        for partition in partitions {
            table.silence(*partition);
        }
        drop(table);
        self.reopen.lock().extend(partitions);
        None
    }

    fn hand_over(&self, mut assignment: Assignment, deadline: Instant) -> bool {
        loop {
            match self.assignments.try_send(assignment) {
                Ok(()) => return true,
                Err(TrySendError::Closed(_)) => return false,
                Err(TrySendError::Full(back)) => {
                    if Instant::now() >= deadline {
                        return false;
                    }
                    assignment = back;
                    std::thread::sleep(CHANNEL_AGAIN_AFTER);
                }
            }
        }
    }

    /// Tells the engine that partitions go, waits for its running commit, and ends their streams.
    pub(super) fn take_away(&self, partitions: &[PartitionId], wait: Duration) {
        if partitions.is_empty() {
            return;
        }
        metrics::rebalanced(metrics::Rebalance::Revoked, partitions.len());
        let deadline = Instant::now() + wait;
        let (sender, done): (SyncSender<()>, _) = sync_channel(1);
        let done_by_engine = Box::new(move || {
            sender.try_send(()).ok();
        });
        let revoked = Revoked { partitions: partitions.to_vec(), done: done_by_engine };
        let told = self.hand_over(Assignment::Revoked(revoked), deadline);
        let remaining = deadline.saturating_duration_since(Instant::now());
        if !told || done.recv_timeout(remaining) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the running commit did not end in time; the fence protects it");
        }
        self.table.lock().remove(partitions);
    }

    fn assign(&self, member: &Member, partitions: &[PartitionId]) {
        let deadline = Instant::now() + CALLBACK_WAIT;
        let mut starts = Vec::new();
        if !partitions.is_empty() {
            metrics::rebalanced(metrics::Rebalance::Assigned, partitions.len());
            starts = self.starts_in_time(partitions, deadline);
        }
        let start_of = |id: &PartitionId| starts.iter().find(|start| start.partition == *id);
        let (known, unknown): (Vec<PartitionId>, Vec<PartitionId>) =
            partitions.iter().partition(|id| start_of(id).is_some());
        let offsets = partitions.iter().map(|id| {
            // A paused partition stands anywhere; at the end nothing is fetched in vain.
            (*id, start_of(id).map_or(Offset::End, |start| Offset::Offset(start.next_offset)))
        });
        let assigned = list(&self.topic, offsets);
        let outcome = match member.rebalance_protocol() {
            RebalanceProtocol::Cooperative => member.incremental_assign(&assigned),
            RebalanceProtocol::Eager | RebalanceProtocol::None => member.assign(&assigned),
        };
        match outcome {
            Ok(()) => *self.fault.lock() = None,
            Err(error) => tracing::error!(%error, "partitions could not be assigned"),
        }
        pause(member, &self.topic, &unknown);
        resume(member, &self.topic, &known);
    }

    /// Starts that come within the callback's time; the others are taken later.
    fn starts_in_time(&self, partitions: &[PartitionId], deadline: Instant) -> Vec<Start> {
        let Some(offer) = self.offer(partitions, deadline) else { return Vec::new() };
        let remaining = deadline.saturating_duration_since(Instant::now());
        match offer.starts.recv_timeout(remaining) {
            Ok(starts) => {
                let mut table = self.table.lock();
                for start in &starts {
                    table.start(offer.id, start.partition, start.next_offset, Phase::Reading);
                }
                table.close_offer(offer.id);
                starts
            }
            Err(RecvTimeoutError::Timeout) => {
                self.late.lock().push(offer);
                Vec::new()
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.table.lock().close_offer(offer.id);
                Vec::new()
            }
        }
    }

    fn revoke(&self, member: &Member, partitions: &[PartitionId], revoked: &TopicPartitionList) {
        if member.assignment_lost() {
            // Somebody else may own them already: nothing to wait for.
            self.take_away(partitions, Duration::ZERO);
        } else {
            self.take_away(partitions, CALLBACK_WAIT);
            self.commit_hints(member);
        }
        let outcome = match member.rebalance_protocol() {
            RebalanceProtocol::Cooperative => member.incremental_unassign(revoked),
            RebalanceProtocol::Eager | RebalanceProtocol::None => member.unassign(),
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "partitions could not be given back");
        }
    }

    /// Tells the broker how far the store is. Nobody reads from there; operators look at it.
    pub(super) fn commit_hints(&self, member: &Member) {
        let hints = std::mem::take(&mut *self.hints.lock());
        if hints.is_empty() {
            return;
        }
        let settled = hints.into_iter().map(|(id, offset)| (id, Offset::Offset(offset)));
        if let Err(error) = member.commit(&list(&self.topic, settled), CommitMode::Async) {
            tracing::debug!(%error, "offsets were not committed");
        }
    }
}

/// Pauses partitions in the client; one that it doesn't know is no error.
pub(super) fn pause(member: &Member, topic: &str, partitions: &[PartitionId]) {
    let paused = list(topic, partitions.iter().map(|id| (*id, Offset::Invalid)));
    if !partitions.is_empty()
        && let Err(error) = member.pause(&paused)
    {
        tracing::error!(%error, "partitions could not be paused");
    }
}

/// Resumes partitions in the client.
pub(super) fn resume(member: &Member, topic: &str, partitions: &[PartitionId]) {
    let resumed = list(topic, partitions.iter().map(|id| (*id, Offset::Invalid)));
    if !partitions.is_empty()
        && let Err(error) = member.resume(&resumed)
    {
        tracing::error!(%error, "partitions could not be resumed");
    }
}

/// Partitions of the topic with their offsets, as the client wants them.
pub(super) fn list(
    topic: &str,
    partitions: impl Iterator<Item = (PartitionId, Offset)>,
) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in partitions {
        let mut element = list.add_partition(topic, partition.0);
        if offset != Offset::Invalid
            && let Err(error) = element.set_offset(offset)
        {
            tracing::error!(%partition, %error, "an offset that the client does not take");
        }
    }
    list
}

/// The client's callbacks.
pub(super) struct GroupContext {
    pub(super) shared: Arc<Shared>,
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        settings::log(ClientRole::Reader, level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        settings::report(ClientRole::Reader, &error, reason);
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(&self, member: &Member, code: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let partitions: Vec<PartitionId> =
            list.elements().iter().map(|element| PartitionId(element.partition())).collect();
        if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            tracing::info!(?partitions, "partitions assigned");
            self.shared.assign(member, &partitions);
        } else {
            tracing::info!(?partitions, "partitions revoked");
            self.shared.revoke(member, &partitions, list);
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(%error, "offsets were not committed");
        }
    }
}
