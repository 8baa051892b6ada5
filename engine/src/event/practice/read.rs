//! What a fact of practice changes in the text-free read models.

use serde_json::{Value, json};

use super::Practice;
use crate::course::model::TopicId;
use crate::event::public::event_id;
use crate::port::store::ReadChange;
use crate::progress::mastery::Mastery;
use crate::progress::{Component, Correctness, Points};
use crate::session::state::State;
use crate::tutor::traceback::Signature;

/// The states around a step, and the number of the event that is looked at.
#[derive(Debug, Clone, Copy)]
pub(in crate::event) struct Around<'a> {
    pub(in crate::event) before: &'a State,
    pub(in crate::event) after: &'a State,
    pub(in crate::event) seq: i64,
}

/// Changes of the read models by one fact.
pub(in crate::event) fn changes(practice: &Practice, around: Around<'_>) -> Vec<ReadChange> {
    match practice {
        Practice::QuizAnswered { .. } | Practice::Graded { .. } => attempt(practice, around),
        Practice::MasteryChanged { .. } => mastery(practice, around.seq),
        Practice::ReviewScheduled { topic, .. } => review(topic, around.after),
        Practice::HintGiven { turn, exercise, rung, at, .. } => vec![
            ReadChange::Hint {
                turn: turn.as_uuid(),
                exercise: exercise.to_string(),
                topic: exercise.topic().to_string(),
                rung: i16::from(*rung),
                seq: around.seq,
                at: *at,
            },
            ReadChange::Turn {
                turn: turn.as_uuid(),
                question_rev: around.after.rev,
                answer_rev: Some(around.after.rev),
                status: "complete",
                agent: Some("exercise"),
                topic: Some(exercise.topic().to_string()),
                source: Some("authored"),
                asked_at: *at,
                ended_at: Some(*at),
            },
        ],
        Practice::AlertRaised { .. } => alert(practice, around),
        Practice::AlertCleared { raised, at, .. } => vec![ReadChange::AlertClosed {
            id: event_id(around.after.student, *raised),
            closed_at: *at,
        }],
        Practice::Submitted { .. }
        | Practice::Learned { .. }
        | Practice::ReviewsDue { .. }
        | Practice::Opened { .. }
        | Practice::AnswerSought { .. }
        | Practice::Confused { .. }
        | Practice::ErrorSeen { .. }
        | Practice::QuotaTold { .. }
        | Practice::AnswerGuarded { .. }
        | Practice::Exposed { .. } => Vec::new(),
    }
}

fn attempt(practice: &Practice, around: Around<'_>) -> Vec<ReadChange> {
    let (kind, item, topic, score, rung, signature, misconception, at) = match practice {
        Practice::QuizAnswered { item, correctness, misconception, at, .. } => {
            let right = *correctness == Correctness::Correct;
            let score = if right { Points::FULL } else { Points::ZERO };
            ("quiz", item.to_string(), item.topic(), score, 0, None, misconception, at)
        }
        Practice::Graded { exercise, points, rung, signature, misconception, at, .. } => {
            let (item, topic) = (exercise.to_string(), exercise.topic());
            ("exercise", item, topic, *points, *rung, *signature, misconception, at)
        }
        Practice::Submitted { .. }
        | Practice::Learned { .. }
        | Practice::MasteryChanged { .. }
        | Practice::ReviewScheduled { .. }
        | Practice::ReviewsDue { .. }
        | Practice::HintGiven { .. }
        | Practice::Opened { .. }
        | Practice::AnswerSought { .. }
        | Practice::Confused { .. }
        | Practice::ErrorSeen { .. }
        | Practice::AlertRaised { .. }
        | Practice::AlertCleared { .. }
        | Practice::QuotaTold { .. }
        | Practice::AnswerGuarded { .. }
        | Practice::Exposed { .. } => return Vec::new(),
    };
    vec![ReadChange::Attempt {
        id: event_id(around.after.student, around.seq),
        kind,
        item,
        deltas: deltas(&topic, around).to_string(),
        topic: topic.to_string(),
        score: hundredths(score),
        signature: signature.map(word),
        misconception: misconception.clone(),
        rung: i16::from(rung),
        seq: around.seq,
        at: *at,
    }]
}

