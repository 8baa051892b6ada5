//! The key row: one a student, in `student_key`.

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::WrappedKey;

use crate::pool::Database;
use crate::statement::{reading, writing};

const FIND: &str = "SELECT wrapped FROM student_key WHERE student_id = $1";
const REPLACE: &str = "UPDATE student_key SET wrapped = $3 WHERE student_id = $1 AND wrapped = $2";
const DESTROY: &str = "DELETE FROM student_key WHERE student_id = $1";

/// A student's wrapped key; `None` when there is none: never made, or destroyed.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn key_row(db: &Database, student: StudentId) -> Result<Option<WrappedKey>, StoreError> {
    let row: Option<(Vec<u8>,)> = reading!(db, |conn| {
        sqlx::query_as(FIND).bind(student.as_uuid()).fetch_optional(conn).await
    })?;
    Ok(row.map(|(wrapped,)| WrappedKey(wrapped)))
}

/// Replaces a key row that still is what was read; answers whether it was. Nothing is ever
/// replaced by a key that lacks a version which somebody else has just added.
///
/// # Errors
/// [`StoreError::Unavailable`]: read the row and try again.
pub async fn replace(
    db: &Database,
    student: StudentId,
    read: &WrappedKey,
    new: &WrappedKey,
) -> Result<bool, StoreError> {
    let (read, new) = (read.0.clone(), new.0.clone());
    writing!(db, |tx| {
        let done = sqlx::query(REPLACE)
            .bind(student.as_uuid())
            .bind(read)
            .bind(new)
            .execute(&mut *tx)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Destroys a student's key: whatever is sealed of them, wherever it rests, opens never again.
/// Answers whether there was one.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; destroying what is gone changes nothing.
pub async fn destroy(db: &Database, student: StudentId) -> Result<bool, StoreError> {
    writing!(db, |tx| {
        let done = sqlx::query(DESTROY).bind(student.as_uuid()).execute(&mut *tx).await?;
        Ok(done.rows_affected() == 1)
    })
}
