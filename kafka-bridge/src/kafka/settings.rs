//! librdkafka's settings for each client, and the context through which every client speaks.
//!
//! What stands here was measured (small prefetch, short fetch waits); the group's two protocols
//! exclude each other's settings, so each has its own set.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;

use super::chatter::Chatter;
use crate::config::KafkaConfig;
use crate::metrics::{self, ClientRole};

/// How long a record may wait for its acknowledgement. The client looks at it about every second,
/// so it must be below the 5 s that a call may take.
const DELIVERY_DEADLINE: Duration = Duration::from_millis(4_500);
/// Records of every topic: 1 MiB of body and room for key and headers.
pub(super) const MAX_RECORD_BYTES: u32 = 1_310_720;
/// Dead letters carry four headers more than the record had.
pub(super) const MAX_DEAD_LETTER_BYTES: u32 = 1_376_256;

/// The protocol that a group's member speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// KIP-848.
    Consumer,
    /// Classic, cooperative-sticky.
    Classic,
}

/// Idempotent, acknowledged by all, placed as the engine places.
pub(super) fn producer(config: &KafkaConfig) -> ClientConfig {
    let mut settings = base(config);
    settings
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "0")
        .set("message.max.bytes", MAX_DEAD_LETTER_BYTES.to_string())
        .set("message.timeout.ms", DELIVERY_DEADLINE.as_millis().to_string())
        .set("queue.buffering.max.kbytes", "16384")
        .set("queue.buffering.max.messages", "20000")
        .set("retry.backoff.ms", "50")
        .set("retry.backoff.max.ms", "500");
    with_operators(settings, config)
}

/// A member of the engine's group; where it reads from is handed in on every assignment.
pub(super) fn group_member(config: &KafkaConfig, protocol: Protocol) -> ClientConfig {
    let mut settings = consumer(config, &config.group);
    settings
        .set("auto.offset.reset", "error")
        .set("max.poll.interval.ms", "60000")
        .set("queued.min.messages", "1000")
        .set("queued.max.messages.kbytes", "8192");
    match protocol {
        Protocol::Consumer => settings.set("group.protocol", "consumer"),
        Protocol::Classic => settings
            .set("group.protocol", "classic")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", "10000")
            .set("heartbeat.interval.ms", "1000"),
    };
    with_operators(settings, config)
}

/// Reads one partition by `assign`; its group is only a name and is never joined.
pub(super) fn assigned_reader(config: &KafkaConfig, role: ClientRole) -> ClientConfig {
    let mut settings = consumer(config, &format!("{}-{}", config.group, role.as_str()));
    let (reset, fetched_ahead) = match role {
        // Retention cannot pass a reader of the newest; if it does, the newest is what it wants.
        ClientRole::Replies => ("latest", "1000"),
        ClientRole::Inspector | ClientRole::Reader | ClientRole::Producer => ("error", "1"),
    };
    settings.set("auto.offset.reset", reset).set("queued.min.messages", fetched_ahead);
    settings.set("queued.max.messages.kbytes", "8192");
    with_operators(settings, config)
}

fn consumer(config: &KafkaConfig, group: &str) -> ClientConfig {
    let mut settings = base(config);
    settings
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("allow.auto.create.topics", "false")
        .set("fetch.wait.max.ms", "10")
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.error.backoff.ms", "100");
    settings
}

/// The operator's own settings hold over ours; those that must not were refused at start.
fn with_operators(mut settings: ClientConfig, config: &KafkaConfig) -> ClientConfig {
    settings.extend(config.client_settings.clone());
    settings
}

fn base(config: &KafkaConfig) -> ClientConfig {
    let mut settings = ClientConfig::new();
    settings
        .set("bootstrap.servers", &config.bootstrap_servers)
        .set("client.id", "learnflow")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000")
        .set("topic.metadata.refresh.interval.ms", "30000")
        .set("topic.metadata.propagation.max.ms", "5000")
        .set("socket.nagle.disable", "true")
        .set_log_level(RDKafkaLogLevel::Warning);
    settings
}

/// What all clients of this process have said lately.
static CHATTER: Chatter = Chatter::new();

/// Takes a client's own words into our log and counts its errors.
#[derive(Debug, Clone)]
pub(super) struct Context {
    role: ClientRole,
}

impl Context {
    pub(super) const fn new(role: ClientRole) -> Self {
        Self { role }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(self.role, level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        report(self.role, &error, reason);
    }
}

impl ConsumerContext for Context {}

/// Passes a line of librdkafka's own log on, the same facility at most once a second: while a
/// broker is away, each connection of each client complains many times a second.
pub(super) fn log(role: ClientRole, level: RDKafkaLogLevel, facility: &str, message: &str) {
    let client = role.as_str();
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error
        | RDKafkaLogLevel::Warning => {
            if let Some(silenced) = CHATTER.pass(client, facility) {
                tracing::warn!(client, facility, silenced, "librdkafka: {message}");
            }
        }
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
            tracing::debug!(client, facility, "librdkafka: {message}");
        }
    }
}

/// Counts a client's error; librdkafka goes on by itself unless it is fatal.
pub(super) fn report(role: ClientRole, error: &KafkaError, reason: &str) {
    metrics::client_error(role);
    let client = role.as_str();
    if let Some(silenced) = CHATTER.pass(client, "error") {
        tracing::warn!(client, %error, silenced, "the kafka client reports: {reason}");
    }
}
