//! What is known of one topic: at most 60 bytes in a session's snapshot.

use serde::{Deserialize, Serialize};

use super::counted;
use super::mastery::Components;
use super::points::Points;
use super::quiz_round::QuizRound;
use super::review::Card;
use super::tracing::Known;

/// A student's progress in one topic. Counters stop at 9,999.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TopicProgress {
    /// Questions about it.
    pub asked_total: u16,
    /// Scores of exercises.
    pub exercises: Option<Points>,
    /// Scores of quiz rounds.
    pub quizzes: Option<Points>,
    /// The quality of the student's code.
    pub quality: Option<Points>,
    /// Graded items: submissions and quiz answers.
    pub graded_total: u16,
    /// The quiz round that it is in.
    pub round: QuizRound,
    /// How probably it is known.
    pub known: Known,
    /// When it is due for review; `None` before the first graded item.
    pub card: Option<Card>,
}

impl TopicProgress {
    /// Whether the student has asked about it or worked on it.
    pub const fn is_begun(&self) -> bool {
        self.asked_total > 0 || self.graded_total > 0
    }

    /// The components of its mastery. The streak counts only where something was graded:
    /// a topic that nobody touched has no points.
    pub fn components(&self, streak: Option<Points>) -> Components {
        Components {
            exercises: self.exercises,
            quizzes: self.quizzes,
            quality: self.quality,
            streak: streak.filter(|_| self.graded_total > 0),
        }
    }

    /// Notes a question.
    pub(super) fn ask(&mut self) {
        self.asked_total = counted(self.asked_total);
    }
}

#[cfg(test)]
pub(super) const FULLEST: TopicProgress = TopicProgress {
    asked_total: super::COUNT_LIMIT,
    exercises: Some(Points::FULL),
    quizzes: Some(Points::FULL),
    quality: Some(Points::FULL),
    graded_total: super::COUNT_LIMIT,
    round: QuizRound { base: Some(Points::FULL), correct: 4, answered: 4 },
    known: Known::MASTERED,
    card: Some(super::review::FULLEST),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_topic_takes_at_most_60_bytes() {
        let bytes = postcard::to_stdvec(&FULLEST).unwrap();
        assert!(bytes.len() <= 60, "{} bytes", bytes.len());
        assert_eq!(postcard::from_bytes::<TopicProgress>(&bytes).unwrap(), FULLEST);
    }

    #[test]
    fn a_streak_gives_no_points_to_a_topic_without_graded_work() {
        let mut progress = TopicProgress::default();
        progress.ask();
        assert!(progress.is_begun());
        assert_eq!(progress.components(Some(Points::FULL)), Components::default());
        progress.graded_total = 1;
        assert_eq!(progress.components(Some(Points::FULL)).streak, Some(Points::FULL));
    }
}
