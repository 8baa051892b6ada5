//! Decided facts about a student's progress: what an event carries and a replay copies.

use serde::{Deserialize, Serialize};

use super::evidence::Correctness;
use super::points::Points;
use super::quiz_round::{QuizRound, RoundEnd};
use super::review::Card;
use super::tracing::Known;
use crate::course::CourseKey;

/// One fact, with every value that follows from it. Stored: variants are only ever added at the
/// end, and the fields of a variant never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A submission was graded.
    Exercise {
        /// The topic.
        topic: CourseKey,
        /// The exercise.
        exercise: CourseKey,
        /// Its score.
        points: Points,
        /// Whether it passed.
        correctness: Correctness,
        /// The exercises' component from now on.
        component: Points,
    },
    /// A quiz item was answered.
    Quiz {
        /// The topic.
        topic: CourseKey,
        /// The item.
        item: CourseKey,
        /// Whether it was right.
        correctness: Correctness,
        /// The quizzes' component from now on.
        component: Points,
        /// The round from now on.
        round: QuizRound,
        /// Whether this answer ended a round, and with which score.
        end: RoundEnd,
    },
    /// Code was judged.
    Quality {
        /// The topic.
        topic: CourseKey,
        /// Its quality.
        points: Points,
        /// The quality's component from now on.
        component: Points,
    },
    /// An answer told something about knowing.
    Traced {
        /// The topic.
        topic: CourseKey,
        /// How probably it is known from now on.
        known: Known,
    },
    /// An answer was a review.
    Reviewed {
        /// The topic.
        topic: CourseKey,
        /// Its card from now on.
        card: Card,
    },
    /// The student did something on a new day.
    StreakDay {
        /// The UTC day, counted from 1970-01-01.
        day: u16,
        /// Days in a row, this one included.
        days: u16,
    },
}
