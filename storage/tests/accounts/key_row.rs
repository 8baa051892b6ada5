//! The key row: replaced only by who has read it, and gone for good once destroyed.

use learnflow_engine::port::vault::{Place, Vault as _};
use learnflow_storage::keys::{self, MasterKeys, RewrapError, StoreVault, rewrap_some};

use crate::world::{MASTER, World, on_both};

on_both! {
    a_key_row_is_replaced_only_by_who_has_read_it,
    a_destroyed_key_is_gone,
    a_new_master_key_takes_over_in_pieces,
}

async fn a_key_row_is_replaced_only_by_who_has_read_it(world: &World) {
    let student = world.student("maya@school.example", 1).await;
    let read = keys::key_row(&world.db, student).await.unwrap().unwrap();
    let renewed = world.vault.renew(student, &read).unwrap();
    assert!(keys::replace(&world.db, student, &read, &renewed).await.unwrap());
    assert_eq!(keys::key_row(&world.db, student).await.unwrap(), Some(renewed.clone()));
    let late = world.vault.renew(student, &read).unwrap();
    assert!(!keys::replace(&world.db, student, &read, &late).await.unwrap());
    assert_eq!(keys::key_row(&world.db, student).await.unwrap(), Some(renewed));
}

async fn a_destroyed_key_is_gone(world: &World) {
    let student = world.student("maya@school.example", 1).await;
    let other = world.student("james@school.example", 2).await;
    let wrapped = keys::key_row(&world.db, student).await.unwrap().unwrap();
    let key = world.vault.unwrap_key(student, &wrapped).unwrap();
    let sealed = world.vault.seal(&key, Place::Reply, b"hello").unwrap();
    assert!(keys::destroy(&world.db, student).await.unwrap());
    assert!(!keys::destroy(&world.db, student).await.unwrap());
    assert_eq!(keys::key_row(&world.db, student).await.unwrap(), None);
    let others = keys::key_row(&world.db, other).await.unwrap().unwrap();
    let others = world.vault.unwrap_key(other, &others).unwrap();
    assert!(world.vault.open(&others, Place::Reply, &sealed).is_err());
}

async fn a_new_master_key_takes_over_in_pieces(world: &World) {
    let mut students = Vec::new();
    for seed in 1..=5 {
        students.push(world.student(&format!("s{seed}@school.example"), seed).await);
    }
    let both = StoreVault::new(MasterKeys::new([0x77; 32], vec![MASTER]));
    let (mut after, mut rewrapped_total) = (None, 0);
    loop {
        let piece = rewrap_some(&world.db, &both, after, 2).await.unwrap();
        rewrapped_total += piece.keys_total;
        after = piece.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(rewrapped_total, 5);
    let again = rewrap_some(&world.db, &both, None, 10).await.unwrap();
    assert_eq!((again.keys_total, again.skipped_total), (0, 0));
    let new_alone = StoreVault::new(MasterKeys::new([0x77; 32], Vec::new()));
    for student in students {
        let wrapped = keys::key_row(&world.db, student).await.unwrap().unwrap();
        assert!(new_alone.unwrap_key(student, &wrapped).is_ok());
    }
    let stranger = StoreVault::new(MasterKeys::new([0x01; 32], Vec::new()));
    let lost = rewrap_some(&world.db, &stranger, None, 10).await;
    assert!(matches!(lost, Err(RewrapError::Key { .. })), "{lost:?}");
}
