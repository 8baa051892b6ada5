//! What can be seen of a student: facts, without a word of theirs.

use crate::course::CourseKey;
use crate::tutor::traceback::Signature;

/// How the first try at an exercise went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstTry {
    /// Right at once.
    Correct,
    /// Wrong, or this is a later try.
    NotCorrect,
}

/// Something that a student does. Each is activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// Meets an error, in a run or in what they paste.
    Error {
        /// What it is.
        signature: Signature,
        /// The topic at hand.
        topic: Option<CourseKey>,
    },
    /// Runs a program to its end.
    RunSucceeded {
        /// The topic at hand.
        topic: Option<CourseKey>,
    },
    /// Runs a program that fails.
    RunFailed {
        /// The topic at hand.
        topic: Option<CourseKey>,
    },
    /// Passes an exercise.
    ExercisePassed {
        /// Its topic.
        topic: CourseKey,
        /// Which.
        exercise: CourseKey,
    },
    /// Hands in a try at an exercise. Tries at the exercise of the topic's last try are the same
    /// opportunity to learn.
    Attempt {
        /// Its topic.
        topic: CourseKey,
        /// Which.
        exercise: CourseKey,
        /// How the first try went.
        first_try: FirstTry,
    },
    /// Ends a quiz round.
    QuizRound {
        /// Its topic.
        topic: CourseKey,
        /// The score, rounded down.
        percent: u8,
    },
    /// Says that they don't understand.
    Confused {
        /// The topic at hand.
        topic: Option<CourseKey>,
    },
    /// Takes a hint.
    HintTaken {
        /// The exercise's topic.
        topic: CourseKey,
        /// The exercise.
        exercise: CourseKey,
        /// The rung, from 1.
        rung: u8,
    },
    /// Asks for the answer.
    AnswerSought {
        /// The topic at hand.
        topic: Option<CourseKey>,
        /// The exercise that is open.
        exercise: Option<CourseKey>,
    },
    /// Opens an exercise; one that was open is left.
    Opened {
        /// Its topic.
        topic: CourseKey,
        /// Which.
        exercise: CourseKey,
    },
    /// Does anything else.
    Active,
    /// Leaves the exercise that is open.
    Left,
}
