//! Intents: writes by REST on their way into a student's session.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{IntentId, StudentId};
use learnflow_engine::port::store::{IntentRow, StoreError};
use uuid::Uuid;

use crate::pool::{Database, store_error};
use crate::statement::{reading, within_deadline, writing};

/// Writes an intent within a caller's transaction: id, student, kind, sealed body, time.
pub(crate) const INSERT: &str =
    "INSERT INTO intent (id, student_id, kind, body, created_at, next_try_at, tries)
     VALUES ($1, $2, $3, $4, $5, $5, 0) ON CONFLICT (id) DO NOTHING";
/// Again after 5 s, doubling to 60 s, while the row stands.
const TAKE_POSTGRES: &str = "WITH due AS (
         SELECT id FROM intent WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2
         FOR UPDATE SKIP LOCKED)
     UPDATE intent i SET tries = i.tries + 1,
         next_try_at = $1 + least(60000000, 5000000 * (1::bigint << least(i.tries, 4)))
     FROM due WHERE i.id = due.id RETURNING i.id, i.student_id, i.kind, i.body";
const TAKE_SQLITE: &str = "UPDATE intent SET tries = tries + 1,
         next_try_at = $1 + min(60000000, 5000000 * (1 << min(tries, 4)))
     WHERE id IN (SELECT id FROM intent WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2)
     RETURNING id, student_id, kind, body";
/// How long a result is kept for those who wait for it: 24 h.
const RESULT_LIFETIME_MS: i64 = 86_400_000;
const SWEEP: &str = "DELETE FROM intent_result WHERE at <= $1";
const SETTLED_POSTGRES: &str = "SELECT id FROM intent_result WHERE id = ANY($1)";
const SETTLED_SQLITE: &str =
    "SELECT id FROM intent_result WHERE id IN (SELECT unhex(value) FROM json_each($1))";
const RESULT: &str = "SELECT result FROM intent_result WHERE id = $1";

type Row = (Uuid, Uuid, String, Vec<u8>);

/// Writes an intent; a repeat with the same id changes nothing.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again with the same id.
pub async fn insert(db: &Database, intent: &IntentRow, now: Timestamp) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(INSERT)
            .bind(intent.id.as_uuid())
            .bind(intent.student.as_uuid())
            .bind(intent.kind.as_str())
            .bind(intent.body.as_slice())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await
            .map(drop)
    })
}

/// Takes intents that are due and notes the try.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn take_due(
    db: &Database,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<IntentRow>, StoreError> {
    let (at, limit) = (now.as_micros(), i64::from(limit));
    let rows: sqlx::Result<Vec<Row>> = match db {
        Database::Postgres(postgres) => {
            let taking = sqlx::query_as(TAKE_POSTGRES).bind(at).bind(limit);
            within_deadline(taking.fetch_all(postgres.pool())).await
        }
        Database::Sqlite(sqlite) => {
            let taking = sqlx::query_as(TAKE_SQLITE).bind(at).bind(limit);
            within_deadline(taking.fetch_all(sqlite.writer())).await
        }
    };
    let intent = |(id, student, kind, body): Row| IntentRow {
        id: IntentId::new(id),
        student: StudentId::new(student),
        kind,
        body,
    };
    rows.map(|rows| rows.into_iter().map(intent).collect()).map_err(|error| store_error(&error))
}

/// What became of an intent, once a session has settled it.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn result(db: &Database, id: IntentId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = reading!(db, |conn| {
        sqlx::query_as(RESULT).bind(id.as_uuid()).fetch_optional(conn).await
    })?;
    Ok(row.map(|(result,)| result))
}

/// Which of these intents a session has settled.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn settled(db: &Database, ids: &[IntentId]) -> Result<Vec<IntentId>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(IntentId::as_uuid).collect();
    let rows: sqlx::Result<Vec<(Uuid,)>> = match db {
        Database::Postgres(postgres) => {
            let reading = sqlx::query_as(SETTLED_POSTGRES).bind(ids);
            within_deadline(reading.fetch_all(postgres.pool())).await
        }
        Database::Sqlite(sqlite) => {
            let ids: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
            // Hexadecimal digits alone: nothing in them needs an escape.
            let list = format!("[\"{}\"]", ids.join("\",\""));
            let reading = sqlx::query_as(SETTLED_SQLITE).bind(list);
            within_deadline(reading.fetch_all(sqlite.readers())).await
        }
    };
    let rows = rows.map_err(|error| store_error(&error))?;
    Ok(rows.into_iter().map(|(id,)| IntentId::new(id)).collect())
}

/// Deletes results that nobody waits for any longer; answers how many.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn sweep(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    let expired = now.plus_millis(-RESULT_LIFETIME_MS).as_micros();
    writing!(db, |tx| {
        let done = sqlx::query(SWEEP).bind(expired).execute(&mut *tx).await?;
        Ok(done.rows_affected())
    })
}
