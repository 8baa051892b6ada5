//! Read models: upserted with the step, absolute, the last word of a batch.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::ReadChange;
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::read::student::TopicProgress;
use learnflow_storage::read::{student, transcript};
use uuid::Uuid;

use crate::world::{NOW, World, on_both};

on_both![topics_count_what_was_asked, a_turn_is_upserted_from_queued_to_complete];

fn topic(topic: &str, asked_total: i64, last_at: Timestamp) -> ReadChange {
    ReadChange::Topic { topic: topic.to_owned(), asked_total, last_at }
}

async fn topics_count_what_was_asked(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let (mut first, mut second) = (writer.step(maya, 1, 0), writer.step(maya, 2, 1));
    let later = NOW.plus_millis(7);
    first.reads = vec![topic("basics.variables", 1, NOW), topic("basics.strings", 1, NOW)];
    second.reads = vec![topic("basics.variables", 2, later)];
    let batch = writer.batch(vec![first, second]);
    world.commit(&batch).await;
    world.commit(&batch).await;
    let progress = |topic: &str, asked_total: i64, last_at: Timestamp| TopicProgress {
        topic: topic.to_owned(),
        asked_total,
        last_at,
    };
    let expected = [progress("basics.strings", 1, NOW), progress("basics.variables", 2, later)];
    assert_eq!(student::progress(world.db(), maya).await.unwrap(), expected);
    let mut third = writer.step(maya, 3, 2);
    third.reads = vec![topic("basics.strings", 2, later)];
    world.commit(&writer.batch(vec![third])).await;
    let now = student::progress(world.db(), maya).await.unwrap();
    assert_eq!(now[0], progress("basics.strings", 2, later));
}

fn turn(status: &'static str, answer_rev: Option<i64>) -> ReadChange {
    let ended = answer_rev.is_some();
    ReadChange::Turn {
        turn: Uuid::from_u128(77),
        question_rev: 1,
        answer_rev,
        status,
        agent: (status != "queued").then_some("debug"),
        topic: (status != "queued").then(|| "basics.variables".to_owned()),
        source: ended.then_some("model"),
        asked_at: NOW,
        ended_at: ended.then(|| NOW.plus_millis(900)),
    }
}

async fn only_turn(world: &World, student: StudentId) -> transcript::SealedTurn {
    let page = transcript::turns(world.db(), student, &PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items.len(), 1);
    page.items.into_iter().next().unwrap()
}

async fn a_turn_is_upserted_from_queued_to_complete(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let mut accept = writer.step(maya, 1, 0);
    accept.reads = vec![turn("queued", None)];
    world.commit(&writer.batch(vec![accept])).await;
    let queued = only_turn(world, maya).await;
    assert_eq!((queued.status.as_str(), queued.agent, queued.ended_at), ("queued", None, None));
    // It starts and ends within one batch.
    let (mut start, mut end) = (writer.step(maya, 2, -1), writer.step(maya, 3, -1));
    start.reads = vec![turn("running", None)];
    end.reads = vec![
        turn("complete", Some(3)),
        ReadChange::Activity { turns_total: 1, complete_total: 1, last_active_at: NOW },
    ];
    world.commit(&writer.batch(vec![start, end])).await;
    let done = only_turn(world, maya).await;
    assert_eq!((done.status.as_str(), done.agent.as_deref()), ("complete", Some("debug")));
    assert_eq!(done.source.as_deref(), Some("model"));
    assert_eq!(done.ended_at, Some(NOW.plus_millis(900)));
    assert_eq!(done.question.text.as_deref(), Some(b"text 1".as_slice()));
    assert_eq!(done.answer.unwrap().rev, 3);
}
