//! The file behind the embedded log: its lock, its schema, and what is read from it.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::PartitionId;
use parking_lot::Mutex;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqliteConnection, SqlitePool};

use super::error::EmbeddedError;
use super::rows::unpack_headers;
use crate::record::RawRecord;

/// How long a statement waits for the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers only follow what the writer appended; two are enough for every partition.
const READ_CONNECTIONS: u32 = 2;
/// Owner only: bodies are sealed, ids are not.
const FILE_MODE: u32 = 0o600;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS log_partition (
    partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, last_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    partition INTEGER NOT NULL, log_offset INTEGER NOT NULL, at INTEGER NOT NULL,
    student BLOB, headers BLOB NOT NULL, body BLOB,
    PRIMARY KEY (partition, log_offset)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letter (
    id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, log_offset INTEGER NOT NULL,
    at INTEGER NOT NULL, reason TEXT NOT NULL, student BLOB, headers BLOB NOT NULL, body BLOB
) STRICT;
";

const ADD_META: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const META: &str = "SELECT value FROM meta WHERE name = $1";
const ADD_PARTITION: &str = "INSERT INTO log_partition (partition, next_offset, last_at)
    VALUES ($1, $2, 0)
    ON CONFLICT (partition) DO UPDATE SET next_offset = max(next_offset, excluded.next_offset)";
const ENDS: &str = "SELECT partition, next_offset, last_at FROM log_partition ORDER BY partition";
const START: &str = "SELECT min(log_offset) FROM record WHERE partition = $1";
const READ: &str = "SELECT log_offset, at, student, headers, body FROM record
    WHERE partition = $1 AND log_offset >= $2 ORDER BY log_offset LIMIT $3";
const LETTERS: &str = "SELECT partition, log_offset, reason FROM dead_letter
    ORDER BY id DESC LIMIT $1";

/// One partition's end: the next record's offset, and the newest record's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) next_offset: i64,
    pub(super) last_at: Timestamp,
}

/// A record as it is stored.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) offset: i64,
    pub(super) at: Timestamp,
    pub(super) raw: RawRecord,
}

/// A dead letter's origin, as an operator wants to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterOrigin {
    /// The partition it stood in.
    pub partition: PartitionId,
    /// Its offset there.
    pub offset: i64,
    /// Why it is here.
    pub reason: String,
}

/// The open file; one process at a time.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    cluster_id: String,
    readers: SqlitePool,
    lock: Mutex<Option<File>>,
}

impl LogFile {
    /// Locks and opens the file, making it when it isn't there. Each partition's end becomes
    /// max(own end, `top` + 1), so that a lost file never gives an offset a second time.
    pub(super) async fn open(
        path: &Path,
        partitions: u32,
        tops: &[(PartitionId, i64)],
        seed: u128,
    ) -> Result<(Self, SqliteConnection, Vec<End>), EmbeddedError> {
        let lock = lock_beside(path)?;
        make_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let mut writer = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(SCHEMA).execute(&mut writer).await?;
        let cluster_id = identity(&mut writer, partitions, seed).await?;
        let ends = raise_ends(&mut writer, partitions, tops).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READ_CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.read_only(true))
            .await?;
        let file =
            Self { path: path.to_owned(), cluster_id, readers, lock: Mutex::new(Some(lock)) };
        Ok((file, writer, ends))
    }

    /// Made once, with the file.
    pub(super) fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The first offset that is still there; `None` for a partition without records.
    pub(super) async fn start(&self, partition: PartitionId) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query(START).bind(partition.0).fetch_one(&self.readers).await?.try_get(0)
    }

    /// At most `limit` records from `from` on, in order.
    pub(super) async fn read(
        &self,
        partition: PartitionId,
        from: i64,
        limit: u32,
    ) -> Result<Vec<Stored>, sqlx::Error> {
        let query = sqlx::query(READ).bind(partition.0).bind(from).bind(limit);
        query.fetch_all(&self.readers).await?.iter().map(stored).collect()
    }

    /// The newest dead letters.
    pub(super) async fn dead_letters(
        &self,
        limit: u32,
    ) -> Result<Vec<DeadLetterOrigin>, sqlx::Error> {
        let rows = sqlx::query(LETTERS).bind(limit).fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                Ok(DeadLetterOrigin {
                    partition: PartitionId(row.try_get(0)?),
                    offset: row.try_get(1)?,
                    reason: row.try_get(2)?,
                })
            })
            .collect()
    }

    /// Closes the readers and lets another process have the file. The writer must be closed.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        drop(self.lock.lock().take());
    }
}

/// Every partition's end, as the file has it.
pub(super) async fn ends(connection: &mut SqliteConnection) -> Result<Vec<End>, sqlx::Error> {
    let rows = sqlx::query(ENDS).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(End {
                next_offset: row.try_get(1)?,
                last_at: Timestamp::from_micros(row.try_get(2)?),
            })
        })
        .collect()
}

fn stored(row: &sqlx::sqlite::SqliteRow) -> Result<Stored, sqlx::Error> {
    let key: Option<Vec<u8>> = row.try_get(2)?;
    let headers: Vec<u8> = row.try_get(3)?;
    let value: Option<Vec<u8>> = row.try_get(4)?;
    Ok(Stored {
        offset: row.try_get(0)?,
        at: Timestamp::from_micros(row.try_get(1)?),
        raw: RawRecord {
            key: key.map(Into::into),
            headers: unpack_headers(&headers),
            value: value.map(Into::into),
        },
    })
}

/// A file of its own holds the lock: SQLite's own locks come and go with its transactions.
fn lock_beside(path: &Path) -> Result<File, EmbeddedError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let failed = |source| EmbeddedError::File { source };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(&name)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// SQLite gives its journal files the mode of the file itself, so it must be right before.
fn make_private(path: &Path) -> Result<(), EmbeddedError> {
    let failed = |source| EmbeddedError::File { source };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
        .map_err(failed)?;
    file.set_permissions(std::fs::Permissions::from_mode(FILE_MODE)).map_err(failed)
}

async fn identity(
    connection: &mut SqliteConnection,
    partitions: u32,
    seed: u128,
) -> Result<String, EmbeddedError> {
    for (name, value) in
        [("cluster_id", format!("embedded-{seed:032x}")), ("partitions", partitions.to_string())]
    {
        sqlx::query(ADD_META).bind(name).bind(value).execute(&mut *connection).await?;
    }
    let stored: String =
        sqlx::query(META).bind("partitions").fetch_one(&mut *connection).await?.try_get(0)?;
    if stored != partitions.to_string() {
        return Err(EmbeddedError::PartitionCount { stored, configured: partitions });
    }
    Ok(sqlx::query(META).bind("cluster_id").fetch_one(connection).await?.try_get(0)?)
}

async fn raise_ends(
    connection: &mut SqliteConnection,
    partitions: u32,
    tops: &[(PartitionId, i64)],
) -> Result<Vec<End>, EmbeddedError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for partition in 0..partitions {
        let top = tops.iter().find(|(id, _)| i64::from(id.0) == i64::from(partition));
        let next_offset = top.map_or(0, |(_, top)| top.saturating_add(1).max(0));
        sqlx::query(ADD_PARTITION)
            .bind(partition)
            .bind(next_offset)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(ends(connection).await?)
}
