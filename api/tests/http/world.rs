//! A server over a database of its own, and how a case talks to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::routing::{MethodRouter, get};
use learnflow_api::demo::DemoAccount;
use learnflow_api::health::{Component, HealthHandle};
use learnflow_api::state::{Config, Parts, RingRelay, State};
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::Course;
use learnflow_engine::id::{PartitionId, SectionId, StudentId, UserId};
use learnflow_engine::port::log::{
    Assignment, BoxStream, DeadLetter, Inspection, Log, LogError, NewCommand, Outgoing, Reply,
};
use learnflow_engine::port::vault::Vault;
use learnflow_storage::account::password::PasswordPool;
use learnflow_storage::account::{self, Account, NewAccount, Role};
use learnflow_storage::keys::{MasterKeys, StoreVault};
use learnflow_storage::pool::Database;
use learnflow_storage::section::{self, Policy, Section};
use learnflow_storage::session_token;
use learnflow_storage::testing::Scratch;
use parking_lot::Mutex;
use serde_json::Value;
use tower::ServiceExt as _;

/// The time of these tests: in November 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_123_456);
/// Partitions of the command log.
pub(crate) const PARTITIONS: u32 = 12;
/// A password that is accepted.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A clock that stands still until it is moved, and seeds that never repeat.
#[derive(Debug)]
pub(crate) struct TestClock {
    now: AtomicI64,
    seeds: AtomicU64,
}

impl TestClock {
    pub(crate) fn forward(&self, millis: i64) {
        self.now.fetch_add(millis * 1_000, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::Relaxed))
    }

    fn seed(&self) -> u128 {
        let number = u128::from(self.seeds.fetch_add(1, Ordering::Relaxed));
        number << 96 | number << 48 | number
    }
}

/// A log of which only the health and the number of partitions are asked here.
#[derive(Debug, Default)]
pub(crate) struct QuietLog {
    pub(crate) down: Mutex<Option<String>>,
}

#[async_trait]
impl Log for QuietLog {
    fn partition_count(&self) -> u32 {
        PARTITIONS
    }

    async fn append(&self, _: NewCommand) -> Result<(), LogError> {
        Ok(())
    }

    async fn publish(&self, _: Vec<Outgoing>) -> Result<(), LogError> {
        Ok(())
    }

    async fn dead_letter(&self, _: DeadLetter) -> Result<(), LogError> {
        Ok(())
    }

    fn assignments(&self) -> BoxStream<Assignment> {
        Box::pin(futures_util::stream::empty())
    }

    fn reopen(&self, _: PartitionId) {}

    async fn inspect(&self, _: PartitionId, next_offset: i64) -> Result<Inspection, LogError> {
        let cluster_id = String::new();
        Ok(Inspection { start: 0, end: next_offset, cluster_id, digest: None })
    }

    async fn replies(&self, _: i32) -> Result<BoxStream<Reply>, LogError> {
        Ok(Box::pin(futures_util::stream::empty()))
    }

    async fn settled(&self, _: PartitionId, _: i64) {}

    async fn health(&self) -> Result<(), LogError> {
        match &*self.down.lock() {
            Some(cause) => Err(LogError::Unavailable(cause.clone())),
            None => Ok(()),
        }
    }

    async fn stop(&self) {}
}

