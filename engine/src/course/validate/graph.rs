//! Prerequisites: known, and without a circle.

use std::collections::BTreeMap;

use crate::course::fault::Faults;
use crate::course::id::TopicId;
use crate::course::model::Topic;

/// Checks the prerequisites of all topics.
pub(super) fn prerequisites(topics: &[Topic], faults: &mut Faults<'_>) {
    let mut by_id: BTreeMap<&TopicId, &Topic> = BTreeMap::new();
    for topic in topics {
        if by_id.insert(&topic.id, topic).is_some() {
            faults.note(&format!("topic {}", topic.id), "it stands twice", "list each topic once");
        }
    }
    for topic in topics {
        for required in &topic.requires {
            if !by_id.contains_key(required) {
                faults.note(
                    &format!("topic {}.requires", topic.id),
                    format!("{required} is not a topic of this course"),
                    "name a topic that course.toml lists",
                );
            }
        }
    }
    for id in circle(&by_id) {
        faults.note(
            &format!("topic {id}.requires"),
            "it requires itself, over a circle of topics",
            "take one prerequisite of the circle away",
        );
    }
}

/// The topics that can never be reached: what is left when all that can be learned is taken away.
fn circle<'a>(by_id: &BTreeMap<&'a TopicId, &'a Topic>) -> Vec<&'a TopicId> {
    let mut left = by_id.clone();
    loop {
        let ready: Vec<&TopicId> = left
            .iter()
            .filter(|(_, topic)| !topic.requires.iter().any(|required| left.contains_key(required)))
            .map(|(id, _)| *id)
            .collect();
        if ready.is_empty() {
            return left.into_keys().collect();
        }
        for id in ready {
            left.remove(id);
        }
    }
}
