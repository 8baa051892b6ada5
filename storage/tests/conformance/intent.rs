//! Intents: relayed until a step settles them, also when two relays are at work.

use learnflow_engine::id::{IntentId, StudentId};
use learnflow_engine::port::store::IntentRow;
use learnflow_storage::intent;
use uuid::Uuid;

use crate::world::{NOW, World, on_both};

on_both![
    an_intent_is_relayed_again_until_it_is_settled,
    two_relays_never_take_the_same_intent_at_once,
    an_intent_relayed_twice_is_settled_once,
    a_result_is_kept_for_a_day,
];

fn of(student: StudentId, number: u128) -> IntentRow {
    IntentRow {
        id: IntentId::new(Uuid::from_u128(number)),
        student,
        kind: "policy".to_owned(),
        body: vec![1, 2, 3],
    }
}

async fn an_intent_is_relayed_again_until_it_is_settled(world: &World) {
    let row = of(world.student(1).await, 100);
    intent::insert(world.db(), &row, NOW).await.unwrap();
    intent::insert(world.db(), &row, NOW).await.unwrap();
    assert_eq!(world.store.intents(NOW.plus_millis(-1), 10).await.unwrap(), []);
    let mut at = NOW;
    for pause_ms in [5_000, 10_000, 20_000, 40_000, 60_000, 60_000] {
        assert_eq!(world.store.intents(at, 10).await.unwrap(), std::slice::from_ref(&row));
        let too_early = at.plus_millis(pause_ms - 1);
        assert_eq!(world.store.intents(too_early, 10).await.unwrap(), [], "{pause_ms}");
        at = at.plus_millis(pause_ms);
    }
}

async fn two_relays_never_take_the_same_intent_at_once(world: &World) {
    let student = world.student(1).await;
    for number in 0..40 {
        intent::insert(world.db(), &of(student, number), NOW).await.unwrap();
    }
    let take = || world.store.intents(NOW, 15);
    let taken = tokio::join!(take(), take(), take(), take());
    let mut ids: Vec<IntentId> = [taken.0, taken.1, taken.2, taken.3]
        .into_iter()
        .flat_map(Result::unwrap)
        .map(|row| row.id)
        .collect();
    ids.extend(world.store.intents(NOW, 100).await.unwrap().into_iter().map(|row| row.id));
    ids.sort_unstable();
    let expected: Vec<IntentId> = (0..40).map(|n| IntentId::new(Uuid::from_u128(n))).collect();
    assert_eq!(ids, expected);
}

async fn an_intent_relayed_twice_is_settled_once(world: &World) {
    let maya = world.student(1).await;
    let row = of(maya, 100);
    intent::insert(world.db(), &row, NOW).await.unwrap();
    assert_eq!(world.store.intents(NOW, 10).await.unwrap().len(), 1);
    assert_eq!(world.store.intents(NOW.plus_millis(5_000), 10).await.unwrap().len(), 1);
    assert_eq!(intent::result(world.db(), row.id).await.unwrap(), None);
    let mut writer = world.claim(1).await;
    let mut applied = writer.step(maya, 1, 0);
    applied.intent = Some((row.id, "applied"));
    world.commit(&writer.batch(vec![applied])).await;
    // The second copy arrives after the id has left the session's memory.
    let mut late = writer.step(maya, 2, 1);
    late.intent = Some((row.id, "refused"));
    world.commit(&writer.batch(vec![late])).await;
    let told = intent::result(world.db(), row.id).await.unwrap();
    assert_eq!(told.as_deref(), Some("applied"));
    assert_eq!(world.store.intents(NOW.plus_millis(3_600_000), 10).await.unwrap(), []);
}

async fn a_result_is_kept_for_a_day(world: &World) {
    let maya = world.student(1).await;
    let row = of(maya, 100);
    let mut writer = world.claim(1).await;
    let mut step = writer.step(maya, 1, 0);
    step.intent = Some((row.id, "applied"));
    let settled_at = step.row.at;
    world.commit(&writer.batch(vec![step])).await;
    let day_ms = 86_400_000;
    assert_eq!(intent::sweep(world.db(), settled_at.plus_millis(day_ms - 1)).await.unwrap(), 0);
    assert!(intent::result(world.db(), row.id).await.unwrap().is_some());
    assert_eq!(intent::sweep(world.db(), settled_at.plus_millis(day_ms)).await.unwrap(), 1);
    assert_eq!(intent::result(world.db(), row.id).await.unwrap(), None);
}
