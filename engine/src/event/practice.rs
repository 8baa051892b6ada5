//! What happens when a student practises, version 1: quizzes, submissions, hints, and what the
//! session learns of it. Stored inside [`super::v1::Event::Practice`]: variants are only ever
//! added at the end, and the fields of a variant never change.
//!
//! Frames, public events and read models of these facts stand in `frame`, `public`, `read`.

pub(super) mod frame;
pub mod public;
pub(super) mod read;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::CourseKey;
use crate::course::model::{ExerciseId, ItemId, TopicId};
use crate::id::{CommandId, TurnId};
use crate::progress::struggle::{Severity, Trigger};
use crate::progress::{Change, Components, Correctness, Known, MasteryLevel, Points};
use crate::tutor::leak::{Exposure, LeakReason};
use crate::tutor::traceback::Signature;

/// A fact of practice. How many frames each yields ([`Practice::frame_count`]) is part of the
/// format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Practice {
    /// A quiz item was answered; what the course says to the choice stands in the step's texts.
    QuizAnswered {
        /// The client's command.
        command: CommandId,
        /// The item.
        item: ItemId,
        /// Index of the chosen option.
        choice: u8,
        /// Index of the right one.
        answer: u8,
        /// Whether it is the chosen one.
        correctness: Correctness,
        /// What who chooses it probably believes: an id of the course.
        misconception: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// A solution was handed in; its text stands in the step's texts.
    Submitted {
        /// The client's command.
        command: CommandId,
        /// The exercise.
        exercise: ExerciseId,
        /// The how-manieth attempt at it, from 1.
        attempt: u16,
        /// When.
        at: Timestamp,
    },
    /// A submission was graded.
    Graded {
        /// The command that handed it in.
        command: CommandId,
        /// The exercise.
        exercise: ExerciseId,
        /// The score.
        points: Points,
        /// Tests that passed.
        passed_total: u16,
        /// All tests, hidden ones too.
        tests_total: u16,
        /// The attempt.
        attempt: u16,
        /// The highest hint that had been shown, 0 for none.
        rung: u8,
        /// What went wrong, as class and template of CPython's error.
        signature: Option<Signature>,
        /// Which wrong idea it shows: an id of the course.
        misconception: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Something follows for what the student knows.
    Learned {
        /// The decided change.
        change: Change,
    },
    /// A topic's mastery has changed; this is how it stands.
    MasteryChanged {
        /// The topic.
        topic: TopicId,
        /// What it is made of.
        components: Components,
        /// The score.
        score: Points,
        /// The score over what is known only.
        estimate: Option<Points>,
        /// The level.
        level: MasteryLevel,
        /// The level before.
        level_before: MasteryLevel,
        /// How probably the topic is known.
        known: Known,
        /// Graded items so far.
        graded_total: u16,
        /// When.
        at: Timestamp,
    },
    /// A topic will be due for review.
    ReviewScheduled {
        /// The topic.
        topic: TopicId,
        /// When it is due.
        due_at: Timestamp,
        /// When this was decided.
        at: Timestamp,
    },
    /// Topics have become due for review.
    ReviewsDue {
        /// Which.
        topics: Vec<TopicId>,
        /// When.
        at: Timestamp,
    },
    /// A hint was given, in a turn of its own; its text stands in the step's texts.
    HintGiven {
        /// The turn.
        turn: TurnId,
        /// The client's command.
        command: CommandId,
        /// The exercise.
        exercise: ExerciseId,
        /// The rung, 1 to 5.
        rung: u8,
        /// Whether it is a new one.
        climb: Climb,
        /// Time until the next rung can be reached without another attempt; 0 for now.
        wait_ms: u32,
        /// Tokens of question and hint, estimated.
        tokens: u32,
        /// When.
        at: Timestamp,
    },
    /// The student has turned to an exercise.
    Opened {
        /// Which.
        exercise: ExerciseId,
        /// When.
        at: Timestamp,
    },
    /// The student asked for a solution instead of help.
    AnswerSought {
        /// The exercise that was open.
        exercise: Option<ExerciseId>,
        /// The topic.
        topic: Option<TopicId>,
        /// When.
        at: Timestamp,
    },
    /// The student said that they don't understand or are stuck.
    Confused {
        /// The topic.
        topic: Option<TopicId>,
        /// When.
        at: Timestamp,
    },
    /// The student showed an error of CPython.
    ErrorSeen {
        /// Its class and template.
        signature: Signature,
        /// The topic.
        topic: Option<TopicId>,
        /// When.
        at: Timestamp,
    },
    /// Somebody should look after the student.
    AlertRaised {
        /// Why.
        trigger: Trigger,
        /// How urgent it is.
        severity: Severity,
        /// In which topic.
        topic: Option<TopicId>,
        /// At which exercise.
        exercise: Option<ExerciseId>,
        /// Numbers of the events that show it, ascending.
        evidence: Vec<i64>,
        /// The number of the event that raised it before, if it was still open.
        replaces: Option<i64>,
        /// When.
        at: Timestamp,
    },
    /// An alert is over.
    AlertCleared {
        /// Its trigger.
        trigger: Trigger,
        /// Its topic.
        topic: Option<CourseKey>,
        /// The number of the event that raised it.
        raised: i64,
        /// When.
        at: Timestamp,
    },
    /// How many answers of the model the student has left today.
    QuotaTold {
        /// Answers a day.
        limit: u16,
        /// Those that are left.
        remaining: u16,
        /// When there are new ones.
        reset_at: Timestamp,
    },
    /// The rest of an answer was held back: it would have given something away.
    AnswerGuarded {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// Why.
        reason: LeakReason,
        /// When.
        at: Timestamp,
    },
    /// An answer has shown parts of a solution.
    Exposed {
        /// The exercise.
        exercise: ExerciseId,
        /// All that has been shown of it so far.
        shown: Exposure,
        /// When.
        at: Timestamp,
    },
}

/// Whether a hint is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Climb {
    /// The next rung.
    Climbed,
    /// The same rung again: neither a new attempt nor a minute lies between.
    Repeated,
}

