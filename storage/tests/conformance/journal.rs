//! The journal: steps with and without a record, the outbox's order, texts.

use learnflow_engine::id::PartitionId;

use crate::world::{World, on_both};

on_both![
    a_row_comes_back_as_it_was_written,
    a_second_step_needs_no_offset,
    both_steps_of_a_turn_fit_into_one_batch,
    the_outbox_keeps_its_order,
    texts_are_read_by_rev,
    a_group_commit_of_sixty_four_students_is_whole,
];

async fn a_row_comes_back_as_it_was_written(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(9).await;
    let (first, mut second) = (writer.step(maya, 1, 3), writer.step(maya, 2, 4));
    second.row.facts = vec![0, 255, 0, 1];
    second.row.text = Some(Vec::new());
    let rows = vec![first.row.clone(), second.row.clone()];
    world.commit(&writer.batch(vec![first, second])).await;
    assert_eq!(world.outbox(9).await, rows);
    assert_eq!(world.store.restore(maya).await.unwrap().unwrap().rows, rows);
}

async fn a_second_step_needs_no_offset(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(9).await;
    let steps = vec![writer.step(maya, 1, 41)];
    world.commit(&writer.batch(steps)).await;
    let steps = vec![writer.step(maya, 2, -1)];
    world.commit(&writer.batch(steps)).await;
    assert_eq!(world.revs(maya).await, [1, 2]);
    let owner = world.claim(9).await.owner;
    assert_eq!((owner.next_offset, owner.top, owner.out_seq), (42, 41, 2));
}

async fn both_steps_of_a_turn_fit_into_one_batch(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(9).await;
    let steps = vec![writer.step(maya, 1, 41), writer.step(maya, 2, -1)];
    world.commit(&writer.batch(steps)).await;
    assert_eq!(world.revs(maya).await, [1, 2]);
}

async fn the_outbox_keeps_its_order(world: &World) {
    let students = [world.student(9).await, world.student(1).await, world.student(5).await];
    let mut writer = world.claim(9).await;
    let mut other = world.claim(8).await;
    let elsewhere = world.student(100).await;
    for rev in 1..=3 {
        let steps = students.iter().map(|student| writer.step(*student, rev, -1)).collect();
        world.commit(&writer.batch(steps)).await;
        let steps = vec![other.step(elsewhere, rev, -1)];
        world.commit(&other.batch(steps)).await;
    }
    let seqs = |after: i64, limit: u32| async move {
        let rows = world.store.outbox(PartitionId(9), after, limit).await.unwrap();
        rows.iter().map(|row| row.out_seq).collect::<Vec<i64>>()
    };
    assert_eq!(seqs(0, 100).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(seqs(4, 3).await, [5, 6, 7]);
    assert_eq!(seqs(9, 3).await, [0_i64; 0]);
    assert_eq!(world.outbox(8).await.len(), 3);
}

async fn texts_are_read_by_rev(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(9).await;
    let steps = (1..=5).map(|rev| writer.step(maya, rev, -1)).collect();
    world.commit(&writer.batch(steps)).await;
    // Rev 2 has no text, rev 9 doesn't exist.
    let texts = world.store.texts(maya, &[1, 2, 5, 9]).await.unwrap();
    assert_eq!(texts, [(1, b"text 1".to_vec()), (5, b"text 5".to_vec())]);
    assert_eq!(world.store.texts(maya, &[]).await.unwrap(), []);
    let james = world.student(2).await;
    assert_eq!(world.store.texts(james, &[1]).await.unwrap(), []);
}

async fn a_group_commit_of_sixty_four_students_is_whole(world: &World) {
    let mut writer = world.claim(9).await;
    let mut steps = Vec::new();
    for number in 0..64 {
        let student = world.student(number).await;
        let mut step = writer.step(student, 1, i64::try_from(number).unwrap());
        step.row.text = Some(vec![7; 8_000]);
        steps.push(step);
    }
    world.commit(&writer.batch(steps)).await;
    assert_eq!(world.outbox(9).await.len(), 64);
    assert_eq!(world.claim(9).await.owner.next_offset, 64);
}
