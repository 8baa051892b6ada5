//! What a course is, once it has been loaded and found valid.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::CourseKey;
pub use super::id::{ExerciseId, InvalidCourseId, ItemId, TopicId};
pub use super::practice::{
    AnswerKey, Comparator, Difficulty, Exercise, ExerciseKind, Misconception, QuizItem, QuizOption,
    TestCase, WrongSolution,
};
use super::quiz_index::QuizIndex;
use super::{CourseError, builtin};
use crate::tutor::triage::Index;

/// How much a reader knows already; each topic is explained three times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Meets it for the first time.
    Beginner,
    /// Has used it.
    Learning,
    /// Uses it with ease.
    Proficient,
}

/// A topic's explanation, once a level. Markdown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanations {
    /// For who meets it for the first time.
    pub beginner: String,
    /// For who has used it.
    pub learning: String,
    /// For who uses it with ease.
    pub proficient: String,
}

impl Explanations {
    /// The one for a level.
    pub fn at(&self, level: Level) -> &str {
        match level {
            Level::Beginner => &self.beginner,
            Level::Learning => &self.learning,
            Level::Proficient => &self.proficient,
        }
    }
}

/// A program that shows something, with what it prints.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// A whole program.
    pub code: String,
    /// What a person types into it, if it asks.
    #[serde(default)]
    pub input: Option<String>,
    /// Files that stand in its folder, by name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What it prints, without the typed input.
    pub output: String,
    /// Why it does so. Markdown.
    pub explanation: String,
}

/// A question that the course offers after an explanation, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// The question.
    pub ask: String,
    /// Its answer. Markdown; empty in a planned topic.
    #[serde(default)]
    pub answer: String,
}

/// What is taught in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub id: TopicId,
    /// Its name.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// What should be known before.
    pub requires: Vec<TopicId>,
    /// Words and phrases that speak of it, with their weight from 1 to 10.
    pub keywords: BTreeMap<String, u8>,
    /// Pieces of code that speak of it, with their weight from 1 to 10.
    pub code_signs: BTreeMap<String, u8>,
    /// The three explanations; none in a planned topic.
    pub explanations: Option<Explanations>,
    /// Programs that show it.
    pub examples: Vec<Example>,
    /// Practice.
    pub exercises: Vec<Exercise>,
    /// Wrong ideas about it.
    pub misconceptions: Vec<Misconception>,
    /// Quiz items.
    pub quiz: Vec<QuizItem>,
    /// Questions to go on with.
    pub follow_ups: Vec<FollowUp>,
    /// Questions to begin with.
    pub suggested_questions: Vec<String>,
}

impl Topic {
    /// Whether its content is still to be written.
    pub const fn is_planned(&self) -> bool {
        self.explanations.is_none()
    }

    /// The questions that the course itself offers: what [`Course::authored_text`] counts.
    pub fn authored_questions(&self) -> impl Iterator<Item = &str> {
        let asks = self.follow_ups.iter().map(|follow_up| follow_up.ask.as_str());
        asks.chain(self.suggested_questions.iter().map(String::as_str))
    }
}

/// A group of topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its id: the first part of its topics' ids.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its topics, in order.
    pub topics: Vec<TopicId>,
}

/// Which text of a course: the author's version and a digest of the files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CourseVersion {
    pub(super) semantic: String,
    pub(super) digest: String,
}

impl CourseVersion {
    /// The author's semantic version.
    pub fn semantic(&self) -> &str {
        &self.semantic
    }

    /// The first 12 hexadecimal digits of BLAKE3 over the files.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl fmt::Display for CourseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.semantic, self.digest)
    }
}

/// A valid course.
#[derive(Debug, Clone)]
pub struct Course {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) version: CourseVersion,
    pub(super) modules: Vec<Module>,
    pub(super) topics: Vec<Topic>,
    pub(super) positions: BTreeMap<TopicId, usize>,
    /// Place of the topic, and of the exercise in it, by key.
    pub(super) keys: BTreeMap<CourseKey, (usize, Option<usize>)>,
    pub(super) questions: BTreeMap<String, (TopicId, u16)>,
    pub(super) index: Index,
    pub(super) quiz_index: QuizIndex,
}

impl Course {
    /// The Python course that comes with the engine.
    ///
    /// # Errors
    ///
    /// [`CourseError`] when the built-in files are faulty, which a test rules out.
    pub fn builtin() -> Result<Arc<Self>, CourseError> {
        Self::load(builtin::FILES).map(Arc::new)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Which text of it this is.
    pub const fn version(&self) -> &CourseVersion {
        &self.version
    }

    /// Its modules, in order.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Its topics, in order.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// A topic.
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.positions.get(id).and_then(|&position| self.topics.get(position))
    }

    /// An exercise.
    pub fn exercise(&self, id: &ExerciseId) -> Option<&Exercise> {
        self.topic(&id.topic())?.exercises.iter().find(|exercise| exercise.id == *id)
    }

    /// The topic that a session's state names by this key.
    pub fn topic_by_key(&self, key: CourseKey) -> Option<&Topic> {
        let (topic, _) = self.keys.get(&key)?;
        self.topics.get(*topic)
    }

    /// The exercise that a session's state names by this key.
    pub fn exercise_by_key(&self, key: CourseKey) -> Option<&Exercise> {
        let (topic, exercise) = self.keys.get(&key)?;
        self.topics.get(*topic)?.exercises.get((*exercise)?)
    }

    /// A quiz item.
    pub fn quiz_item(&self, id: &ItemId) -> Option<&QuizItem> {
        self.topic(&id.topic())?.quiz.iter().find(|item| item.id == *id)
    }

    /// The quiz items that a text is about, as far as it holds their words or their program.
    pub fn asked_items(&self, text: &str) -> Vec<&QuizItem> {
        let places = self.quiz_index.about(text).into_iter();
        places.filter_map(|(topic, item)| self.topics.get(topic)?.quiz.get(item)).collect()
    }

    /// Which of the course's own questions a text is, apart from white space. Only these hold no
    /// word of a student, so only their answers may be shared.
    pub fn authored_question(&self, text: &str) -> Option<(TopicId, u16)> {
        self.questions.get(&folded(text)).cloned()
    }

    /// The course's own words for what [`Course::authored_question`] found.
    pub fn authored_text(&self, topic: &TopicId, index: u16) -> Option<&str> {
        self.topic(topic)?.authored_questions().nth(usize::from(index))
    }

    /// What triage looks words up in; built once, when the course is loaded.
    pub(crate) const fn index(&self) -> &Index {
        &self.index
    }
}

/// A text without white space at its ends and with single spaces inside.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
