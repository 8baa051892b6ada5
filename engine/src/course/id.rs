//! Names of things in a course: short, lower-case, and the same on the wire, in files and in rows.
//!
//! A topic is `module.topic`, an exercise or quiz item `module.topic.name`. Each part starts with
//! a letter and holds letters, digits and underscores.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest part of an id, in bytes.
const PART_LIMIT_BYTES: usize = 40;

/// An id in three bytes, for a session's state, where whole ids would take a quarter of the room.
/// Two ids of one course never have the same key: a course in which they did would be faulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CourseKey([u8; 3]);

impl CourseKey {
    /// The first three bytes of BLAKE3 over the id.
    fn of(id: &str) -> Self {
        let hash = blake3::hash(id.as_bytes());
        let mut short = [0_u8; 3];
        short.copy_from_slice(&hash.as_bytes()[..3]);
        Self(short)
    }

    /// The bytes, with an empty fourth, for a state that packs many of them.
    pub(crate) const fn to_bytes(self) -> [u8; 4] {
        let [a, b, c] = self.0;
        [a, b, c, 0]
    }

    /// The key of these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 4]) -> Self {
        let [a, b, c, _] = bytes;
        Self([a, b, c])
    }
}

/// The text is not an id of a course; it names the kind that was expected and its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of {kind}: expected {shape}, in lower-case letters, digits and underscores")]
pub struct InvalidCourseId {
    /// What was expected.
    pub kind: &'static str,
    /// How it is written.
    pub shape: &'static str,
}

/// Whether a text can be one part of an id.
pub(super) fn is_part(text: &str) -> bool {
    text.len() <= PART_LIMIT_BYTES
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn has_parts(text: &str, count: usize) -> bool {
    text.split('.').count() == count && text.split('.').all(is_part)
}

macro_rules! course_id {
    ($(#[$doc:meta])* $name:ident, $parts:literal, $kind:literal, $shape:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            ///
            /// [`InvalidCourseId`] when the text has another shape; trying again won't help.
            pub fn parse(text: &str) -> Result<Self, InvalidCourseId> {
                text.parse()
            }

            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Its short name in a session's state.
            pub fn key(&self) -> CourseKey {
                CourseKey::of(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidCourseId;

            fn from_str(text: &str) -> Result<Self, InvalidCourseId> {
                if has_parts(text, $parts) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidCourseId { kind: $kind, shape: $shape })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidCourseId;

            fn try_from(text: String) -> Result<Self, InvalidCourseId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

course_id!(
    /// A topic, such as `control_flow.for_loops`.
    TopicId, 2, "a topic", "module.topic"
);
course_id!(
    /// An exercise, such as `control_flow.for_loops.sum_to`.
    ExerciseId, 3, "an exercise", "module.topic.exercise"
);
course_id!(
    /// A quiz item, such as `control_flow.for_loops.last_value`.
    ItemId, 3, "a quiz item", "module.topic.item"
);

impl TopicId {
    /// The module's part of the id.
    pub fn module(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

macro_rules! belongs_to_a_topic {
    ($name:ident) => {
        impl $name {
            /// The topic that it belongs to.
            pub fn topic(&self) -> TopicId {
                TopicId(self.0.rsplit_once('.').map_or(self.0.as_str(), |(topic, _)| topic).into())
            }
        }
    };
}

belongs_to_a_topic!(ExerciseId);
belongs_to_a_topic!(ItemId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_exactly_its_shape() {
        let cases = [
            ("basics.variables", true, false),
            ("basics.variables.swap_2", false, true),
            ("basics", false, false),
            ("", false, false),
            (".", false, false),
            ("..", false, false),
            ("Basics.variables", false, false),
            ("basics.2d", false, false),
            ("basics.var-iables", false, false),
            ("basics .variables", false, false),
            ("a.b.c.d", false, false),
        ];
        for (text, topic, exercise) in cases {
            assert_eq!(TopicId::parse(text).is_ok(), topic, "topic {text:?}");
            assert_eq!(ExerciseId::parse(text).is_ok(), exercise, "exercise {text:?}");
            assert_eq!(ItemId::parse(text).is_ok(), exercise, "item {text:?}");
        }
        assert!(TopicId::parse(&format!("a.{}", "b".repeat(PART_LIMIT_BYTES + 1))).is_err());
    }

    #[test]
    fn an_id_is_a_plain_string_in_json_and_is_checked_there() {
        let id = TopicId::parse("basics.variables").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"basics.variables\"");
        assert_eq!(serde_json::from_str::<TopicId>("\"basics.variables\"").unwrap(), id);
        assert!(serde_json::from_str::<TopicId>("\"no\"").is_err());
    }

    #[test]
    fn an_exercise_knows_its_topic() {
        let id = ExerciseId::parse("basics.variables.swap").unwrap();
        assert_eq!(id.topic().as_str(), "basics.variables");
        assert_eq!(id.topic().module(), "basics");
    }
}
