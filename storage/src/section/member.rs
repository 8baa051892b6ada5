//! The students of a section.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::read::page::{Page, PageRequest};
use crate::statement::reading;

const MEMBERS: &str = "SELECT e.student_id, a.user_id, a.display_name, e.enrolled_at
     FROM enrolment e JOIN account a ON a.student_id = e.student_id
     WHERE e.section_id = $1 AND e.student_id > $2 ORDER BY e.student_id LIMIT $3";
const STUDENT_IDS: &str =
    "SELECT student_id FROM enrolment WHERE section_id = $1 ORDER BY student_id";

/// A student of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The student.
    pub student: StudentId,
    /// Their account.
    pub user: UserId,
    /// Their name.
    pub display_name: String,
    /// Since when.
    pub enrolled_at: Timestamp,
}

/// The students of a section, in the order in which they signed up.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn members(
    db: &Database,
    section: SectionId,
    request: &PageRequest<Uuid>,
) -> Result<Page<Member>, StoreError> {
    let (after, limit) = (request.after().unwrap_or(Uuid::nil()), request.rows());
    let rows: Vec<(Uuid, Uuid, String, i64)> = reading!(db, |conn| {
        sqlx::query_as(MEMBERS)
            .bind(section.as_uuid())
            .bind(after)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let members = rows.into_iter().map(|(student, user, display_name, enrolled_at)| Member {
        student: StudentId::new(student),
        user: UserId::new(user),
        display_name,
        enrolled_at: Timestamp::from_micros(enrolled_at),
    });
    Ok(request.page(members.collect(), |member| member.student.as_uuid()))
}

/// Every student of a section.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn student_ids(db: &Database, section: SectionId) -> Result<Vec<StudentId>, StoreError> {
    let rows: Vec<(Uuid,)> = reading!(db, |conn| {
        sqlx::query_as(STUDENT_IDS).bind(section.as_uuid()).fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(|(id,)| StudentId::new(id)).collect())
}
