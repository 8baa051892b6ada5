//! How one text of a statement runs on both databases.
//!
//! `reading!` runs a body on PostgreSQL's pool or on SQLite's readers, `writing!` in a transaction
//! of PostgreSQL or of SQLite's one writer. The body is written once and compiled for each: it
//! binds only what both know (`Uuid`, `i64`, `i16`, `i32`, `String`, `Vec<u8>`, options of them)
//! and reads tuples. Nothing waits longer than [`DEADLINE`], waiting for a connection included.

use std::io;
use std::time::Duration;

use learnflow_engine::port::store::StoreError;

/// How long a read or a transaction takes at most, all in all. Above the store's own timeouts, so
/// that those speak first; it ends what they can't see, such as a network that swallows packets.
const DEADLINE: Duration = Duration::from_secs(10);

/// What is stored can't be read: `what` names the column or the thing, never its value.
pub(crate) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

/// Runs a body to its end or to [`DEADLINE`]; a transaction that it had begun is rolled back then.
pub(crate) async fn within_deadline<T>(
    body: impl Future<Output = sqlx::Result<T>> + Send,
) -> sqlx::Result<T> {
    tokio::time::timeout(DEADLINE, body)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

/// Says which error an `async` block answers with.
pub(crate) async fn fallible<T>(
    body: impl Future<Output = sqlx::Result<T>> + Send,
) -> sqlx::Result<T> {
    body.await
}

/// Runs a body (`|conn| …await`, answering `sqlx::Result`) that only reads.
macro_rules! reading {
    ($db:expr, |$conn:ident| $body:expr) => {{
        let outcome = match $db {
            $crate::pool::Database::Postgres(pool) => {
                let $conn = pool.pool();
                $crate::statement::within_deadline(async { $body }).await
            }
            $crate::pool::Database::Sqlite(sqlite) => {
                let $conn = sqlite.readers();
                $crate::statement::within_deadline(async { $body }).await
            }
        };
        outcome.map_err(|error| $crate::pool::store_error(&error))
    }};
}

/// Runs a body (`|tx| { … }`, answering `sqlx::Result`) in one transaction.
macro_rules! writing {
    ($db:expr, |$tx:ident| $body:block) => {{
        let outcome = match $db {
            $crate::pool::Database::Postgres(pool) => {
                $crate::statement::within_deadline(async {
                    let mut $tx = pool.begin().await?;
                    let answer = $crate::statement::fallible(async { $body }).await?;
                    $tx.commit().await?;
                    Ok(answer)
                })
                .await
            }
            $crate::pool::Database::Sqlite(sqlite) => {
                $crate::statement::within_deadline(async {
                    let mut $tx = sqlite.begin().await?;
                    let answer = $crate::statement::fallible(async { $body }).await?;
                    $tx.commit().await?;
                    Ok(answer)
                })
                .await
            }
        };
        outcome.map_err(|error| $crate::pool::store_error(&error))
    }};
}

pub(crate) use {reading, writing};

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_never_answers_is_given_up() {
        let outcome = within_deadline(std::future::pending::<sqlx::Result<()>>()).await;
        let error = crate::pool::store_error(&outcome.unwrap_err());
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
}
