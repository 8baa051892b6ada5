//! What happens to partitions between two polls: reopened ones are handed over, late starts are
//! taken, and the client is moved to them.

use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use learnflow_engine::id::PartitionId;
use rdkafka::Offset;
use rdkafka::consumer::Consumer as _;

use super::partitions::{Paused, Phase};
use super::rebalance::{Member, Shared, list, pause, resume};
use crate::metrics;

/// How long a seek may take; it is answered inside the client.
const SEEK_WAIT: Duration = Duration::from_millis(100);
/// How many seeks in a row are refused before the partition is assigned again.
const SEEKS_BEFORE_ASSIGN: u32 = 25;

impl Shared {
    /// Everything that waits for its turn between two polls: reopened partitions, late starts,
    /// seeks.
    pub(super) fn advance(&self, member: &Member) {
        self.reopen_requested(member);
        self.take_late_starts();
        self.seek(member);
    }

    fn reopen_requested(&self, member: &Member) {
        let requested = std::mem::take(&mut *self.reopen.lock());
        let mut table = self.table.lock();
        let ours: Vec<PartitionId> =
            requested.into_iter().filter(|partition| table.silence(*partition)).collect();
        drop(table);
        if ours.is_empty() {
            return;
        }
        pause(member, &self.topic, &ours);
        if let Some(offer) = self.offer(&ours, Instant::now()) {
            metrics::rebalanced(metrics::Rebalance::Reopened, ours.len());
            self.late.lock().push(offer);
        }
    }

    fn take_late_starts(&self) {
        let mut table = self.table.lock();
        self.late.lock().retain(|offer| match offer.starts.try_recv() {
            Ok(starts) => {
                metrics::rebalanced(metrics::Rebalance::LateStart, starts.len());
                for start in starts {
                    let phase = Phase::Seeking(start.next_offset);
                    table.start(offer.id, start.partition, start.next_offset, phase);
                }
                table.close_offer(offer.id);
                false
            }
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Disconnected) => {
                table.close_offer(offer.id);
                false
            }
        });
    }

    /// Moves the client to the late starts; one that it can't move to yet is tried again.
    fn seek(&self, member: &Member) {
        let seeking = self.table.lock().seeking();
        if seeking.is_empty() {
            return;
        }
        let wanted = list(&self.topic, seeking.iter().map(|(id, at)| (*id, Offset::Offset(*at))));
        let sought = match member.seek_partitions(wanted, SEEK_WAIT) {
            Ok(sought) => sought,
            Err(error) => {
                tracing::debug!(%error, "a seek is tried again");
                return;
            }
        };
        let (there, not_there): (Vec<_>, Vec<_>) = seeking.into_iter().partition(|(id, _)| {
            let element = sought.find_partition(&self.topic, id.0);
            element.is_some_and(|element| element.error().is_ok())
        });
        self.begin_reading(member, &there);
        let stuck: Vec<(PartitionId, i64)> = not_there
            .into_iter()
            .filter(|(id, _)| {
                self.table.lock().seek_failed(*id).is_multiple_of(SEEKS_BEFORE_ASSIGN)
            })
            .collect();
        self.assign_again(member, &stuck);
    }

    /// A partition whose fetch ended in an error cannot seek: the client has to be given it anew.
    fn assign_again(&self, member: &Member, stuck: &[(PartitionId, i64)]) {
        if stuck.is_empty() {
            return;
        }
        let again = list(&self.topic, stuck.iter().map(|(id, at)| (*id, Offset::Offset(*at))));
        let outcome =
            member.incremental_unassign(&again).and_then(|()| member.incremental_assign(&again));
        match outcome {
            Ok(()) => self.begin_reading(member, stuck),
            Err(error) => tracing::warn!(%error, "partitions could not be started anew"),
        }
    }

    fn begin_reading(&self, member: &Member, started: &[(PartitionId, i64)]) {
        if started.is_empty() {
            return;
        }
        let partitions: Vec<PartitionId> = started.iter().map(|(id, _)| *id).collect();
        let mut table = self.table.lock();
        for partition in &partitions {
            table.sought(*partition);
            table.set_paused(*partition, Paused::No);
        }
        drop(table);
        resume(member, &self.topic, &partitions);
        *self.fault.lock() = None;
    }
}
