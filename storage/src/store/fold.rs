//! What a batch comes to: the last word about each row, for the partitions that may write.
//!
//! A batch may hold the beginning and the end of the same thing (an answer from the cache is
//! accepted and complete at once), and a statement must not touch a row twice.

use std::collections::BTreeMap;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::port::store::{
    Batch, JournalRow, LooseSnapshot, ReadChange, SnapshotRow, Step, Work, WorkChange,
};
use uuid::Uuid;

use super::fence::Judged;
use super::learning::Learning;

/// Everything that a batch writes besides the owner rows.
#[derive(Debug, Default)]
pub(super) struct Changes<'a> {
    /// New journal rows.
    pub(super) rows: Vec<&'a JournalRow>,
    /// The newest snapshot, by student.
    pub(super) snapshots: BTreeMap<Uuid, (i32, &'a SnapshotRow)>,
    /// The column `next_timer`, by student.
    pub(super) timers: BTreeMap<Uuid, Timer>,
    /// Work by partition, student and id: what it is now, or `None` when it is gone.
    pub(super) work: BTreeMap<(i32, Uuid, Uuid), Option<&'a Work>>,
    /// Totals, by student.
    pub(super) activity: BTreeMap<Uuid, Activity>,
    /// Totals by student and topic.
    pub(super) topics: BTreeMap<(Uuid, &'a str), (i64, i64)>,
    /// Turns, by student and id.
    pub(super) turns: BTreeMap<(Uuid, Uuid), Turn<'a>>,
    /// Rows of learning.
    pub(super) learning: Learning<'a>,
    /// Intents that are settled, by id.
    pub(super) intents: BTreeMap<Uuid, Settled>,
}

/// A session's earliest timer as of a rev.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timer {
    rev: i64,
    pub(super) partition: i32,
    pub(super) due: Option<i64>,
}

/// A row of `activity`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Activity {
    pub(super) turns_total: i64,
    pub(super) complete_total: i64,
    pub(super) last_active_at: i64,
}

/// A row of `turn`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) question_rev: i64,
    pub(super) answer_rev: Option<i64>,
    pub(super) status: &'static str,
    pub(super) agent: Option<&'static str>,
    pub(super) topic: Option<&'a str>,
    pub(super) source: Option<&'static str>,
    pub(super) asked_at: i64,
    pub(super) ended_at: Option<i64>,
}

/// A row of `intent_result`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    pub(super) student: Uuid,
    pub(super) result: &'static str,
    pub(super) at: i64,
}

impl<'a> Changes<'a> {
    /// Folds what the fence lets through.
    pub(super) fn of(batch: &'a Batch, judged: &Judged<'a>) -> Self {
        let mut changes = Self::default();
        for step in batch.steps.iter().filter(|step| judged.fits(step.row.partition)) {
            changes.step(step);
        }
        for loose in batch.snapshots.iter().filter(|loose| judged.fits(loose.partition)) {
            changes.loose(loose);
        }
        changes
    }

    fn step(&mut self, step: &'a Step) {
        let row = &step.row;
        let (student, partition) = (row.student.as_uuid(), row.partition.0);
        self.rows.push(row);
        if let Some(snapshot) = &step.snapshot {
            self.snapshot(student, partition, snapshot);
        }
        if let Some(due) = step.next_timer {
            let due = due.map(Timestamp::as_micros);
            self.timer(student, Timer { rev: row.rev, partition, due });
        }
        for change in &step.work {
            let (id, work) = match change {
                WorkChange::Put(work) => (work.id, Some(work)),
                WorkChange::Remove { id } => (*id, None),
            };
            self.work.insert((partition, student, id), work);
        }
        for change in &step.reads {
            self.read(student, change);
        }
        if let Some((id, result)) = step.intent {
            let settled = Settled { student, result, at: row.at.as_micros() };
            self.intents.insert(id.as_uuid(), settled);
        }
    }

    fn loose(&mut self, loose: &'a LooseSnapshot) {
        let (student, partition) = (loose.student.as_uuid(), loose.partition.0);
        self.snapshot(student, partition, &loose.snapshot);
        let due = loose.next_timer.map(Timestamp::as_micros);
        self.timer(student, Timer { rev: loose.snapshot.rev, partition, due });
    }

    fn snapshot(&mut self, student: Uuid, partition: i32, snapshot: &'a SnapshotRow) {
        let newest = self.snapshots.entry(student).or_insert((partition, snapshot));
        if newest.1.rev < snapshot.rev {
            *newest = (partition, snapshot);
        }
    }

    /// A loose snapshot's timer is older than that of a step after it.
    fn timer(&mut self, student: Uuid, timer: Timer) {
        let newest = self.timers.entry(student).or_insert(timer);
        if newest.rev <= timer.rev {
            *newest = timer;
        }
    }

    fn read(&mut self, student: Uuid, change: &'a ReadChange) {
        match change {
            ReadChange::Activity { turns_total, complete_total, last_active_at } => {
                let activity = Activity {
                    turns_total: *turns_total,
                    complete_total: *complete_total,
                    last_active_at: last_active_at.as_micros(),
                };
                self.activity.insert(student, activity);
            }
            ReadChange::Topic { topic, asked_total, last_at } => {
                self.topics.insert((student, topic), (*asked_total, last_at.as_micros()));
            }
            ReadChange::Turn {
                turn,
                question_rev,
                answer_rev,
                status,
                agent,
                topic,
                source,
                asked_at,
                ended_at,
            } => {
                let row = Turn {
                    question_rev: *question_rev,
                    answer_rev: *answer_rev,
                    status,
                    agent: *agent,
                    topic: topic.as_deref(),
                    source: *source,
                    asked_at: asked_at.as_micros(),
                    ended_at: ended_at.map(Timestamp::as_micros),
                };
                self.turns.insert((student, *turn), row);
            }
            ReadChange::Mastery { .. } => self.learning.mastery(student, change),
            ReadChange::Review { .. } => self.learning.review(student, change),
            ReadChange::Attempt { .. } => self.learning.attempt(student, change),
            ReadChange::Hint { .. } => self.learning.hint(student, change),
            ReadChange::Alert { .. } => self.learning.alert(student, change),
            ReadChange::AlertClosed { .. } => self.learning.alert_closed(student, change),
            ReadChange::Leveled { .. } => self.learning.level(student, change),
        }
    }
}
