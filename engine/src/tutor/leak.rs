//! Reads what a model says before the student does, and holds back what gives an exercise away.
//!
//! While an exercise or a quiz item is open, an answer is read line by line, a fenced block as a
//! whole. It is held back before the decisive line is out when it has
//! - more new lines of code than the rung allows: not the student's own, not the exercise's text,
//!   not what the course shows everybody;
//! - 6 tenths of what is secret in the reference solution, together with earlier answers: under
//!   other names, in another order, in words, in other signs, encoded;
//! - the expected output, what stands in the blanks, or the marked option of a quiz item, where it
//!   is said to be that;
//! - a long encoded text.
//!
//! Read in this order: `word`, `token` and `phrase` (the form in which everything is compared), `pattern`
//! (runs of tokens and where they stand), `part` (a solution in parts), `secret`, `line` (what is
//! code), `plain` (disguises), and `guard`, which puts them together.
//!
//! What it can't see: another solution than the reference in three lines or less, and a meaning
//! that is told in words of one's own.

mod guard;
mod line;
mod part;
mod pattern;
mod phrase;
mod plain;
mod secret;
mod token;
mod word;

use serde::{Deserialize, Serialize};

pub use self::guard::Guard;
pub use self::secret::Secret;

/// Which parts of an exercise's secret earlier answers have shown: one bit a part, at most 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Exposure(u32);

impl Exposure {
    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Of these bits.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// What one or the other has shown.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Why an answer was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakReason {
    /// It has more lines of code than may be shown.
    CodeTooLong,
    /// It shows the reference solution.
    Solution,
    /// It says what is printed, or what stands in the blanks.
    ExpectedAnswer,
    /// It says which option is right.
    QuizAnswer,
    /// It has an encoded text.
    Encoded,
}

impl LeakReason {
    /// Its name, as a metric's label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeTooLong => "code_too_long",
            Self::Solution => "solution",
            Self::ExpectedAnswer => "expected_answer",
            Self::QuizAnswer => "quiz_answer",
            Self::Encoded => "encoded",
        }
    }
}

/// What may be shown of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// This, which may be empty.
    Clear(String),
    /// Nothing more.
    Blocked(LeakReason),
}
