//! Deletes rows of a student's journal that are old and no longer needed.
//!
//! A row may go when it is older than asked, its step is in the snapshot, the conversation doesn't
//! need it, it was published, and nothing of the student runs. The newest row always stays: it
//! says how far the student's frames reach.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;

use crate::pool::Database;
use crate::statement::writing;

const TRIM_JOURNAL: &str = "DELETE FROM journal WHERE student_id = $1 AND at < $2
     AND rev < (SELECT max(n.rev) FROM journal n WHERE n.student_id = $1)
     AND rev <= coalesce((SELECT s.rev FROM session s
         WHERE s.student_id = $1 AND s.state IS NOT NULL), -1)
     AND rev < coalesce((SELECT s.kept_from FROM session s WHERE s.student_id = $1), 0)
     AND (epoch = 0 OR out_seq <= (SELECT o.published_seq FROM owner o
         WHERE o.partition = journal.partition))
     AND NOT EXISTS (SELECT 1 FROM work w WHERE w.student_id = $1)";
/// Rows of the read models that only tell of what was deleted.
const TRIM_TURNS: &str = "DELETE FROM turn WHERE student_id = $1 AND ended_at < $2";
const TRIM_ATTEMPTS: &str = "DELETE FROM attempt WHERE student_id = $1 AND at < $2";
const TRIM_HINTS: &str = "DELETE FROM hint WHERE student_id = $1 AND at < $2";
const TRIM_LEVELS: &str = "DELETE FROM leveled WHERE student_id = $1 AND at < $2";
const TRIM_ALERTS: &str = "DELETE FROM alert WHERE student_id = $1 AND closed_at < $2";

/// Deletes what a student did before a time, as far as nothing needs it; answers how many journal
/// rows went. What they know now stays: snapshot, mastery, reviews, open alerts.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; nothing was deleted.
pub async fn trim(db: &Database, student: StudentId, before: Timestamp) -> Result<u64, StoreError> {
    let (id, before) = (student.as_uuid(), before.as_micros());
    writing!(db, |tx| {
        let gone = sqlx::query(TRIM_JOURNAL).bind(id).bind(before).execute(&mut *tx).await?;
        for statement in [TRIM_TURNS, TRIM_ATTEMPTS, TRIM_HINTS, TRIM_LEVELS, TRIM_ALERTS] {
            sqlx::query(statement).bind(id).bind(before).execute(&mut *tx).await?;
        }
        Ok(gone.rows_affected())
    })
}
