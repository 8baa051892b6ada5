//! A command as the log carries it: the body that is sealed.

use serde::{Deserialize, Serialize};

use crate::course::model::{ExerciseId, ItemId, TopicId};
use crate::event::v1::Policy;
use crate::id::{SectionId, SocketId, TurnId};
use crate::port::log::{COMMAND_SCHEMA, CommandKind};

/// What a student (or a gateway on their behalf) wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A question.
    Ask {
        /// At most 10,000 characters.
        text: String,
        /// Code that the question is about.
        code: Option<String>,
        /// The exercise that is open on the page.
        exercise: Option<ExerciseId>,
        /// The topic that the page shows.
        topic: Option<TopicId>,
    },
    /// Stop a turn, running or queued.
    Cancel {
        /// Which.
        turn: TurnId,
    },
    /// Rate an answer; a second rating replaces the first.
    Feedback {
        /// Which.
        turn: TurnId,
        /// How it was.
        rating: Rating,
        /// Why, in the student's words.
        reason: Option<String>,
    },
    /// A socket wants the student's frames at this slot.
    Attach {
        /// The gateway's slot.
        slot: i32,
        /// Its lease.
        slot_epoch: i64,
        /// The socket that waits for the answer.
        socket: SocketId,
    },
    /// The last socket of the student at this slot is gone.
    Detach {
        /// The gateway's slot.
        slot: i32,
        /// Its lease.
        slot_epoch: i64,
    },
    /// The page is in use.
    Active,
    /// What the student's sections say, as a whole. Comes from an intent: a late repeat, or one
    /// that a newer has overtaken, changes nothing.
    Enrolled {
        /// The newest version counts.
        version: i64,
        /// The student's open sections.
        sections: Vec<SectionId>,
        /// The strictest policy of those.
        policy: Policy,
    },
    /// A hint for an exercise.
    Hint {
        /// Which.
        exercise: ExerciseId,
    },
    /// A solution of an exercise.
    Submit {
        /// Which.
        exercise: ExerciseId,
        /// The answer of a predict-output exercise.
        answer: Option<String>,
        /// The program of any other.
        code: Option<String>,
    },
    /// An answer to a quiz item.
    Quiz {
        /// Which.
        item: ItemId,
        /// Index of the chosen option.
        choice: u8,
    },
}

/// A student's judgement of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// It helped.
    Up,
    /// It didn't.
    Down,
}

/// A body is not a command of schema [`COMMAND_SCHEMA`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a command of schema {COMMAND_SCHEMA}")]
pub struct UnreadableCommand;

impl Command {
    /// The kind, for the clear header.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Ask { .. } => CommandKind::Ask,
            Self::Cancel { .. } => CommandKind::Cancel,
            Self::Feedback { .. } => CommandKind::Feedback,
            Self::Attach { .. } => CommandKind::Attach,
            Self::Detach { .. } => CommandKind::Detach,
            Self::Active => CommandKind::Active,
            Self::Enrolled { .. } => CommandKind::Enrolled,
            Self::Hint { .. } => CommandKind::Hint,
            Self::Submit { .. } => CommandKind::Submit,
            Self::Quiz { .. } => CommandKind::Quiz,
        }
    }

    /// Encodes the body that is sealed.
    pub fn encode(&self) -> Vec<u8> {
        // Serialising plain data into a vector has no way to fail; an empty body never decodes.
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Decodes what [`Command::encode`] made.
    ///
    /// # Errors
    /// [`UnreadableCommand`]: the record goes to the dead-letter topic.
    pub fn decode(body: &[u8]) -> Result<Self, UnreadableCommand> {
        postcard::from_bytes(body).map_err(|_| UnreadableCommand)
    }
}
