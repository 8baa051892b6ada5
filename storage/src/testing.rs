//! Scratch databases for tests, of this crate and of others (cargo feature `testing`).
//!
//! PostgreSQL: databases of the server that the test names, or of a throw-away cluster that this
//! process starts once and that ends with it. SQLite: a file in a folder of its own.

mod cluster;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::config::Config;
use crate::migrate;
use crate::pool::Database;

/// Why there is no scratch database.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no scratch database: {0}")]
pub struct TestingError(pub String);

impl TestingError {
    fn because(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A migrated database for one test.
#[derive(Debug)]
pub struct Scratch {
    database: Database,
    config: Config,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Postgres { admin_url: String, name: String },
    Sqlite { folder: TempDir },
}

/// Numbers this process's databases.
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Scratch {
    /// A new database on PostgreSQL. `database_url` is what `DATABASE_URL` says: a server where
    /// databases may be made. Without it a throw-away cluster is started.
    ///
    /// # Errors
    /// [`TestingError`], which says what to install.
    pub async fn postgres(database_url: Option<String>) -> Result<Self, TestingError> {
        let admin_url = match database_url {
            Some(url) => url,
            None => cluster::url()?,
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("learnflow_test_{}_{number}", std::process::id());
        recreate(&admin_url, &name).await.map_err(TestingError::because)?;
        let url = with_database(&admin_url, &name);
        Self::open(url, Place::Postgres { admin_url, name }).await
    }

    /// A new SQLite file.
    ///
    /// # Errors
    /// [`TestingError`].
    pub async fn sqlite() -> Result<Self, TestingError> {
        let folder = tempfile::tempdir().map_err(TestingError::because)?;
        let url = format!("sqlite:{}", file_in(&folder).display());
        Self::open(url, Place::Sqlite { folder }).await
    }

    async fn open(url: String, place: Place) -> Result<Self, TestingError> {
        let config = Config::new(url);
        let database = Database::open(&config).await.map_err(TestingError::because)?;
        migrate::up(&database).await.map_err(TestingError::because)?;
        Ok(Self { database, config, place })
    }

    /// The open database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// How it was opened, its URL included.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// A connection of its own to the SQLite file, for what the database's own pools don't do.
    ///
    /// # Errors
    /// [`TestingError`]; also when this is PostgreSQL, whose pool does everything.
    pub async fn sqlite_connection(&self) -> Result<SqliteConnection, TestingError> {
        match &self.place {
            Place::Postgres { .. } => Err(TestingError("this is PostgreSQL".to_owned())),
            Place::Sqlite { folder } => {
                let url = format!("sqlite:{}", file_in(folder).display());
                SqliteConnection::connect(&url).await.map_err(TestingError::because)
            }
        }
    }

    /// Closes the database and removes it.
    ///
    /// # Errors
    /// [`TestingError`] when it can't be removed.
    pub async fn end(self) -> Result<(), TestingError> {
        self.database.close().await;
        match self.place {
            Place::Postgres { admin_url, name } => {
                drop_database(&admin_url, &name).await.map_err(TestingError::because)
            }
            Place::Sqlite { folder } => folder.close().map_err(TestingError::because),
        }
    }
}

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("store.sqlite")
}

async fn recreate(admin_url: &str, name: &str) -> sqlx::Result<()> {
    drop_database(admin_url, name).await?;
    let mut admin = PgConnection::connect(admin_url).await?;
    // A name can't be bound; this one is made of letters, digits and underscores.
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await?;
    admin.close().await
}

async fn drop_database(admin_url: &str, name: &str) -> sqlx::Result<()> {
    let mut admin = PgConnection::connect(admin_url).await?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await?;
    admin.close().await
}

/// The same server's URL for another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[scheme..].find('/').map_or(address.len(), |at| scheme + at);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{query}", &address[..host_end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_turned_to_another_database() {
        let cases = [
            ("postgres://u@h:5/old", "postgres://u@h:5/new"),
            ("postgres://u:p@h", "postgres://u:p@h/new"),
            ("postgres://h/old?sslmode=disable", "postgres://h/new?sslmode=disable"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
