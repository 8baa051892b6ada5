//! Hands the partitions to the one reader there is, and feeds each a bounded queue from the file.
//!
//! A task a partition: offer, wait for the start, read, wait for the next append; no polling. A
//! full queue makes this task wait and no other. `reopen` ends the present stream and offers the
//! partition anew.

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{
    Assigned, AssignedPartition, Assignment, Record, Revoked, Start,
};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::file::LogFile;
use super::writer::index;
use crate::metrics;
use crate::queue::{Bounds, QueueSender, bounded};
use crate::record::{Position, decode, weight_bytes};

/// How long a stop waits for the running commit, as a revocation does.
pub(super) const REVOKE_WAIT: Duration = Duration::from_millis(250);
/// When a read that failed is tried again.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// How many records one statement reads.
const READ_RECORDS: u32 = 32;

/// What every partition's task needs.
pub(super) struct Feed {
    pub(super) file: Arc<LogFile>,
    pub(super) ends: Arc<Vec<watch::Sender<i64>>>,
    pub(super) partition_count: u32,
    pub(super) bounds: Bounds,
    pub(super) assignments: mpsc::Sender<Assignment>,
    pub(super) reopen: Arc<Vec<Notify>>,
    pub(super) stop: CancellationToken,
}

/// A partition between offer and start: where its records go, and where its start comes from.
struct Offer {
    records: QueueSender<Record>,
    start: oneshot::Receiver<i64>,
}

impl Feed {
    /// Offers all partitions at once, feeds them until the log stops, then takes them back.
    pub(super) async fn run(self: Arc<Self>, tasks: TaskTracker) {
        let ids: Vec<PartitionId> =
            (0..).map(PartitionId).take(self.partition_count as usize).collect();
        let Some(offers) = self.offer(&ids).await else { return };
        metrics::rebalanced(metrics::Rebalance::Assigned, ids.len());
        for (partition, offer) in ids.iter().copied().zip(offers) {
            let feed = Arc::clone(&self);
            tasks.spawn(async move {
                tokio::select! {
                    () = feed.serve(partition, offer) => {}
                    () = feed.stop.cancelled() => {}
                }
            });
        }
        self.stop.cancelled().await;
        self.revoke(ids).await;
    }

    /// One `Assigned` for these partitions; `None` when nobody takes assignments any more.
    async fn offer(&self, partitions: &[PartitionId]) -> Option<Vec<Offer>> {
        let mut offers = Vec::new();
        let mut assigned = Vec::new();
        let mut starts = Vec::new();
        for &partition in partitions {
            let (records, stream) = bounded(self.bounds);
            let (start_sender, start) = oneshot::channel();
            assigned.push(AssignedPartition { partition, records: Box::pin(stream) });
            starts.push((partition, start_sender));
            offers.push(Offer { records, start });
        }
        let start = Box::new(move |given: Vec<Start>| {
            for (partition, sender) in starts {
                if let Some(start) = given.iter().find(|start| start.partition == partition) {
                    // Its task is gone only when the log stopped.
                    sender.send(start.next_offset).ok();
                }
            }
        });
        let assignment = Assignment::Assigned(Assigned { partitions: assigned, start });
        tokio::select! {
            sent = self.assignments.send(assignment) => sent.ok().map(|()| offers),
            () = self.stop.cancelled() => None,
        }
    }

    async fn serve(&self, partition: PartitionId, mut offer: Offer) {
        let Some(reopen) = index(partition).and_then(|i| self.reopen.get(i)) else { return };
        loop {
            tokio::select! {
                // Its reader let go of it: silent until it is reopened.
                () = self.feed(partition, offer) => reopen.notified().await,
                () = reopen.notified() => {}
            }
            let Some(again) = self.offer(&[partition]).await.and_then(|mut offers| offers.pop())
            else {
                return;
            };
            metrics::rebalanced(metrics::Rebalance::Reopened, 1);
            offer = again;
        }
    }

    async fn feed(&self, partition: PartitionId, offer: Offer) {
        match offer.start.await {
            Ok(next_offset) => self.read_from(partition, next_offset, &offer.records).await,
            // Left out of the starts.
            Err(_) => offer.records.closed().await,
        }
    }

    /// Feeds the queue until its reader lets go of it.
    async fn read_from(
        &self,
        partition: PartitionId,
        next_offset: i64,
        records: &QueueSender<Record>,
    ) {
        let Some(end) = index(partition).and_then(|i| self.ends.get(i)) else { return };
        let mut end = end.subscribe();
        let end_now = *end.borrow_and_update();
        if !self.holds(partition, next_offset, end_now).await {
            metrics::start_stalled();
            tracing::error!(%partition, next_offset, "the start lies outside the log: nothing is read");
            return records.closed().await;
        }
        let mut next = next_offset;
        loop {
            match self.file.read(partition, next, READ_RECORDS).await {
                Ok(batch) if batch.is_empty() => {
                    tokio::select! {
                        changed = end.changed() => if changed.is_err() { return },
                        () = records.closed() => return,
                    }
                }
                Ok(batch) => {
                    for stored in batch {
                        next = stored.offset + 1;
                        let position = Position {
                            partition,
                            offset: stored.offset,
                            at: stored.at,
                            partition_count: self.partition_count,
                        };
                        let record = decode(stored.raw, position);
                        metrics::record_read(&record.content);
                        let weight = weight_bytes(&record);
                        if !records.send(record, weight).await {
                            return;
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%partition, %error, "the log file cannot be read");
                    tokio::time::sleep(READ_AGAIN_AFTER).await;
                }
            }
        }
    }

    async fn holds(&self, partition: PartitionId, next_offset: i64, end: i64) -> bool {
        match self.file.start(partition).await {
            Ok(start) => (start.unwrap_or(end)..=end).contains(&next_offset),
            // Reading fails next, and says so.
            Err(_) => true,
        }
    }

    async fn revoke(&self, partitions: Vec<PartitionId>) {
        metrics::rebalanced(metrics::Rebalance::Revoked, partitions.len());
        let (sender, done) = oneshot::channel::<()>();
        let done_by_reader = Box::new(move || {
            sender.send(()).ok();
        });
        let revoked = Assignment::Revoked(Revoked { partitions, done: done_by_reader });
        let handed_over = async {
            if self.assignments.send(revoked).await.is_ok() {
                drop(done.await);
            }
        };
        if tokio::time::timeout(REVOKE_WAIT, handed_over).await.is_err() {
            tracing::warn!("the last commit did not end in time; the fence protects it");
        }
    }
}
