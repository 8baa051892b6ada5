//! The rules that a course keeps. Each broken one becomes a fault with its place and its remedy.

mod content;
mod graph;

use std::collections::BTreeMap;

use super::fault::{Fault, Faults};
use super::load::{COURSE_FILE, file_of};
use super::model::{Topic, folded};

/// Checks the topics of a course, each by itself and all together.
pub(super) fn course(topics: &[Topic], found: &mut Vec<Fault>) {
    graph::prerequisites(topics, &mut Faults::new(COURSE_FILE, found));
    unique_questions(topics, found);
    unique_keys(topics, found);
    let misconceptions = unique_misconceptions(topics, found);
    for topic in topics {
        let file = file_of(&topic.id);
        let mut faults = Faults::new(&file, found);
        content::topic(topic, &misconceptions, &mut faults);
    }
}

/// A session's state names topics, exercises and items by their keys.
fn unique_keys(topics: &[Topic], found: &mut Vec<Fault>) {
    let mut seen = BTreeMap::new();
    for topic in topics {
        let exercises =
            topic.exercises.iter().map(|exercise| (exercise.id.key(), exercise.id.as_str()));
        let items = topic.quiz.iter().map(|item| (item.id.key(), item.id.as_str()));
        let itself = std::iter::once((topic.id.key(), topic.id.as_str()));
        for (key, id) in itself.chain(exercises).chain(items) {
            match seen.insert(key, id) {
                // The same id twice is a fault that is told elsewhere.
                Some(other) if other != id => Faults::new(&file_of(&topic.id), found).note(
                    id,
                    format!("its short key is that of {other}"),
                    "choose another id for one of them",
                ),
                Some(_) | None => {}
            }
        }
    }
}

/// A question selects one topic, so it may stand only once.
fn unique_questions(topics: &[Topic], found: &mut Vec<Fault>) {
    let mut seen = BTreeMap::new();
    for topic in topics {
        for question in topic.authored_questions() {
            let Some(first) = seen.insert(folded(question), &topic.id) else { continue };
            Faults::new(&file_of(&topic.id), found).note(
                "follow_up or suggested_questions",
                format!("{question:?} stands in {first} too"),
                "ask each question once in the course",
            );
        }
    }
}

/// Ids of misconceptions are unique in the course: a wrong answer may show any of them.
fn unique_misconceptions<'a>(
    topics: &'a [Topic],
    found: &mut Vec<Fault>,
) -> BTreeMap<&'a str, &'a Topic> {
    let mut seen = BTreeMap::new();
    for topic in topics {
        for misconception in &topic.misconceptions {
            if seen.insert(misconception.id.as_str(), topic).is_some() {
                Faults::new(&file_of(&topic.id), found).note(
                    &format!("misconception {}", misconception.id),
                    "its id stands twice in the course",
                    "give it another id",
                );
            }
        }
    }
    seen
}
