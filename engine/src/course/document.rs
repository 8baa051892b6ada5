//! The files of a course as they are written: `course.toml` and one file a topic.
//!
//! The published JSON Schema is made from these types, so each field says what an author must know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::model::{
    Difficulty, Example, ExerciseKind, Explanations, FollowUp, Misconception, QuizOption, TestCase,
    WrongSolution,
};

/// The format that this engine reads.
pub(super) const FORMAT: u32 = 1;

/// `course.toml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CourseDocument {
    /// The format's version: 1.
    #[schemars(range(min = 1, max = 1))]
    pub(super) format: u32,
    /// Lower-case letters, digits and underscores.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub(super) id: String,
    /// How students see it.
    #[schemars(length(min = 1))]
    pub(super) title: String,
    /// A semantic version, such as 1.2.0.
    #[schemars(regex(pattern = r"^\d+\.\d+\.\d+$"))]
    pub(super) version: String,
    /// The modules, in order.
    #[serde(rename = "module")]
    #[schemars(length(min = 1))]
    pub(super) modules: Vec<ModuleDocument>,
}

/// A module: its topics in order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModuleDocument {
    /// Also the folder of its topics' files.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub(super) id: String,
    /// How students see it.
    #[schemars(length(min = 1))]
    pub(super) title: String,
    /// The topics, in order.
    #[serde(rename = "topic")]
    #[schemars(length(min = 1))]
    pub(super) topics: Vec<TopicEntry>,
}

/// A topic's place in the course. Its text is in `<module>/<id>.toml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicEntry {
    /// The last part of its id, and the name of its file.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub(super) id: String,
    /// What should be known before: whole ids, such as `basics.variables`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")))]
    pub(super) requires: Vec<String>,
}

/// `<module>/<topic>.toml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicDocument {
    /// How students see it.
    #[schemars(length(min = 1))]
    pub(super) title: String,
    /// What it is about, in a sentence.
    #[schemars(length(min = 1))]
    pub(super) summary: String,
    /// Whether its content is still to be written; then it has no explanations.
    #[serde(default)]
    pub(super) planned: bool,
    /// Questions to begin with.
    #[schemars(length(min = 2, max = 4))]
    pub(super) suggested_questions: Vec<String>,
    /// Words and phrases by which a question is recognised as being about it, with weights from 1
    /// to 10.
    pub(super) keywords: BTreeMap<String, u8>,
    /// Pieces of code that speak of it, with weights from 1 to 10.
    #[serde(default)]
    pub(super) code_signs: BTreeMap<String, u8>,
    /// The explanation at three levels; needed unless the topic is planned.
    pub(super) explanations: Option<Explanations>,
    /// Worked examples: 2 to 12, unless the topic is planned.
    #[serde(default, rename = "example")]
    #[schemars(length(max = 12))]
    pub(super) examples: Vec<Example>,
    /// Wrong ideas about it.
    #[serde(default, rename = "misconception")]
    pub(super) misconceptions: Vec<Misconception>,
    /// Exercises: 3 to 40, unless the topic is planned.
    #[serde(default, rename = "exercise")]
    #[schemars(length(max = 40))]
    pub(super) exercises: Vec<ExerciseDocument>,
    /// Quiz items: 4 to 60, unless the topic is planned.
    #[serde(default, rename = "quiz")]
    #[schemars(length(max = 60))]
    pub(super) quiz: Vec<QuizDocument>,
    /// Questions to go on with: 2 or 3, unless the topic is planned.
    #[serde(default, rename = "follow_up")]
    #[schemars(length(max = 3))]
    pub(super) follow_ups: Vec<FollowUp>,
}

/// An exercise; its id is the last part only.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExerciseDocument {
    /// Unique in its topic.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub(super) id: String,
    /// How students see it.
    #[schemars(length(min = 1))]
    pub(super) title: String,
    /// What the student does.
    pub(super) kind: ExerciseKind,
    /// How hard it is.
    pub(super) difficulty: Difficulty,
    /// What is asked. Markdown.
    #[schemars(length(min = 1))]
    pub(super) statement: String,
    /// The code to start from: with `____` where a fill-in exercise has a blank, and the whole
    /// program of a predict-output exercise.
    #[schemars(length(min = 1))]
    pub(super) starter: String,
    /// A nudge, a guiding question, an explanation, and a worked example of a similar problem.
    /// Markdown.
    #[schemars(length(equal = 4))]
    pub(super) hints: Vec<String>,
    /// A program that passes all tests; of a predict-output exercise, what is printed.
    #[schemars(length(min = 1))]
    pub(super) solution: String,
    /// How a submission is graded; at least one test is visible.
    #[serde(default, rename = "test")]
    #[schemars(length(min = 1))]
    pub(super) tests: Vec<TestCase>,
    /// Typical wrong solutions, each of which fails a test; at least one.
    #[serde(default, rename = "wrong")]
    #[schemars(length(min = 1))]
    pub(super) wrong: Vec<WrongSolution>,
}

/// A quiz item; its id is the last part only.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuizDocument {
    /// Unique in its topic.
    #[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))]
    pub(super) id: String,
    /// The question. Markdown.
    #[schemars(length(min = 1))]
    pub(super) stem: String,
    /// The program that it is about.
    pub(super) code: Option<String>,
    /// Which option is right, counted from 0.
    pub(super) correct: usize,
    /// The choices.
    #[schemars(length(min = 2, max = 6))]
    pub(super) options: Vec<QuizOption>,
}
