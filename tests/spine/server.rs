//! A `learnflow` process and its data: started, killed, told to stop, and started again on the
//! same data and ports.

use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use learnflow_bench::client::{Account, Http, Target};
use learnflow_bench::provider::Provider;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use crate::http::Api;
use crate::services::{Database, Services};

/// The program under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_learnflow");

/// A start may take so long: these machines do other things too.
const START_LIMIT: Duration = Duration::from_mins(1);

/// What `demo-accounts.json` holds.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sample {
    pub(crate) role: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) student_id: Option<Uuid>,
}

/// How a server is to be started.
pub(crate) struct Setup {
    arguments: Vec<String>,
    settings: Vec<(String, String)>,
    folder: TempDir,
    database: Option<Database>,
}

impl Setup {
    /// Everything in one process, answers from the course's own text.
    pub(crate) fn demo() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let data = folder.path().join("data").display().to_string();
        let arguments = ["demo", "--no-simulated-class", "--data-dir", &data];
        Self {
            arguments: arguments.map(str::to_owned).to_vec(),
            settings: Vec::new(),
            folder,
            database: None,
        }
    }

    /// On Kafka and PostgreSQL, with a database and a consumer group of its own.
    pub(crate) async fn serve(services: &Services) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let database = services.new_database().await;
        let setup = Self {
            arguments: vec!["serve".to_owned()],
            settings: Vec::new(),
            folder,
            database: Some(database.clone()),
        };
        let setup = setup
            .set("DATABASE_URL", &database.url)
            .set("KAFKA_BOOTSTRAP_SERVERS", &services.kafka)
            .set("LEARNFLOW__KAFKA__GROUP", &format!("spine-{}", Uuid::new_v4()))
            .set("LEARNFLOW__KEYS__MASTER", &STANDARD.encode(rand::random::<[u8; 32]>()))
            .set("LEARNFLOW__MODEL__KIND", "offline");
        let migrated = setup.command(&["migrate", "up"]).output().await.expect("the program runs");
        assert!(migrated.status.success(), "migrate up: {migrated:?}");
        setup
    }

    /// Answers come from this provider.
    pub(crate) fn model(self, provider: &Provider) -> Self {
        self.set("LEARNFLOW__MODEL__KIND", "openai")
            .set("LEARNFLOW__MODEL__BASE_URL", &provider.base_url())
            .set("LEARNFLOW__MODEL__API_KEY", "test")
    }

    /// A variable of the process's environment, which is empty otherwise.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.put(name, value);
        self
    }

    fn put(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().current_dir(self.folder.path()).kill_on_drop(true);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(self) -> Server {
        let (address, metrics) = (free_address(), free_address());
        let mut server = Server { setup: self, address, metrics, child: None };
        server.start().await;
        server
    }
}

/// A server, running or not.
pub(crate) struct Server {
    setup: Setup,
    address: SocketAddr,
    metrics: SocketAddr,
    child: Option<Child>,
}

impl Server {
    /// Starts the process again, and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.log_file());
        let log = log.expect("a log file");
        let mut arguments: Vec<&str> = self.setup.arguments.iter().map(String::as_str).collect();
        let (address, metrics) = (self.address.to_string(), self.metrics.to_string());
        arguments.extend(["--listen", &address, "--metrics-listen", &metrics]);
        let mut command = self.setup.command(&arguments);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        self.child = Some(command.spawn().expect("the program starts"));
        self.ready(START_LIMIT).await;
    }

    /// Waits until it says that it is ready.
    pub(crate) async fn ready(&mut self, limit: Duration) {
        let until = Instant::now() + limit;
        let mut ticks = ticks(20);
        loop {
            let exited = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(exited.is_none(), "the server ended: {exited:?}\n{}", self.log_tail());
            let last = self.api().readiness().await;
            if last.as_ref().is_some_and(|(status, _)| *status == 200) {
                return;
            }
            assert!(Instant::now() < until, "not ready: {last:?}\n{}", self.log_tail());
            ticks.tick().await;
        }
    }

    /// Changes a variable for the next start.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.setup.put(name, value);
    }

    /// Ends it without a chance to clean up.
    pub(crate) async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.expect("it can be killed");
    }

    /// Tells it to stop, without waiting for it.
    pub(crate) fn tell_to_stop(&self) {
        let pid = self.child.as_ref().and_then(Child::id).expect("it runs").to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.expect("kill runs").success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self, limit: Duration) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let ended = tokio::time::timeout(limit, child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("still there:\n{}", self.log_tail()));
        ended.expect("its status")
    }

    /// A command of the same program with the same settings, such as `session show`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> std::process::Output {
        let data = self.data_folder();
        let mut command = self.setup.command(arguments);
        if self.setup.database.is_none() {
            // What `demo` sets for itself.
            let key = fs::read_to_string(data.join("master.key")).expect("the demo's key");
            command.env("LEARNFLOW__KEYS__MASTER", key);
            let store = format!("sqlite:{}", data.join("store.sqlite").display());
            command.env("LEARNFLOW__STORE__URL", store);
            command.env("LEARNFLOW__LOG__KIND", "embedded");
            command.env("LEARNFLOW__LOG__PATH", data.join("log.sqlite"));
        }
        command.output().await.expect("the program runs")
    }

    /// The folder with a demo's data.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.setup.folder.path().join("data")
    }

    /// What it printed and logged, over all starts.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.setup.folder.path().join("server.log")
    }

    fn log_tail(&self) -> String {
        tail(&self.log_file())
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Prometheus scrapes.
    pub(crate) fn metrics_url(&self) -> String {
        format!("http://{}/metrics", self.metrics)
    }

    /// Plain HTTP.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.address)
    }

    /// The load tester's HTTP client.
    pub(crate) fn http(&self) -> Http {
        let target = Target::parse(&format!("http://{}", self.address)).expect("a target");
        Http::new(target).expect("an HTTP client")
    }

    /// The demo's accounts, as its file tells them.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let text = fs::read_to_string(self.data_folder().join("demo-accounts.json"));
        serde_json::from_str(&text.expect("the accounts' file")).expect("a list of accounts")
    }

    /// The bearer token of the demo's first account of a role.
    pub(crate) async fn token_of(&self, role: &str) -> String {
        let samples = self.samples();
        let sample = samples.iter().find(|sample| sample.role == role).expect("such an account");
        self.api().sign_in(&sample.email, &sample.password).await
    }

    /// New students, signed up and in.
    pub(crate) async fn students(&self, count: usize) -> Vec<Account> {
        let http = self.http();
        let mut students = Vec::new();
        for number in 0..count {
            let id = Uuid::new_v4();
            let email = format!("student-{number}-{id}@school.example");
            let account = http.sign_up(&email, &format!("a pass phrase {id}"), "Sam").await;
            students.push(account.expect("an account"));
        }
        students
    }

    /// One new student.
    pub(crate) async fn student(&self) -> Account {
        self.students(1).await.remove(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the end of the server's log:\n{}", self.log_tail());
        }
    }
}

/// The last lines of a file.
fn tail(file: &Path) -> String {
    let text = fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A clock that ticks every so many milliseconds, the first time at once.
pub(crate) fn ticks(every_ms: u64) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(Duration::from_millis(every_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A free port below those that the kernel hands out by itself, so that nobody else has it while
/// the server is away between two starts.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 800).expect("below 800") * 10;
    loop {
        let port = 12_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 8_000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
