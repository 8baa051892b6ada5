//! The audit trail: whatever is changed, removed or cut is found.

use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_storage::audit::{self, Action, AuditError, Ground, NewEntry, append, list, verify};
use learnflow_storage::keys::MasterKeys;
use learnflow_storage::read::page::PageRequest;

use crate::world::{MASTER, NOW, World, on_both};

on_both! {
    entries_are_listed_by_student_newest_first,
    a_whole_trail_is_verified,
    the_trail_goes_on_under_a_new_master_key,
    every_change_of_an_entry_is_found,
    what_is_removed_is_found,
    the_database_refuses_a_change,
    entries_of_many_at_once_form_one_chain,
}

fn entry(number: u128) -> NewEntry {
    NewEntry {
        actor: UserId::from_seed(NOW, 1 << 96),
        action: Action::ReadTranscript,
        student: Some(StudentId::from_seed(NOW, number << 96)),
        section: Some(SectionId::from_seed(NOW, 3 << 96)),
        ground: Ground::Teaches,
    }
}

async fn fill(world: &World, entries: u128) {
    for number in 0..entries {
        let now = NOW.plus_millis(i64::try_from(number).unwrap());
        append(&world.db, world.vault.masters(), entry(number % 2), now).await.unwrap();
    }
}

async fn broken_at(world: &World) -> i64 {
    match verify(&world.db, world.vault.masters()).await {
        Err(AuditError::Broken(id)) => id,
        other => panic!("the trail is broken, but: {other:?}"),
    }
}

async fn entries_are_listed_by_student_newest_first(world: &World) {
    fill(world, 7).await;
    let student = StudentId::from_seed(NOW, 0);
    let first = list(&world.db, student, &PageRequest::first(3)).await.unwrap();
    let next = PageRequest::parse(Some(3), first.next_cursor.as_deref()).unwrap();
    let second = list(&world.db, student, &next).await.unwrap();
    let ids: Vec<i64> = first.items.iter().chain(&second.items).map(|entry| entry.id).collect();
    assert_eq!((ids, second.next_cursor), (vec![7, 5, 3, 1], None));
    assert_eq!((first.items[0].what, first.items[0].at), (entry(0), NOW.plus_millis(6)));
}

async fn a_whole_trail_is_verified(world: &World) {
    let empty = verify(&world.db, world.vault.masters()).await.unwrap();
    assert_eq!((empty.entries, empty.head), (0, vec![0; 32]));
    let bare = NewEntry { student: None, section: None, ground: Ground::None, ..entry(0) };
    append(&world.db, world.vault.masters(), bare, NOW).await.unwrap();
    fill(world, 4).await;
    let whole = verify(&world.db, world.vault.masters()).await.unwrap();
    assert_eq!(whole.entries, 5);
    assert_ne!(whole.head, vec![0; 32]);
}

async fn the_trail_goes_on_under_a_new_master_key(world: &World) {
    fill(world, 2).await;
    let both = MasterKeys::new([0x77; 32], vec![MASTER]);
    append(&world.db, &both, entry(1), NOW).await.unwrap();
    assert_eq!(verify(&world.db, &both).await.unwrap().entries, 3);
    let lost = verify(&world.db, &MasterKeys::new([0x77; 32], Vec::new())).await;
    assert!(matches!(lost, Err(AuditError::UnknownMaster { id: 1, .. })), "{lost:?}");
}

async fn every_change_of_an_entry_is_found(world: &World) {
    fill(world, 5).await;
    let whole = verify(&world.db, world.vault.masters()).await.unwrap();
    world.unlock_audit().await;
    let changes = [
        (
            "UPDATE audit SET at = at + 1 WHERE id = $1",
            "UPDATE audit SET at = at - 1 WHERE id = $1",
        ),
        (
            "UPDATE audit SET actor = student_id WHERE id = $1",
            "UPDATE audit SET actor = (SELECT a.actor FROM audit a WHERE a.id = 1) WHERE id = $1",
        ),
        (
            "UPDATE audit SET action = 'export' WHERE id = $1",
            "UPDATE audit SET action = 'read_transcript' WHERE id = $1",
        ),
        (
            "UPDATE audit SET action = 'a word of no list' WHERE id = $1",
            "UPDATE audit SET action = 'read_transcript' WHERE id = $1",
        ),
        (
            "UPDATE audit SET detail = 'own' WHERE id = $1",
            "UPDATE audit SET detail = 'teaches' WHERE id = $1",
        ),
        (
            "UPDATE audit SET section_id = NULL WHERE id = $1",
            "UPDATE audit SET section_id = (SELECT a.section_id FROM audit a WHERE a.id = 1)
             WHERE id = $1",
        ),
        (
            "UPDATE audit SET student_id = (SELECT a.student_id FROM audit a WHERE a.id = 2)
             WHERE id = $1",
            "UPDATE audit SET student_id = (SELECT a.student_id FROM audit a WHERE a.id = 1)
             WHERE id = $1",
        ),
        (
            "UPDATE audit SET prev_hash = hash WHERE id = $1",
            "UPDATE audit SET prev_hash = (SELECT a.hash FROM audit a WHERE a.id = 2)
             WHERE id = $1",
        ),
    ];
    for (change, undo) in changes {
        world.execute_number(change, 3).await;
        assert_eq!(broken_at(world).await, 3, "{change}");
        world.execute_number(undo, 3).await;
        assert_eq!(verify(&world.db, world.vault.masters()).await.unwrap(), whole, "{undo}");
    }
}

async fn what_is_removed_is_found(world: &World) {
    fill(world, 6).await;
    world.unlock_audit().await;
    world.execute_number("DELETE FROM audit WHERE id = $1", 6).await;
    let cut = verify(&world.db, world.vault.masters()).await;
    assert!(matches!(cut, Err(AuditError::Cut { found: 5, expected: 6 })), "{cut:?}");
    world.execute_number("DELETE FROM audit WHERE id = $1", 2).await;
    assert_eq!(broken_at(world).await, 3);
    // A trail that was cut together with its head lacks the hash that was noted before.
    world.execute_number("UPDATE audit_head SET id = $1", 1).await;
    assert_eq!(broken_at(world).await, 1);
}

async fn the_database_refuses_a_change(world: &World) {
    fill(world, 2).await;
    for statement in ["UPDATE audit SET at = 0 WHERE id = $1", "DELETE FROM audit WHERE id = $1"] {
        let refused = world.try_execute_number(statement, 1).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(verify(&world.db, world.vault.masters()).await.unwrap().entries, 2);
}

async fn entries_of_many_at_once_form_one_chain(world: &World) {
    let masters = world.vault.masters();
    let add = |number| append(&world.db, masters, entry(number), NOW);
    let (a, b, c, d) = tokio::join!(add(1), add(2), add(3), add(4));
    let mut ids = [a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()];
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_eq!(verify(&world.db, masters).await.unwrap().entries, 4);
}

#[test]
fn every_word_names_what_it_was_made_of() {
    for action in [Action::ReadOverview, Action::Export, Action::Refused, Action::DestroyKey] {
        assert_eq!(Action::parse(action.as_str()), Some(action));
    }
    assert_eq!(Action::parse("teaches"), None);
    assert_eq!(audit::Ground::parse("teaches"), Some(Ground::Teaches));
}
