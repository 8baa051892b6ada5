//! Wrapping keys again after the master key changed: online, in pieces, resumable anywhere.

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::{VaultError, WrappedKey};
use uuid::Uuid;

use super::StoreVault;
use super::row::replace;
use crate::pool::Database;
use crate::statement::reading;

const AFTER: &str = "SELECT student_id, wrapped FROM student_key
     WHERE student_id > $1 ORDER BY student_id LIMIT $2";

/// A piece of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that are under the current master now and weren't before.
    pub keys_total: u32,
    /// Keys that somebody else changed meanwhile: another round finds them.
    pub skipped_total: u32,
    /// Where to go on; `None` at the end.
    pub next: Option<StudentId>,
}

/// A key was not wrapped again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RewrapError {
    /// This student's key doesn't unwrap.
    #[error("the key of {student:?}: {error}")]
    Key {
        /// Whose.
        student: StudentId,
        /// Why.
        error: VaultError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Wraps up to `limit` keys after a student by the current master key. What already is stays.
///
/// # Errors
/// [`RewrapError::Key`]: name its master key in `keys.previous`. The store's errors: go on from
/// the same student; wrapping a key again is harmless.
pub async fn rewrap_some(
    db: &Database,
    vault: &StoreVault,
    after: Option<StudentId>,
    limit: u32,
) -> Result<Rewrapped, RewrapError> {
    let start = after.map_or(Uuid::nil(), |student| student.as_uuid());
    let limit = i64::from(limit.max(1));
    let rows: Vec<(Uuid, Vec<u8>)> = reading!(db, |conn| {
        sqlx::query_as(AFTER).bind(start).bind(limit).fetch_all(conn).await
    })?;
    let mut done = Rewrapped { keys_total: 0, skipped_total: 0, next: None };
    for (id, wrapped) in rows {
        let (student, wrapped) = (StudentId::new(id), WrappedKey(wrapped));
        let new =
            vault.rewrap(student, &wrapped).map_err(|error| RewrapError::Key { student, error })?;
        if let Some(new) = new {
            if replace(db, student, &wrapped, &new).await? {
                done.keys_total += 1;
            } else {
                done.skipped_total += 1;
            }
        }
        done.next = Some(student);
    }
    Ok(done)
}
