//! The fence: whether a batch may write for a partition, by epoch and batch number.

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::{Batch, OwnerUpdate, StoreError};

/// What an owner row says to an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The epoch is the row's and the batch is the next one.
    Fits,
    /// This very batch was applied before: the outcome of its COMMIT was unknown.
    AppliedBefore,
    /// Somebody else owns the partition, or the batch number doesn't follow.
    Fenced,
}

/// Judges an update by the row's epoch and batch; `None` when there is no row.
pub(super) fn verdict(standing: Option<(i64, i64)>, update: &OwnerUpdate) -> Verdict {
    match standing {
        Some((epoch, batch)) if epoch == update.epoch && batch == update.batch - 1 => Verdict::Fits,
        Some((epoch, batch)) if epoch == update.epoch && batch == update.batch => {
            Verdict::AppliedBefore
        }
        Some(_) | None => Verdict::Fenced,
    }
}

/// Refuses a batch that holds something of a partition whose owner row it doesn't name: nothing
/// would say whether that may be written.
pub(super) fn check(batch: &Batch) -> Result<(), StoreError> {
    let named = |partition: PartitionId| batch.owners.iter().any(|o| o.partition == partition);
    let steps = batch.steps.iter().map(|step| step.row.partition);
    let snapshots = batch.snapshots.iter().map(|loose| loose.partition);
    match steps.chain(snapshots).find(|partition| !named(*partition)) {
        Some(partition) => {
            Err(StoreError::Refused(format!("partition {partition} has no owner in the batch")))
        }
        None => Ok(()),
    }
}

/// A batch's owners, sorted into those that may write and those that must stop.
#[derive(Debug, Default)]
pub(super) struct Judged<'a> {
    /// Whose changes are written.
    pub(super) fitting: Vec<&'a OwnerUpdate>,
    /// Who must stop.
    pub(super) fenced: Vec<PartitionId>,
}

impl<'a> Judged<'a> {
    /// Judges one more owner.
    pub(super) fn push(&mut self, update: &'a OwnerUpdate, standing: Option<(i64, i64)>) {
        match verdict(standing, update) {
            Verdict::Fits => self.fitting.push(update),
            Verdict::AppliedBefore => {}
            Verdict::Fenced => self.fenced.push(update.partition),
        }
    }

    /// Whether a partition's changes are written.
    pub(super) fn fits(&self, partition: PartitionId) -> bool {
        self.fitting.iter().any(|update| update.partition == partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(epoch: i64, batch: i64) -> OwnerUpdate {
        OwnerUpdate {
            partition: PartitionId(1),
            epoch,
            batch,
            next_offset: 0,
            top: -1,
            out_seq: 0,
            published_seq: 0,
            cluster_id: String::new(),
            digest: None,
            clean: false,
        }
    }

    #[test]
    fn only_the_next_batch_of_the_same_epoch_fits() {
        let cases = [
            (Some((3, 7)), Verdict::Fits),
            (Some((3, 8)), Verdict::AppliedBefore),
            (Some((3, 6)), Verdict::Fenced),
            (Some((3, 9)), Verdict::Fenced),
            (Some((4, 7)), Verdict::Fenced),
            (Some((2, 7)), Verdict::Fenced),
            (Some((4, 8)), Verdict::Fenced),
            (None, Verdict::Fenced),
        ];
        for (standing, expected) in cases {
            assert_eq!(verdict(standing, &update(3, 8)), expected, "{standing:?}");
        }
    }
}
