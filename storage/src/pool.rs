//! The two databases behind one closed enum, and what their errors mean.
//!
//! Times are `BIGINT` microseconds, ids native UUIDs (PostgreSQL) or 16-byte blobs (SQLite).

mod fault;
mod postgres;
mod sqlite;

use learnflow_engine::port::store::StoreError;

use crate::config::{Config, ConfigError, Place};

pub(crate) use fault::store_error;
pub use postgres::PostgresDatabase;
pub use sqlite::SqliteDatabase;

/// An open database. Cloning it shares its connections.
#[derive(Debug, Clone)]
pub enum Database {
    /// PostgreSQL.
    Postgres(PostgresDatabase),
    /// SQLite in a file.
    Sqlite(SqliteDatabase),
}

impl Database {
    /// Opens the database at `url` (`postgres://…` or `sqlite:PATH`) with default settings.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::open(&Config::new(url)).await
    }

    /// Opens the database that the settings name; a SQLite file is made (mode 0600) when it isn't
    /// there. It doesn't migrate.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for settings that can't be used, [`StoreError::Unavailable`] when
    /// nobody answers.
    pub async fn open(config: &Config) -> Result<Self, StoreError> {
        config.validate().map_err(refused)?;
        match config.place().map_err(refused)? {
            Place::Postgres(url) => Ok(Self::Postgres(PostgresDatabase::open(url, config).await?)),
            Place::Sqlite(path) => Ok(Self::Sqlite(SqliteDatabase::open(&path, config).await?)),
        }
    }

    /// Closes all connections, after what they are doing.
    pub async fn close(&self) {
        match self {
            Self::Postgres(postgres) => postgres.close().await,
            Self::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}

fn refused(error: ConfigError) -> StoreError {
    StoreError::Refused(error.to_string())
}
