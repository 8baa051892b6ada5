//! The sessions of a partition: who is resident, who is on the way out, who rests.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use ractor::ActorRef;

use super::restarts::Restarts;
use crate::session::{Message as SessionMessage, SessionRecord};

/// Records that may wait for a session that is on its way out.
pub(super) type Buffer = VecDeque<SessionMessage>;

/// Where a student's session stands.
#[derive(Debug)]
pub(super) enum Place {
    /// It works.
    Resident(ActorRef<SessionMessage>),
    /// It was asked to stop; what comes meanwhile waits.
    Leaving(ActorRef<SessionMessage>, Buffer),
    /// It failed; it is restored once the committer has nothing of it any more.
    Restarting(Buffer),
    /// The student rests: records are settled and counted.
    Resting { until: Timestamp },
}

/// Everything that a partition knows of its sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    pub(super) places: HashMap<StudentId, Place>,
    /// Records that are not settled yet, by student and offset: a session that failed gets them
    /// again.
    pub(super) unsettled: HashMap<StudentId, VecDeque<SessionRecord>>,
    pub(super) restarts: HashMap<StudentId, Restarts>,
    due: BTreeSet<(Timestamp, StudentId)>,
    due_of: BTreeMap<StudentId, Timestamp>,
}

impl Sessions {
    /// Notes when a session wants to be woken; an earlier wish replaces a later one.
    pub(super) fn want_timer(&mut self, student: StudentId, due: Timestamp) {
        if let Some(known) = self.due_of.get(&student).copied() {
            if known <= due {
                return;
            }
            self.due.remove(&(known, student));
        }
        self.due_of.insert(student, due);
        self.due.insert((due, student));
    }

    /// Whether any timer is due.
    pub(super) fn has_due(&self, now: Timestamp) -> bool {
        self.due.first().is_some_and(|(due, _)| *due <= now)
    }

    /// Takes students whose timers are due, `limit` at most.
    pub(super) fn take_due(&mut self, until: Timestamp, limit: usize) -> Vec<StudentId> {
        let mut students = Vec::new();
        while students.len() < limit && self.has_due(until) {
            if let Some((_, student)) = self.due.pop_first() {
                self.due_of.remove(&student);
                students.push(student);
            }
        }
        students
    }

    /// Forgets records below the watermark.
    pub(super) fn forget_settled(&mut self, next_offset: i64) {
        self.unsettled.retain(|_, records| {
            while records.front().is_some_and(|record| record.offset < next_offset) {
                records.pop_front();
            }
            !records.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_wish_counts() {
        let student = StudentId::from_seed(Timestamp::EPOCH, 1);
        let at = Timestamp::from_millis;
        let mut sessions = Sessions::default();
        sessions.want_timer(student, at(50));
        sessions.want_timer(student, at(90));
        assert!(!sessions.has_due(at(49)));
        sessions.want_timer(student, at(20));
        assert_eq!(sessions.take_due(at(20), 50), [student]);
        assert!(!sessions.has_due(at(1_000)));
    }
}
