//! Slots of gateways: leases that lapse, fenced by an epoch.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::port::store::{SlotLease, StoreError};

use crate::pool::Database;
use crate::statement::{reading, writing};

const TAKE: &str = "INSERT INTO slot (slot, epoch, expires_at) VALUES ($1, 1, $3)
     ON CONFLICT (slot) DO UPDATE SET epoch = slot.epoch + 1, expires_at = excluded.expires_at
     WHERE slot.expires_at <= $2
     RETURNING epoch";
const RENEW: &str = "UPDATE slot SET expires_at = $3
     WHERE slot = $1 AND epoch = $2 AND expires_at > $4";
const RELEASE: &str = "UPDATE slot SET expires_at = 0 WHERE slot = $1 AND epoch = $2";
const LIVE: &str = "SELECT slot, epoch, expires_at FROM slot WHERE expires_at > $1 ORDER BY slot";

/// Takes the first slot below `slots` that nobody holds; `None` when all are held.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn lease(
    db: &Database,
    slots: i32,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<SlotLease>, StoreError> {
    for slot in 0..slots {
        let row: Option<(i64,)> = writing!(db, |tx| {
            sqlx::query_as(TAKE)
                .bind(slot)
                .bind(now.as_micros())
                .bind(until.as_micros())
                .fetch_optional(&mut *tx)
                .await
        })?;
        if let Some((epoch,)) = row {
            return Ok(Some(SlotLease { slot, epoch, expires_at: until }));
        }
    }
    Ok(None)
}

/// Renews a lease; `false` when it has lapsed: somebody else has the slot now, or may have had it.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again before the lease lapses.
pub async fn renew(
    db: &Database,
    slot: i32,
    epoch: i64,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    writing!(db, |tx| {
        let done = sqlx::query(RENEW)
            .bind(slot)
            .bind(epoch)
            .bind(until.as_micros())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Gives a slot back.
///
/// # Errors
/// [`StoreError::Unavailable`]: the lease lapses by itself.
pub async fn release(db: &Database, slot: i32, epoch: i64) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(RELEASE).bind(slot).bind(epoch).execute(&mut *tx).await.map(drop)
    })
}

/// Leases that stand.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn live(db: &Database, now: Timestamp) -> Result<Vec<SlotLease>, StoreError> {
    let rows: Vec<(i32, i64, i64)> =
        reading!(db, |conn| sqlx::query_as(LIVE).bind(now.as_micros()).fetch_all(conn).await)?;
    Ok(rows
        .into_iter()
        .map(|(slot, epoch, expires_at)| SlotLease {
            slot,
            epoch,
            expires_at: Timestamp::from_micros(expires_at),
        })
        .collect())
}
