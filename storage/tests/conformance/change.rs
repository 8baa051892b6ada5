//! Changes of learning in a few words: what a rule doesn't name follows from the event's number.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::{Batch, ReadChange};
use uuid::Uuid;

use crate::world::{NOW, Writer};

/// The time of an event.
pub(crate) fn at(seq: i64) -> Timestamp {
    NOW.plus_millis(seq)
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn mastery(topic: &str, score: i64, seq: i64) -> ReadChange {
    ReadChange::Mastery {
        topic: topic.to_owned(),
        exercises: Some(score),
        quizzes: None,
        quality: (score > 5_000).then_some(score - 1),
        streak: Some(seq),
        score,
        estimate: (score > 0).then_some(score + 1),
        level: if score < 4_000 { "beginner" } else { "learning" },
        graded_total: seq * 2,
        known: seq * 3,
        updated_at: at(seq),
    }
}

pub(crate) fn review(topic: &str, due_at: Timestamp, reviews: i64) -> ReadChange {
    ReadChange::Review {
        topic: topic.to_owned(),
        due_at,
        reviewed_at: NOW,
        stability: 317_300,
        difficulty: 5_282_434,
        reviews,
        lapses: reviews / 2,
    }
}

/// A graded exercise or quiz; its id is its event's number.
pub(crate) fn attempt(
    kind: &'static str,
    item: &str,
    topic: &str,
    score: i64,
    seq: i64,
) -> ReadChange {
    let failed = score < 10_000;
    ReadChange::Attempt {
        id: id(u128::from(seq.unsigned_abs())),
        kind,
        item: item.to_owned(),
        topic: topic.to_owned(),
        score,
        signature: failed.then(|| "NameError/undefined".to_owned()),
        misconception: failed.then(|| "assigns_to_read".to_owned()),
        rung: i16::from(failed),
        deltas: format!("{{\"exercises\":{score}}}"),
        seq,
        at: at(seq),
    }
}

/// A hint; its turn's id is its event's number.
pub(crate) fn hint(exercise: &str, rung: i16, seq: i64) -> ReadChange {
    ReadChange::Hint {
        turn: id(u128::from(seq.unsigned_abs())),
        exercise: exercise.to_owned(),
        topic: "basics.loops".to_owned(),
        rung,
        seq,
        at: at(seq),
    }
}

/// An alert that the event `seq` raised; closed at, if it is.
pub(crate) fn alert(
    number: u128,
    topic: Option<&str>,
    seq: i64,
    closed_at: Option<Timestamp>,
) -> ReadChange {
    ReadChange::Alert {
        id: id(number),
        kind: "stuck",
        severity: if seq % 2 == 0 { "high" } else { "low" },
        topic: topic.map(str::to_owned),
        exercise: topic.map(|topic| format!("{topic}.first")),
        status: if closed_at.is_some() { "closed" } else { "open" },
        opened_at: at(seq),
        closed_at,
        evidence: format!("{{\"failed\":{seq}}}"),
        seq,
    }
}

pub(crate) fn closed(number: u128, closed_at: Timestamp) -> ReadChange {
    ReadChange::AlertClosed { id: id(number), closed_at }
}

pub(crate) fn leveled(topic: &str, level: &'static str, score: i64, seq: i64) -> ReadChange {
    ReadChange::Leveled { topic: topic.to_owned(), level, score, seq, at: at(seq) }
}

/// The student's next batch: a step for each list of changes.
pub(crate) fn batch(
    writer: &mut Writer,
    student: StudentId,
    first_rev: i64,
    steps: Vec<Vec<ReadChange>>,
) -> Batch {
    let mut all = Vec::new();
    for (rev, reads) in (first_rev..).zip(steps) {
        let mut step = writer.step(student, rev, -1);
        step.reads = reads;
        all.push(step);
    }
    writer.batch(all)
}
