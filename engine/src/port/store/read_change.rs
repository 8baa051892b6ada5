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
    /// What the student knows of a topic; points in hundredths, 0 to 10,000.
    Mastery {
        /// Course id of the topic.
        topic: String,
        /// The component of exercises, once there is evidence.
        exercises: Option<i64>,
        /// The component of quizzes.
        quizzes: Option<i64>,
        /// The component of code quality.
        quality: Option<i64>,
        /// The component of the streak.
        streak: Option<i64>,
        /// The score that is shown.
        score: i64,
        /// What the components come to now.
        estimate: Option<i64>,
        /// Closed list: the levels of mastery.
        level: &'static str,
        /// Graded attempts in all.
        graded_total: i64,
        /// Probability of knowing, in millionths.
        known: i64,
        /// As of.
        updated_at: Timestamp,
    },
    /// When a topic is due to be practised again.
    Review {
        /// Course id of the topic.
        topic: String,
        /// Due at.
        due_at: Timestamp,
        /// The last review.
        reviewed_at: Timestamp,
        /// In hundred-thousandths of a day.
        stability: i64,
        /// In millionths.
        difficulty: i64,
        /// Reviews in all.
        reviews: i64,
        /// Reviews at which it was forgotten.
        lapses: i64,
    },
    /// A graded attempt.
    Attempt {
        /// The attempt.
        id: Uuid,
        /// Closed list: exercise, quiz.
        kind: &'static str,
        /// Course id of the exercise or of the quiz question.
        item: String,
        /// Course id of the topic.
        topic: String,
        /// In hundredths of a point; 10,000 is full.
        score: i64,
        /// The error's signature: an exception class of Python and our template's id.
        signature: Option<String>,
        /// Course id of the misconception that it shows.
        misconception: Option<String>,
        /// The highest rung of hints that was given before it, 0 for none.
        rung: i16,
        /// How the components changed: JSON.
        deltas: String,
        /// The event's number.
        seq: i64,
        /// Graded at.
        at: Timestamp,
    },
    /// A hint that was given.
    Hint {
        /// The turn that gave it.
        turn: Uuid,
        /// Course id of the exercise.
        exercise: String,
        /// Course id of its topic.
        topic: String,
        /// The rung of the ladder.
        rung: i16,
        /// The event's number.
        seq: i64,
        /// Given at.
        at: Timestamp,
    },
    /// An alert in full. Instructors' snoozing is not part of it and stays as it is.
    ///
    /// A student has at most one open alert of a kind and topic: another that opens before the
    /// first is closed, in the same batch at the latest, makes the store refuse the batch.
    Alert {
        /// The alert.
        id: Uuid,
        /// Closed list: the kinds of alerts.
        kind: &'static str,
        /// Closed list: the severities.
        severity: &'static str,
        /// Course id of the topic it is about, if it is about one.
        topic: Option<String>,
        /// Course id of the exercise it is about, if it is about one.
        exercise: Option<String>,
        /// Closed list: open, closed.
        status: &'static str,
        /// Raised at.
        opened_at: Timestamp,
        /// Closed at: set exactly when `status` says closed.
        closed_at: Option<Timestamp>,
        /// What it rests on: JSON.
        evidence: String,
        /// The number of the event that raised it; closing leaves it.
        seq: i64,
    },
    /// An alert is closed; all else of it stays. No effect on one that isn't known.
    AlertClosed {
        /// The alert.
        id: Uuid,
        /// Closed at.
        closed_at: Timestamp,
    },
    /// The level of a topic changed.
    Leveled {
        /// Course id of the topic.
        topic: String,
        /// Closed list: the levels of mastery.
        level: &'static str,
        /// The score that made the change, in hundredths of a point.
        score: i64,
        /// The event's number.
        seq: i64,
        /// Changed at.
        at: Timestamp,
    },
}
