//! What a student's session has committed, and how it is read: progress, transcript, events.

use learnflow_engine::event::v1::{Event, TurnStatus};
use learnflow_engine::event::{StepTexts, encode_facts, encode_texts};
use learnflow_engine::id::{CommandId, StudentId, TurnId, partition_of};
use learnflow_engine::port::model::AnswerSource;
use learnflow_engine::port::store::{
    Batch, JournalRow, Owner, OwnerUpdate, ReadChange, Step, Store as _,
};
use learnflow_engine::port::vault::{Place, Vault as _};
use learnflow_engine::tutor::triage::Agent;
use learnflow_storage::account::Role;
use learnflow_storage::{audit, keys, read};
use serde_json::json;
use uuid::Uuid;

use crate::world::{NOW, PARTITIONS, Person, World};

pub(crate) const QUESTION: &str = "Why does my loop never end?";
pub(crate) const ANSWER: &str = "Because `i` never changes.";

/// Commits a question and its answer as a session does: two steps, sealed.
pub(crate) async fn answered(world: &World, student: StudentId, number: i64) {
    let partition = partition_of(student, PARTITIONS);
    let owner = world.db.claim(&[partition]).await.unwrap().remove(0);
    let wrapped = keys::key_row(&world.db, student).await.unwrap().unwrap();
    let key = world.vault.unwrap_key(student, &wrapped).unwrap();
    let turn = TurnId::new(Uuid::from_u128(u128::try_from(number).unwrap() + 1));
    let rev = number * 2 + 1;
    let row = |rev: i64, last_frame: i64, last_event: i64, events: &[Event], texts: &StepTexts| {
        let facts = encode_facts(events);
        let text = encode_texts(texts).unwrap();
        JournalRow {
            student,
            rev,
            partition,
            epoch: owner.epoch,
            generation: owner.generation,
            position: rev,
            at: NOW,
            last_frame,
            last_event,
            out_seq: owner.out_seq + 2 - rev % 2,
            facts: world.vault.seal(&key, Place::JournalFacts(rev), &facts).unwrap(),
            text: Some(world.vault.seal(&key, Place::JournalText(rev), &text).unwrap()),
        }
    };
    let question = StepTexts {
        question: Some(format!("{QUESTION} {number}")),
        code: Some("while True: pass".to_owned()),
        ..StepTexts::default()
    };
    let answer = StepTexts { answer: Some(ANSWER.to_owned()), ..StepTexts::default() };
    let (frames, events) = (number * 3 + 1, number * 3 + 1);
    let asked = row(rev, frames + 1, events + 2, &beginning(turn, number), &question);
    let ended = row(rev + 1, frames + 2, events + 3, &[end(turn)], &answer);
    let steps = vec![
        step(asked, reads(turn, rev, None, number)),
        step(ended, reads(turn, rev, Some(rev + 1), number)),
    ];
    let batch = Batch { owners: vec![after(&owner)], steps, snapshots: Vec::new() };
    let committed = world.db.commit(&batch).await.unwrap();
    assert!(committed.fenced.is_empty());
}

fn beginning(turn: TurnId, number: i64) -> [Event; 2] {
    let command = CommandId::new(Uuid::from_u128(u128::try_from(number).unwrap() + 1_000));
    let topic = "control_flow.while_loops".parse().ok();
    [
        Event::Asked { turn, command, tokens: 9, exercise: None, topic: None, at: NOW },
        Event::Started { turn, agent: Agent::Debug, topic, confidence_pct: 90, at: NOW },
    ]
}

fn end(turn: TurnId) -> Event {
    Event::Ended {
        turn,
        status: TurnStatus::Complete,
        agent: Some(Agent::Debug),
        source: Some(AnswerSource::Offline),
        finish: None,
        usage: None,
        tokens: 8,
        ms: 120,
        code: None,
        at: NOW,
    }
}

fn step(row: JournalRow, reads: Vec<ReadChange>) -> Step {
    Step { row, snapshot: None, next_timer: None, work: Vec::new(), reads, intent: None }
}

fn after(owner: &Owner) -> OwnerUpdate {
    OwnerUpdate {
        partition: owner.partition,
        epoch: owner.epoch,
        batch: owner.batch + 1,
        next_offset: owner.next_offset + 2,
        top: owner.top + 2,
        out_seq: owner.out_seq + 2,
        published_seq: owner.published_seq,
        cluster_id: owner.cluster_id.clone(),
        digest: None,
        clean: false,
    }
}

