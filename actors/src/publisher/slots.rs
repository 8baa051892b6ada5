//! Which routes lead nowhere: slots whose gateway has lost its lease. Pure.

use std::collections::BTreeMap;

use learnflow_engine::port::log::Reply;
use learnflow_engine::port::store::SlotLease;

/// What is known of leases. A route is dead only if a look into the lease table that began after
/// the route was first used did not find its lease: a table that was read too early proves nothing.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// The newest lease of each slot that was used since the last look began.
    used: BTreeMap<i32, i64>,
    /// The newest dead lease of each slot; older ones are dead too.
    dead: BTreeMap<i32, i64>,
}

/// The leases that a look into the table is about.
#[derive(Debug)]
pub struct Looked(BTreeMap<i32, i64>);

impl Slots {
    /// Whether somebody may read this reply.
    pub(super) fn is_wanted(&mut self, reply: &Reply) -> bool {
        if self.dead.get(&reply.slot).is_some_and(|dead| reply.slot_epoch <= *dead) {
            return false;
        }
        let used = self.used.entry(reply.slot).or_insert(reply.slot_epoch);
        *used = reply.slot_epoch.max(*used);
        true
    }

    /// A look into the table begins; `None` when nothing could be learned from it.
    pub(super) fn look(&mut self) -> Option<Looked> {
        let used = std::mem::take(&mut self.used);
        (!used.is_empty() || !self.dead.is_empty()).then_some(Looked(used))
    }

    /// What the table says: the leases that stand.
    pub(super) fn learn(&mut self, looked: &Looked, standing: &[SlotLease]) {
        for (slot, epoch) in &looked.0 {
            self.dead.insert(*slot, *epoch);
        }
        for lease in standing {
            self.dead.insert(lease.slot, lease.epoch - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use learnflow_engine::clock::Timestamp;
    use learnflow_engine::id::StudentId;
    use learnflow_engine::port::log::ReplyHeader;

    use super::*;

    fn is_wanted(slots: &mut Slots, slot: i32, slot_epoch: i64) -> bool {
        let student = StudentId::from_seed(Timestamp::EPOCH, 1);
        let header = ReplyHeader::Passing;
        slots.is_wanted(&Reply { slot, slot_epoch, student, header, body: Bytes::new() })
    }

    fn standing(leases: &[(i32, i64)]) -> Vec<SlotLease> {
        let expires_at = Timestamp::from_millis(1);
        leases.iter().map(|&(slot, epoch)| SlotLease { slot, epoch, expires_at }).collect()
    }

    #[test]
    fn a_lease_that_the_table_lacks_is_dead_until_the_table_has_it_or_a_newer() {
        let mut slots = Slots::default();
        assert!(slots.look().is_none(), "nothing to learn");
        assert!(is_wanted(&mut slots, 1, 4) && is_wanted(&mut slots, 2, 7));
        let looked = slots.look().unwrap();
        slots.learn(&looked, &standing(&[(2, 7)]));
        assert!(!is_wanted(&mut slots, 1, 4) && !is_wanted(&mut slots, 1, 3));
        assert!(is_wanted(&mut slots, 2, 7) && !is_wanted(&mut slots, 2, 6));
        assert!(is_wanted(&mut slots, 1, 5), "a newer lease of the slot");
        let looked = slots.look().unwrap();
        slots.learn(&looked, &standing(&[(1, 4), (2, 7)]));
        assert!(is_wanted(&mut slots, 1, 4), "a renewal that came late");
    }

    #[test]
    fn a_look_that_began_before_a_route_was_used_does_not_condemn_it() {
        let mut slots = Slots::default();
        assert!(is_wanted(&mut slots, 1, 1));
        let looked = slots.look().unwrap();
        assert!(is_wanted(&mut slots, 2, 1));
        slots.learn(&looked, &standing(&[(1, 1)]));
        assert!(is_wanted(&mut slots, 2, 1));
    }
}
