//! How partitions are claimed: raise the epoch, check that the log is the one that the store
//! knows, read what the last owner left.

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{Assigned, BoxStream, Inspection, LogError, Record, Start};
use learnflow_engine::port::store::{Owner, StoreError};
use learnflow_engine::session::input::HandOver;

use super::status::EngineStatus;
use crate::partition::ledger::Ledger;
use crate::partition::{Inheritance, PAGE_ROWS, Page};
use crate::world::World;

/// Pause before the store or the log is asked again.
const AGAIN: Duration = Duration::from_millis(250);
/// Timers of sleeping sessions that are kept in memory.
const TIMERS: u32 = 100_000;

/// Claimed partitions, ready to be served.
pub struct Claimed {
    /// One entry a partition that may be served.
    pub(super) partitions: Vec<ClaimedPartition>,
}

impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.partitions.iter().map(|one| one.ledger.partition);
        f.debug_list().entries(ids).finish()
    }
}

/// A claimed partition.
pub(super) struct ClaimedPartition {
    pub(super) ledger: Arc<Ledger>,
    pub(super) records: BoxStream<Record>,
    pub(super) inheritance: Inheritance,
}

/// Claims what was assigned, waiting for the store as long as the partitions are wanted.
pub(super) async fn claim(
    world: &World,
    status: &EngineStatus,
    assigned: Assigned,
) -> Option<Claimed> {
    let Assigned { partitions, start } = assigned;
    let ids: Vec<PartitionId> = partitions.iter().map(|one| one.partition).collect();
    if ids.is_empty() {
        start(Vec::new());
        return None;
    }
    let owners = claim_rows(world, status, &ids).await?;
    let mut starts = Vec::new();
    let mut claimed = Vec::new();
    for one in partitions {
        let Some(owner) = owners.iter().find(|owner| owner.partition == one.partition) else {
            continue;
        };
        if let Some((ledger, inheritance)) = prepare(world, status, owner).await {
            starts.push(Start { partition: one.partition, next_offset: owner.next_offset });
            claimed.push(ClaimedPartition { ledger, records: one.records, inheritance });
        }
    }
    start(starts);
    Some(Claimed { partitions: claimed })
}

async fn claim_rows(
    world: &World,
    status: &EngineStatus,
    ids: &[PartitionId],
) -> Option<Vec<Owner>> {
    loop {
        match world.store.claim(ids).await {
            Ok(owners) => return Some(owners),
            Err(error) => {
                tracing::warn!(%error, "partitions can't be claimed yet");
                for id in ids {
                    status.held_up(*id, &error.to_string());
                }
            }
        }
        tokio::time::sleep(AGAIN).await;
        if ids.iter().all(|id| !status.is_wanted(*id)) {
            return None;
        }
    }
}

/// Checks the log's identity and reads what the last owner left; `None` when the partition must
/// not be served.
async fn prepare(
    world: &World,
    status: &EngineStatus,
    owner: &Owner,
) -> Option<(Arc<Ledger>, Inheritance)> {
    loop {
        if !status.is_wanted(owner.partition) {
            return None;
        }
        let cause = match world.log.inspect(owner.partition, owner.next_offset).await {
            Err(LogError::Unavailable(cause) | LogError::Refused(cause)) => cause,
            Ok(seen) => {
                if let Err(fault) = identity(owner, &seen) {
                    tracing::error!(partition = %owner.partition, fault, "LF0703: the log was replaced");
                    status.refused(
                        owner.partition,
                        &format!("LF0703: {fault}; see `learnflow log adopt`"),
                    );
                    return None;
                }
                match inherit(world, owner).await {
                    Ok(inheritance) => {
                        let unsettled = world.config.unsettled_records;
                        return Some((Ledger::new(owner, seen.cluster_id, unsettled), inheritance));
                    }
                    Err(error) => error.to_string(),
                }
            }
        };
        tracing::warn!(partition = %owner.partition, cause, "a partition can't be served yet");
        status.held_up(owner.partition, &cause);
        tokio::time::sleep(AGAIN).await;
    }
}

/// Whether the log is the one that the owner row was written against.
fn identity(owner: &Owner, seen: &Inspection) -> Result<(), &'static str> {
    if owner.next_offset < seen.start || owner.next_offset > seen.end {
        return Err("the next offset lies outside the log");
    }
    if !owner.cluster_id.is_empty() && owner.cluster_id != seen.cluster_id {
        return Err("the log has another cluster id");
    }
    match (owner.digest, seen.digest) {
        (Some(known), Some(found)) if known != found => {
            Err("the record before the next offset is another one")
        }
        _ => Ok(()),
    }
}

async fn inherit(world: &World, owner: &Owner) -> Result<Inheritance, StoreError> {
    let partition = owner.partition;
    let far = Timestamp::from_micros(i64::MAX);
    let rows = world.store.outbox(partition, owner.published_seq, PAGE_ROWS).await?;
    Ok(Inheritance {
        work: world.store.work(partition).await?,
        handed_over: Some(if owner.clean { HandOver::Clean } else { HandOver::Crashed }),
        timers: world.store.due(partition, far, TIMERS).await?,
        unpublished: Page { after: owner.published_seq, until: owner.out_seq, rows },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(next_offset: i64, cluster_id: &str, digest: Option<u8>) -> Owner {
        Owner {
            partition: PartitionId(0),
            generation: 0,
            epoch: 1,
            batch: 0,
            next_offset,
            top: -1,
            out_seq: 0,
            published_seq: 0,
            claims: 1,
            clean: false,
            cluster_id: cluster_id.to_owned(),
            digest: digest.map(|byte| [byte; 16]),
        }
    }

    fn check(owner: &Owner, found: Option<u8>, fits: bool) {
        let seen = Inspection {
            start: 5,
            end: 10,
            cluster_id: "a".to_owned(),
            digest: found.map(|byte| [byte; 16]),
        };
        assert_eq!(identity(owner, &seen).is_ok(), fits, "{owner:?} {found:?}");
    }

    #[test]
    fn a_log_is_served_only_if_it_is_the_one_that_the_store_knows() {
        check(&owner(5, "", None), None, true);
        check(&owner(10, "a", Some(1)), Some(1), true);
        check(&owner(10, "a", Some(1)), None, true);
        check(&owner(10, "a", Some(1)), Some(2), false);
        check(&owner(4, "a", None), None, false);
        check(&owner(11, "a", None), None, false);
        check(&owner(7, "b", None), None, false);
    }
}
