//! Starting every part in order, and stopping them in the reverse.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use learnflow_actors::completion::config::Config as CompletionConfig;
use learnflow_actors::completion::handle::{CompletionHandle, Parts as CompletionParts};
use learnflow_actors::completion::offline::{OfflineTutor, PIECE_DELAY};
use learnflow_actors::completion::openai::{OpenAiConfig, OpenAiModel, TokenLimit};
use learnflow_actors::config::Config as ActorsConfig;
use learnflow_actors::session::pace::Pace;
use learnflow_actors::supervisor::EngineHandle;
use learnflow_actors::world::World;
use learnflow_api::demo::DemoAccount;
use learnflow_api::health::{Component, HealthHandle};
use learnflow_api::socket::arbiters::Arbiters;
use learnflow_api::socket::frame::ModelHealth;
use learnflow_api::socket::gateway::{Gateway, Parts as GatewayParts};
use learnflow_api::state::{Config as ApiConfig, Parts as StateParts, RingRelay, State};
use learnflow_api::{serve, socket, sweeper};
use learnflow_engine::clock::Clock;
use learnflow_engine::course::model::Course;
use learnflow_engine::port::log::Log;
use learnflow_engine::port::model::Model;
use learnflow_engine::port::store::Store;
use learnflow_engine::port::vault::Vault;
use learnflow_engine::session::input::Limits;
use learnflow_kafka_bridge::config::EmbeddedConfig;
use learnflow_kafka_bridge::embedded::EmbeddedLog;
use learnflow_storage::keys::{MasterKeys, StoreVault};
use learnflow_storage::pool::Database;
use learnflow_storage::{adopt, migrate};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::SystemClock;
use crate::commands::{Failure, course};
use crate::config::{Config, LogKind, ModelKind, Secret};
use crate::{shutdown, telemetry};

/// Sessions that are restored at once.
const RESTORES: usize = 50;
/// Pause between looks at what readiness tells.
const HEALTH_EVERY: Duration = Duration::from_millis(250);
/// The longest wait for a connection to the model's server.
const CONNECT_MS: u64 = 2_000;
/// The whole drain ends within so long.
const DRAIN: Duration = Duration::from_secs(9);

/// What `demo` adds.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// Sample accounts that may sign in with one click.
    pub demo_accounts: Vec<DemoAccount>,
}

/// Everything that runs.
pub(crate) struct Assembly {
    pub db: Database,
    pub vault: Arc<StoreVault>,
    pub log: Arc<dyn Log>,
    pub course: Arc<Course>,
    pub gateway: Arc<Gateway>,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    pub clock: Arc<dyn Clock>,
    engine: EngineHandle,
    completion: CompletionHandle,
}

impl Assembly {
    /// Starts everything.
    ///
    /// # Errors
    /// [`Failure`] that names the part that didn't come up.
    pub(crate) async fn start(config: &Config, extras: Extras) -> Result<Self, Failure> {
        // Ports first: a second server on them is found before anything is touched.
        let pages = listen("server.listen", &config.server.listen).await?;
        let scrape = listen("metrics.listen", &config.metrics.listen).await?;
        let metrics = telemetry::start_metrics().map_err(Failure::because)?;
        let db = open_store(config).await?;
        migrate::check(&db).await.map_err(Failure::because)?;
        let vault = Arc::new(vault(config)?);
        let course = open_course(config)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let log = open_log(config, &db, &clock).await?;
        let completion = open_completion(config, &course, &clock).await?;
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let world = world(WorldParts {
            config,
            db: &db,
            vault: &vault,
            course: &course,
            clock: &clock,
            log: &log,
            completion: &completion,
            tasks: &tasks,
        });
        let engine = EngineHandle::start(world).await.map_err(Failure::because)?;
        let api_config = edge_config(config);
        let gateway = Gateway::start(GatewayParts {
            db: db.clone(),
            vault: Arc::clone(&vault) as Arc<dyn Vault>,
            log: Arc::clone(&log),
            clock: Arc::clone(&clock),
            course: Arc::clone(&course),
            arbiters: Arbiters::start(1).map_err(Failure::because)?,
            config: api_config.clone(),
            reply_slots: i32::try_from(config.kafka.reply_slots).unwrap_or(1),
            model_health: {
                let completion = completion.clone();
                Arc::new(move || {
                    if completion.is_degraded() { ModelHealth::Degraded } else { ModelHealth::Good }
                })
            },
            tasks: tasks.clone(),
        });
        let health = HealthHandle::new();
        let api = State::new(StateParts {
            db: db.clone(),
            vault: Arc::clone(&vault),
            log: Arc::clone(&log),
            course: Arc::clone(&course),
            clock: Arc::clone(&clock),
            config: api_config,
            health: health.clone(),
            demo_accounts: extras.demo_accounts,
            ring_relay: {
                let relay = engine.relay().clone();
                RingRelay::new(move || relay.ring())
            },
        });
        let assembly =
            Self { db, vault, log, course, gateway, tasks, stop, clock, engine, completion };
        assembly.watch_health(health);
        assembly.tasks.spawn(sweeper::run(api.clone(), assembly.stop.clone()));
        let app = learnflow_api::router(api, socket::route(Arc::clone(&assembly.gateway)));
        assembly.serve(pages, app);
        assembly.serve(scrape, learnflow_api::metrics_router(move || metrics.render()));
        tracing::info!(listen = config.server.listen, "learnflow is up");
        Ok(assembly)
    }

