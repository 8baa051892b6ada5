//! One student: what they have done in all, and topic by topic.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::section::{self, Section};
use crate::statement::reading;

const OVERVIEW: &str = "SELECT a.user_id, a.display_name, a.created_at,
         v.turns_total, v.complete_total, v.last_active_at
     FROM account a LEFT JOIN activity v ON v.student_id = a.student_id
     WHERE a.student_id = $1";
const PROGRESS: &str = "SELECT topic, asked_total, last_at FROM topic_activity
     WHERE student_id = $1 ORDER BY topic";

/// A student in a few figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The student.
    pub student: StudentId,
    /// Their account.
    pub user: UserId,
    /// Their name.
    pub display_name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// What they have done in all.
    pub activity: Activity,
    /// Their open sections.
    pub sections: Vec<Section>,
}

/// What a student has done in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Turns that were accepted.
    pub turns_total: i64,
    /// Turns that ended complete.
    pub complete_total: i64,
    /// When they were last active; `None` when there is no record of it.
    pub last_active_at: Option<Timestamp>,
}

/// What a student has asked about a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicProgress {
    /// Course id of the topic.
    pub topic: String,
    /// Questions about it.
    pub asked_total: i64,
    /// The last of them.
    pub last_at: Timestamp,
}

/// A student's overview; `None` when there is no such student.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: a row can't be read.
pub async fn overview(db: &Database, student: StudentId) -> Result<Option<Overview>, StoreError> {
    type Row = (Uuid, String, i64, Option<i64>, Option<i64>, Option<i64>);
    let row: Option<Row> = reading!(db, |conn| {
        sqlx::query_as(OVERVIEW).bind(student.as_uuid()).fetch_optional(conn).await
    })?;
    let Some((user, display_name, created_at, turns, complete, last_active)) = row else {
        return Ok(None);
    };
    Ok(Some(Overview {
        student,
        user: UserId::new(user),
        display_name,
        created_at: Timestamp::from_micros(created_at),
        activity: activity_of(turns, complete, last_active),
        sections: section::of_student(db, student).await?,
    }))
}

/// What a student has asked, by topic; topics that they never asked about are left out.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn progress(db: &Database, student: StudentId) -> Result<Vec<TopicProgress>, StoreError> {
    let rows: Vec<(String, i64, i64)> = reading!(db, |conn| {
        sqlx::query_as(PROGRESS).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    let topics = rows.into_iter().map(|(topic, asked_total, last_at)| TopicProgress {
        topic,
        asked_total,
        last_at: Timestamp::from_micros(last_at),
    });
    Ok(topics.collect())
}

/// The figures of a row that may not be there.
pub(super) fn activity_of(
    turns_total: Option<i64>,
    complete_total: Option<i64>,
    last_active_at: Option<i64>,
) -> Activity {
    Activity {
        turns_total: turns_total.unwrap_or(0),
        complete_total: complete_total.unwrap_or(0),
        last_active_at: last_active_at.map(Timestamp::from_micros),
    }
}
