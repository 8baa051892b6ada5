//! The tutor without a model: answers from the course's own content, and says only what it knows.
//!
//! Nothing here reads an answer key: no reference solution, no hidden test, no wrong solution.

mod concepts;
mod debug;
mod exercise;
mod guidance;
mod review;

use std::fmt;

use crate::course::model::{Course, Exercise, Level, Topic, TopicId};
use crate::tutor::prompt::Brief;
use crate::tutor::triage::{Agent, Route};

/// The turn before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousTurn<'a> {
    /// What was asked.
    pub question: &'a str,
    /// What was answered.
    pub answer: &'a str,
    /// Who answered.
    pub agent: Agent,
    /// What it was about.
    pub topic: Option<&'a TopicId>,
}

/// What is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfflineBrief<'a> {
    /// What triage found.
    pub route: &'a Route,
    /// The question.
    pub text: &'a str,
    /// Its code.
    pub code: Option<&'a str>,
    /// The turn before, if there was one.
    pub previous: Option<PreviousTurn<'a>>,
    /// How much the student knows of the topic.
    pub level: Level,
}

impl<'a> OfflineBrief<'a> {
    /// The brief of a prompt.
    pub fn of(brief: &'a Brief) -> Self {
        let previous = brief.previous.as_ref().map(|previous| PreviousTurn {
            question: &previous.question,
            answer: &previous.answer,
            agent: previous.agent,
            topic: previous.topic.as_ref(),
        });
        Self {
            route: &brief.route,
            text: &brief.text,
            code: brief.code.as_deref(),
            previous,
            level: brief.level,
        }
    }

    /// What was answered before, or nothing.
    fn said(&self) -> &'a str {
        self.previous.map_or("", |previous| previous.answer)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineAnswer {
    /// What the student reads. Markdown.
    pub text: String,
    /// Questions to go on with.
    pub follow_ups: Vec<String>,
}

/// Answers a question from the course. Total and deterministic.
pub fn answer(course: &Course, brief: &OfflineBrief<'_>) -> OfflineAnswer {
    let topic = brief.route.topic.as_ref().and_then(|id| course.topic(id));
    let text = match brief.route.agent {
        Agent::Concepts => concepts::answer(course, topic, brief),
        Agent::Debug => debug::answer(topic, brief),
        Agent::CodeReview => review::answer(topic, brief),
        Agent::Exercise => exercise::answer(course, topic, brief),
        Agent::Progress => guidance::progress(course, topic),
        Agent::Clarify => guidance::clarify(course, brief.route),
        Agent::OffTopic => guidance::off_topic(course),
    };
    OfflineAnswer { text, follow_ups: follow_ups(course, brief.route) }
}

/// What a student reads when the model is away: the course's own answer, and why it comes.
pub fn degraded(course: &Course, brief: &OfflineBrief<'_>) -> String {
    format!("{}\n\n{}", guidance::AWAY, answer(course, brief).text)
}

/// What a student reads who has had all of today's answers of the model.
pub fn without_quota(course: &Course, brief: &OfflineBrief<'_>) -> String {
    format!("{}\n\n{}", guidance::USED_UP, answer(course, brief).text)
}

/// Offers an exercise: statement and starter code, never its solution.
pub fn offer(topic: &Topic, exercise: &Exercise) -> String {
    exercise::offer(topic, exercise)
}

/// Two or three questions of the course to go on with.
pub fn follow_ups(course: &Course, route: &Route) -> Vec<String> {
    if let Some(topic) = route.topic.as_ref().and_then(|id| course.topic(id)) {
        return topic.authored_questions().take(3).map(str::to_owned).collect();
    }
    let named = route.options.iter().filter_map(|id| course.topic(id));
    let first = course.topics().iter().filter(|topic| !topic.is_planned());
    let questions = named.chain(first).filter_map(|topic| topic.suggested_questions.first());
    let mut chosen: Vec<String> = Vec::new();
    for question in questions {
        if chosen.len() < 3 && !chosen.contains(question) {
            chosen.push(question.clone());
        }
    }
    chosen
}

/// Adds words to a text that is being written.
fn add(text: &mut String, words: fmt::Arguments<'_>) {
    text.push_str(&words.to_string());
}
