//! Explains: the topic at the student's level and a worked example, another one when asked again.

use super::{OfflineBrief, add, guidance};
use crate::course::model::{Course, Example, Explanations, Level, Topic};

/// Ways of asking for the same thing once more, or said more simply.
const SIMPLER: [&str; 10] = [
    "again",
    "simpl",
    "easier",
    "once more",
    "don't get",
    "dont get",
    "don't understand",
    "dont understand",
    "not clear",
    "other words",
];

/// Explains a topic of the course, or says honestly what it can't.
pub(super) fn answer(course: &Course, topic: Option<&Topic>, brief: &OfflineBrief<'_>) -> String {
    let Some(topic) = topic else { return guidance::no_topic(course) };
    let Some(explanations) = &topic.explanations else { return planned(course, topic) };
    if let Some(text) = authored(course, topic, brief.text) {
        return text;
    }
    let went_on = brief.previous.is_some_and(|previous| previous.topic == Some(&topic.id))
        && brief.said().contains(topic.title.as_str());
    if went_on { again(topic, explanations, brief) } else { first(topic, explanations, brief) }
}

/// The course's own answer to its own question, with an example that fits if it is short.
fn authored(course: &Course, topic: &Topic, text: &str) -> Option<String> {
    let (found, index) = course.authored_question(text)?;
    let follow_up = topic.follow_ups.get(usize::from(index)).filter(|_| found == topic.id)?;
    let answer = follow_up.answer.trim();
    let mut text = format!("### {}\n\n{answer}\n", topic.title);
    if let (true, Some(example)) = (answer.len() < 500, topic.examples.first()) {
        text.push_str("\nHere is a small program to look at with this in mind.\n");
        show(&mut text, example);
    }
    Some(text)
}

fn first(topic: &Topic, explanations: &Explanations, brief: &OfflineBrief<'_>) -> String {
    let explanation = explanations.at(brief.level).trim();
    let mut text = format!("### {}\n\n{explanation}\n", topic.title);
    if let Some(example) = topic.examples.first() {
        show(&mut text, example);
    }
    text
}

/// Asked about the same topic once more: one level simpler if the words say so, and an example
/// that wasn't shown in the answer before.
fn again(topic: &Topic, explanations: &Explanations, brief: &OfflineBrief<'_>) -> String {
    let asked = brief.text.to_lowercase();
    let simpler = SIMPLER.iter().any(|words| asked.contains(words));
    let mut text = format!("### {}, from another side\n\n", topic.title);
    let said = brief.said();
    if simpler || !asked.contains("example") {
        let levels = [lower(brief.level), Level::Beginner, Level::Learning, Level::Proficient];
        let unsaid = levels.iter().find(|level| !said.contains(explanations.at(**level).trim()));
        let level = unsaid.copied().unwrap_or_else(|| lower(brief.level));
        add(&mut text, format_args!("{}\n", explanations.at(level).trim()));
    } else {
        text.push_str("Here is another one. Before you read what it prints: what do you expect?\n");
    }
    let fresh = topic.examples.iter().find(|example| !said.contains(&example.title));
    if let Some(example) = fresh.or(topic.examples.last()) {
        show(&mut text, example);
    }
    text
}

/// A topic whose content isn't written yet.
fn planned(course: &Course, topic: &Topic) -> String {
    let mut text = format!("### {}\n\n{}\n\n", topic.title, topic.summary.trim());
    text.push_str(
        "I can't explain this one fully right now: I am answering from the course's own pages, \
         and the page for this topic is still being written. What I can do is help you with what \
         it builds on, so that it will be easier afterwards.\n",
    );
    let known: Vec<&Topic> = topic.requires.iter().filter_map(|id| course.topic(id)).collect();
    if !known.is_empty() {
        text.push_str("\nIt is good to be sure of these first:\n\n");
        for required in known {
            add(&mut text, format_args!("- **{}**: {}\n", required.title, required.summary.trim()));
        }
    }
    text.push_str("\nWhich of these would you like to look at?\n");
    text
}

fn show(text: &mut String, example: &Example) {
    let Example { title, code, input, files, output, explanation } = example;
    add(text, format_args!("\n**Example: {title}**\n\n```python\n{}\n```\n", code.trim_end()));
    for (name, content) in files {
        add(text, format_args!("\n`{name}` holds\n\n```text\n{}\n```\n", content.trim_end()));
    }
    if let Some(input) = input {
        let typed: Vec<String> = input.lines().map(|line| format!("`{line}`")).collect();
        add(text, format_args!("\nIf you type {}, it prints", typed.join(" and then ")));
    } else {
        text.push_str("\nIt prints");
    }
    add(text, format_args!("\n\n```text\n{}\n```\n\n{}\n", output.trim_end(), explanation.trim()));
}

const fn lower(level: Level) -> Level {
    match level {
        Level::Beginner | Level::Learning => Level::Beginner,
        Level::Proficient => Level::Learning,
    }
}
