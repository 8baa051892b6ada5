//! PostgreSQL: a pool for reads and REST, and a small one of the committer's own, so that no list
//! of anybody delays a commit.

use learnflow_engine::port::store::StoreError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};

use super::{refused, store_error};
use crate::config::{Config, ConfigError};

/// An open PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresDatabase {
    pool: PgPool,
    committer: PgPool,
}

impl PostgresDatabase {
    /// Fails when the server doesn't answer. The committer's connections are made when needed.
    pub(super) async fn open(url: &str, config: &Config) -> Result<Self, StoreError> {
        let options = options(url, config).map_err(refused)?;
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.acquire_timeout());
        // Asking a connection whether it lives would be a round trip a commit, and a commit that
        // fails is repeated anyway.
        let committer = pool
            .clone()
            .max_connections(config.committer_connections)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().application_name("learnflow-committer"));
        let pool = pool.connect_with(options).await.map_err(|error| store_error(&error))?;
        Ok(Self { pool, committer })
    }

    /// Connections for everything but claims and group commits.
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connections for claims and group commits alone.
    pub(crate) const fn committer(&self) -> &PgPool {
        &self.committer
    }

    /// Begins a transaction that isn't a group commit.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.pool.begin().await
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
        self.committer.close().await;
    }
}

/// Everything that a connection is told when it is made.
fn options(url: &str, config: &Config) -> Result<PgConnectOptions, ConfigError> {
    let parsed: PgConnectOptions = url.parse().map_err(|_| ConfigError::InvalidAddress)?;
    let statement = format!("{}ms", config.statement_timeout_ms);
    let lock = format!("{}ms", config.lock_timeout_ms);
    let idle = statement.clone();
    Ok(parsed.application_name("learnflow").options([
        ("statement_timeout", statement),
        ("lock_timeout", lock),
        // A process that was stopped in the middle of a transaction doesn't hold its locks.
        ("idle_in_transaction_session_timeout", idle),
    ]))
}
