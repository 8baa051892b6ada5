//! What a student has practised: graded attempts, and hints that were given.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::read::page::{Page, PageRequest};
use crate::statement::reading;

const ATTEMPTS: &str =
    "SELECT id, kind, item, topic, score, signature, misconception, rung, deltas,
         seq, at
     FROM attempt WHERE student_id = $1 AND topic = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
const RECENT: &str = "SELECT item, seq FROM attempt
     WHERE student_id = $1 AND kind = 'quiz' ORDER BY seq DESC LIMIT $2";
const HINTS: &str = "SELECT exercise, max(rung), max(at) FROM hint
     WHERE student_id = $1 GROUP BY exercise ORDER BY exercise";
const PASSED: &str = "SELECT DISTINCT item FROM attempt
     WHERE student_id = $1 AND kind = 'exercise' AND score >= $2 ORDER BY item";
/// A full score in hundredths of a point.
const FULL: i64 = 10_000;
/// Recent items that are read at once at most.
pub const RECENT_MAX: u32 = 1_000;

/// A graded attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// The attempt.
    pub id: Uuid,
    /// exercise or quiz.
    pub kind: String,
    /// Course id of the exercise or of the quiz question.
    pub item: String,
    /// Course id of the topic.
    pub topic: String,
    /// The score.
    pub score: i64,
    /// The error's signature.
    pub signature: Option<String>,
    /// Course id of the misconception that it shows.
    pub misconception: Option<String>,
    /// The highest rung of hints that was given before it, 0 for none.
    pub rung: i16,
    /// How the components changed: JSON.
    pub deltas: String,
    /// The event's number.
    pub seq: i64,
    /// Graded at.
    pub at: Timestamp,
}

/// An exercise for which hints were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintedExercise {
    /// Course id of the exercise.
    pub exercise: String,
    /// The highest rung that was given.
    pub rung: i16,
    /// When the newest hint was given.
    pub at: Timestamp,
}

/// A row of `attempt` in the statement's order.
type StoredAttempt =
    (Uuid, String, String, String, i64, Option<String>, Option<String>, i16, String, i64, i64);

/// A student's attempts at a topic, newest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn attempts(
    db: &Database,
    student: StudentId,
    topic: &str,
    request: &PageRequest<i64>,
) -> Result<Page<AttemptRow>, StoreError> {
    let (before, limit) = (request.after().unwrap_or(i64::MAX), request.rows());
    let rows: Vec<StoredAttempt> = reading!(db, |conn| {
        sqlx::query_as(ATTEMPTS)
            .bind(student.as_uuid())
            .bind(topic)
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    Ok(request.page(rows.into_iter().map(attempt_row).collect(), |row: &AttemptRow| row.seq))
}

/// Quiz questions that a student answered, newest first, each with its event's number, at most
/// `limit` (and [`RECENT_MAX`]). A question that was answered twice is there twice.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn recent_items(
    db: &Database,
    student: StudentId,
    limit: u32,
) -> Result<Vec<(String, i64)>, StoreError> {
    let limit = i64::from(limit.min(RECENT_MAX));
    reading!(db, |conn| {
        sqlx::query_as(RECENT).bind(student.as_uuid()).bind(limit).fetch_all(conn).await
    })
}

/// The exercises for which a student was given hints, by id.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn hints(db: &Database, student: StudentId) -> Result<Vec<HintedExercise>, StoreError> {
    let rows: Vec<(String, i16, i64)> = reading!(db, |conn| {
        sqlx::query_as(HINTS).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    let hinted = rows.into_iter().map(|(exercise, rung, at)| HintedExercise {
        exercise,
        rung,
        at: Timestamp::from_micros(at),
    });
    Ok(hinted.collect())
}

/// The exercises that a student has passed with a full score, by id.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn passed(db: &Database, student: StudentId) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = reading!(db, |conn| {
        sqlx::query_as(PASSED).bind(student.as_uuid()).bind(FULL).fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(|(item,)| item).collect())
}

fn attempt_row(row: StoredAttempt) -> AttemptRow {
    let (id, kind, item, topic, score, signature, misconception, rung, deltas, seq, at) = row;
    AttemptRow {
        id,
        kind,
        item,
        topic,
        score,
        signature,
        misconception,
        rung,
        deltas,
        seq,
        at: Timestamp::from_micros(at),
    }
}
