//! What is seen of a student's work: the input of every decision about their progress.

use serde::{Deserialize, Serialize};

use super::points::Points;
use crate::course::CourseKey;

/// Whether an answer was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Correctness {
    /// All of it.
    Correct,
    /// Not, or not all of it.
    Wrong,
}

/// Whether it was the student's first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// The first.
    First,
    /// A later one.
    Later,
}

/// How long an answer took, beside the usual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pace {
    /// At most half the usual time.
    Fast,
    /// Neither fast nor slow.
    Usual,
    /// More than twice the usual time.
    Slow,
    /// Nobody measured it, or there is no usual time yet.
    Unknown,
}

impl Pace {
    /// Compares a duration with the median of others.
    pub const fn of(duration_ms: u32, median_ms: Option<u32>) -> Self {
        match median_ms {
            None | Some(0) => Self::Unknown,
            Some(median_ms) if duration_ms > median_ms.saturating_mul(2) => Self::Slow,
            Some(median_ms) if duration_ms <= median_ms / 2 => Self::Fast,
            Some(_) => Self::Usual,
        }
    }
}

/// How an answer came about: what knowledge tracing and review scheduling look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recall {
    /// Whether it was right.
    pub correctness: Correctness,
    /// Which attempt it was.
    pub attempt: Attempt,
    /// The highest hint that was shown, 0 for none.
    pub rung: u8,
    /// How long it took.
    pub pace: Pace,
}

/// A graded submission of an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExerciseEvidence {
    /// The topic.
    pub topic: CourseKey,
    /// The exercise.
    pub exercise: CourseKey,
    /// Its score; only the full one passes.
    pub points: Points,
    /// Which attempt it was.
    pub attempt: Attempt,
    /// The highest hint that was shown, 0 for none.
    pub rung: u8,
    /// How long it took.
    pub pace: Pace,
}

impl ExerciseEvidence {
    /// Whether all tests passed.
    pub fn correctness(&self) -> Correctness {
        if self.points == Points::FULL { Correctness::Correct } else { Correctness::Wrong }
    }

    /// How it came about.
    pub fn recall(&self) -> Recall {
        let Self { attempt, rung, pace, .. } = *self;
        Recall { correctness: self.correctness(), attempt, rung, pace }
    }
}

/// An answer to a quiz item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuizEvidence {
    /// The topic.
    pub topic: CourseKey,
    /// The item.
    pub item: CourseKey,
    /// Whether it was right.
    pub correctness: Correctness,
}

impl QuizEvidence {
    /// How it came about: nobody helps with a quiz, and nobody takes the time.
    pub const fn recall(self) -> Recall {
        let (attempt, pace) = (Attempt::First, Pace::Unknown);
        Recall { correctness: self.correctness, attempt, rung: 0, pace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_by_half_and_twice_the_usual_time() {
        let cases = [
            (0, None, Pace::Unknown),
            (5, Some(0), Pace::Unknown),
            (500, Some(1_000), Pace::Fast),
            (501, Some(1_000), Pace::Usual),
            (2_000, Some(1_000), Pace::Usual),
            (2_001, Some(1_000), Pace::Slow),
            (u32::MAX, Some(u32::MAX), Pace::Usual),
        ];
        for (duration_ms, median_ms, expected) in cases {
            assert_eq!(Pace::of(duration_ms, median_ms), expected, "{duration_ms} {median_ms:?}");
        }
    }
}
