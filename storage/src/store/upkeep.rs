//! What keeps a partition going between commits: timers that are due, quarantine, health.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::{reading, writing};

const DUE: &str = "SELECT student_id, next_timer FROM session
     WHERE partition = $1 AND next_timer IS NOT NULL AND next_timer <= $2
     ORDER BY next_timer LIMIT $3";
/// A session that was never put down has no row yet; its journal knows the partition.
const QUARANTINE: &str =
    "INSERT INTO session (student_id, partition, rev, quarantined_until, quarantines)
     SELECT student_id, partition, -1, $2, $3 FROM journal
     WHERE student_id = $1 AND rev = (SELECT max(rev) FROM journal WHERE student_id = $1)
     ON CONFLICT (student_id) DO UPDATE SET quarantined_until = excluded.quarantined_until,
         quarantines = excluded.quarantines";
const HEALTH: &str = "SELECT count(*) FROM owner WHERE partition < 0";

pub(super) async fn due(
    db: &Database,
    partition: PartitionId,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<(StudentId, Timestamp)>, StoreError> {
    let rows: Vec<(Uuid, i64)> = reading!(db, |conn| {
        sqlx::query_as(DUE)
            .bind(partition.0)
            .bind(until.as_micros())
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(student, due)| (StudentId::new(student), Timestamp::from_micros(due)))
        .collect())
}

pub(super) async fn quarantine(
    db: &Database,
    student: StudentId,
    until: Option<Timestamp>,
    quarantines: i16,
) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(QUARANTINE)
            .bind(student.as_uuid())
            .bind(until.map(Timestamp::as_micros))
            .bind(quarantines)
            .execute(&mut *tx)
            .await
            .map(drop)
    })
}

pub(super) async fn health(db: &Database) -> Result<(), StoreError> {
    let _: (i64,) = reading!(db, |conn| sqlx::query_as(HEALTH).fetch_one(conn).await)?;
    Ok(())
}
