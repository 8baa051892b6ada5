//! The published form of a course's files, as JSON Schema, for editors and other validators.
//!
//! Made from the types that read them, so that the two can't differ. What a schema can't say
//! (prerequisites without a circle, ids that exist, solutions that pass) the loader checks.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use super::document::{CourseDocument, TopicDocument};

/// A file of a course that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CourseFile {
    /// `course.toml`.
    Course,
    /// `<module>/<topic>.toml`.
    Topic,
}

impl CourseFile {
    /// Its schema: JSON Schema 2020-12, pretty-printed, with a line end.
    pub fn schema(self) -> String {
        let generator = SchemaSettings::draft2020_12().into_generator();
        let schema: Schema = match self {
            Self::Course => generator.into_root_schema_for::<CourseDocument>(),
            Self::Topic => generator.into_root_schema_for::<TopicDocument>(),
        };
        format!("{:#}\n", schema.as_value())
    }
}
