//! One writer a partition: epochs, batch numbers, repeated batches, generations.

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::{Batch, Committed, Owner};
use learnflow_storage::adopt::{self, Beginning};

use crate::world::{World, Writer, assert_refused, on_both, student, together};

on_both![
    a_claim_raises_the_epoch_and_counts,
    a_stale_epoch_is_refused,
    a_partly_fenced_batch_commits_the_rest,
    the_same_batch_again_changes_nothing,
    a_batch_number_that_does_not_fit_is_a_fence,
    a_refused_batch_writes_nothing_and_its_halves_still_fit,
    a_step_of_a_partition_without_owner_is_refused,
    a_watermark_may_have_a_gap_below_it,
    a_clean_hand_over_is_told_once,
    claims_count_until_the_watermark_moves,
    a_new_log_generation_fences_and_sets_offsets,
    a_recreated_topic_is_told_by_the_owner_row,
    a_claim_during_commits_fences_the_older_epoch,
    claims_and_commits_of_many_partitions_never_deadlock,
];

async fn a_claim_raises_the_epoch_and_counts(world: &World) {
    let wanted = [PartitionId(7), PartitionId(2), PartitionId(7)];
    let first = world.store.claim(&wanted).await.unwrap();
    let fresh = |partition: i32| Owner {
        partition: PartitionId(partition),
        generation: 0,
        epoch: 1,
        batch: 0,
        next_offset: 0,
        top: -1,
        out_seq: 0,
        published_seq: 0,
        claims: 1,
        clean: false,
        cluster_id: String::new(),
        digest: None,
    };
    assert_eq!(first, [fresh(2), fresh(7)]);
    let again = world.claim(7).await.owner;
    assert_eq!(again, Owner { epoch: 2, claims: 2, ..fresh(7) });
    assert_eq!(world.store.claim(&[]).await.unwrap(), []);
}

async fn a_stale_epoch_is_refused(world: &World) {
    let maya = world.student(1).await;
    let mut old = world.claim(3).await;
    let new = world.claim(3).await;
    let steps = vec![old.step(maya, 1, 0)];
    let outcome = world.store.commit(&old.batch(steps)).await.unwrap();
    assert_eq!(outcome, Committed { fenced: vec![PartitionId(3)] });
    assert_eq!(world.outbox(3).await, []);
    let after = world.claim(3).await.owner;
    assert_eq!((after.batch, after.next_offset), (new.owner.batch, new.owner.next_offset));
}

async fn a_partly_fenced_batch_commits_the_rest(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let (mut lost, mut kept) = (world.claim(1).await, world.claim(2).await);
    world.claim(1).await;
    let mut of_lost = lost.loose(maya, 4, Some(9));
    of_lost.steps.push(lost.step(maya, 1, 5));
    let of_kept = vec![kept.step(james, 1, 6)];
    let batch = together(vec![of_lost, kept.batch(of_kept)]);
    let outcome = world.store.commit(&batch).await.unwrap();
    assert_eq!(outcome.fenced, [PartitionId(1)]);
    assert_eq!(world.outbox(1).await, []);
    assert_eq!(world.outbox(2).await.len(), 1);
    let restored = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!((restored.snapshot, restored.next_timer), (None, None));
    assert_eq!(world.claim(2).await.owner.next_offset, 7);
    // The same again: one partition was applied, the other is still lost.
    let again = world.store.commit(&batch).await.unwrap();
    assert_eq!(again.fenced, [PartitionId(1), PartitionId(2)], "2 was claimed meanwhile");
}

async fn the_same_batch_again_changes_nothing(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(4).await;
    let mut step = writer.step(maya, 1, 0);
    step.snapshot = Some(crate::world::snapshot(1));
    let batch = writer.batch(vec![step]);
    world.commit(&batch).await;
    let before = (world.outbox(4).await, world.store.restore(maya).await.unwrap());
    world.commit(&batch).await;
    assert_eq!((world.outbox(4).await, world.store.restore(maya).await.unwrap()), before);
    assert_eq!(before.0.len(), 1);
    let steps = vec![writer.step(maya, 2, 1)];
    world.commit(&writer.batch(steps)).await;
    assert_eq!(world.outbox(4).await.len(), 2);
}

