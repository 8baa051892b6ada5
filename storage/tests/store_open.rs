//! Opening a store: settings, the file's mode, migrations, pools that don't starve each other.
#![cfg(test)]

use std::os::unix::fs::PermissionsExt as _;

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::{Store as _, StoreError};
use learnflow_storage::migrate::{self, MigrateError};
use learnflow_storage::pool::Database;
use learnflow_storage::testing::Scratch;

async fn postgres() -> Scratch {
    #[expect(clippy::disallowed_methods, reason = "tests may be given a server")]
    let url = std::env::var("DATABASE_URL").ok();
    Scratch::postgres(url.filter(|url| url.starts_with("postgres"))).await.unwrap()
}

#[tokio::test]
async fn a_url_that_names_no_store_is_refused() {
    for url in ["", "mysql://localhost/x", "sqlite::memory:", "postgres://[broken"] {
        let opened = Database::connect(url).await;
        assert!(matches!(opened, Err(StoreError::Refused(_))), "{url}: {opened:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let opened = Database::connect(&format!("postgres://u:hunter2@127.0.0.1:{port}/d")).await;
    let Err(StoreError::Unavailable(told)) = opened else { panic!("{opened:?}") };
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn a_sqlite_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite");
    let db = Database::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    migrate::up(&db).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    db.close().await;
    let nowhere = folder.path().join("missing/store.sqlite");
    let opened = Database::connect(&format!("sqlite:{}", nowhere.display())).await;
    assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
}

#[tokio::test]
async fn a_store_that_was_not_migrated_names_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.sqlite").display());
    let db = Database::connect(&url).await.unwrap();
    let checked = migrate::check(&db).await;
    assert!(matches!(checked, Err(MigrateError::Missing(_))), "{checked:?}");
    assert!(checked.unwrap_err().to_string().contains("learnflow migrate up"));
    assert!(migrate::status(&db).await.unwrap().iter().all(|one| !one.applied));
    assert!(db.health().await.is_err(), "there are no tables");
    migrate::up(&db).await.unwrap();
    migrate::up(&db).await.unwrap();
    migrate::check(&db).await.unwrap();
    let all = migrate::status(&db).await.unwrap();
    assert!(all.iter().all(|one| one.applied) && all.is_sorted_by_key(|one| one.version));
    db.close().await;
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    const POSTGRES: &str = "SELECT table_name::text, column_name::text
         FROM information_schema.columns WHERE table_schema = 'public'";
    const SQLITE: &str = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    let (server, file) = (postgres().await, Scratch::sqlite().await.unwrap());
    let mut names: Vec<Vec<(String, String)>> = Vec::new();
    for scratch in [&server, &file] {
        let mut found: Vec<(String, String)> = match scratch.database() {
            Database::Postgres(db) => sqlx::query_as(POSTGRES).fetch_all(db.pool()).await.unwrap(),
            Database::Sqlite(db) => sqlx::query_as(SQLITE).fetch_all(db.readers()).await.unwrap(),
        };
        found.retain(|(table, _)| !table.starts_with('_'));
        found.sort_unstable();
        names.push(found);
    }
    assert_eq!(names[0], names[1]);
    assert!(names[0].contains(&("owner".to_owned(), "trying".to_owned())));
    server.end().await.unwrap();
    file.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_twice_at_once_is_harmless() {
    let scratch = postgres().await;
    let Database::Postgres(db) = scratch.database() else { panic!("not PostgreSQL") };
    let statement = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sqlx::raw_sql(statement).execute(db.pool()).await.unwrap();
    let (first, second) =
        tokio::join!(migrate::up(scratch.database()), migrate::up(scratch.database()));
    first.unwrap();
    second.unwrap();
    migrate::check(scratch.database()).await.unwrap();
    scratch.end().await.unwrap();
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    const NEWER: &str = "INSERT INTO _sqlx_migrations
         (version, description, success, checksum, execution_time)
         VALUES (9999, 'of tomorrow', TRUE, ''::bytea, 0)";
    let scratch = postgres().await;
    let Database::Postgres(db) = scratch.database() else { panic!("not PostgreSQL") };
    sqlx::raw_sql(NEWER).execute(db.pool()).await.unwrap();
    let checked = migrate::check(scratch.database()).await;
    assert!(matches!(checked, Err(MigrateError::Failed(_))), "{checked:?}");
    scratch.end().await.unwrap();
}

#[tokio::test]
async fn commits_go_on_while_every_reading_connection_is_busy() {
    let scratch = postgres().await;
    let Database::Postgres(db) = scratch.database() else { panic!("not PostgreSQL") };
    let mut busy = Vec::new();
    for _ in 0..scratch.config().connections {
        busy.push(db.pool().acquire().await.unwrap());
    }
    assert!(db.pool().try_acquire().is_none());
    let owners = scratch.database().claim(&[PartitionId(3)]).await.unwrap();
    assert_eq!(owners[0].epoch, 1);
    drop(busy);
    scratch.end().await.unwrap();
}
