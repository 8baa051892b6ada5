//! Sessions: restore, snapshots, timers, work, quarantine.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{SnapshotRow, StoreError, Work, WorkChange, WorkKind};
use learnflow_storage::read::journal;
use learnflow_storage::retention;
use uuid::Uuid;

use crate::world::{NOW, World, Writer, on_both, snapshot, student};

on_both![
    without_a_key_there_is_no_session,
    restore_is_the_snapshot_and_later_rows,
    a_gap_in_the_journal_is_damage,
    an_older_snapshot_never_replaces_a_newer,
    the_newest_snapshot_of_a_batch_wins,
    the_timer_column_changes_whatever_the_rev,
    a_loose_snapshot_is_older_than_a_later_step,
    due_timers_come_earliest_first,
    work_is_put_and_removed,
    work_that_begins_and_ends_in_one_batch_leaves_nothing,
    quarantine_comes_and_goes,
    old_rows_that_nothing_needs_are_trimmed_and_the_newest_stays,
    a_store_that_is_closed_is_unavailable,
];

const fn micros(value: i64) -> Timestamp {
    Timestamp::from_micros(value)
}

#[expect(clippy::option_option, reason = "as the port has it")]
async fn commit_step(
    world: &World,
    writer: &mut Writer,
    student: StudentId,
    rev: i64,
    snapshot_rev: Option<i64>,
    next_timer: Option<Option<Timestamp>>,
) {
    let mut step = writer.step(student, rev, -1);
    step.snapshot = snapshot_rev.map(snapshot);
    step.next_timer = next_timer;
    world.commit(&writer.batch(vec![step])).await;
}

async fn without_a_key_there_is_no_session(world: &World) {
    let mut writer = world.claim(1).await;
    commit_step(world, &mut writer, student(404), 1, Some(1), None).await;
    assert_eq!(world.store.restore(student(404)).await.unwrap(), None);
    let maya = world.student(1).await;
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(session.key.0, 1_u128.to_be_bytes());
    assert_eq!((session.snapshot, session.rows, session.quarantines), (None, Vec::new(), 0));
}

async fn restore_is_the_snapshot_and_later_rows(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    for rev in 0..=5 {
        let snapshot_rev = (rev == 3).then_some(3);
        commit_step(world, &mut writer, maya, rev, snapshot_rev, None).await;
        if rev == 2 {
            assert_eq!(world.revs(maya).await, [0, 1, 2], "all rows, as long as there is none");
        }
    }
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(session.snapshot, Some(snapshot(3)));
    assert_eq!(world.revs(maya).await, [4, 5]);
}

async fn a_gap_in_the_journal_is_damage(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    for rev in [1, 2, 4] {
        commit_step(world, &mut writer, maya, rev, None, None).await;
    }
    let outcome = world.store.restore(maya).await;
    assert!(matches!(outcome, Err(StoreError::Damaged(_))), "{outcome:?}");
}

async fn an_older_snapshot_never_replaces_a_newer(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    for rev in 1..=5 {
        commit_step(world, &mut writer, maya, rev, (rev == 5).then_some(5), None).await;
    }
    for (written, kept) in [(3, 5), (5, 5), (4, 5)] {
        world.commit(&writer.loose(maya, written, None)).await;
        let session = world.store.restore(maya).await.unwrap().unwrap();
        assert_eq!(session.snapshot, Some(snapshot(kept)), "after {written}");
    }
    commit_step(world, &mut writer, maya, 6, Some(6), None).await;
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!((session.snapshot, session.rows.len()), (Some(snapshot(6)), 0));
}

async fn the_newest_snapshot_of_a_batch_wins(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let mut steps: Vec<_> = (1..=3).map(|rev| writer.step(maya, rev, -1)).collect();
    steps[0].snapshot = Some(snapshot(1));
    steps[2].snapshot = Some(snapshot(3));
    let mut batch = writer.loose(maya, 2, None);
    batch.steps = steps;
    world.commit(&batch).await;
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(session.snapshot, Some(snapshot(3)));
}

async fn timer_of(world: &World, student: StudentId) -> Option<i64> {
    let session = world.store.restore(student).await.unwrap().unwrap();
    session.next_timer.map(Timestamp::as_micros)
}

