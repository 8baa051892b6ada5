//! Slots of gateways: leased, renewed, released, fenced.

use learnflow_engine::port::store::SlotLease;
use learnflow_storage::slot;

use crate::world::{NOW, World, on_both};

on_both![
    each_gateway_gets_a_slot_of_its_own,
    a_lapsed_slot_is_taken_with_a_newer_epoch,
    a_lease_that_lapsed_is_not_revived,
    a_released_slot_is_free_at_once,
    gateways_that_start_at_once_never_share,
];

async fn each_gateway_gets_a_slot_of_its_own(world: &World) {
    let until = NOW.plus_millis(30_000);
    let mut taken = Vec::new();
    for slot in 0..3 {
        let lease = slot::lease(world.db(), 3, NOW, until).await.unwrap().unwrap();
        assert_eq!(lease, SlotLease { slot, epoch: 1, expires_at: until });
        taken.push(lease);
    }
    assert_eq!(slot::lease(world.db(), 3, NOW, until).await.unwrap(), None);
    assert_eq!(world.store.slots(NOW).await.unwrap(), taken);
    assert_eq!(world.store.slots(until).await.unwrap(), [], "lapsed");
}

async fn a_lapsed_slot_is_taken_with_a_newer_epoch(world: &World) {
    let until = NOW.plus_millis(30_000);
    slot::lease(world.db(), 1, NOW, until).await.unwrap().unwrap();
    let before = until.plus_millis(-1);
    assert_eq!(slot::lease(world.db(), 1, before, until).await.unwrap(), None);
    assert!(slot::renew(world.db(), 0, 1, before, until.plus_millis(5)).await.unwrap());
    assert_eq!(slot::lease(world.db(), 1, until, until).await.unwrap(), None, "renewed");
    let later = until.plus_millis(60_000);
    let lease = slot::lease(world.db(), 1, until.plus_millis(5), later).await.unwrap().unwrap();
    assert_eq!(lease.epoch, 2);
    // The older one is fenced: neither renewed nor given back.
    assert!(!slot::renew(world.db(), 0, 1, until, later.plus_millis(9)).await.unwrap());
    slot::release(world.db(), 0, 1).await.unwrap();
    assert_eq!(world.store.slots(until).await.unwrap(), [lease]);
}

/// Nobody has taken it yet, but routes to it may have been given up already.
async fn a_lease_that_lapsed_is_not_revived(world: &World) {
    let until = NOW.plus_millis(30_000);
    slot::lease(world.db(), 1, NOW, until).await.unwrap().unwrap();
    let later = until.plus_millis(30_000);
    assert!(!slot::renew(world.db(), 0, 1, until, later).await.unwrap());
    assert_eq!(world.store.slots(until).await.unwrap(), []);
}

async fn a_released_slot_is_free_at_once(world: &World) {
    let until = NOW.plus_millis(30_000);
    let lease = slot::lease(world.db(), 1, NOW, until).await.unwrap().unwrap();
    slot::release(world.db(), lease.slot, lease.epoch).await.unwrap();
    assert_eq!(world.store.slots(NOW).await.unwrap(), []);
    let next = slot::lease(world.db(), 1, NOW, until).await.unwrap().unwrap();
    assert_eq!(next.epoch, 2);
}

async fn gateways_that_start_at_once_never_share(world: &World) {
    let until = NOW.plus_millis(30_000);
    let lease = || slot::lease(world.db(), 4, NOW, until);
    let taken = tokio::join!(lease(), lease(), lease(), lease());
    let taken = [taken.0, taken.1, taken.2, taken.3];
    let mut slots: Vec<i32> = taken.into_iter().map(|one| one.unwrap().unwrap().slot).collect();
    slots.sort_unstable();
    assert_eq!(slots, [0, 1, 2, 3]);
}
