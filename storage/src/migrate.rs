//! The schema: one statement a migration, embedded, in order.

use std::borrow::Cow;

use learnflow_engine::port::store::StoreError;
use rust_embed::RustEmbed;
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr};

use crate::pool::{Database, store_error};

/// A migration takes as long as it takes.
const WITHOUT_TIMEOUTS: &str = "SET statement_timeout = 0; SET lock_timeout = 0";

#[derive(RustEmbed)]
#[folder = "migrations/postgres"]
struct PostgresFiles;

#[derive(RustEmbed)]
#[folder = "migrations/sqlite"]
struct SqliteFiles;

/// A migration and whether it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its number.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// The schema isn't what this program needs.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MigrateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A migration can't be applied, or was changed after it was applied.
    #[error("LF0802: {0}")]
    Failed(String),
    /// Migrations are missing.
    #[error(
        "LF0802: {0} migrations are missing; run `learnflow migrate up` with the same configuration"
    )]
    Missing(usize),
}

/// Applies what is missing.
///
/// # Errors
/// [`MigrateError`]; what was applied before the fault stays.
pub async fn up(db: &Database) -> Result<(), MigrateError> {
    let migrator = migrator(db)?;
    let applied = match db {
        Database::Postgres(postgres) => {
            // Its own connection: the session's lock ends with it, whatever happens.
            let acquired = postgres.pool().acquire().await.map_err(lost)?;
            let mut connection = acquired.detach();
            sqlx::raw_sql(WITHOUT_TIMEOUTS).execute(&mut connection).await.map_err(lost)?;
            let outcome = migrator.run_direct(None, &mut connection, false).await;
            connection.close().await.map_err(lost)?;
            outcome
        }
        Database::Sqlite(sqlite) => migrator.run(sqlite.writer()).await,
    };
    applied.map_err(failed)
}

/// Every migration and whether it is applied.
///
/// # Errors
/// [`MigrateError::Store`]; [`MigrateError::Failed`] for a schema that this program doesn't know.
pub async fn status(db: &Database) -> Result<Vec<Status>, MigrateError> {
    let migrator = migrator(db)?;
    let applied = applied(db, &migrator).await?;
    if let Some(newer) = applied.iter().find(|version| !migrator.version_exists(**version)) {
        let told = format!("migration {newer} is unknown: a newer program was here");
        return Err(MigrateError::Failed(told));
    }
    Ok(migrator
        .iter()
        .map(|one| Status {
            version: one.version,
            description: one.description.to_string(),
            applied: applied.contains(&one.version),
        })
        .collect())
}

/// Refuses a database whose schema isn't up to date.
///
/// # Errors
/// [`MigrateError::Missing`], which names the command that helps.
pub async fn check(db: &Database) -> Result<(), MigrateError> {
    let missing = status(db).await?.iter().filter(|one| !one.applied).count();
    if missing == 0 { Ok(()) } else { Err(MigrateError::Missing(missing)) }
}

async fn applied(db: &Database, migrator: &Migrator) -> Result<Vec<i64>, MigrateError> {
    let table = migrator.table_name.as_ref();
    let rows = match db {
        Database::Postgres(postgres) => {
            let mut connection = postgres.pool().acquire().await.map_err(lost)?;
            connection.ensure_migrations_table(table).await.map_err(failed)?;
            connection.list_applied_migrations(table).await.map_err(failed)?
        }
        Database::Sqlite(sqlite) => {
            let mut connection = sqlite.writer().acquire().await.map_err(lost)?;
            connection.ensure_migrations_table(table).await.map_err(failed)?;
            connection.list_applied_migrations(table).await.map_err(failed)?
        }
    };
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn failed(error: sqlx::migrate::MigrateError) -> MigrateError {
    use sqlx::migrate::MigrateError as E;
    if let E::Execute(error) | E::ExecuteMigration(error, _) = error {
        return lost(error);
    }
    MigrateError::Failed(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn lost(error: sqlx::Error) -> MigrateError {
    MigrateError::Store(store_error(&error))
}

fn migrator(db: &Database) -> Result<Migrator, MigrateError> {
    let files: Vec<(String, Cow<'static, [u8]>)> = match db {
        Database::Postgres(_) => embedded::<PostgresFiles>(),
        Database::Sqlite(_) => embedded::<SqliteFiles>(),
    };
    let migrations = files
        .into_iter()
        .map(|(name, bytes)| migration(&name, &bytes))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Migrator::with_migrations(migrations))
}

fn embedded<F: RustEmbed>() -> Vec<(String, Cow<'static, [u8]>)> {
    F::iter().filter_map(|name| F::get(&name).map(|file| (name.to_string(), file.data))).collect()
}

/// From `0007_journal.sql` and its statement.
fn migration(name: &str, bytes: &[u8]) -> Result<Migration, MigrateError> {
    let broken = || MigrateError::Failed(format!("the migration {name} is misnamed"));
    let (number, rest) = name.split_once('_').ok_or_else(broken)?;
    let version = number.parse().map_err(|_| broken())?;
    let description = rest.trim_end_matches(".sql").replace('_', " ");
    let sql = String::from_utf8_lossy(bytes).into_owned();
    // The text is a file of this repository, compiled in.
    let sql = AssertSqlSafe(sql).into_sql_str();
    Ok(Migration::new(version, description.into(), MigrationType::Simple, sql, false))
}
