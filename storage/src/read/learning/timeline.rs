//! What happened to a student, in one order: attempts, hints, changes of level, alerts.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;

use crate::pool::Database;
use crate::read::page::{Page, PageRequest};
use crate::statement::{damaged, reading};

/// Each part is read by an index of the student's events. A place that a part doesn't fill has
/// the type that the others give it.
const TIMELINE: &str = "SELECT 'attempt' AS what, seq, at, topic, item, kind AS word, score, rung,
         CAST(NULL AS TEXT) AS severity, CAST(NULL AS BIGINT) AS closed_at
     FROM attempt WHERE student_id = $1 AND seq < $2
     UNION ALL
     SELECT 'hint', seq, at, topic, exercise, CAST(NULL AS TEXT), CAST(NULL AS BIGINT), rung,
         CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
     FROM hint WHERE student_id = $1 AND seq < $2
     UNION ALL
     SELECT 'level', seq, at, topic, CAST(NULL AS TEXT), level, score, CAST(NULL AS SMALLINT),
         CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
     FROM leveled WHERE student_id = $1 AND seq < $2
     UNION ALL
     SELECT 'alert', seq, opened_at, topic, exercise, kind, CAST(NULL AS BIGINT),
         CAST(NULL AS SMALLINT), severity, closed_at
     FROM alert WHERE student_id = $1 AND seq < $2
     ORDER BY seq DESC LIMIT $3";

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The number of the event that made it: unique among a student's entries.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Course id of the topic; alerts may be about none.
    pub topic: Option<String>,
    /// What.
    pub what: Occurrence,
}

/// What an entry of the timeline tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occurrence {
    /// An attempt was graded.
    Attempt {
        /// exercise or quiz.
        kind: String,
        /// Course id of the exercise or of the quiz question.
        item: String,
        /// The score.
        score: i64,
        /// The highest rung of hints that was given before it, 0 for none.
        rung: i16,
    },
    /// A hint was given.
    Hint {
        /// Course id of the exercise.
        exercise: String,
        /// The rung of the ladder.
        rung: i16,
    },
    /// The level of the topic changed.
    Level {
        /// The new level.
        level: String,
        /// The score that made the change.
        score: i64,
    },
    /// An alert was raised; its end is told here too and is no entry of its own.
    Alert {
        /// The alert's kind.
        kind: String,
        /// How severe it is.
        severity: String,
        /// Course id of the exercise it is about, if it is about one.
        exercise: Option<String>,
        /// When it was closed.
        closed_at: Option<Timestamp>,
    },
}

/// A row in the statement's order: what, seq, at, topic, item, word, score, rung, severity,
/// `closed_at`.
type StoredEntry = (
    String,
    i64,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i16>,
    Option<String>,
    Option<i64>,
);

/// What happened to a student, newest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: a row can't be read.
pub async fn timeline(
    db: &Database,
    student: StudentId,
    request: &PageRequest<i64>,
) -> Result<Page<TimelineEntry>, StoreError> {
    let (before, limit) = (request.after().unwrap_or(i64::MAX), request.rows());
    let rows: Vec<StoredEntry> = reading!(db, |conn| {
        sqlx::query_as(TIMELINE)
            .bind(student.as_uuid())
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let entries = rows
        .into_iter()
        .map(|row| entry(row).ok_or_else(|| damaged("an entry of the timeline")))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(entries, |entry| entry.seq))
}

fn entry(row: StoredEntry) -> Option<TimelineEntry> {
    let (what, seq, at, topic, item, word, score, rung, severity, closed_at) = row;
    let what = match what.as_str() {
        "attempt" => Occurrence::Attempt { kind: word?, item: item?, score: score?, rung: rung? },
        "hint" => Occurrence::Hint { exercise: item?, rung: rung? },
        "level" => Occurrence::Level { level: word?, score: score? },
        "alert" => Occurrence::Alert {
            kind: word?,
            severity: severity?,
            exercise: item,
            closed_at: closed_at.map(Timestamp::from_micros),
        },
        _ => return None,
    };
    Some(TimelineEntry { seq, at: Timestamp::from_micros(at), topic, what })
}
