//! What a simulated student does, and the command that says so.

use crate::course::model::{ExerciseId, ItemId, TopicId};
use crate::session::command::Command;

/// What a student does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads, thinks or tries for a while.
    Pause {
        /// How long.
        ms: u64,
    },
    /// Uses the page.
    Active,
    /// Asks something, or says that it is confused.
    Ask {
        /// The words.
        text: String,
        /// Its code.
        code: Option<String>,
        /// The topic that the page shows.
        topic: Option<TopicId>,
        /// The exercise that is open.
        exercise: Option<ExerciseId>,
    },
    /// Answers a quiz item.
    Quiz {
        /// Which.
        item: ItemId,
        /// Index of the chosen option.
        choice: u8,
    },
    /// Says what a program prints.
    Submit {
        /// The exercise.
        exercise: ExerciseId,
        /// The answer.
        answer: String,
    },
    /// Takes a hint.
    Hint {
        /// The exercise.
        exercise: ExerciseId,
    },
    /// Has done enough for today.
    Stop,
}

impl Action {
    /// What goes to the tutor; nothing of a pause or of an end.
    pub fn command(&self) -> Option<Command> {
        match self {
            Self::Pause { .. } | Self::Stop => None,
            Self::Active => Some(Command::Active),
            Self::Ask { text, code, topic, exercise } => Some(Command::Ask {
                text: text.clone(),
                code: code.clone(),
                exercise: exercise.clone(),
                topic: topic.clone(),
            }),
            Self::Quiz { item, choice } => {
                Some(Command::Quiz { item: item.clone(), choice: *choice })
            }
            Self::Submit { exercise, answer } => Some(Command::Submit {
                exercise: exercise.clone(),
                answer: Some(answer.clone()),
                code: None,
            }),
            Self::Hint { exercise } => Some(Command::Hint { exercise: exercise.clone() }),
        }
    }
}
