//! The files of a course as they are written: `course.toml` and one file a topic.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::{
    Difficulty, Example, ExerciseKind, Explanations, FollowUp, Misconception, QuizOption, TestCase,
    WrongSolution,
};

/// The format that this engine reads.
pub(super) const FORMAT: u32 = 1;

/// `course.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CourseDocument {
    pub(super) format: u32,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) version: String,
    #[serde(rename = "module")]
    pub(super) modules: Vec<ModuleDocument>,
}

/// A module: its topics in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModuleDocument {
    pub(super) id: String,
    pub(super) title: String,
    #[serde(rename = "topic")]
    pub(super) topics: Vec<TopicEntry>,
}

/// A topic's place in the course. Its text is in `<module>/<id>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicEntry {
    pub(super) id: String,
    /// Whole topic ids.
    #[serde(default)]
    pub(super) requires: Vec<String>,
}

/// `<module>/<topic>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicDocument {
    pub(super) title: String,
    pub(super) summary: String,
    #[serde(default)]
    pub(super) planned: bool,
    pub(super) suggested_questions: Vec<String>,
    pub(super) keywords: BTreeMap<String, u8>,
    #[serde(default)]
    pub(super) code_signs: BTreeMap<String, u8>,
    pub(super) explanations: Option<Explanations>,
    #[serde(default, rename = "example")]
    pub(super) examples: Vec<Example>,
    #[serde(default, rename = "misconception")]
    pub(super) misconceptions: Vec<Misconception>,
    #[serde(default, rename = "exercise")]
    pub(super) exercises: Vec<ExerciseDocument>,
    #[serde(default, rename = "quiz")]
    pub(super) quiz: Vec<QuizDocument>,
    #[serde(default, rename = "follow_up")]
    pub(super) follow_ups: Vec<FollowUp>,
}

/// An exercise; its id is the last part only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExerciseDocument {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: ExerciseKind,
    pub(super) difficulty: Difficulty,
    pub(super) statement: String,
    pub(super) starter: String,
    pub(super) hints: Vec<String>,
    pub(super) solution: String,
    #[serde(default, rename = "test")]
    pub(super) tests: Vec<TestCase>,
    #[serde(default, rename = "wrong")]
    pub(super) wrong: Vec<WrongSolution>,
}

/// A quiz item; its id is the last part only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuizDocument {
    pub(super) id: String,
    pub(super) stem: String,
    pub(super) code: Option<String>,
    pub(super) correct: usize,
    pub(super) options: Vec<QuizOption>,
}