async fn the_timer_column_changes_whatever_the_rev(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    // Before there is any snapshot.
    commit_step(world, &mut writer, maya, 1, None, Some(Some(micros(500)))).await;
    assert_eq!(timer_of(world, maya).await, Some(500));
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!((session.snapshot, session.rows.len()), (None, 1));
    // No word about it leaves it.
    commit_step(world, &mut writer, maya, 2, Some(2), None).await;
    assert_eq!(timer_of(world, maya).await, Some(500));
    // An older snapshot is not taken, its timer is.
    world.commit(&writer.loose(maya, 1, Some(300))).await;
    assert_eq!(timer_of(world, maya).await, Some(300));
    commit_step(world, &mut writer, maya, 3, None, Some(Some(micros(200)))).await;
    assert_eq!(timer_of(world, maya).await, Some(200));
    commit_step(world, &mut writer, maya, 4, None, Some(None)).await;
    assert_eq!(timer_of(world, maya).await, None);
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(session.snapshot, Some(snapshot(2)));
}

async fn a_loose_snapshot_is_older_than_a_later_step(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let mut step = writer.step(maya, 1, -1);
    step.next_timer = Some(Some(micros(100)));
    let mut batch = writer.loose(maya, 0, Some(900));
    batch.steps = vec![step];
    world.commit(&batch).await;
    assert_eq!(timer_of(world, maya).await, Some(100));
    let mut step = writer.step(maya, 2, -1);
    step.next_timer = Some(Some(micros(100)));
    let mut batch = writer.loose(maya, 2, Some(900));
    batch.steps = vec![step];
    world.commit(&batch).await;
    assert_eq!(timer_of(world, maya).await, Some(900));
}

async fn due_timers_come_earliest_first(world: &World) {
    let mut writer = world.claim(1).await;
    let mut other = world.claim(2).await;
    for (number, due) in [(1, 300), (2, 100), (3, 200), (4, 900)] {
        let at = Some(Some(micros(due)));
        commit_step(world, &mut writer, student(number), 1, None, at).await;
    }
    commit_step(world, &mut other, student(9), 1, None, Some(Some(micros(50)))).await;
    let due = |until: i64, limit: u32| async move {
        let due = world.store.due(PartitionId(1), micros(until), limit).await.unwrap();
        due.iter().map(|(_, at)| at.as_micros()).collect::<Vec<i64>>()
    };
    assert_eq!(due(300, 10).await, [100, 200, 300]);
    assert_eq!(due(300, 2).await, [100, 200]);
    assert_eq!(due(99, 10).await, [0_i64; 0]);
    let first = world.store.due(PartitionId(1), NOW, 1).await.unwrap();
    assert_eq!(first, [(student(2), micros(100))]);
}

fn answer(student: StudentId, number: u128, attempt: i16) -> Work {
    let id = Uuid::from_u128(number);
    Work { student, id, kind: WorkKind::Answer, attempt, crashes: 0 }
}

async fn work_is_put_and_removed(world: &World) {
    let (maya, james) = (student(1), student(2));
    let mut writer = world.claim(1).await;
    let mut commit = async |student: StudentId, rev: i64, work: Vec<WorkChange>| {
        let mut step = writer.step(student, rev, -1);
        step.work = work;
        world.commit(&writer.batch(vec![step])).await;
    };
    let list = || async { world.store.work(PartitionId(1)).await.unwrap() };
    commit(maya, 1, vec![WorkChange::Put(answer(maya, 11, 1))]).await;
    commit(james, 1, vec![WorkChange::Put(answer(james, 12, 1))]).await;
    assert_eq!(list().await, [answer(maya, 11, 1), answer(james, 12, 1)]);
    let again = Work { crashes: 2, ..answer(maya, 11, 3) };
    commit(maya, 2, vec![WorkChange::Put(again.clone())]).await;
    assert_eq!(list().await, [again.clone(), answer(james, 12, 1)]);
    // Of another student: not theirs to remove.
    commit(maya, 3, vec![WorkChange::Remove { id: Uuid::from_u128(12) }]).await;
    commit(james, 2, vec![WorkChange::Remove { id: Uuid::from_u128(99) }]).await;
    assert_eq!(list().await.len(), 2);
    commit(james, 3, vec![WorkChange::Remove { id: Uuid::from_u128(12) }]).await;
    assert_eq!(list().await, [again]);
    assert_eq!(world.store.work(PartitionId(2)).await.unwrap(), []);
}