async fn a_batch_number_that_does_not_fit_is_a_fence(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(4).await;
    for rev in 1..=2 {
        let steps = vec![writer.step(maya, rev, rev)];
        world.commit(&writer.batch(steps)).await;
    }
    for batch in [0, 1, 4, 9] {
        let mut stray = writer.clone();
        let steps = vec![stray.step(maya, 3, 3)];
        let mut wrong = stray.batch(steps);
        wrong.owners[0].batch = batch;
        let outcome = world.store.commit(&wrong).await.unwrap();
        assert_eq!(outcome.fenced, [PartitionId(4)], "batch {batch}");
    }
    let mut unknown = writer.clone();
    unknown.owner.partition = PartitionId(99);
    let outcome = world.store.commit(&unknown.batch(Vec::new())).await.unwrap();
    assert_eq!(outcome.fenced, [PartitionId(99)], "nobody ever claimed it");
    assert_eq!(world.outbox(4).await.len(), 2);
}

async fn a_refused_batch_writes_nothing_and_its_halves_still_fit(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(4).await;
    let steps = vec![writer.step(maya, 1, 0)];
    world.commit(&writer.batch(steps)).await;
    let before = writer.clone();
    // The rev is taken: a fault of the data, not of the fence.
    let steps = vec![writer.step(james, 1, 1), writer.step(maya, 1, 2)];
    assert_refused(&world.store.commit(&writer.batch(steps)).await);
    assert_eq!(world.outbox(4).await.len(), 1);
    let mut half = before;
    let steps = vec![half.step(james, 1, 1)];
    world.commit(&half.batch(steps)).await;
    assert_eq!(world.revs(james).await, [1]);
}

async fn a_step_of_a_partition_without_owner_is_refused(world: &World) {
    let maya = world.student(1).await;
    let (mut named, mut forgotten) = (world.claim(4).await, world.claim(5).await);
    let mut batch = named.batch(Vec::new());
    batch.steps.push(forgotten.step(maya, 1, 0));
    assert_refused(&world.store.commit(&batch).await);
    batch.steps.clear();
    batch.snapshots = forgotten.loose(maya, 1, None).snapshots;
    assert_refused(&world.store.commit(&batch).await);
    assert_eq!(world.claim(4).await.owner.batch, 0);
}

async fn a_watermark_may_have_a_gap_below_it(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(4).await;
    let step = writer.step(maya, 1, 7);
    writer.owner.next_offset = 3;
    world.commit(&writer.batch(vec![step])).await;
    let mut next = world.claim(4).await;
    assert_eq!((next.owner.next_offset, next.owner.top), (3, 7));
    // The records below it are settled by a batch without a step.
    next.owner.next_offset = 8;
    world.commit(&next.batch(Vec::new())).await;
    let last = world.claim(4).await.owner;
    assert_eq!((last.next_offset, last.top), (8, 7));
}

async fn a_clean_hand_over_is_told_once(world: &World) {
    let mut writer = world.claim(4).await;
    let mut batch = writer.batch(Vec::new());
    batch.owners[0].clean = true;
    world.commit(&batch).await;
    assert!(world.claim(4).await.owner.clean);
    assert!(!world.claim(4).await.owner.clean);
}

async fn claims_count_until_the_watermark_moves(world: &World) {
    world.claim(4).await;
    let mut writer = world.claim(4).await;
    assert_eq!(writer.owner.claims, 2);
    // A step without a record is no progress: recovery alone must not hide a poisonous record.
    let steps = vec![writer.step(student(1), 1, -1)];
    world.commit(&writer.batch(steps)).await;
    let mut writer = world.claim(4).await;
    assert_eq!(writer.owner.claims, 3);
    let steps = vec![writer.step(student(1), 2, 0)];
    world.commit(&writer.batch(steps)).await;
    assert_eq!(world.claim(4).await.owner.claims, 1);
}