fn reads(turn: TurnId, rev: i64, answer_rev: Option<i64>, number: i64) -> Vec<ReadChange> {
    let done = answer_rev.is_some();
    vec![
        ReadChange::Activity {
            turns_total: number + 1,
            complete_total: if done { number + 1 } else { number },
            last_active_at: NOW,
        },
        ReadChange::Topic {
            topic: "control_flow.while_loops".to_owned(),
            asked_total: number + 1,
            last_at: NOW,
        },
        ReadChange::Turn {
            turn: turn.as_uuid(),
            question_rev: rev,
            answer_rev,
            status: if done { "complete" } else { "running" },
            agent: Some("debug"),
            topic: Some("control_flow.while_loops".to_owned()),
            source: done.then_some("offline"),
            asked_at: NOW,
            ended_at: done.then_some(NOW),
        },
    ]
}

async fn maya_with_turns(world: &World, turns: i64) -> Person {
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    for number in 0..turns {
        answered(world, maya.student.unwrap(), number).await;
    }
    maya
}

#[tokio::test]
async fn a_transcript_comes_newest_first_and_in_pages() {
    let world = World::new().await;
    let maya = maya_with_turns(&world, 3).await;
    let first = world.get(Some(&maya), "/v1/students/me/transcript?limit=2").await.json();
    let items = first["items"].as_array().unwrap();
    let questions: Vec<&str> =
        items.iter().map(|item| item["question"].as_str().unwrap()).collect();
    assert_eq!(questions, [format!("{QUESTION} 2"), format!("{QUESTION} 1")]);
    assert_eq!(items[0]["answer"], ANSWER);
    assert_eq!(items[0]["code"], "while True: pass");
    assert_eq!(items[0]["status"], "complete");
    assert_eq!(items[0]["source"], "offline");
    assert_eq!(items[0]["agent"], "debug");
    assert_eq!(items[0]["asked_at"], NOW.to_string());
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/students/me/transcript?limit=2&cursor={cursor}");
    let second = world.get(Some(&maya), &path).await.json();
    assert_eq!(second["items"][0]["question"], format!("{QUESTION} 0"));
    assert!(second["next_cursor"].is_null());
    world.end().await;
}

#[tokio::test]
async fn progress_lists_every_topic() {
    let world = World::new().await;
    let maya = maya_with_turns(&world, 2).await;
    let body = world.get(Some(&maya), "/v1/students/me/progress").await.json();
    assert_eq!(body["turns_total"], 2);
    assert_eq!(body["updated_at"], NOW.to_string());
    let topics = body["topics"].as_array().unwrap();
    assert_eq!(topics.len(), 31);
    let asked = topics.iter().find(|topic| topic["topic"] == "control_flow.while_loops").unwrap();
    assert_eq!(asked["asked_total"], 2);
    assert_eq!(asked["last_at"], NOW.to_string());
    assert_eq!(asked["module"], "control_flow");
    assert_eq!(topics[0]["asked_total"], 0);
    assert!(topics[0]["last_at"].is_null() && topics[0]["level"].is_null());
    let overview = world.get(Some(&maya), "/v1/students/me").await.json();
    assert_eq!((&overview["turns_total"], &overview["complete_total"]), (&json!(2), &json!(2)));
    world.end().await;
}

#[tokio::test]
async fn events_are_counted_without_a_gap_and_hold_no_text() {
    let world = World::new().await;
    let maya = maya_with_turns(&world, 3).await;
    let mut seen = Vec::new();
    let mut path = "/v1/students/me/events?after_seq=0&limit=3".to_owned();
    loop {
        let answer = world.get(Some(&maya), &path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains("loop never") && !answer.text.contains("never changes"));
        let page = answer.json();
        for item in page["items"].as_array().unwrap() {
            seen.push((item["seq"].as_i64().unwrap(), item["type"].as_str().unwrap().to_owned()));
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/students/me/events?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    let numbers: Vec<i64> = seen.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let kinds: Vec<&str> = seen[..5].iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds, ["created", "asked", "started", "ended", "asked"]);

    let late = world.get(Some(&maya), "/v1/students/me/events?after_seq=8").await.json();
    let numbers: Vec<i64> =
        late["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [9, 10]);
    let none = world.get(Some(&maya), "/v1/students/me/events?after_seq=10").await.json();
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
    world.end().await;
}

#[tokio::test]
async fn without_the_key_there_is_nothing_to_read() {
    let world = World::new().await;
    let maya = maya_with_turns(&world, 1).await;
    keys::destroy(&world.db, maya.student.unwrap()).await.unwrap();
    for path in ["/v1/students/me/transcript", "/v1/students/me/events"] {
        let answer = world.get(Some(&maya), path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "LF0301"), "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn own_reading_leaves_no_entry_in_the_audit_trail() {
    let world = World::new().await;
    let maya = maya_with_turns(&world, 1).await;
    assert_eq!(world.get(Some(&maya), "/v1/students/me/transcript").await.status, 200);
    let first = read::page::PageRequest::first(10);
    let entries = audit::list(&world.db, maya.student.unwrap(), &first).await.unwrap();
    assert!(entries.items.is_empty());
    world.end().await;
}
