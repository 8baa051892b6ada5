//! Accepting a log that was replaced: a new generation, and where reading begins.

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::StoreError;

use crate::pool::Database;
use crate::statement::{reading, writing};

/// `top` stays: an embedded log goes on above every position that was ever committed.
const ADOPT: &str =
    "INSERT INTO owner (partition, generation, epoch, next_offset, cluster_id, clean)
     VALUES ($1, $2, 1, $3, $4, TRUE)
     ON CONFLICT (partition) DO UPDATE SET generation = excluded.generation,
         epoch = owner.epoch + 1, next_offset = excluded.next_offset,
         cluster_id = excluded.cluster_id, digest = NULL, clean = TRUE, claims = 0, trying = NULL";
const GENERATION: &str = "SELECT coalesce(max(generation), 0) FROM owner";
const TOPS: &str = "SELECT partition, top FROM owner ORDER BY partition";

/// Where reading of a partition begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Which.
    pub partition: PartitionId,
    /// The first offset to read.
    pub next_offset: i64,
    /// The log's cluster id.
    pub cluster_id: String,
}

/// Raises the generation and sets every next offset. Whoever serves a partition is fenced.
/// Answers the new generation.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; a repeat raises the generation once more, which is
/// harmless.
pub async fn adopt(db: &Database, beginnings: &[Beginning]) -> Result<i64, StoreError> {
    writing!(db, |tx| {
        let (generation,): (i64,) = sqlx::query_as(GENERATION).fetch_one(&mut *tx).await?;
        for one in beginnings {
            sqlx::query(ADOPT)
                .bind(one.partition.0)
                .bind(generation + 1)
                .bind(one.next_offset)
                .bind(one.cluster_id.as_str())
                .execute(&mut *tx)
                .await?;
        }
        Ok(generation + 1)
    })
}

/// The highest committed position of each partition.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn tops(db: &Database) -> Result<Vec<(PartitionId, i64)>, StoreError> {
    let rows: Vec<(i32, i64)> = reading!(db, |conn| sqlx::query_as(TOPS).fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|(partition, top)| (PartitionId(partition), top)).collect())
}