async fn a_new_log_generation_fences_and_sets_offsets(world: &World) {
    let maya = world.student(1).await;
    let mut old = world.claim(4).await;
    let steps = vec![old.step(maya, 1, 500)];
    let mut batch = old.batch(steps);
    batch.owners[0].digest = Some([7; 16]);
    world.commit(&batch).await;
    let beginning = |partition: i32, next_offset: i64| Beginning {
        partition: PartitionId(partition),
        next_offset,
        cluster_id: "new".to_owned(),
    };
    let beginnings = [beginning(4, 12), beginning(5, 3)];
    assert_eq!(adopt::adopt(world.db(), &beginnings).await.unwrap(), 1);
    let steps = vec![old.step(maya, 2, 501)];
    let outcome = world.store.commit(&old.batch(steps)).await.unwrap();
    assert_eq!(outcome.fenced, [PartitionId(4)], "whoever served the old log must stop");
    let mut new = world.claim(4).await;
    let owner = &new.owner;
    assert_eq!((owner.generation, owner.next_offset), (1, 12));
    assert_eq!((owner.digest, owner.cluster_id.as_str()), (None, "new"));
    assert_eq!(owner.top, 500, "an embedded log goes on above what was ever committed");
    assert_eq!(owner.out_seq, 1, "the outbox goes on");
    let other = world.claim(5).await.owner;
    assert_eq!((other.generation, other.next_offset), (1, 3), "one that nobody ever claimed");
    assert_eq!(
        adopt::tops(world.db()).await.unwrap(),
        [(PartitionId(4), 500), (PartitionId(5), -1)]
    );
    let steps = vec![new.step(maya, 2, 12)];
    world.commit(&new.batch(steps)).await;
    let generations: Vec<i64> = world.outbox(4).await.iter().map(|row| row.generation).collect();
    assert_eq!(generations, [0, 1]);
}

async fn a_recreated_topic_is_told_by_the_owner_row(world: &World) {
    let mut writer = world.claim(4).await;
    let mut batch = writer.batch(Vec::new());
    batch.owners[0].cluster_id = "first".to_owned();
    batch.owners[0].digest = Some([9; 16]);
    world.commit(&batch).await;
    let mut writer = world.claim(4).await;
    assert_eq!((writer.owner.cluster_id.as_str(), writer.owner.digest), ("first", Some([9; 16])));
    // No digest leaves the one that is there.
    let mut batch = writer.batch(Vec::new());
    batch.owners[0].cluster_id = "second".to_owned();
    world.commit(&batch).await;
    let owner = world.claim(4).await.owner;
    assert_eq!((owner.cluster_id.as_str(), owner.digest), ("second", Some([9; 16])));
}

async fn a_claim_during_commits_fences_the_older_epoch(world: &World) {
    const COMMITS_MAX: i64 = 2_000;
    let maya = world.student(1).await;
    for round in 0..5 {
        let mut old = world.claim(4).await;
        let first_rev = world.outbox(4).await.len();
        let committing = async {
            let first = i64::try_from(first_rev).unwrap() + 1;
            for rev in first..first + COMMITS_MAX {
                let steps = vec![old.step(maya, rev, -1)];
                if !world.store.commit(&old.batch(steps)).await.unwrap().fenced.is_empty() {
                    return;
                }
            }
            panic!("the older epoch was never fenced");
        };
        let claiming = async {
            while world.outbox(4).await.len() < first_rev + 3 {
                tokio::task::yield_now().await;
            }
            world.claim(4).await.owner
        };
        let ((), new) = tokio::join!(committing, claiming);
        // What the claim was told is all there will ever be of the older epoch.
        let rows = world.outbox(4).await;
        assert_eq!(rows.last().unwrap().out_seq, new.out_seq, "round {round}");
        assert!(rows.iter().all(|row| row.epoch < new.epoch));
    }
}

async fn claims_and_commits_of_many_partitions_never_deadlock(world: &World) {
    const PARTITIONS: i32 = 12;
    let ids: Vec<PartitionId> = (0..PARTITIONS).map(PartitionId).collect();
    let reversed: Vec<PartitionId> = ids.iter().rev().copied().collect();
    world.store.claim(&ids).await.unwrap();
    let round = |order: Vec<PartitionId>| async move {
        for _ in 0..10 {
            let owners = world.store.claim(&order).await.unwrap();
            let mut writers: Vec<Writer> =
                owners.into_iter().map(|owner| Writer { owner }).collect();
            let batches: Vec<Batch> = writers.iter_mut().map(|w| w.batch(Vec::new())).collect();
            world.store.commit(&together(batches)).await.unwrap();
        }
    };
    tokio::join!(round(ids.clone()), round(reversed.clone()), round(ids), round(reversed));
}
