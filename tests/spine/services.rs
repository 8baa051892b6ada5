//! Real Kafka and PostgreSQL: those that the environment names, or some of a test's own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// The topics have fixed names: one server at a time reads and writes them.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The script that starts and stops services, relative to the repository's root.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/dev/services.sh");

/// Where the services are.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    database_url: String,
    pub(crate) kafka: String,
    /// PostgreSQL's and Kafka's data on disk, where they are known.
    pub(crate) data: Vec<PathBuf>,
}

/// A database of one test.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
}

/// The services that the environment names, for one test at a time; none where it names none.
pub(crate) async fn shared() -> Option<(Services, MutexGuard<'static, ()>)> {
    #[expect(clippy::disallowed_methods, reason = "how a test learns where its services are")]
    let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let settings = ["DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"].map(setting);
    let [Some(database_url), Some(kafka)] = settings else {
        let needed = "DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS are not set";
        assert_ne!(setting("CI").as_deref(), Some("true"), "{needed}");
        eprintln!("left out: {needed}");
        return None;
    };
    let data = ["SERVICES_POSTGRES_DATA", "SERVICES_KAFKA_DATA"].into_iter().filter_map(setting);
    let services = Services { database_url, kafka, data: data.map(PathBuf::from).collect() };
    Some((services, ONE_AT_A_TIME.lock().await))
}

impl Services {
    /// Makes an empty database.
    pub(crate) async fn new_database(&self) -> Database {
        let name = format!("learnflow_spine_{}", Uuid::new_v4().simple());
        let mut admin = PgConnection::connect(&self.database_url).await.expect("PostgreSQL");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut admin).await.expect("a database");
        let (server, _) = self.database_url.rsplit_once('/').expect("a database's URL");
        Database { url: format!("{server}/{name}") }
    }

    /// Writes what the database still holds in memory to its disk.
    pub(crate) async fn checkpoint(&self) {
        let mut admin = PgConnection::connect(&self.database_url).await.expect("PostgreSQL");
        sqlx::raw_sql("CHECKPOINT").execute(&mut admin).await.expect("a checkpoint");
    }
}

/// Services of one test alone, which may be taken away.
pub(crate) struct OwnServices {
    folder: PathBuf,
    pub(crate) services: Services,
}

impl OwnServices {
    /// Starts both.
    pub(crate) async fn up(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name);
        let settings = script(&folder, &["up"]).await;
        let setting = |name: &str| {
            let prefix = format!("export {name}=");
            let line = settings.lines().find_map(|line| line.strip_prefix(&prefix));
            line.unwrap_or_else(|| panic!("{name} is missing in {settings}")).to_owned()
        };
        let services = Services {
            database_url: setting("DATABASE_URL"),
            kafka: setting("KAFKA_BOOTSTRAP_SERVERS"),
            data: Vec::new(),
        };
        Self { folder, services }
    }

    /// Does something to them, such as `stop-kafka`.
    pub(crate) async fn tell(&self, arguments: &[&str]) {
        script(&self.folder, arguments).await;
    }
}

impl Drop for OwnServices {
    fn drop(&mut self) {
        let mut down = std::process::Command::new(SCRIPT);
        let ended = down.arg("down").arg("--dir").arg(&self.folder).status();
        if !ended.is_ok_and(|status| status.success()) {
            eprintln!("the services in {} may still run", self.folder.display());
        }
    }
}

async fn script(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(SCRIPT);
    command.args(arguments).arg("--dir").arg(folder).stdin(Stdio::null());
    let output = command.output().await.expect("the script runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