    /// Tells readiness what the engine and the gateway know of themselves.
    fn watch_health(&self, health: HealthHandle) {
        let (engine, gateway) = (self.engine.clone(), Arc::clone(&self.gateway));
        let (completion, stop) = (self.completion.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while !stop.is_cancelled() {
                let causes = engine.status().causes();
                let served = if causes.is_empty() { Ok(()) } else { Err(causes.join("; ")) };
                health.set(Component::Claim, served);
                let slot = gateway.lease().map(drop);
                let waits = || "the gateway has no reply slot yet".to_owned();
                health.set(Component::Process, slot.ok_or_else(waits));
                let degraded = || Err("calls are held back after failures".to_owned());
                let model = if completion.is_degraded() { degraded() } else { Ok(()) };
                health.set(Component::Model, model);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(HEALTH_EVERY) => {}
                }
            }
        });
    }

    /// Serves a router until the process stops.
    fn serve(&self, listener: TcpListener, app: axum::Router) {
        let (stop, tasks) = (self.stop.clone(), self.tasks.clone());
        let limits = serve::Limits::default();
        self.tasks.spawn(serve::serve(listener, app, limits, stop, tasks));
    }

    /// Waits until the process is told to stop, or can't go on; then drains.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the engine gave up: whoever supervises the process starts it again.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let outcome = tokio::select! {
            signal = shutdown::asked_to_stop() => signal.map(|signal| tracing::info!(signal, "draining")),
            () = self.engine.failed() => {
                Err(Failure::Failed("the engine failed again and again; start it again".to_owned()))
            }
        };
        self.stop().await;
        outcome
    }

    /// Drains in order: sockets, sessions, log, tasks. Ends within 10 s whatever happens.
    async fn stop(self) {
        let drained = tokio::time::timeout(DRAIN, async {
            self.gateway.drain().await;
            self.engine.drain().await;
            self.completion.stop(Duration::from_secs(1)).await;
            self.log.stop().await;
            self.stop.cancel();
            self.tasks.close();
            self.tasks.wait().await;
            self.gateway.stop_arbiters();
            self.db.close().await;
        });
        if drained.await.is_err() {
            tracing::warn!("the drain took too long; what is left is taken up at the next start");
        }
        tracing::info!("stopped");
    }
}

/// What the actors' world is made of.
#[derive(Clone, Copy)]
struct WorldParts<'a> {
    config: &'a Config,
    db: &'a Database,
    vault: &'a Arc<StoreVault>,
    course: &'a Arc<Course>,
    clock: &'a Arc<dyn Clock>,
    log: &'a Arc<dyn Log>,
    completion: &'a CompletionHandle,
    tasks: &'a TaskTracker,
}

fn world(parts: WorldParts<'_>) -> World {
    let WorldParts { config, db, vault, course, clock, log, completion, tasks } = parts;
    let actors = actors_config(config);
    World {
        log: Arc::clone(log),
        store: Arc::new(db.clone()) as Arc<dyn Store>,
        vault: Arc::clone(vault) as Arc<dyn Vault>,
        clock: Arc::clone(clock),
        course: Arc::clone(course),
        completion: completion.clone(),
        pseudonym: {
            let vault = Arc::clone(vault);
            Arc::new(move |student| vault.pseudonym(student))
        },
        pace: Pace::new(actors.coalesce_ms),
        config: Arc::new(actors),
        tasks: tasks.clone(),
        restores: Arc::new(tokio::sync::Semaphore::new(RESTORES)),
    }
}

async fn listen(setting: &str, address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Failed(format!("LF0902: {setting} {address}: {error}")))
}

