//! The rows of learning that a batch comes to: the last word about each, and how both databases
//! write them.
//!
//! **Order:** alerts that are closed are written before those that are open, so that one batch may
//! close an alert and open the next of its kind and topic, whatever their ids.

pub(super) mod postgres;
pub(super) mod sqlite;

use std::collections::BTreeMap;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::port::store::ReadChange;
use uuid::Uuid;

/// The status of an alert that is over.
const CLOSED: &str = "closed";

/// Everything that a batch says of learning.
///
/// Each method takes the change that it is named after and leaves others alone.
#[derive(Debug, Default)]
pub(super) struct Learning<'a> {
    /// By student and topic.
    mastery: BTreeMap<(Uuid, &'a str), Mastery>,
    /// By student and topic.
    reviews: BTreeMap<(Uuid, &'a str), Review>,
    /// By student and attempt.
    attempts: BTreeMap<(Uuid, Uuid), Attempt<'a>>,
    /// By student and turn.
    hints: BTreeMap<(Uuid, Uuid), Hint<'a>>,
    /// By id: alerts of which the batch says everything.
    alerts: BTreeMap<Uuid, Alert<'a>>,
    /// By id: alerts of which the batch says only that they are closed.
    closings: BTreeMap<Uuid, Closing>,
    /// By student, topic and event.
    levels: BTreeMap<(Uuid, &'a str, i64), Leveled>,
}

/// A row of `mastery`.
#[derive(Debug, Clone, Copy)]
struct Mastery {
    exercises: Option<i64>,
    quizzes: Option<i64>,
    quality: Option<i64>,
    streak: Option<i64>,
    score: i64,
    estimate: Option<i64>,
    level: &'static str,
    graded_total: i64,
    known: i64,
    updated_at: i64,
}

/// A row of `review`.
#[derive(Debug, Clone, Copy)]
struct Review {
    due_at: i64,
    reviewed_at: i64,
    stability: i64,
    difficulty: i64,
    reviews: i64,
    lapses: i64,
}

/// A row of `attempt`.
#[derive(Debug, Clone, Copy)]
struct Attempt<'a> {
    kind: &'static str,
    item: &'a str,
    topic: &'a str,
    score: i64,
    signature: Option<&'a str>,
    misconception: Option<&'a str>,
    rung: i16,
    deltas: &'a str,
    seq: i64,
    at: i64,
}

/// A row of `hint`.
#[derive(Debug, Clone, Copy)]
struct Hint<'a> {
    exercise: &'a str,
    topic: &'a str,
    rung: i16,
    seq: i64,
    at: i64,
}

/// A row of `alert`.
#[derive(Debug, Clone, Copy)]
struct Alert<'a> {
    student: Uuid,
    kind: &'static str,
    severity: &'static str,
    topic: Option<&'a str>,
    exercise: Option<&'a str>,
    status: &'static str,
    opened_at: i64,
    closed_at: Option<i64>,
    evidence: &'a str,
    seq: i64,
}

/// The end of a row of `alert`.
#[derive(Debug, Clone, Copy)]
struct Closing {
    student: Uuid,
    at: i64,
}

/// A row of `leveled`.
#[derive(Debug, Clone, Copy)]
struct Leveled {
    level: &'static str,
    score: i64,
    at: i64,
}

impl<'a> Learning<'a> {
    pub(super) fn mastery(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Mastery {
            topic,
            exercises,
            quizzes,
            quality,
            streak,
            score,
            estimate,
            level,
            graded_total,
            known,
            updated_at,
        } = change
        else {
            return;
        };
        let row = Mastery {
            exercises: *exercises,
            quizzes: *quizzes,
            quality: *quality,
            streak: *streak,
            score: *score,
            estimate: *estimate,
            level,
            graded_total: *graded_total,
            known: *known,
            updated_at: updated_at.as_micros(),
        };
        self.mastery.insert((student, topic), row);
    }

    pub(super) fn review(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Review {
            topic,
            due_at,
            reviewed_at,
            stability,
            difficulty,
            reviews,
            lapses,
        } = change
        else {
            return;
        };
        let row = Review {
            due_at: due_at.as_micros(),
            reviewed_at: reviewed_at.as_micros(),
            stability: *stability,
            difficulty: *difficulty,
            reviews: *reviews,
            lapses: *lapses,
        };
        self.reviews.insert((student, topic), row);
    }

    pub(super) fn attempt(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Attempt {
            id,
            kind,
            item,
            topic,
            score,
            signature,
            misconception,
            rung,
            deltas,
            seq,
            at,
        } = change
        else {
            return;
        };
        let row = Attempt {
            kind,
            item,
            topic,
            score: *score,
            signature: signature.as_deref(),
            misconception: misconception.as_deref(),
            rung: *rung,
            deltas,
            seq: *seq,
            at: at.as_micros(),
        };
        self.attempts.insert((student, *id), row);
    }

    pub(super) fn hint(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Hint { turn, exercise, topic, rung, seq, at } = change else { return };
        let row = Hint { exercise, topic, rung: *rung, seq: *seq, at: at.as_micros() };
        self.hints.insert((student, *turn), row);
    }

    pub(super) fn alert(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Alert {
            id,
            kind,
            severity,
            topic,
            exercise,
            status,
            opened_at,
            closed_at,
            evidence,
            seq,
        } = change
        else {
            return;
        };
        let row = Alert {
            student,
            kind,
            severity,
            topic: topic.as_deref(),
            exercise: exercise.as_deref(),
            status,
            opened_at: opened_at.as_micros(),
            closed_at: closed_at.map(Timestamp::as_micros),
            evidence,
            seq: *seq,
        };
        self.closings.remove(id);
        self.alerts.insert(*id, row);
    }

    pub(super) fn alert_closed(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::AlertClosed { id, closed_at } = change else { return };
        let at = closed_at.as_micros();
        match self.alerts.get_mut(id) {
            Some(alert) if alert.student == student => {
                alert.status = CLOSED;
                alert.closed_at = Some(at);
            }
            Some(_) => {}
            None => {
                self.closings.insert(*id, Closing { student, at });
            }
        }
    }

    pub(super) fn level(&mut self, student: Uuid, change: &'a ReadChange) {
        let ReadChange::Leveled { topic, level, score, seq, at } = change else { return };
        let row = Leveled { level, score: *score, at: at.as_micros() };
        self.levels.insert((student, topic, *seq), row);
    }

    /// Alerts in the two groups and the order in which they are written: closed, then open.
    fn alerts_in_order(&self) -> [Vec<(&Uuid, &Alert<'a>)>; 2] {
        let (closed, open) = self.alerts.iter().partition(|(_, alert)| alert.closed_at.is_some());
        [closed, open]
    }
}
