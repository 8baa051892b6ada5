//! A section's students in figures: text-free rows, one a student.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{SectionId, StudentId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use super::page::{Page, PageRequest};
use super::student::{Activity, activity_of};
use crate::pool::Database;
use crate::statement::reading;

const STUDENTS: &str = "SELECT e.student_id, a.display_name, e.enrolled_at,
         v.turns_total, v.complete_total, v.last_active_at,
         (SELECT count(*) FROM topic_activity t WHERE t.student_id = e.student_id),
         (SELECT count(*) FROM turn u
          WHERE u.student_id = e.student_id AND u.status IN ('queued', 'running'))
     FROM enrolment e
     JOIN account a ON a.student_id = e.student_id
     LEFT JOIN activity v ON v.student_id = e.student_id
     WHERE e.section_id = $1 AND e.student_id > $2 ORDER BY e.student_id LIMIT $3";

/// A student in a class list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudentRow {
    /// The student.
    pub student: StudentId,
    /// Their name.
    pub display_name: String,
    /// Since when they belong to the section.
    pub enrolled_at: Timestamp,
    /// What they have done in all.
    pub activity: Activity,
    /// Topics that they asked about.
    pub topics_total: i64,
    /// Turns that wait or run at this moment.
    pub open_turns_total: i64,
}

/// The students of a section with their figures, in the order in which they signed up.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn students(
    db: &Database,
    section: SectionId,
    request: &PageRequest<Uuid>,
) -> Result<Page<StudentRow>, StoreError> {
    type Row = (Uuid, String, i64, Option<i64>, Option<i64>, Option<i64>, i64, i64);
    let (after, limit) = (request.after().unwrap_or(Uuid::nil()), request.rows());
    let rows: Vec<Row> = reading!(db, |conn| {
        sqlx::query_as(STUDENTS)
            .bind(section.as_uuid())
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let students = rows.into_iter().map(
        |(id, display_name, enrolled_at, turns, complete, last_active, topics, open)| StudentRow {
            student: StudentId::new(id),
            display_name,
            enrolled_at: Timestamp::from_micros(enrolled_at),
            activity: activity_of(turns, complete, last_active),
            topics_total: topics,
            open_turns_total: open,
        },
    );
    Ok(request.page(students.collect(), |row| row.student.as_uuid()))
}
