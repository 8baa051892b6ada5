//! Claiming partitions: the epoch rises, and whoever held it before is fenced.

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::{Owner, StoreError};
use sqlx::{Connection as _, PgConnection};

use super::rows::{OwnerRow, owner};
use crate::pool::{Database, PostgresDatabase, SqliteDatabase, store_error};
use crate::statement::within_deadline;

const INSERT_ALL: &str = "INSERT INTO owner (partition)
     SELECT u FROM UNNEST($1::int[]) AS u ORDER BY u ON CONFLICT (partition) DO NOTHING";
/// Locks in order of partition, as commits do. `clean` comes back as the last owner left it.
const CLAIM_ALL: &str = "WITH old AS (
         SELECT partition, clean FROM owner WHERE partition = ANY($1)
         ORDER BY partition FOR UPDATE)
     UPDATE owner o SET epoch = o.epoch + 1, claims = o.claims + 1, clean = FALSE
     FROM old WHERE o.partition = old.partition
     RETURNING o.partition, o.generation, o.epoch, o.batch, o.next_offset, o.top, o.out_seq,
         o.published_seq, o.claims, old.clean, o.cluster_id, o.digest";
const INSERT_ONE: &str =
    "INSERT INTO owner (partition) VALUES ($1) ON CONFLICT (partition) DO NOTHING";
const SELECT_ONE: &str =
    "SELECT partition, generation, epoch + 1 AS epoch, batch, next_offset, top,
         out_seq, published_seq, claims + 1 AS claims, clean, cluster_id, digest
     FROM owner WHERE partition = $1";
const CLAIM_ONE: &str =
    "UPDATE owner SET epoch = epoch + 1, claims = claims + 1, clean = FALSE WHERE partition = $1";

/// Claims partitions; answers their rows in order of partition.
pub(super) async fn claim(
    db: &Database,
    partitions: &[PartitionId],
) -> Result<Vec<Owner>, StoreError> {
    let mut ids: Vec<i32> = partitions.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = match db {
        Database::Postgres(postgres) => claim_postgres(postgres, &ids).await,
        Database::Sqlite(sqlite) => within_deadline(claim_sqlite(sqlite, &ids)).await,
    };
    rows.map_err(|error| store_error(&error))?.into_iter().map(owner).collect()
}

async fn claim_postgres(db: &PostgresDatabase, ids: &[i32]) -> sqlx::Result<Vec<OwnerRow>> {
    let mut connection = db.committer().acquire().await?;
    let outcome = within_deadline(claim_all(&mut connection, ids)).await;
    if let Err(sqlx::Error::Io(_)) = &outcome {
        connection.close_on_drop();
    }
    outcome
}

async fn claim_all(connection: &mut PgConnection, ids: &[i32]) -> sqlx::Result<Vec<OwnerRow>> {
    let mut tx = connection.begin().await?;
    sqlx::query(INSERT_ALL).bind(ids).execute(&mut *tx).await?;
    let mut rows: Vec<OwnerRow> = sqlx::query_as(CLAIM_ALL).bind(ids).fetch_all(&mut *tx).await?;
    tx.commit().await?;
    rows.sort_unstable_by_key(|row| row.0);
    Ok(rows)
}

async fn claim_sqlite(db: &SqliteDatabase, ids: &[i32]) -> sqlx::Result<Vec<OwnerRow>> {
    let mut tx = db.begin().await?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        sqlx::query(INSERT_ONE).bind(id).execute(&mut *tx).await?;
        rows.push(sqlx::query_as(SELECT_ONE).bind(id).fetch_one(&mut *tx).await?);
        sqlx::query(CLAIM_ONE).bind(id).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(rows)
}
