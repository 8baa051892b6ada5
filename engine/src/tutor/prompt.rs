//! What a model is told: messages with a byte-stable beginning, and for whom an answer may be kept.
//!
//! Privacy by type: a [`SharedPrompt`] can only be built from the course, so no word of a student
//! can reach an answer that others get. Everything else is a [`PersonalPrompt`] and is never
//! stored.

mod template;

use std::sync::Arc;

use crate::course::model::{Course, Exercise, Level, TopicId};
use crate::id::{StudentId, TurnId};
use crate::tutor::triage::{Agent, Route};

pub use template::TEMPLATE_VERSION;

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Our instructions.
    System,
    /// The student.
    User,
    /// The tutor.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// The question for a tutor without a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// What triage found.
    pub route: Route,
    /// The question.
    pub text: String,
    /// Its code.
    pub code: Option<String>,
    /// The turn before, if there was one.
    pub previous: Option<Previous>,
    /// How much the student knows of the topic.
    pub level: Level,
}

/// The turn before, as the offline tutor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// What was asked, as [`asked`] marks it.
    pub question: String,
    /// What was answered.
    pub answer: String,
    /// Who answered.
    pub agent: Agent,
    /// What it was about.
    pub topic: Option<TopicId>,
}

/// With whom an answer may be shared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// With nobody: not stored, not joined.
    NoStore,
    /// With the same turn of the same student (a repeated attempt).
    Session(StudentId, TurnId),
    /// With the same student.
    Student(StudentId),
    /// With everybody who takes this version of the course.
    Course(Arc<str>),
    /// With everybody.
    Public,
}

/// A prompt and its scope.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// Holds a student's words.
    Personal(PersonalPrompt),
    /// Holds the course's words only.
    Shared(SharedPrompt),
}

/// A prompt with a student's words: of scope [`Scope::NoStore`].
#[derive(Debug, Clone)]
pub struct PersonalPrompt {
    messages: Vec<Message>,
    brief: Brief,
}

/// A prompt without any student's words. What a student typed can only select one:
///
/// ```
/// use learnflow_engine::course::model::{Course, Level};
/// use learnflow_engine::tutor::prompt::SharedPrompt;
/// use learnflow_engine::tutor::triage::Route;
///
/// fn select(course: &Course, route: &Route, typed: String) -> Option<SharedPrompt> {
///     SharedPrompt::authored(course, route, Level::Beginner, &typed)
/// }
/// ```
///
/// It can't become one, neither by conversion
///
/// ```compile_fail
/// use learnflow_engine::tutor::prompt::SharedPrompt;
///
/// fn share(typed: String) -> SharedPrompt {
///     SharedPrompt::from(typed)
/// }
/// ```
///
/// nor as a field
///
/// ```compile_fail
/// use learnflow_engine::tutor::prompt::{Message, Role, SharedPrompt};
///
/// fn share(shared: SharedPrompt, typed: String) -> SharedPrompt {
///     SharedPrompt { messages: vec![Message { role: Role::User, content: typed }], ..shared }
/// }
/// ```
///
/// nor by way of a personal prompt
///
/// ```compile_fail
/// use learnflow_engine::tutor::prompt::{PersonalPrompt, Prompt};
///
/// fn share(personal: PersonalPrompt) -> Prompt {
///     Prompt::Shared(personal)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct SharedPrompt {
    course: Arc<str>,
    messages: Vec<Message>,
    brief: Brief,
}

/// What a personal prompt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The course.
    pub course: &'a Course,
    /// What triage found.
    pub route: &'a Route,
    /// What older turns were about.
    pub summary: &'a str,
    /// Question (with code, as [`asked`] marks it) and answer of the window's turns, oldest first.
    pub window: &'a [(String, String)],
    /// The specialist and topic of the turn before.
    pub last_route: Option<&'a (Agent, Option<TopicId>)>,
    /// The question.
    pub question: &'a str,
    /// Its code.
    pub code: Option<&'a str>,
    /// How much the student knows of the topic.
    pub level: Level,
    /// The exercise that is open on the page.
    pub open: Option<OpenExercise<'a>>,
    /// Whether the question is one of a quiz.
    pub quiz: Quiz,
    /// Whether an answer to this question was stopped for saying too much.
    pub again: Again,
}

