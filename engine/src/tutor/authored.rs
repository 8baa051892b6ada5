//! Answers that need no model: from facts of the session, and from the course.
//!
//! What a student knows is a fact, and practice is written by people: a model would only be slower,
//! and sometimes wrong.

use crate::clock::Timestamp;
use crate::course::model::{Course, Difficulty, Exercise, Level, Topic, TopicId};
use crate::progress::mastery::MasteryLevel;
use crate::progress::next_step::{Activity, NextStep, Why, next_exercise, next_step, reviews};
use crate::progress::{Learning, TopicProgress};
use crate::tutor::offline;
use crate::tutor::triage::{Agent, Route};

/// Begun topics that a report names one by one.
const REPORT_TOPICS: usize = 6;

/// The student's question and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The course.
    pub course: &'a Course,
    /// What the student knows.
    pub learning: &'a Learning,
    /// What triage found.
    pub route: &'a Route,
    /// The question.
    pub question: &'a str,
    /// When it was asked.
    pub now: Timestamp,
}

/// How a topic is to be explained to a student who knows so much of it.
pub fn level(learning: &Learning, topic: Option<&TopicId>) -> Level {
    let progress = topic.and_then(|topic| learning.topic(topic.key()));
    let Some(progress) = progress.filter(|progress| progress.graded_total > 0) else {
        return Level::Beginner;
    };
    let streak = learning.streak().points();
    let estimate = progress.components(streak).estimate().unwrap_or_default();
    match MasteryLevel::of(estimate, u32::from(progress.graded_total)) {
        MasteryLevel::Beginner => Level::Beginner,
        MasteryLevel::Learning => Level::Learning,
        MasteryLevel::Proficient | MasteryLevel::Mastered => Level::Proficient,
    }
}

/// The answer, if this specialist needs no model.
pub fn answer(facts: &Facts<'_>) -> Option<String> {
    match facts.route.agent {
        Agent::Progress => Some(report(facts)),
        Agent::Exercise => practice(facts),
        Agent::Concepts | Agent::CodeReview | Agent::Debug | Agent::Clarify | Agent::OffTopic => {
            None
        }
    }
}

/// An exercise that fits what the student knows and says.
fn practice(facts: &Facts<'_>) -> Option<String> {
    let Facts { course, learning, route, question, now } = *facts;
    let topic = match &route.topic {
        Some(id) => course.topic(id),
        None => match next_step(course, learning, None, now) {
            NextStep::Topic(step) => course.topic(&step.topic),
            NextStep::PendingQuestion(_) | NextStep::Done => None,
        },
    };
    let topic =
        topic.or_else(|| course.topics().iter().find(|topic| !topic.exercises.is_empty()))?;
    let exercise = wanted(topic, learning, question).or_else(|| {
        next_exercise(course, learning, &topic.id).and_then(|id| course.exercise(&id))
    })?;
    Some(offline::offer(topic, exercise))
}

/// Who says how hard it shall be gets that, an unsolved one first.
fn wanted<'a>(topic: &'a Topic, learning: &Learning, question: &str) -> Option<&'a Exercise> {
    let asked = question.to_lowercase();
    let words = [
        (["hard", "difficult", "challenge"], Difficulty::Hard),
        (["medium", "normal", "middle"], Difficulty::Medium),
        (["easy", "easier", "simple"], Difficulty::Easy),
    ];
    let (_, difficulty) =
        words.into_iter().find(|(words, _)| words.iter().any(|word| asked.contains(word)))?;
    let fits = || topic.exercises.iter().filter(|one| one.difficulty == difficulty);
    fits().find(|one| !learning.has_passed(one.id.key())).or_else(|| fits().next())
}

/// How the student is doing, in their own figures.
fn report(facts: &Facts<'_>) -> String {
    let Facts { course, learning, now, .. } = *facts;
    let mut begun: Vec<(&Topic, &TopicProgress)> = course
        .topics()
        .iter()
        .filter_map(|topic| Some((topic, learning.topic(topic.id.key())?)))
        .filter(|(_, progress)| progress.is_begun())
        .collect();
    if begun.is_empty() {
        return format!(
            "You are at the very beginning, and that is a good place to be. As soon as you answer \
             quiz questions or hand in exercises, I can tell you how you are doing.\n\n{}",
            proposal(facts)
        );
    }
    let mut text = String::from("Here is how you are doing.\n\n");
    text.push_str(&streak(learning));
    // What moves most stands first.
    begun.sort_by_key(|(topic, _)| std::cmp::Reverse(learning.mastery(topic.id.key()).score));
    let more = begun.len().saturating_sub(REPORT_TOPICS);
    for (topic, progress) in begun.into_iter().take(REPORT_TOPICS) {
        text.push_str(&line(learning, topic, progress));
    }
    if more > 0 {
        let rest = format!("- and {more} more topics that you have begun\n");
        text.push_str(&rest);
    }
    let due = reviews(course, learning, now);
    if let Some(first) = due.first().and_then(|review| course.topic(&review.topic)) {
        let due = match due.len() {
            1 => format!("\n**{}** is due for a short review.\n", first.title),
            many => {
                format!("\n{many} topics are due for a short review, **{}** first.\n", first.title)
            }
        };
        text.push_str(&due);
    }
    text.push('\n');
    text.push_str(&proposal(facts));
    text.push_str("\n\nYour progress page shows each point of a score and what moved it.\n");
    text
}

fn streak(learning: &Learning) -> String {
    match learning.streak().days {
        0 | 1 => String::new(),
        days => format!("You have learned on {days} days in a row.\n\n"),
    }
}

fn line(learning: &Learning, topic: &Topic, progress: &TopicProgress) -> String {
    if progress.graded_total == 0 {
        return format!("- **{}**: you have asked about it; nothing is graded yet\n", topic.title);
    }
    let mastery = learning.mastery(topic.id.key());
    let items = if progress.graded_total == 1 { "item" } else { "items" };
    format!(
        "- **{}**: {:.0} of 100, {} ({} graded {items})\n",
        topic.title,
        mastery.score.as_f64(),
        mastery.level.as_str(),
        progress.graded_total,
    )
}

/// What comes next, in a sentence.
fn proposal(facts: &Facts<'_>) -> String {
    let Facts { course, learning, now, .. } = *facts;
    match next_step(course, learning, None, now) {
        NextStep::Topic(step) => {
            let title = course.topic(&step.topic).map_or("", |topic| topic.title.as_str());
            let what = match step.activity {
                Activity::Explanation => "begin with an explanation",
                Activity::Quiz(_) => "answer a few quiz questions",
                Activity::Exercise(_) => "try an exercise",
            };
            let why = match step.why {
                Why::DueReview => "before it fades",
                Why::WeakestTopic => "it is where practice helps most at the moment",
                Why::NewTopic => "you are ready for it",
            };
            format!("A good next step: **{title}**, {why}. Shall we {what}?")
        }
        NextStep::PendingQuestion(_) => {
            "A question of yours is still open: let us finish it.".to_owned()
        }
        NextStep::Done => {
            "You know all of this course, and nothing is due today. Well done!".to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