async fn work_that_begins_and_ends_in_one_batch_leaves_nothing(world: &World) {
    let maya = student(1);
    let mut writer = world.claim(1).await;
    let (mut accept, mut complete) = (writer.step(maya, 1, 0), writer.step(maya, 2, -1));
    let mut next = writer.step(maya, 3, 1);
    accept.work = vec![WorkChange::Put(answer(maya, 11, 1))];
    complete.work = vec![WorkChange::Remove { id: Uuid::from_u128(11) }];
    next.work = vec![WorkChange::Put(answer(maya, 12, 1))];
    world.commit(&writer.batch(vec![accept, complete, next])).await;
    assert_eq!(world.store.work(PartitionId(1)).await.unwrap(), [answer(maya, 12, 1)]);
}

async fn quarantine_comes_and_goes(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    commit_step(world, &mut writer, maya, 0, None, None).await;
    commit_step(world, &mut writer, maya, 1, None, None).await;
    // There is no session row yet.
    world.store.quarantine(maya, Some(NOW), 2).await.unwrap();
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!((session.quarantined_until, session.quarantines), (Some(NOW), 2));
    assert_eq!((session.snapshot, session.rows.len()), (None, 2));
    commit_step(world, &mut writer, maya, 2, Some(2), Some(Some(micros(5)))).await;
    world.store.quarantine(maya, None, 3).await.unwrap();
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!((session.quarantined_until, session.quarantines), (None, 3));
    assert_eq!((session.snapshot, session.next_timer), (Some(snapshot(2)), Some(micros(5))));
    // Nobody there: nothing happens.
    world.store.quarantine(student(404), Some(NOW), 1).await.unwrap();
}

async fn a_store_that_is_closed_is_unavailable(world: &World) {
    world.store.health().await.unwrap();
    world.db().close().await;
    let health = world.store.health().await;
    assert!(matches!(health, Err(StoreError::Unavailable(_))), "{health:?}");
    let claim = world.store.claim(&[PartitionId(1)]).await;
    assert!(matches!(claim, Err(StoreError::Unavailable(_))), "{claim:?}");
}

/// The steps that the journal still has, those in the snapshot too.
async fn journal_revs(world: &World, student: StudentId) -> Vec<i64> {
    let steps = journal::events_after(world.db(), student, 0, journal::ROWS_MAX).await.unwrap();
    steps.iter().map(|step| step.rev).collect()
}

async fn old_rows_that_nothing_needs_are_trimmed_and_the_newest_stays(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(0).await;
    let mut steps = Vec::new();
    for rev in 1..=6 {
        let mut step = writer.step(maya, rev, rev - 1);
        step.row.at = NOW.plus_millis(rev * 1_000);
        // The conversation needs rev 4 and what follows; the snapshot holds everything.
        step.snapshot = (rev == 6).then(|| SnapshotRow { kept_from: 4, ..snapshot(6) });
        steps.push(step);
    }
    let mut batch = writer.batch(steps);
    batch.owners[0].published_seq = 3;
    world.commit(&batch).await;
    let trim = |ms| retention::trim(world.db(), maya, NOW.plus_millis(ms));
    assert_eq!(trim(0).await.unwrap(), 0, "nothing is old enough");
    assert_eq!(trim(3_000).await.unwrap(), 2, "rev 1 and 2");
    assert_eq!(journal_revs(world, maya).await, [3, 4, 5, 6]);
    assert_eq!(trim(60_000).await.unwrap(), 1, "rev 3; 4 is needed");
    let mut work = writer.step(maya, 7, 6);
    work.row.at = NOW.plus_millis(7_000);
    work.snapshot = Some(SnapshotRow { kept_from: 8, ..snapshot(7) });
    work.work = vec![WorkChange::Put(Work {
        student: maya,
        id: Uuid::from_u128(9),
        kind: WorkKind::Answer,
        attempt: 1,
        crashes: 0,
    })];
    world.commit(&writer.batch(vec![work])).await;
    assert_eq!(trim(60_000).await.unwrap(), 0, "something runs");
    let mut done = writer.step(maya, 8, 7);
    done.row.at = NOW.plus_millis(8_000);
    done.snapshot = Some(SnapshotRow { kept_from: 9, ..snapshot(8) });
    done.work = vec![WorkChange::Remove { id: Uuid::from_u128(9) }];
    let mut batch = writer.batch(vec![done]);
    batch.owners[0].published_seq = 5;
    world.commit(&batch).await;
    assert_eq!(trim(60_000).await.unwrap(), 2, "what was not published stays");
    assert_eq!(journal_revs(world, maya).await, [6, 7, 8]);
    let restored = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(restored.snapshot.map(|snapshot| (snapshot.rev, snapshot.kept_from)), Some((8, 9)));
}