/// One alert stands for each trigger and topic: the one that it replaces ends with it.
fn alert(practice: &Practice, around: Around<'_>) -> Vec<ReadChange> {
    let Practice::AlertRaised { trigger, severity, topic, exercise, evidence, replaces, at } =
        practice
    else {
        return Vec::new();
    };
    let student = around.after.student;
    let replaced = replaces
        .map(|raised| ReadChange::AlertClosed { id: event_id(student, raised), closed_at: *at });
    let raised = ReadChange::Alert {
        id: event_id(student, around.seq),
        kind: trigger.as_str(),
        severity: severity.as_str(),
        topic: topic.as_ref().map(ToString::to_string),
        exercise: exercise.as_ref().map(ToString::to_string),
        status: "open",
        opened_at: *at,
        closed_at: None,
        evidence: json!(evidence).to_string(),
        seq: around.seq,
    };
    replaced.into_iter().chain([raised]).collect()
}

fn mastery(practice: &Practice, seq: i64) -> Vec<ReadChange> {
    let Practice::MasteryChanged {
        topic,
        components,
        score,
        estimate,
        level,
        level_before,
        known,
        graded_total,
        at,
    } = practice
    else {
        return Vec::new();
    };
    let part = |component| components.get(component).map(hundredths);
    let mut changes = vec![ReadChange::Mastery {
        topic: topic.to_string(),
        exercises: part(Component::Exercises),
        quizzes: part(Component::Quizzes),
        quality: part(Component::Quality),
        streak: part(Component::Streak),
        score: hundredths(*score),
        estimate: estimate.map(hundredths),
        level: level.as_str(),
        graded_total: i64::from(*graded_total),
        known: i64::from(known.millionths()),
        updated_at: *at,
    }];
    if level != level_before {
        changes.push(ReadChange::Leveled {
            topic: topic.to_string(),
            level: level.as_str(),
            score: hundredths(*score),
            seq,
            at: *at,
        });
    }
    changes
}

fn review(topic: &TopicId, after: &State) -> Vec<ReadChange> {
    let card = after.learning.topic(topic.key()).and_then(|progress| progress.card);
    let row = card.map(|card| ReadChange::Review {
        topic: topic.to_string(),
        due_at: card.due_at(),
        reviewed_at: card.reviewed_at(),
        stability: i64::from(card.stability()),
        difficulty: i64::from(card.difficulty_millionths()),
        reviews: i64::from(card.reviews),
        lapses: i64::from(card.lapses),
    });
    row.into_iter().collect()
}

/// Every part of the topic's score before and after, for who asks why.
fn deltas(topic: &TopicId, around: Around<'_>) -> Value {
    let parts = |mastery: &Mastery| {
        let part = |component| mastery.components.get(component).map(Points::as_f64);
        [Component::Exercises, Component::Quizzes, Component::Quality, Component::Streak].map(part)
    };
    let (before, after) = (&around.before.learning, &around.after.learning);
    let (was, is) = (before.mastery(topic.key()), after.mastery(topic.key()));
    let ([e0, q0, c0, s0], [e1, q1, c1, s1]) = (parts(&was), parts(&is));
    json!({
        "score": [was.score.as_f64(), is.score.as_f64()],
        "estimate": [was.estimate.map(Points::as_f64), is.estimate.map(Points::as_f64)],
        "level": [was.level.as_str(), is.level.as_str()],
        "exercises": [e0, e1],
        "quizzes": [q0, q1],
        "quality": [c0, c1],
        "streak": [s0, s1],
        "known": [before.known(topic.key()).as_f64(), after.known(topic.key()).as_f64()],
    })
}

/// Class and template of an error: closed lists, no message and no name of the student's.
fn word(signature: Signature) -> String {
    format!("{}:{}", signature.class.as_str(), signature.template.as_str())
}

fn hundredths(points: Points) -> i64 {
    i64::from(points.hundredths())
}
