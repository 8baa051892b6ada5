//! `Idempotency-Key`: the same request twice is done once, for 24 h per account and route.
//!
//! A response rests here as it was sent, so a route whose response holds a secret (a token, a
//! ticket) must not be recorded.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::UserId;
use learnflow_engine::port::store::StoreError;

use crate::pool::Database;
use crate::statement::{damaged, writing};

/// How long a key is remembered: 24 h.
pub const LIFETIME_MS: i64 = 24 * 3_600 * 1_000;
/// After this time a request that never finished is taken for dead, and may be done again.
pub const ABANDONED_MS: i64 = 60_000;

const BEGIN: &str =
    "INSERT INTO idempotency (account, route, idempotency_key, body_hash, status, response, at)
     VALUES ($1, $2, $3, $4, NULL, NULL, $5)
     ON CONFLICT (account, route, idempotency_key) DO UPDATE
     SET body_hash = excluded.body_hash, status = NULL, response = NULL, at = excluded.at
     WHERE idempotency.at <= $6
        OR (idempotency.status IS NULL AND idempotency.at <= $7
            AND idempotency.body_hash = excluded.body_hash)
     RETURNING at";
const KNOWN: &str = "SELECT body_hash, status, response FROM idempotency
     WHERE account = $1 AND route = $2 AND idempotency_key = $3";
const FINISH: &str = "UPDATE idempotency SET status = $4, response = $5
     WHERE account = $1 AND route = $2 AND idempotency_key = $3 AND status IS NULL";
const ABANDON: &str = "DELETE FROM idempotency
     WHERE account = $1 AND route = $2 AND idempotency_key = $3 AND status IS NULL";
const SWEEP: &str = "DELETE FROM idempotency WHERE at <= $1";

/// A key as it is stored: body hash, status, response.
type Row = (Vec<u8>, Option<i16>, Option<Vec<u8>>);

/// What names a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestKey<'a> {
    /// Who asks.
    pub account: UserId,
    /// Method and route template, such as `POST /v1/sections`.
    pub route: &'a str,
    /// The header's value.
    pub key: &'a str,
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// It is new: do it, then [`finish`] or [`abandon`].
    Start,
    /// The same one runs at this moment: answer 409 and let the client try again.
    Running,
    /// It was done: answer this again.
    Done {
        /// The HTTP status that was sent.
        status: u16,
        /// The body that was sent.
        response: Vec<u8>,
    },
    /// The key was used with another body: 422.
    Mismatch,
}

/// Takes a key up.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; until [`ABANDONED_MS`] have passed the answer may be
/// [`Begin::Running`]. [`StoreError::Damaged`]: the row can't be read.
pub async fn begin(
    db: &Database,
    request: RequestKey<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<Begin, StoreError> {
    let body_hash = blake3::hash(body).as_bytes().to_vec();
    let expired = now.plus_millis(-LIFETIME_MS);
    let dead = now.plus_millis(-ABANDONED_MS);
    let (account, route, key) = owned(request);
    let mine = body_hash.clone();
    let known: Option<Row> = writing!(db, |tx| {
        let started: Option<(i64,)> = sqlx::query_as(BEGIN)
            .bind(account)
            .bind(route.clone())
            .bind(key.clone())
            .bind(mine)
            .bind(now.as_micros())
            .bind(expired.as_micros())
            .bind(dead.as_micros())
            .fetch_optional(&mut *tx)
            .await?;
        if started.is_some() {
            return Ok(None);
        }
        sqlx::query_as(KNOWN).bind(account).bind(route).bind(key).fetch_optional(&mut *tx).await
    })?;
    match known {
        None => Ok(Begin::Start),
        Some((known_hash, _, _)) if known_hash != body_hash => Ok(Begin::Mismatch),
        Some((_, None, _)) => Ok(Begin::Running),
        Some((_, Some(status), response)) => Ok(Begin::Done {
            status: u16::try_from(status).map_err(|_| damaged("idempotency.status"))?,
            response: response.unwrap_or_default(),
        }),
    }
}

/// Notes what was answered, for the next request with the same key.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn finish(
    db: &Database,
    request: RequestKey<'_>,
    status: u16,
    response: &[u8],
) -> Result<(), StoreError> {
    let (account, route, key) = owned(request);
    let status = i16::try_from(status).map_err(|_| damaged("an HTTP status"))?;
    let response = response.to_vec();
    writing!(db, |tx| {
        sqlx::query(FINISH)
            .bind(account)
            .bind(route)
            .bind(key)
            .bind(status)
            .bind(response)
            .execute(&mut *tx)
            .await?;
        Ok(())
    })
}

/// Lets a key go whose request was not done, so that it may be done at once.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again, or leave it: after [`ABANDONED_MS`] it counts as dead.
pub async fn abandon(db: &Database, request: RequestKey<'_>) -> Result<(), StoreError> {
    let (account, route, key) = owned(request);
    writing!(db, |tx| {
        sqlx::query(ABANDON).bind(account).bind(route).bind(key).execute(&mut *tx).await?;
        Ok(())
    })
}

/// Deletes keys that are no longer remembered; answers how many.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn sweep(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    let expired = now.plus_millis(-LIFETIME_MS).as_micros();
    writing!(db, |tx| {
        let done = sqlx::query(SWEEP).bind(expired).execute(&mut *tx).await?;
        Ok(done.rows_affected())
    })
}

fn owned(request: RequestKey<'_>) -> (uuid::Uuid, String, String) {
    (request.account.as_uuid(), request.route.to_owned(), request.key.to_owned())
}
