//! A quiz round: up to five items of a topic, answered one by one.
//!
//! The quizzes' component moves with each answer, yet a round counts once: the average is always
//! taken from the component before the round, so that its end is exactly the average with the
//! round's score.

use serde::{Deserialize, Serialize};

use super::evidence::Correctness;
use super::mastery::{Component, smoothed};
use super::points::Points;

/// Items of a round.
pub const ROUND_ITEMS: u8 = 5;

/// The round that a topic is in; a fresh one has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuizRound {
    /// The component before the round.
    pub base: Option<Points>,
    /// Right answers.
    pub correct: u8,
    /// All answers.
    pub answered: u8,
}

/// Whether an answer was the last of its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoundEnd {
    /// More items follow.
    Open,
    /// The round is over.
    Ended {
        /// Its score.
        percent: Points,
    },
}

impl QuizRound {
    /// Whether it has begun.
    pub const fn is_open(self) -> bool {
        self.answered > 0
    }

    /// Takes an answer: the round after it, or the next one, the component, and whether it ended.
    #[must_use]
    pub fn answer(self, correctness: Correctness) -> (Self, Points, RoundEnd) {
        let right = match correctness {
            Correctness::Correct => 1,
            Correctness::Wrong => 0,
        };
        let correct = self.correct.saturating_add(right);
        let answered = self.answered.saturating_add(1);
        let percent = Points::percent(correct.into(), answered.into());
        let component = smoothed(self.base, percent, Component::Quizzes);
        if answered < ROUND_ITEMS {
            (Self { base: self.base, correct, answered }, component, RoundEnd::Open)
        } else {
            let next = Self { base: Some(component), correct: 0, answered: 0 };
            (next, component, RoundEnd::Ended { percent })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers `1` right and `0` wrong; expects the component after each.
    fn check(base: Option<f64>, answers: &str, components: &[f64], percent: Option<f64>) {
        let mut round = QuizRound { base: base.map(Points::from_f64), ..QuizRound::default() };
        let mut end = RoundEnd::Open;
        for (answer, expected) in answers.chars().zip(components) {
            let correctness = if answer == '1' { Correctness::Correct } else { Correctness::Wrong };
            let component;
            (round, component, end) = round.answer(correctness);
            assert_eq!(component, Points::from_f64(*expected), "{base:?} {answers}");
        }
        let expected =
            percent.map_or(RoundEnd::Open, |p| RoundEnd::Ended { percent: Points::from_f64(p) });
        assert_eq!(end, expected, "{base:?} {answers}");
        assert_eq!(round.is_open(), percent.is_none(), "{base:?} {answers}");
    }

    #[test]
    fn a_round_counts_once_from_the_component_before_it() {
        check(None, "11011", &[100.0, 100.0, 66.67, 75.0, 80.0], Some(80.0));
        check(Some(50.0), "11111", &[70.0; 5], Some(100.0));
        check(Some(50.0), "00111", &[30.0, 30.0, 43.33, 50.0, 54.0], Some(60.0));
        check(Some(80.0), "01", &[48.0, 68.0], None);
    }

    #[test]
    fn the_next_round_begins_where_the_last_one_ended() {
        let answers = [Correctness::Correct; 5].into_iter().chain([Correctness::Wrong; 5]);
        let (mut round, mut last) = (QuizRound::default(), Points::ZERO);
        for answer in answers {
            (round, last, _) = round.answer(answer);
        }
        assert_eq!(last, Points::from_f64(60.0));
        assert_eq!(round, QuizRound { base: Some(last), correct: 0, answered: 0 });
    }
}
