//! A student's journal as clients ask for it: frames after a `seq` (resume), events after a `seq`.
//!
//! Frames and events have counters of their own; each row holds where both stand after its step.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::reading;

/// The newest row, the oldest row that is left, and the turn that runs.
const POSITION: &str = "SELECT n.last_frame, n.last_event,
         f.rev, f.last_frame, f.last_event,
         (SELECT w.id FROM work w WHERE w.student_id = $1 AND w.kind = 1),
         (SELECT x.quarantined_until FROM session x WHERE x.student_id = $1)
     FROM (SELECT last_frame, last_event FROM journal
           WHERE student_id = $1 ORDER BY rev DESC LIMIT 1) n,
          (SELECT rev, last_frame, last_event FROM journal
           WHERE student_id = $1 ORDER BY rev LIMIT 1) f";
/// From the newest row back to the first that the client has seen in full: both counters only
/// ever grow with `rev`, so a short gap is a short look-up.
const FRAMES_AFTER: &str = "SELECT rev, at, last_frame, last_event, facts, text FROM journal
     WHERE student_id = $1 AND rev > coalesce((SELECT p.rev FROM journal p
         WHERE p.student_id = $1 AND p.last_frame <= $2 ORDER BY p.rev DESC LIMIT 1), -1)
     ORDER BY rev LIMIT $3";
const EVENTS_AFTER: &str = "SELECT rev, at, last_frame, last_event, facts, text FROM journal
     WHERE student_id = $1 AND rev > coalesce((SELECT p.rev FROM journal p
         WHERE p.student_id = $1 AND p.last_event <= $2 ORDER BY p.rev DESC LIMIT 1), -1)
     ORDER BY rev LIMIT $3";
/// Rows that are read at once at most.
pub const ROWS_MAX: u32 = 512;

/// How far a student's journal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The newest frame; 0 before the first.
    pub last_frame: i64,
    /// The newest event.
    pub last_event: i64,
    /// Frames up to here were swept: who has seen fewer needs a resync.
    pub frame_floor: i64,
    /// Events up to here were swept: who has seen fewer can't go on (410).
    pub event_floor: i64,
    /// The turn that runs.
    pub running: Option<TurnId>,
    /// The last rest that was ordered for the session; it may be over.
    pub rests_until: Option<Timestamp>,
}

/// A step, sealed for `Place::JournalFacts` and `Place::JournalText` of its rev.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedStep {
    /// The step's number.
    pub rev: i64,
    /// When.
    pub at: Timestamp,
    /// The newest frame after it.
    pub last_frame: i64,
    /// The newest event after it.
    pub last_event: i64,
    /// Its events, encoded and sealed.
    pub facts: Vec<u8>,
    /// Its texts, encoded and sealed; `None` when it has none or they were swept.
    pub text: Option<Vec<u8>>,
}

type PositionRow = (i64, i64, i64, i64, i64, Option<Uuid>, Option<i64>);
type StepRow = (i64, i64, i64, i64, Vec<u8>, Option<Vec<u8>>);

/// How far a student's journal reaches; `None` when there is none.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn position(db: &Database, student: StudentId) -> Result<Option<Position>, StoreError> {
    let row: Option<PositionRow> = reading!(db, |conn| {
        sqlx::query_as(POSITION).bind(student.as_uuid()).fetch_optional(conn).await
    })?;
    Ok(row.map(
        |(last_frame, last_event, first_rev, first_frame, first_event, running, rests_until)| {
            // Rev 0 is where everything begins: while it is there nothing was swept.
            let swept = first_rev > 0;
            Position {
                last_frame,
                last_event,
                frame_floor: if swept { first_frame } else { 0 },
                event_floor: if swept { first_event } else { 0 },
                running: running.map(TurnId::new),
                rests_until: rests_until.map(Timestamp::from_micros),
            }
        },
    ))
}

/// Steps with frames after `after_seq`, by rev, at most `limit` (and [`ROWS_MAX`]). The first
/// may also hold frames up to `after_seq`: skip those.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn frames_after(
    db: &Database,
    student: StudentId,
    after_seq: i64,
    limit: u32,
) -> Result<Vec<SealedStep>, StoreError> {
    steps(db, FRAMES_AFTER, student, after_seq, limit).await
}

/// Steps with events after `after_seq`, by rev, at most `limit` (and [`ROWS_MAX`]). The first
/// may also hold events up to `after_seq`: skip those.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn events_after(
    db: &Database,
    student: StudentId,
    after_seq: i64,
    limit: u32,
) -> Result<Vec<SealedStep>, StoreError> {
    steps(db, EVENTS_AFTER, student, after_seq, limit).await
}

async fn steps(
    db: &Database,
    statement: &'static str,
    student: StudentId,
    after_seq: i64,
    limit: u32,
) -> Result<Vec<SealedStep>, StoreError> {
    let limit = i64::from(limit.min(ROWS_MAX));
    let rows: Vec<StepRow> = reading!(db, |conn| {
        sqlx::query_as(statement)
            .bind(student.as_uuid())
            .bind(after_seq)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let steps = rows.into_iter().map(|(rev, at, last_frame, last_event, facts, text)| SealedStep {
        rev,
        at: Timestamp::from_micros(at),
        last_frame,
        last_event,
        facts,
        text,
    });
    Ok(steps.collect())
}