/// An exercise that a student works on while they ask.
#[derive(Debug, Clone, Copy)]
pub struct OpenExercise<'a> {
    /// Which. Of its key nothing reaches a prompt.
    pub exercise: &'a Exercise,
    /// The highest hint that was shown, 0 for none.
    pub rung: u8,
}

/// Where a question comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quiz {
    /// It is one of the course's quiz items.
    Asked,
    /// From anywhere else.
    Elsewhere,
}

/// Whether a prompt comes a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Again {
    /// It is the first.
    First,
    /// The answer to the first gave too much away.
    Rewrite,
}

impl PersonalPrompt {
    /// Builds the prompt of a question in its conversation.
    pub fn new(material: &Material<'_>) -> Self {
        let Material { course, route, summary, window, last_route, question, code, level, .. } =
            *material;
        let mut messages = vec![template::system(course, route, level)];
        messages.extend(material.open.as_ref().map(template::open_exercise));
        messages.extend(template::pending_quiz(material.quiz));
        messages.extend(template::rewrite(material.again));
        if !summary.is_empty() {
            messages.push(template::summary(summary));
        }
        for (asked, answered) in window {
            messages.push(Message { role: Role::User, content: asked.clone() });
            messages.push(Message { role: Role::Assistant, content: answered.clone() });
        }
        messages.push(template::question(question, code));
        let previous = window.last().zip(last_route).map(|((asked, answered), last)| Previous {
            question: asked.clone(),
            answer: answered.clone(),
            agent: last.0,
            topic: last.1.clone(),
        });
        let brief = Brief {
            route: route.clone(),
            text: question.to_owned(),
            code: code.map(str::to_owned),
            previous,
            level,
        };
        Self { messages, brief }
    }
}

impl SharedPrompt {
    /// Builds the prompt of one of the course's own questions. What the student typed only
    /// selects it; the words come from the course.
    pub fn authored(course: &Course, route: &Route, level: Level, typed: &str) -> Option<Self> {
        let (topic, index) = course.authored_question(typed)?;
        let question = course.authored_text(&topic, index)?.to_owned();
        let version = course.version();
        // Of the route only the specialist is taken: the rest may speak of the conversation.
        let route = Route {
            agent: route.agent,
            topic: Some(topic),
            confidence_pct: route.confidence_pct,
            options: Vec::new(),
        };
        let messages =
            vec![template::system(course, &route, level), template::question(&question, None)];
        let brief = Brief { route, text: question, code: None, previous: None, level };
        Some(Self {
            course: Arc::from(format!("{}@{version}", course.id()).as_str()),
            messages,
            brief,
        })
    }
}

impl Prompt {
    /// With whom the answer may be shared.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Personal(_) => Scope::NoStore,
            Self::Shared(shared) => Scope::Course(Arc::clone(&shared.course)),
        }
    }

    /// The messages, our instructions first, the question last.
    pub fn messages(&self) -> &[Message] {
        match self {
            Self::Personal(prompt) => &prompt.messages,
            Self::Shared(prompt) => &prompt.messages,
        }
    }

    /// The question for a tutor without a model.
    pub fn brief(&self) -> &Brief {
        match self {
            Self::Personal(prompt) => &prompt.brief,
            Self::Shared(prompt) => &prompt.brief,
        }
    }
}

/// How a question stands in the window of later prompts.
pub fn asked(question: &str, code: Option<&str>) -> String {
    template::question(question, code).content
}

/// Tokens of a text, estimated: a token is about three bytes of English or Python, and rather
/// too many than too few is what a budget needs.
pub fn estimated_tokens(text: &str) -> u32 {
    u32::try_from(text.len().div_ceil(3)).unwrap_or(u32::MAX)
}
