//! Sections: students who are taught together, who teaches them, and what is allowed.
//!
//! Every enrolment locks the section's row first, as every write that concerns a whole section
//! must: who is concerned by it is then fixed.

mod change;
mod code;
mod member;
mod teaching;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::v1::Policy as SessionPolicy;
use learnflow_engine::id::{SectionId, StudentId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::{damaged, reading, writing};

pub use change::{Joined, change_policy, join};
pub use member::{Member, members, student_ids};
pub use teaching::{
    SectionSummary, add_instructor, all, is_instructor, of_instructor, remove_instructor, teaches,
};

/// The highest rung of the hint ladder; what a student without a section may reach.
pub const HIGHEST_RUNG: u8 = 5;
/// Characters of a section's name at most.
pub const NAME_CHARACTERS_MAX: usize = 120;
/// How often another class code is tried when one is taken.
const CODE_ATTEMPTS: u8 = 8;

const CREATE: &str =
    "INSERT INTO section (id, name, class_code, highest_rung, transcripts, created_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (class_code) DO NOTHING";
const FIND: &str = "SELECT id, name, class_code, highest_rung, transcripts, created_at, closed_at
     FROM section WHERE id = $1";
const BY_CODE: &str =
    "SELECT id, name, class_code, highest_rung, transcripts, created_at, closed_at
     FROM section WHERE class_code = $1 AND closed_at IS NULL";
const OF_STUDENT: &str =
    "SELECT s.id, s.name, s.class_code, s.highest_rung, s.transcripts, s.created_at, s.closed_at
     FROM enrolment e JOIN section s ON s.id = e.section_id
     WHERE e.student_id = $1 AND s.closed_at IS NULL ORDER BY s.id";

/// Whether instructors of a section may read its students' transcripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transcripts {
    /// They may, and each reading is audited.
    Readable,
    /// They may not.
    Closed,
}

impl Transcripts {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Closed => "closed",
        }
    }

    /// What a stored word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "readable" => Some(Self::Readable),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// What a section allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The highest hint rung, 1 to 5.
    pub highest_rung: u8,
    /// Whether its instructors may read transcripts.
    pub transcripts: Transcripts,
}

impl Default for Policy {
    fn default() -> Self {
        Self { highest_rung: HIGHEST_RUNG, transcripts: Transcripts::Readable }
    }
}

/// The policy of a student in these sections: the strictest of each rule.
pub fn session_policy(sections: &[Policy]) -> SessionPolicy {
    let highest_rung =
        sections.iter().map(|policy| policy.highest_rung).min().unwrap_or(HIGHEST_RUNG);
    SessionPolicy { highest_rung }
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its id.
    pub id: SectionId,
    /// What people call it.
    pub name: String,
    /// What a student types to join: 8 characters.
    pub class_code: String,
    /// What it allows.
    pub policy: Policy,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when: a closed section gives nobody any right.
    pub closed_at: Option<Timestamp>,
}

/// A section was not made or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SectionError {
    /// The name is empty or too long.
    #[error("a section's name has 1 to {NAME_CHARACTERS_MAX} characters")]
    InvalidName,
    /// The policy names a rung that the ladder doesn't have.
    #[error("the highest hint rung is 1 to {HIGHEST_RUNG}")]
    InvalidRung,
    /// There is no such section, or it is closed.
    #[error("there is no such section")]
    UnknownSection,
    /// There is no such instructor.
    #[error("there is no such instructor")]
    UnknownInstructor,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a section with a class code of its own.
///
/// # Errors
/// [`SectionError`]; on the store's errors a section may stand whose answer was lost.
pub async fn create(
    db: &Database,
    name: &str,
    policy: Policy,
    now: Timestamp,
    seed: u128,
) -> Result<Section, SectionError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX {
        return Err(SectionError::InvalidName);
    }
    if !(1..=HIGHEST_RUNG).contains(&policy.highest_rung) {
        return Err(SectionError::InvalidRung);
    }
    let id = SectionId::from_seed(now, seed);
    for attempt in 0..CODE_ATTEMPTS {
        let class_code = code::make(seed, attempt);
        let section = Section {
            id,
            name: name.clone(),
            class_code,
            policy,
            created_at: now,
            closed_at: None,
        };
        if insert(db, &section).await? {
            return Ok(section);
        }
    }
    Err(StoreError::Refused("no class code is free".to_owned()).into())
}

async fn insert(db: &Database, section: &Section) -> Result<bool, StoreError> {
    let Section { id, name, class_code, policy, created_at, closed_at: _ } = section.clone();
    writing!(db, |tx| {
        let done = sqlx::query(CREATE)
            .bind(id.as_uuid())
            .bind(name)
            .bind(class_code)
            .bind(i16::from(policy.highest_rung))
            .bind(policy.transcripts.as_str())
            .bind(created_at.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// A section by its id.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: the row can't be read.
pub async fn find(db: &Database, id: SectionId) -> Result<Option<Section>, StoreError> {
    let row: Option<Row> = reading!(db, |conn| {
        sqlx::query_as(FIND).bind(id.as_uuid()).fetch_optional(conn).await
    })?;
    row.map(section_of).transpose()
}

/// A section that is open, by its class code, however it is typed.
///
/// # Errors
/// As [`find`].
pub async fn by_class_code(db: &Database, code: &str) -> Result<Option<Section>, StoreError> {
    let Some(code) = code::normalise(code) else { return Ok(None) };
    let row: Option<Row> =
        reading!(db, |conn| sqlx::query_as(BY_CODE).bind(code).fetch_optional(conn).await)?;
    row.map(section_of).transpose()
}

/// The open sections that a student belongs to.
///
/// # Errors
/// As [`find`].
pub async fn of_student(db: &Database, student: StudentId) -> Result<Vec<Section>, StoreError> {
    let rows: Vec<Row> = reading!(db, |conn| {
        sqlx::query_as(OF_STUDENT).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    rows.into_iter().map(section_of).collect()
}

/// A section as it is stored: id, name, code, rung, transcripts, created, closed.
pub(crate) type Row = (Uuid, String, String, i16, String, i64, Option<i64>);

pub(crate) fn section_of(row: Row) -> Result<Section, StoreError> {
    let (id, name, class_code, highest_rung, transcripts, created_at, closed_at) = row;
    Ok(Section {
        id: SectionId::new(id),
        name,
        class_code,
        policy: Policy {
            highest_rung: u8::try_from(highest_rung)
                .map_err(|_| damaged("section.highest_rung"))?,
            transcripts: Transcripts::parse(&transcripts)
                .ok_or_else(|| damaged("section.transcripts"))?,
        },
        created_at: Timestamp::from_micros(created_at),
        closed_at: closed_at.map(Timestamp::from_micros),
    })
}

pub(crate) use code::normalise as normalise_class_code;
