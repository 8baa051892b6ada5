//! Changes of what a student's session decides by: the policy of a section, and who belongs to it.
//!
//! Each writes one intent per concerned student into its own transaction. The section's row is
//! locked first, as every enrolment does, so who is concerned is fixed.

use std::collections::BTreeMap;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{CommandId, IntentId, SectionId, StudentId};
use learnflow_engine::port::vault::{Place, Vault, VaultError, WrappedKey};
use learnflow_engine::session::command::Command;
use uuid::Uuid;

use super::{HIGHEST_RUNG, Policy, Row, Section, SectionError, code, section_of, session_policy};
use crate::intent;
use crate::pool::Database;
use crate::statement::{damaged, writing};

const CHANGE_POLICY: &str = "UPDATE section SET highest_rung = $2, transcripts = $3
     WHERE id = $1 AND closed_at IS NULL
     RETURNING id, name, class_code, highest_rung, transcripts, created_at, closed_at";
/// Locks the section; both databases know an update of nothing.
const LOCK_BY_CODE: &str = "UPDATE section SET class_code = class_code
     WHERE class_code = $1 AND closed_at IS NULL
     RETURNING id, name, class_code, highest_rung, transcripts, created_at, closed_at";
const ENROL: &str = "INSERT INTO enrolment (section_id, student_id, enrolled_at)
     VALUES ($1, $2, $3) ON CONFLICT (section_id, student_id) DO NOTHING";
/// Every open section of every student of a section, with the student's key.
const CONCERNED: &str = "SELECT k.student_id, k.wrapped, s.id, s.highest_rung, s.transcripts
     FROM enrolment c
     JOIN student_key k ON k.student_id = c.student_id
     JOIN enrolment e ON e.student_id = c.student_id
     JOIN section s ON s.id = e.section_id AND s.closed_at IS NULL
     WHERE c.section_id = $1 ORDER BY k.student_id, s.id";
const CONCERNED_ONE: &str = "SELECT k.student_id, k.wrapped, s.id, s.highest_rung, s.transcripts
     FROM student_key k
     JOIN enrolment e ON e.student_id = k.student_id
     JOIN section s ON s.id = e.section_id AND s.closed_at IS NULL
     WHERE k.student_id = $1 ORDER BY s.id";

type ConcernedRow = (Uuid, Vec<u8>, Uuid, i16, String);

/// What joining came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// The student belongs to it now; their session hears of it by this intent.
    Now(Section, IntentId),
    /// The student belonged to it already.
    Already(Section),
    /// No open section has this code.
    UnknownCode,
}

/// Changes what a section allows, and tells the session of each of its students.
///
/// # Errors
/// [`SectionError`]; nothing was written then, but after [`SectionError::Store`] it may have been:
/// a repeat writes the same policy again.
pub async fn change_policy(
    db: &Database,
    vault: &dyn Vault,
    id: SectionId,
    policy: Policy,
    now: Timestamp,
    seed: u128,
) -> Result<(Section, Vec<IntentId>), SectionError> {
    if !(1..=HIGHEST_RUNG).contains(&policy.highest_rung) {
        return Err(SectionError::InvalidRung);
    }
    writing!(db, |tx| {
        let changed: Option<Row> = sqlx::query_as(CHANGE_POLICY)
            .bind(id.as_uuid())
            .bind(i16::from(policy.highest_rung))
            .bind(policy.transcripts.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(changed) = changed else { return Ok(Err(SectionError::UnknownSection)) };
        let rows: Vec<ConcernedRow> =
            sqlx::query_as(CONCERNED).bind(id.as_uuid()).fetch_all(&mut *tx).await?;
        let section = section_of(changed);
        let intents = intents(vault, rows, now, seed);
        let (section, intents) = match (section, intents) {
            (Ok(section), Ok(intents)) => (section, intents),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error.into())),
        };
        for (intent, student, body) in &intents {
            sqlx::query(intent::INSERT)
                .bind(intent.as_uuid())
                .bind(student.as_uuid())
                .bind(ENROLLED)
                .bind(body.as_slice())
                .bind(now.as_micros())
                .execute(&mut *tx)
                .await?;
        }
        Ok(Ok((section, intents.into_iter().map(|(intent, ..)| intent).collect())))
    })?
}

