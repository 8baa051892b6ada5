//! SQLite: one connection that writes, several that only read.
//!
//! A transaction that writes begins with `BEGIN IMMEDIATE`: a deferred one that turns into a
//! writer fails with BUSY whatever the timeout. The pool of one connection is its queue.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use learnflow_engine::port::store::StoreError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::store_error;
use crate::config::Config;

/// Connections that only read.
const READERS: u32 = 4;

/// An open SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteDatabase {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteDatabase {
    /// Opens the file, or makes it, readable for its owner alone.
    pub(super) async fn open(path: &Path, config: &Config) -> Result<Self, StoreError> {
        // SQLite gives its -wal and -shm files the mode of the database.
        OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(|error| {
            StoreError::Unavailable(format!("the file of store.url can't be opened: {error}"))
        })?;
        Self::connect(path, config).await.map_err(|error| store_error(&error))
    }

    async fn connect(path: &Path, config: &Config) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(config.acquire_timeout());
        let pool = SqlitePoolOptions::new()
            .acquire_timeout(config.acquire_timeout())
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // The writer comes first: it brings the file into WAL mode.
        let writer = pool.clone().max_connections(1).min_connections(1);
        let writer = writer.connect_with(writing).await?;
        let reading = options.read_only(true);
        let readers = pool.max_connections(READERS).connect_with(reading).await?;
        Ok(Self { writer, readers })
    }

    /// Connections that only read.
    pub const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// The one connection that writes.
    pub(crate) const fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Begins a transaction that may write; waits until the one before it is over.
    ///
    /// # Errors
    /// When its turn doesn't come in time.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
