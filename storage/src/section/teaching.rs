//! Who teaches a section, and whom that lets them see.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use super::{Section, SectionError, section_of};
use crate::pool::Database;
use crate::read::page::{Page, PageRequest};
use crate::statement::{reading, writing};

/// What an attempt to add an instructor finds: the section and the account.
const PARTIES: &str = "SELECT
         (SELECT count(*) FROM section WHERE id = $1 AND closed_at IS NULL),
         (SELECT count(*) FROM account
          WHERE user_id = $2 AND role = 'instructor' AND disabled_at IS NULL)";
const ADD: &str = "INSERT INTO section_instructor (section_id, user_id, added_at)
     VALUES ($1, $2, $3) ON CONFLICT (section_id, user_id) DO NOTHING";
const REMOVE: &str = "DELETE FROM section_instructor WHERE section_id = $1 AND user_id = $2";
const IS_INSTRUCTOR: &str = "SELECT count(*) FROM section_instructor i
     JOIN section s ON s.id = i.section_id
     WHERE i.user_id = $1 AND i.section_id = $2 AND s.closed_at IS NULL";
const TEACHES: &str = "SELECT count(*) FROM section_instructor i
     JOIN section s ON s.id = i.section_id
     JOIN enrolment e ON e.section_id = i.section_id
     WHERE i.user_id = $1 AND e.student_id = $2 AND s.closed_at IS NULL";
const OF_INSTRUCTOR: &str =
    "SELECT s.id, s.name, s.class_code, s.highest_rung, s.transcripts, s.created_at, s.closed_at,
         (SELECT count(*) FROM enrolment e WHERE e.section_id = s.id)
     FROM section_instructor i JOIN section s ON s.id = i.section_id
     WHERE i.user_id = $1 AND s.closed_at IS NULL AND s.id > $2 ORDER BY s.id LIMIT $3";
const ALL: &str =
    "SELECT s.id, s.name, s.class_code, s.highest_rung, s.transcripts, s.created_at, s.closed_at,
         (SELECT count(*) FROM enrolment e WHERE e.section_id = s.id)
     FROM section s WHERE s.closed_at IS NULL AND s.id > $1 ORDER BY s.id LIMIT $2";

type SummaryRow = (Uuid, String, String, i16, String, i64, Option<i64>, i64);

/// A section in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSummary {
    /// The section.
    pub section: Section,
    /// How many students it has.
    pub students_total: i64,
}

/// Lets an instructor teach a section. Adding one again changes nothing.
///
/// # Errors
/// [`SectionError::UnknownSection`], [`SectionError::UnknownInstructor`], the store's errors.
pub async fn add_instructor(
    db: &Database,
    section: SectionId,
    user: UserId,
    now: Timestamp,
) -> Result<(), SectionError> {
    let (sections, instructors): (i64, i64) = writing!(db, |tx| {
        let parties: (i64, i64) = sqlx::query_as(PARTIES)
            .bind(section.as_uuid())
            .bind(user.as_uuid())
            .fetch_one(&mut *tx)
            .await?;
        if parties == (1, 1) {
            sqlx::query(ADD)
                .bind(section.as_uuid())
                .bind(user.as_uuid())
                .bind(now.as_micros())
                .execute(&mut *tx)
                .await?;
        }
        Ok(parties)
    })?;
    if sections == 0 {
        return Err(SectionError::UnknownSection);
    }
    if instructors == 0 {
        return Err(SectionError::UnknownInstructor);
    }
    Ok(())
}

/// Ends an instructor's teaching of a section, and with it every right to its students' records.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn remove_instructor(
    db: &Database,
    section: SectionId,
    user: UserId,
) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(REMOVE).bind(section.as_uuid()).bind(user.as_uuid()).execute(&mut *tx).await?;
        Ok(())
    })
}

/// Whether this account teaches this section, which is open.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again, and let nobody in meanwhile.
pub async fn is_instructor(
    db: &Database,
    user: UserId,
    section: SectionId,
) -> Result<bool, StoreError> {
    count(db, IS_INSTRUCTOR, user, section.as_uuid()).await
}

/// Whether this account teaches an open section of this student.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again, and let nobody in meanwhile.
pub async fn teaches(
    db: &Database,
    instructor: UserId,
    student: StudentId,
) -> Result<bool, StoreError> {
    count(db, TEACHES, instructor, student.as_uuid()).await
}

async fn count(
    db: &Database,
    statement: &'static str,
    user: UserId,
    other: Uuid,
) -> Result<bool, StoreError> {
    let (rows,): (i64,) = reading!(db, |conn| {
        sqlx::query_as(statement).bind(user.as_uuid()).bind(other).fetch_one(conn).await
    })?;
    Ok(rows > 0)
}

/// The open sections that this account teaches, oldest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: a row can't be read.
pub async fn of_instructor(
    db: &Database,
    instructor: UserId,
    request: &PageRequest<Uuid>,
) -> Result<Page<SectionSummary>, StoreError> {
    let (after, limit) = (request.after().unwrap_or(Uuid::nil()), request.rows());
    let rows: Vec<SummaryRow> = reading!(db, |conn| {
        sqlx::query_as(OF_INSTRUCTOR)
            .bind(instructor.as_uuid())
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    page_of(rows, request)
}

/// Every open section, oldest first: what an administrator sees.
///
/// # Errors
/// As [`of_instructor`].
pub async fn all(
    db: &Database,
    request: &PageRequest<Uuid>,
) -> Result<Page<SectionSummary>, StoreError> {
    let (after, limit) = (request.after().unwrap_or(Uuid::nil()), request.rows());
    let rows: Vec<SummaryRow> =
        reading!(db, |conn| sqlx::query_as(ALL).bind(after).bind(limit).fetch_all(conn).await)?;
    page_of(rows, request)
}

fn page_of(
    rows: Vec<SummaryRow>,
    request: &PageRequest<Uuid>,
) -> Result<Page<SectionSummary>, StoreError> {
    let summaries: Result<Vec<SectionSummary>, StoreError> = rows
        .into_iter()
        .map(|(id, name, code, rung, transcripts, created, closed, students_total)| {
            let section = section_of((id, name, code, rung, transcripts, created, closed))?;
            Ok(SectionSummary { section, students_total })
        })
        .collect();
    Ok(request.page(summaries?, |summary| summary.section.id.as_uuid()))
}
