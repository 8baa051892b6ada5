//! Which partitions are served, and why others aren't: what readiness tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use learnflow_engine::id::PartitionId;
use parking_lot::Mutex;

/// Where an assigned partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionStatus {
    /// Its claim is on the way; with what holds it up.
    Claiming(Option<String>),
    /// It is served.
    Served,
    /// The log isn't the one that the store knows; needs `learnflow log adopt`.
    Refused(String),
}

/// Shared between the supervisor and whoever asks.
#[derive(Debug, Clone, Default)]
pub struct EngineStatus(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    partitions: BTreeMap<PartitionId, PartitionStatus>,
    /// Whether the log has ever assigned anything (or nothing).
    heard_of_log: bool,
    /// Everything is being handed over: nothing is wanted any more.
    draining: bool,
    /// The committer or the publisher failed: nothing is served until the process starts again.
    failed: bool,
}

impl EngineStatus {
    /// Causes why this engine isn't ready; empty when it is.
    pub fn causes(&self) -> Vec<String> {
        let inner = self.0.lock();
        let mut causes = Vec::new();
        if inner.failed {
            causes.push("the engine has failed; the process must start again".to_owned());
        }
        if inner.draining {
            causes.push("the engine is handing over".to_owned());
        }
        if !inner.heard_of_log {
            causes.push("the log has not assigned any partition yet".to_owned());
        }
        for (partition, status) in &inner.partitions {
            match status {
                PartitionStatus::Served => {}
                PartitionStatus::Claiming(None) => {
                    causes.push(format!("partition {partition} is being claimed"));
                }
                PartitionStatus::Claiming(Some(cause)) | PartitionStatus::Refused(cause) => {
                    causes.push(format!("partition {partition}: {cause}"));
                }
            }
        }
        causes
    }

    /// Every assigned partition and where it stands.
    pub fn partitions(&self) -> BTreeMap<PartitionId, PartitionStatus> {
        self.0.lock().partitions.clone()
    }

    pub(super) fn claiming(&self, partitions: impl Iterator<Item = PartitionId>) {
        let mut inner = self.0.lock();
        inner.heard_of_log = true;
        for partition in partitions {
            inner.partitions.insert(partition, PartitionStatus::Claiming(None));
        }
    }

    pub(super) fn held_up(&self, partition: PartitionId, cause: &str) {
        self.set(partition, PartitionStatus::Claiming(Some(cause.to_owned())));
    }

    pub(super) fn refused(&self, partition: PartitionId, cause: &str) {
        self.set(partition, PartitionStatus::Refused(cause.to_owned()));
    }

    pub(super) fn served(&self, partition: PartitionId) {
        self.set(partition, PartitionStatus::Served);
    }

    pub(super) fn released(&self, partition: PartitionId) {
        self.0.lock().partitions.remove(&partition);
    }

    pub(super) fn failed(&self) {
        self.0.lock().failed = true;
    }

    pub(super) fn draining(&self) {
        self.0.lock().draining = true;
    }

    /// Whether the log still assigns this partition to us.
    pub(super) fn is_wanted(&self, partition: PartitionId) -> bool {
        let inner = self.0.lock();
        !inner.draining && inner.partitions.contains_key(&partition)
    }

    fn set(&self, partition: PartitionId, status: PartitionStatus) {
        if let Some(known) = self.0.lock().partitions.get_mut(&partition) {
            *known = status;
        }
    }
}