impl Practice {
    /// How many frames it yields. Part of the stored format: never changes.
    pub const fn frame_count(&self) -> i64 {
        match self {
            Self::HintGiven { .. } => 3,
            Self::QuizAnswered { .. } => 2,
            Self::Submitted { .. }
            | Self::Graded { .. }
            | Self::MasteryChanged { .. }
            | Self::ReviewsDue { .. }
            | Self::AlertRaised { .. }
            | Self::QuotaTold { .. } => 1,
            Self::Learned { .. }
            | Self::ReviewScheduled { .. }
            | Self::Opened { .. }
            | Self::AnswerSought { .. }
            | Self::Confused { .. }
            | Self::ErrorSeen { .. }
            | Self::AlertCleared { .. }
            | Self::AnswerGuarded { .. }
            | Self::Exposed { .. } => 0,
        }
    }

    /// Its name, for operators and for who reads a student's events.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::QuizAnswered { .. } => "quiz_answered",
            Self::Submitted { .. } => "submitted",
            Self::Graded { .. } => "graded",
            Self::Learned { .. } => "learned",
            Self::MasteryChanged { .. } => "mastery_changed",
            Self::ReviewScheduled { .. } => "review_scheduled",
            Self::ReviewsDue { .. } => "reviews_due",
            Self::HintGiven { .. } => "hint_given",
            Self::Opened { .. } => "exercise_opened",
            Self::AnswerSought { .. } => "answer_sought",
            Self::Confused { .. } => "confused",
            Self::ErrorSeen { .. } => "error_seen",
            Self::AlertRaised { .. } => "alert_raised",
            Self::AlertCleared { .. } => "alert_cleared",
            Self::QuotaTold { .. } => "quota_told",
            Self::AnswerGuarded { .. } => "answer_guarded",
            Self::Exposed { .. } => "exposed",
        }
    }
}