/// Connects to the configured database.
///
/// # Errors
/// [`Failure::Failed`] when it doesn't answer.
pub(crate) async fn open_store(config: &Config) -> Result<Database, Failure> {
    Database::connect(config.store.url.expose()).await.map_err(Failure::because)
}

/// The vault with the configured master keys.
///
/// # Errors
/// [`Failure::Failed`] when a key isn't one.
pub(crate) fn vault(config: &Config) -> Result<StoreVault, Failure> {
    let previous: Vec<&str> = config.keys.previous.iter().map(Secret::expose).collect();
    MasterKeys::parse(config.keys.master.expose(), &previous)
        .map(StoreVault::new)
        .map_err(Failure::because)
}

/// The configured course.
///
/// # Errors
/// [`Failure::Failed`] with every fault of a course folder.
pub(crate) fn open_course(config: &Config) -> Result<Arc<Course>, Failure> {
    if config.course.path.is_empty() {
        return Course::builtin().map_err(Failure::because);
    }
    course::read(&PathBuf::from(&config.course.path))
}

/// The configured log.
///
/// # Errors
/// [`Failure::Failed`] when it doesn't answer or doesn't fit.
pub(crate) async fn open_log(
    config: &Config,
    db: &Database,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Log>, Failure> {
    match config.log.kind {
        LogKind::Embedded => {
            let tops = adopt::tops(db).await.map_err(Failure::because)?;
            let settings = EmbeddedConfig::new(&config.log.path, config.kafka.partitions);
            let log = EmbeddedLog::open(settings, &tops, Arc::clone(clock))
                .await
                .map_err(Failure::because)?;
            Ok(log)
        }
        LogKind::Kafka => open_kafka(config).await,
    }
}

#[cfg(feature = "kafka")]
async fn open_kafka(config: &Config) -> Result<Arc<dyn Log>, Failure> {
    use learnflow_kafka_bridge::config::{GroupProtocol, KafkaConfig};
    let mut settings = KafkaConfig::new(&config.kafka.bootstrap_servers);
    settings.partitions = config.kafka.partitions;
    settings.reply_slots = config.kafka.reply_slots;
    settings.group.clone_from(&config.kafka.group);
    settings.group_protocol =
        GroupProtocol::parse(&config.kafka.group_protocol).unwrap_or(GroupProtocol::Auto);
    let log =
        learnflow_kafka_bridge::kafka::KafkaLog::start(settings).await.map_err(Failure::because)?;
    Ok(log)
}

#[cfg(not(feature = "kafka"))]
async fn open_kafka(_config: &Config) -> Result<Arc<dyn Log>, Failure> {
    std::future::ready(Err(Failure::Failed("this program was built without Kafka".to_owned())))
        .await
}

async fn open_completion(
    config: &Config,
    course: &Arc<Course>,
    clock: &Arc<dyn Clock>,
) -> Result<CompletionHandle, Failure> {
    let authored: Arc<dyn Model> = Arc::new(OfflineTutor::new(Arc::clone(course), PIECE_DELAY));
    let (model, endpoint): (Arc<dyn Model>, String) = match config.model.kind {
        ModelKind::Offline => (Arc::clone(&authored), "offline".to_owned()),
        ModelKind::Openai => {
            let settings = OpenAiConfig {
                base_url: config.model.base_url.clone(),
                name: config.model.name.clone(),
                api_key: config.model.api_key.expose().to_owned().into(),
                token_limit: TokenLimit::default(),
                connect_timeout_ms: CONNECT_MS,
            };
            let model = OpenAiModel::new(&settings).map_err(Failure::because)?;
            let endpoint = model.endpoint().to_owned();
            (Arc::new(model), endpoint)
        }
    };
    let parts = CompletionParts {
        config: CompletionConfig::default(),
        model,
        endpoint,
        authored,
        clock: Arc::clone(clock),
    };
    CompletionHandle::start(parts, None).await.map_err(Failure::because)
}

fn actors_config(config: &Config) -> ActorsConfig {
    ActorsConfig {
        limits: Limits {
            window_tokens: config.session.window_tokens,
            daily_answers: config.session.daily_answers,
            answer_tokens: config.model.answer_tokens,
            ..Limits::default()
        },
        passivate_after_ms: config.session.passivate_after_ms,
        ..ActorsConfig::default()
    }
}

/// Settings of the edge.
pub(crate) fn edge_config(config: &Config) -> ApiConfig {
    let public_origin = Some(config.server.public_origin.clone()).filter(|one| !one.is_empty());
    ApiConfig { public_origin, ..ApiConfig::default() }
}
