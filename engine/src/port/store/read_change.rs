//! Changes of the text-free read models that go along with a step.

use uuid::Uuid;

use crate::clock::Timestamp;

/// A change of a text-free read model: absolute values, so that a repeat changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadChange {
    /// What the student has done in all.
    Activity {
        /// Turns that were accepted.
        turns_total: i64,
        /// Turns that ended complete.
        complete_total: i64,
        /// The last command's time.
        last_active_at: Timestamp,
    },
    /// What the student has asked about a topic.
    Topic {
        /// Course id of the topic.
        topic: String,
        /// Questions about it.
        asked_total: i64,
        /// The last of them.
        last_at: Timestamp,
    },
    /// A turn, for lists and for the transcript's order; its texts stay sealed in the journal.
    Turn {
        /// The turn.
        turn: Uuid,
        /// Rev of the journal row with the question.
        question_rev: i64,
        /// Rev of the journal row with the answer, once there is one.
        answer_rev: Option<i64>,
        /// Closed list: queued, running, complete, cancelled, failed.
        status: &'static str,
        /// Closed list: the specialists of the tutor.
        agent: Option<&'static str>,
        /// Course id.
        topic: Option<String>,
        /// Closed list: model, cache, authored, offline.
        source: Option<&'static str>,
        /// Accepted at.
        asked_at: Timestamp,
        /// Ended at.
        ended_at: Option<Timestamp>,
    },
}
