//! The topics: their names, their making, and the check that they are what the configuration says.

use std::time::Duration;

use learnflow_engine::port::log::{EventTopic, LogError};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;

use super::settings::{MAX_DEAD_LETTER_BYTES, MAX_RECORD_BYTES};
use super::topic_settings;
use crate::config::KafkaConfig;

const RETAIN_7_D_MS: &str = "604800000";
const RETAIN_10_MIN_MS: &str = "600000";
/// Replies are deleted by the segment, so a segment must end before their retention does.
const REPLY_SEGMENT_MS: &str = "300000";

/// The topics' names under the configured prefix.
#[derive(Debug, Clone)]
pub(super) struct Topics {
    prefix: String,
    pub(super) commands: String,
    pub(super) replies: String,
    pub(super) dead_letters: String,
}

impl Topics {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            commands: format!("{prefix}learnflow.commands"),
            replies: format!("{prefix}learnflow.replies"),
            dead_letters: format!("{prefix}learnflow.commands.dlq"),
        }
    }

    /// A public topic's name.
    pub(super) fn event(&self, topic: EventTopic) -> String {
        format!("{}{}", self.prefix, topic.as_str())
    }

    fn wanted(&self, config: &KafkaConfig) -> Vec<Wanted> {
        let mut wanted = vec![
            Wanted {
                name: self.commands.clone(),
                partitions: config.partitions,
                retention_ms: RETAIN_7_D_MS,
                max_bytes: MAX_RECORD_BYTES,
                setting: "kafka.partitions",
            },
            Wanted {
                name: self.replies.clone(),
                partitions: config.reply_slots,
                retention_ms: RETAIN_10_MIN_MS,
                max_bytes: MAX_RECORD_BYTES,
                setting: "kafka.reply_slots",
            },
            Wanted {
                name: self.dead_letters.clone(),
                partitions: config.partitions,
                retention_ms: RETAIN_7_D_MS,
                max_bytes: MAX_DEAD_LETTER_BYTES,
                setting: "kafka.partitions",
            },
        ];
        wanted.extend(EventTopic::ALL.map(|topic| Wanted {
            name: self.event(topic),
            partitions: config.partitions,
            retention_ms: RETAIN_7_D_MS,
            max_bytes: MAX_RECORD_BYTES,
            setting: "kafka.partitions",
        }));
        wanted
    }
}

/// What a topic must be.
struct Wanted {
    name: String,
    partitions: u32,
    retention_ms: &'static str,
    max_bytes: u32,
    setting: &'static str,
}

/// The cluster's topics are not what the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Nobody answers.
    #[error("the brokers at {servers} do not answer: {reason}")]
    Unreachable {
        /// Where they should be.
        servers: String,
        /// What the client says.
        reason: String,
    },
    /// The broker refused to make a topic.
    #[error(
        "topic {topic} cannot be created: {code}; create it by hand with {partitions} partitions"
    )]
    NotCreated {
        /// Which.
        topic: String,
        /// The broker's reason.
        code: String,
        /// How many partitions it must have.
        partitions: u32,
    },
    /// A topic has another partition count.
    #[error(
        "topic {topic} has {found} partitions, but {setting} is {configured}: set {setting} to \
         {found}, or use another kafka.topic_prefix; never add partitions, they would move students"
    )]
    PartitionCount {
        /// Which.
        topic: String,
        /// What it has.
        found: usize,
        /// What it should have.
        configured: u32,
        /// The setting that says so.
        setting: &'static str,
    },
    /// A topic that was there before has a setting that would break the log.
    #[error(
        "topic {topic} has {setting} = {found}, but must have {wanted}: change it with \
         kafka-configs.sh --alter --entity-type topics --entity-name {topic} \
         --add-config {setting}={wanted}"
    )]
    Setting {
        /// Which.
        topic: String,
        /// The topic's setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
}

impl From<TopicError> for LogError {
    fn from(error: TopicError) -> Self {
        match error {
            TopicError::Unreachable { .. } => Self::Unavailable(error.to_string()),
            TopicError::NotCreated { .. }
            | TopicError::PartitionCount { .. }
            | TopicError::Setting { .. } => Self::Refused(error.to_string()),
        }
    }
}