/// A server and what stands behind it.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) vault: Arc<StoreVault>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) log: Arc<QuietLog>,
    pub(crate) health: HealthHandle,
    pub(crate) router: Router,
    pub(crate) state: State,
    scratch: Scratch,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) student: Option<StudentId>,
    pub(crate) token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The public code of a problem.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text);
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{}", self.text);
        assert_eq!(body["trace_id"].as_str().map(str::len), Some(32), "{}", self.text);
        body["code"].as_str().unwrap().to_owned()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default(), Vec::new()).await
    }

    pub(crate) async fn starting() -> Self {
        Self::build(Config::default(), Vec::new(), get(async || "a socket")).await
    }

    /// A world whose `/v1/socket` is answered by this.
    pub(crate) async fn with_socket(socket: MethodRouter<State>) -> Self {
        Self::build(Config::default(), Vec::new(), socket).await
    }

    pub(crate) async fn with(config: Config, demo_accounts: Vec<DemoAccount>) -> Self {
        let world = Self::build(config, demo_accounts, get(async || "a socket")).await;
        world.health.set(Component::Process, Ok(()));
        world
    }

    async fn build(
        config: Config,
        demo_accounts: Vec<DemoAccount>,
        socket: MethodRouter<State>,
    ) -> Self {
        let scratch = Scratch::sqlite().await.unwrap();
        let db = scratch.database().clone();
        let vault = Arc::new(StoreVault::new(MasterKeys::new([0x5a; 32], Vec::new())));
        let now = AtomicI64::new(NOW.as_micros());
        let clock = Arc::new(TestClock { now, seeds: AtomicU64::new(1) });
        let log = Arc::new(QuietLog::default());
        let health = HealthHandle::new();
        let state = State::new(Parts {
            db: db.clone(),
            vault: Arc::clone(&vault),
            log: Arc::clone(&log) as Arc<dyn Log>,
            course: Course::builtin().unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            config,
            health: health.clone(),
            demo_accounts,
            ring_relay: RingRelay::new(|| ()),
        });
        let router = learnflow_api::router(state.clone(), socket);
        Self { db, vault, clock, log, health, router, state, scratch }
    }

    pub(crate) async fn end(self) {
        self.scratch.end().await.unwrap();
    }

    /// A connection of its own to the database file.
    pub(crate) async fn sqlite_connection(&self) -> sqlx::SqliteConnection {
        self.scratch.sqlite_connection().await.unwrap()
    }

    /// Sends a request from this machine.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("127.0.0.1:50000", request).await
    }

    pub(crate) async fn send_from(&self, peer: &str, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, person: Option<&Person>, path: &str) -> Answer {
        self.send(request(Method::GET, path, person, None)).await
    }

    pub(crate) async fn post(&self, person: Option<&Person>, path: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, person, Some(body))).await
    }

    /// An account that is signed in.
    pub(crate) async fn person(
        &self,
        role: Role,
        email: &str,
        section: Option<&Section>,
    ) -> Person {
        let class_code = section.map(|section| section.class_code.clone());
        let account = self.account(role, email, None, class_code).await;
        self.sign_in(&account).await
    }

    pub(crate) async fn account(
        &self,
        role: Role,
        email: &str,
        password: Option<&str>,
        class_code: Option<String>,
    ) -> Account {
        let password_hash = match password {
            Some(password) => Some(PasswordPool::new().hash(password).await.unwrap()),
            None => None,
        };
        let new = NewAccount {
            role,
            email: email.to_owned(),
            display_name: email.split('@').next().unwrap().to_owned(),
            password_hash,
            birth_year: None,
            class_code,
        };
        let vault: &dyn Vault = &*self.vault;
        let (now, seed) = (self.clock.now(), self.clock.seed());
        account::create(&self.db, vault, PARTITIONS, new, now, seed).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, account: &Account) -> Person {
        use secrecy::ExposeSecret as _;
        let issued = session_token::issue(&self.db, account.user, self.clock.now()).await.unwrap();
        let token = issued.token.expose_secret().to_owned();
        Person { user: account.user, student: account.student_id, token }
    }

    pub(crate) async fn section(&self, name: &str, policy: Policy, by: &[&Person]) -> Section {
        let (now, seed) = (self.clock.now(), self.clock.seed());
        let section = section::create(&self.db, name, policy, now, seed).await.unwrap();
        for instructor in by {
            self.teach(section.id, instructor).await;
        }
        section
    }

    pub(crate) async fn teach(&self, section: SectionId, instructor: &Person) {
        let now = self.clock.now();
        section::add_instructor(&self.db, section, instructor.user, now).await.unwrap();
    }
}

/// A request as a client that is no browser makes it.
pub(crate) fn request(
    method: Method,
    path: &str,
    person: Option<&Person>,
    body: Option<&Value>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
    if let Some(person) = person {
        builder = builder.header("authorization", format!("Bearer {}", person.token));
    }
    match body {
        Some(body) => builder
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap(),
        None => builder.body(Body::empty()).unwrap(),
    }
}
