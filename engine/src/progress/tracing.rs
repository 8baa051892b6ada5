//! Bayesian knowledge tracing: how probably a student knows a topic.
//!
//! Source: Corbett and Anderson, *Knowledge tracing: Modeling the acquisition of procedural
//! knowledge* (1995). Only the four basic operations occur, so every machine agrees on each bit.

use serde::{Deserialize, Serialize};

use super::evidence::Correctness;
use super::nearest;

/// From this hint rung on, a right answer is not the student's own.
const TOLD_RUNG: u8 = 3;

/// The four probabilities of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// A student knows the topic before the first answer.
    pub prior: f64,
    /// An answer teaches it.
    pub learn: f64,
    /// Who doesn't know it answers right.
    pub guess: f64,
    /// Who knows it answers wrong.
    pub slip: f64,
}

impl Parameters {
    /// What this course uses for every topic.
    pub const DEFAULT: Self = Self { prior: 0.3, learn: 0.1, guess: 0.2, slip: 0.1 };
}

/// What an answer says about knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Right without help.
    Correct,
    /// Right after a small hint: as good a sign, but half as much was learned.
    CorrectWithHints,
    /// Wrong, or right after the mistake had been named.
    Wrong,
}

impl Evidence {
    /// What an answer says that came after a hint of this rung, 0 for none.
    pub const fn of(correctness: Correctness, rung: u8) -> Self {
        match (correctness, rung) {
            (Correctness::Correct, 0) => Self::Correct,
            (Correctness::Correct, 1..TOLD_RUNG) => Self::CorrectWithHints,
            (Correctness::Correct, TOLD_RUNG..) | (Correctness::Wrong, _) => Self::Wrong,
        }
    }
}

/// The probability of knowing after an answer.
pub fn traced(known: f64, evidence: Evidence, parameters: &Parameters) -> f64 {
    let Parameters { learn, guess, slip, .. } = *parameters;
    let unknown = 1.0 - known;
    let right = known * (1.0 - slip) / (known * (1.0 - slip) + unknown * guess);
    let (seen, learn) = match evidence {
        Evidence::Correct => (right, learn),
        Evidence::CorrectWithHints => (right, learn / 2.0),
        Evidence::Wrong => (known * slip / (known * slip + unknown * (1.0 - guess)), learn),
    };
    seen + (1.0 - seen) * learn
}

/// How probably a topic is known: millionths, never quite none nor all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Known(u32);

impl Known {
    /// Before the first answer.
    pub const PRIOR: Self = Self(300_000);
    /// From here on, somebody has a first grip of it.
    pub const STARTED: Self = Self(400_000);
    /// From here on, topics that build on it may begin.
    pub const READY: Self = Self(700_000);
    /// From here on, it is mastered.
    pub const MASTERED: Self = Self(950_000);

    const WHOLE: u32 = 1_000_000;

    /// From a probability. Certainty could never be shaken again, so none is quite certain.
    pub fn from_f64(known: f64) -> Self {
        Self(nearest(known * f64::from(Self::WHOLE), 1, Self::WHOLE - 1))
    }

    /// From what [`Known::millionths`] gave.
    pub fn from_millionths(millionths: u32) -> Self {
        Self(millionths.clamp(1, Self::WHOLE - 1))
    }

    /// The probability in millionths, as it is stored.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// The probability.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }

    /// Whether it is mastered.
    pub fn is_mastered(self) -> bool {
        self >= Self::MASTERED
    }
}

impl Default for Known {
    fn default() -> Self {
        Self::PRIOR
    }
}

/// What is known after an answer.
pub fn update(known: Known, evidence: Evidence) -> Known {
    Known::from_f64(traced(known.as_f64(), evidence, &Parameters::DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Evidence::{Correct, CorrectWithHints, Wrong};

    /// The golden vector; the differential test against pyBKT is `deploy/dev/oracle.sh`.
    const ORACLE: [(Evidence, f64); 7] = [
        (Correct, 0.692_683),
        (Correct, 0.919_231),
        (Wrong, 0.628_501),
        (Correct, 0.895_508),
        (Correct, 0.977_253),
        (Correct, 0.995_369),
        (Correct, 0.999_070),
    ];

    #[test]
    fn the_function_gives_the_golden_vector_to_six_decimals() {
        let mut known = Parameters::DEFAULT.prior;
        for (evidence, expected) in ORACLE {
            known = traced(known, evidence, &Parameters::DEFAULT);
            assert!((known - expected).abs() <= 5e-7, "{known} is not {expected}");
        }
    }

    #[test]
    fn what_is_stored_gives_the_golden_vector_to_five_decimals() {
        let mut known = Known::default();
        for (evidence, expected) in ORACLE {
            known = update(known, evidence);
            assert!((known.as_f64() - expected).abs() <= 5e-6, "{known:?} is not {expected}");
        }
        assert!(known.is_mastered());
    }

    #[test]
    fn three_right_answers_in_a_row_master_a_topic_and_two_do_not() {
        let two = [Correct; 2].into_iter().fold(Known::PRIOR, update);
        assert!(!two.is_mastered());
        assert!(update(two, Correct).is_mastered());
    }

    #[test]
    fn a_hint_weighs_by_its_rung() {
        let right = [Correct, CorrectWithHints, CorrectWithHints, Wrong, Wrong, Wrong, Wrong];
        for (rung, expected) in (0..).zip(right) {
            assert_eq!(Evidence::of(Correctness::Correct, rung), expected, "rung {rung}");
            assert_eq!(Evidence::of(Correctness::Wrong, rung), Wrong, "rung {rung}");
        }
    }

    #[test]
    fn a_hint_halves_what_is_learned_and_not_what_is_seen() {
        // Seen: .3*.9/(.3*.9+.7*.2) = 27/41; what was learned is a twentieth of the rest.
        let seen = 27.0 / 41.0;
        let found = traced(0.3, CorrectWithHints, &Parameters::DEFAULT);
        assert!((found - (seen + (1.0 - seen) / 20.0)).abs() < 1e-12, "{found}");
    }

    #[test]
    fn nothing_is_certain() {
        for (known, millionths) in [(0.0, 1), (1.0, 999_999), (f64::NAN, 1), (0.3, 300_000)] {
            assert_eq!(Known::from_f64(known), Known(millionths), "{known}");
        }
        assert_eq!(Known::from_f64(Parameters::DEFAULT.prior), Known::PRIOR);
    }
}
