//! Sections: what an instructor teaches.

pub(crate) mod create;
pub(crate) mod join;
pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod policy;
pub(crate) mod students;

use learnflow_engine::id::SectionId;
use learnflow_storage::section::{Section, SectionSummary};
use serde::Serialize;
use utoipa::ToSchema;

/// A section.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SectionBody {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: SectionId,
    /// What people call it.
    name: String,
    /// How many students it has.
    students_total: i64,
    /// What a student types to join.
    class_code: String,
    /// The highest hint rung, 1 to 5.
    highest_rung: u8,
    /// `readable` or `closed`: whether its instructors may read transcripts.
    #[schema(value_type = String)]
    transcripts: &'static str,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: String,
}

impl SectionBody {
    fn new(section: Section, students_total: i64) -> Self {
        Self {
            id: section.id,
            name: section.name,
            students_total,
            class_code: section.class_code,
            highest_rung: section.policy.highest_rung,
            transcripts: section.policy.transcripts.as_str(),
            created_at: section.created_at.to_string(),
        }
    }
}

impl From<SectionSummary> for SectionBody {
    fn from(summary: SectionSummary) -> Self {
        Self::new(summary.section, summary.students_total)
    }
}