/// Makes what is missing and checks what is there.
///
/// # Errors
/// [`TopicError`]; only `Unreachable` may pass by itself.
pub(super) async fn ensure(
    config: &KafkaConfig,
    topics: &Topics,
    admin: AdminClient<DefaultClientContext>,
) -> Result<(), TopicError> {
    let timeout = Duration::from_millis(config.start_timeout_ms);
    let (admin, metadata) = metadata(config, admin, timeout).await?;
    let wanted = topics.wanted(config);
    let mut missing = Vec::new();
    for topic in &wanted {
        match partitions_of(&metadata, &topic.name) {
            None => missing.push(topic),
            Some(found) => check_count(topic, found)?,
        }
    }
    if missing.iter().all(|topic| topic.name != topics.commands) {
        // Half of it: a broker that never answers this is passed over, not waited out.
        topic_settings::check(&admin, &[&topics.commands], timeout / 2).await?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    create(config, &admin, &missing, timeout).await
}

/// Asks for the whole cluster: asking for one topic could create it with the broker's defaults.
async fn metadata(
    config: &KafkaConfig,
    admin: AdminClient<DefaultClientContext>,
    timeout: Duration,
) -> Result<(AdminClient<DefaultClientContext>, Metadata), TopicError> {
    let unreachable = |reason: String| TopicError::Unreachable {
        servers: config.bootstrap_servers.clone(),
        reason,
    };
    let fetched = tokio::task::spawn_blocking(move || {
        let metadata = admin.inner().fetch_metadata(None, timeout);
        (admin, metadata)
    })
    .await;
    let (admin, metadata) = fetched.map_err(|error| unreachable(error.to_string()))?;
    Ok((admin, metadata.map_err(|error| unreachable(error.to_string()))?))
}

async fn create(
    config: &KafkaConfig,
    admin: &AdminClient<DefaultClientContext>,
    missing: &[&Wanted],
    timeout: Duration,
) -> Result<(), TopicError> {
    let max_bytes: Vec<String> = missing.iter().map(|topic| topic.max_bytes.to_string()).collect();
    let new = missing
        .iter()
        .zip(&max_bytes)
        .map(|(topic, max_bytes)| new_topic(config, topic, max_bytes))
        .collect::<Vec<_>>();
    let options =
        AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
    let results =
        admin.create_topics(&new, &options).await.map_err(|error| TopicError::Unreachable {
            servers: config.bootstrap_servers.clone(),
            reason: error.to_string(),
        })?;
    for (topic, result) in missing.iter().zip(results) {
        match result {
            Ok(_) => tracing::info!(topic = %topic.name, topic.partitions, "topic created"),
            // Another process was quicker.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                return Err(TopicError::NotCreated {
                    topic: name,
                    code: code.to_string(),
                    partitions: topic.partitions,
                });
            }
        }
    }
    Ok(())
}

fn new_topic<'a>(config: &KafkaConfig, topic: &'a Wanted, max_bytes: &'a str) -> NewTopic<'a> {
    let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let replication = TopicReplication::Fixed(count(config.replication_factor));
    let new = NewTopic::new(&topic.name, count(topic.partitions), replication)
        .set("cleanup.policy", "delete")
        .set("retention.ms", topic.retention_ms)
        .set("max.message.bytes", max_bytes)
        // A sender's clock is not to be trusted.
        .set("message.timestamp.type", "LogAppendTime");
    if topic.retention_ms == RETAIN_10_MIN_MS {
        new.set("segment.ms", REPLY_SEGMENT_MS)
    } else {
        new
    }
}

fn partitions_of(metadata: &Metadata, name: &str) -> Option<usize> {
    let topic = metadata.topics().iter().find(|topic| topic.name() == name)?;
    topic.error().is_none().then(|| topic.partitions().len())
}

fn check_count(topic: &Wanted, found: usize) -> Result<(), TopicError> {
    if usize::try_from(topic.partitions) == Ok(found) {
        return Ok(());
    }
    Err(TopicError::PartitionCount {
        topic: topic.name.clone(),
        found,
        configured: topic.partitions,
        setting: topic.setting,
    })
}

/// What a client says when it cannot even be made.
pub(super) fn not_made(error: &KafkaError) -> LogError {
    LogError::Refused(format!("a kafka client cannot be made: {error}"))
}