/// Enrols a student in the section of a class code, however it is typed, and tells their session.
///
/// # Errors
/// As [`change_policy`].
pub async fn join(
    db: &Database,
    vault: &dyn Vault,
    student: StudentId,
    class_code: &str,
    now: Timestamp,
    seed: u128,
) -> Result<Joined, SectionError> {
    let Some(class_code) = code::normalise(class_code) else { return Ok(Joined::UnknownCode) };
    writing!(db, |tx| {
        let found: Option<Row> =
            sqlx::query_as(LOCK_BY_CODE).bind(class_code).fetch_optional(&mut *tx).await?;
        let section = match found.map(section_of) {
            None => return Ok(Ok(Joined::UnknownCode)),
            Some(Err(error)) => return Ok(Err(error.into())),
            Some(Ok(section)) => section,
        };
        let enrolled = sqlx::query(ENROL)
            .bind(section.id.as_uuid())
            .bind(student.as_uuid())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        if enrolled.rows_affected() == 0 {
            return Ok(Ok(Joined::Already(section)));
        }
        let rows: Vec<ConcernedRow> =
            sqlx::query_as(CONCERNED_ONE).bind(student.as_uuid()).fetch_all(&mut *tx).await?;
        let (intent, body) = match intents(vault, rows, now, seed).map(|mut one| one.pop()) {
            Ok(Some((intent, _, body))) => (intent, body),
            // Without a key there is no session to tell: the enrolment goes with this transaction.
            Ok(None) => return Ok(Err(SectionError::from(damaged("a student without a key")))),
            Err(error) => return Ok(Err(error.into())),
        };
        sqlx::query(intent::INSERT)
            .bind(intent.as_uuid())
            .bind(student.as_uuid())
            .bind(ENROLLED)
            .bind(body)
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(Ok(Joined::Now(section, intent)))
    })?
}

/// The kind of these intents' command.
const ENROLLED: &str = learnflow_engine::port::log::CommandKind::Enrolled.as_str();

/// One intent a student: all that their open sections say, sealed under their key.
fn intents(
    vault: &dyn Vault,
    rows: Vec<ConcernedRow>,
    now: Timestamp,
    seed: u128,
) -> Result<Vec<(IntentId, StudentId, Vec<u8>)>, learnflow_engine::port::store::StoreError> {
    let mut students: BTreeMap<Uuid, (WrappedKey, Vec<SectionId>, Vec<Policy>)> = BTreeMap::new();
    for (student, wrapped, section, highest_rung, transcripts) in rows {
        let one = students
            .entry(student)
            .or_insert_with(|| (WrappedKey(wrapped), Vec::new(), Vec::new()));
        one.1.push(SectionId::new(section));
        one.2.push(Policy {
            highest_rung: u8::try_from(highest_rung)
                .map_err(|_| damaged("section.highest_rung"))?,
            transcripts: super::Transcripts::parse(&transcripts)
                .ok_or_else(|| damaged("section.transcripts"))?,
        });
    }
    let mut intents = Vec::new();
    for (place, (student, (wrapped, sections, policies))) in (0_u128..).zip(students) {
        let student = StudentId::new(student);
        // The seed's upper bits make the id; each student gets another.
        let id = IntentId::from_seed(now, seed.wrapping_add(place << 64));
        let command = Command::Enrolled {
            version: now.as_micros(),
            sections,
            policy: session_policy(&policies),
        };
        let body = seal(vault, student, &wrapped, id, &command)
            .map_err(|_| damaged("student_key.wrapped"))?;
        intents.push((id, student, body));
    }
    Ok(intents)
}

fn seal(
    vault: &dyn Vault,
    student: StudentId,
    wrapped: &WrappedKey,
    id: IntentId,
    command: &Command,
) -> Result<Vec<u8>, VaultError> {
    let key = vault.unwrap_key(student, wrapped)?;
    vault.seal(&key, Place::Command(CommandId::new(id.as_uuid())), &command.encode())
}
