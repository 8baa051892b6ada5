//! What a student practises with: exercises, quiz items, and the wrong ideas that they uncover.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::{ExerciseId, ItemId};

/// What a student does in an exercise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ExerciseKind {
    /// Replaces each `____`.
    FillIn,
    /// Mends a program.
    BugFix,
    /// Writes a function's body.
    WriteFunction,
    /// Says what a program prints.
    PredictOutput,
}

impl ExerciseKind {
    /// Whether an answer is graded by comparing it; all others need their program to be run.
    pub const fn is_graded_by_reading(self) -> bool {
        match self {
            Self::PredictOutput => true,
            Self::FillIn | Self::BugFix | Self::WriteFunction => false,
        }
    }
}

/// How hard an exercise is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// One idea of the topic.
    Easy,
    /// Two ideas together.
    Medium,
    /// Needs a plan.
    Hard,
}

/// How an answer is compared with what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// Byte for byte.
    Exact,
    /// After trimming the end of each line and of the whole.
    #[default]
    Whitespace,
    /// As a number, within 1e-9.
    Float,
}

/// One check of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// What is typed into the program.
    #[serde(default)]
    pub input: Option<String>,
    /// An expression that is evaluated after the program has run; its `repr` is compared.
    /// Without it, all that the program prints is compared.
    #[serde(default)]
    pub call: Option<String>,
    /// Statements that run after the program and before `call`, to prepare it.
    #[serde(default)]
    pub setup: Option<String>,
    /// Files that stand in the program's folder, by name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What is expected.
    pub expect: String,
    /// How it is compared.
    #[serde(default)]
    pub comparator: Comparator,
    /// Its share of the score, relative to the other tests.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub weight: u8,
    /// Whether a student sees only passed or failed.
    #[serde(default)]
    pub hidden: bool,
}

const fn one() -> u8 {
    1
}

/// A typical wrong solution, and what its author probably believes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongSolution {
    /// Which of the course's misconceptions it shows.
    pub misconception: String,
    /// The code, or the answer of a predict-output exercise.
    pub code: String,
}

/// What only graders see. It can't be serialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerKey {
    /// All tests, hidden ones too.
    pub tests: Vec<TestCase>,
    /// A solution that passes them; of a predict-output exercise, what is printed.
    pub solution: String,
    /// Solutions that fail at least one.
    pub wrong: Vec<WrongSolution>,
}

/// Practice for a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// Its id.
    pub id: ExerciseId,
    /// Its name.
    pub title: String,
    /// What the student does.
    pub kind: ExerciseKind,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// What is asked. Markdown.
    pub statement: String,
    /// The code to start from.
    pub starter: String,
    /// One hint a rung, from nudge to the worked example of a similar problem. Markdown.
    pub hints: [String; 4],
    /// What only graders see.
    pub key: AnswerKey,
}

impl Exercise {
    /// The tests that a student may see.
    pub fn visible_tests(&self) -> impl Iterator<Item = &TestCase> {
        self.key.tests.iter().filter(|test| !test.hidden)
    }

    /// The hint of a rung from 1 to 4.
    pub fn hint(&self, rung: u8) -> Option<&str> {
        let index = usize::from(rung).checked_sub(1)?;
        self.hints.get(index).map(String::as_str)
    }
}

/// A wrong idea that many learners hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Misconception {
    /// Its name, unique in the course.
    pub id: String,
    /// The idea and what is true instead.
    pub description: String,
}

/// One choice of a quiz item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizOption {
    /// What it says.
    pub text: String,
    /// Why it is right or wrong; a wrong one always has it.
    #[serde(default)]
    pub why: String,
    /// What who chooses it probably believes.
    #[serde(default)]
    pub misconception: Option<String>,
}

/// A question with choices, of which one is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuizItem {
    /// Its id.
    pub id: ItemId,
    /// The question.
    pub stem: String,
    /// The program that it is about, if any.
    pub code: Option<String>,
    /// The choices.
    pub options: Vec<QuizOption>,
    /// Index of the right one, from 0.
    pub correct: usize,
}
