//! What both logs can be told, and what is wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// How the group's members agree on who reads what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupProtocol {
    /// KIP-848 where the broker has it, classic otherwise.
    Auto,
    /// KIP-848 (`group.protocol=consumer`) or nothing.
    Consumer,
    /// The classic protocol with `cooperative-sticky`.
    Classic,
}

impl GroupProtocol {
    /// The protocol that a setting names: `auto`, `consumer` or `classic`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "consumer" => Some(Self::Consumer),
            "classic" => Some(Self::Classic),
            _ => None,
        }
    }
}

/// Which way replies take to a gateway in the same process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyPath {
    /// Handed over in memory.
    InProcess,
    /// Through Kafka, as between processes; for tests.
    ThroughKafka,
}

/// Settings of the Kafka log.
#[derive(Clone)]
pub struct KafkaConfig {
    /// `host:port`, separated by commas.
    pub bootstrap_servers: String,
    /// Partitions of the command topic and of every public topic; never changed later.
    pub partitions: u32,
    /// Partitions of the reply topic: how many gateways there can be at once.
    pub reply_slots: u32,
    /// The engine's consumer group.
    pub group: String,
    /// How the group agrees.
    pub group_protocol: GroupProtocol,
    /// Copies of each topic that is created here.
    pub replication_factor: u32,
    /// Stands before every topic's name, for several schools on one cluster; empty by custom.
    pub topic_prefix: String,
    /// Which way replies take inside the process.
    pub reply_path: ReplyPath,
    /// `ce_source` of public events; what comes back with it is ours and is dropped.
    pub event_source: String,
    /// How many records wait for a partition's reader, before the carry-over.
    pub queue_records: usize,
    /// How many bytes wait for a partition's reader, before the carry-over.
    pub queue_bytes: usize,
    /// How long a client waits for the broker at start, in milliseconds.
    pub start_timeout_ms: u64,
    /// More librdkafka settings for every client, such as `security.protocol`; may hold secrets.
    pub client_settings: BTreeMap<String, String>,
}

impl KafkaConfig {
    /// Everything but the address as contract.md §1 has it.
    pub fn new(bootstrap_servers: impl Into<String>) -> Self {
        Self {
            bootstrap_servers: bootstrap_servers.into(),
            partitions: 12,
            reply_slots: 16,
            group: "learnflow".to_owned(),
            group_protocol: GroupProtocol::Auto,
            replication_factor: 1,
            topic_prefix: String::new(),
            reply_path: ReplyPath::InProcess,
            event_source: "urn:learnflow:engine".to_owned(),
            queue_records: 256,
            queue_bytes: 1 << 20,
            start_timeout_ms: 10_000,
            client_settings: BTreeMap::new(),
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// All that is wrong, in the order of the settings.
    pub fn validate(&self) -> Result<(), Vec<ConfigError>> {
        let mut wrong = Vec::new();
        let addresses = self.bootstrap_servers.split(',');
        if !addresses.into_iter().all(|address| is_host_and_port(address.trim())) {
            wrong.push(ConfigError::BootstrapServers);
        }
        check_range(&mut wrong, "kafka.partitions", self.partitions.into(), 1, 1_024);
        check_range(&mut wrong, "kafka.reply_slots", self.reply_slots.into(), 1, 1_024);
        check_range(&mut wrong, "kafka.replication_factor", self.replication_factor.into(), 1, 9);
        check_range(&mut wrong, "kafka.start_timeout_ms", self.start_timeout_ms, 100, 120_000);
        check_queue(&mut wrong, "kafka", self.queue_records, self.queue_bytes);
        for (setting, value) in
            [("kafka.group", &self.group), ("kafka.event_source", &self.event_source)]
        {
            if value.trim().is_empty() {
                wrong.push(ConfigError::Empty { setting });
            }
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.topic_prefix.len() > 100 || !self.topic_prefix.chars().all(allowed) {
            wrong.push(ConfigError::TopicPrefix);
        }
        wrong.extend(
            self.client_settings
                .keys()
                .filter(|key| OURS.contains(&key.as_str()))
                .map(|key| ConfigError::NotYours { setting: key.clone() }),
        );
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

impl fmt::Debug for KafkaConfig {
    /// Without the values of `client_settings`: they may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaConfig")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("partitions", &self.partitions)
            .field("reply_slots", &self.reply_slots)
            .field("group", &self.group)
            .field("group_protocol", &self.group_protocol)
            .field("client_settings", &self.client_settings.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// librdkafka settings on which the delivery guarantee rests.
const OURS: [&str; 10] = [
    "bootstrap.servers",
    "group.id",
    "group.protocol",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "enable.idempotence",
    "acks",
    "partitioner",
    "isolation.level",
];

/// Settings of the embedded log.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// The file, `log.sqlite` by custom; its folder must be there.
    pub path: PathBuf,
    /// How many partitions; never changed later.
    pub partitions: u32,
    /// How many records wait for a partition's reader.
    pub queue_records: usize,
    /// How many bytes wait for a partition's reader.
    pub queue_bytes: usize,
    /// How many settled records of a partition may gather before they are deleted.
    pub trim_after_records: u32,
}

impl EmbeddedConfig {
    /// A log at `path` with the demo's settings.
    pub fn new(path: impl Into<PathBuf>, partitions: u32) -> Self {
        Self {
            path: path.into(),
            partitions,
            queue_records: 256,
            queue_bytes: 1 << 20,
            trim_after_records: 1_024,
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// All that is wrong, in the order of the settings.
    pub fn validate(&self) -> Result<(), Vec<ConfigError>> {
        let mut wrong = Vec::new();
        if self.path.as_os_str().is_empty() {
            wrong.push(ConfigError::Empty { setting: "log.path" });
        }
        check_range(&mut wrong, "kafka.partitions", self.partitions.into(), 1, 1_024);
        check_queue(&mut wrong, "log", self.queue_records, self.queue_bytes);
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not a list of addresses.
    #[error("kafka.bootstrap_servers must be host:port, separated by commas")]
    BootstrapServers,
    /// A number outside its range.
    #[error("{setting} is {value}, but must be from {least} to {most}")]
    OutOfRange {
        /// Which.
        setting: &'static str,
        /// What it is.
        value: u64,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
    },
    /// A queue that holds nothing.
    #[error("the queues of {section} must hold at least one record and one byte")]
    Queue {
        /// Which section.
        section: &'static str,
    },
    /// A setting without a value.
    #[error("{setting} must not be empty")]
    Empty {
        /// Which.
        setting: &'static str,
    },
    /// Kafka doesn't take it in a topic's name.
    #[error("kafka.topic_prefix has at most 100 letters, digits, dots, dashes and underscores")]
    TopicPrefix,
    /// A librdkafka setting that the delivery guarantee rests on.
    #[error("kafka.client_settings must not set {setting}: the delivery guarantee rests on it")]
    NotYours {
        /// Which.
        setting: String,
    },
}

fn is_host_and_port(address: &str) -> bool {
    address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
}

fn check_range(
    wrong: &mut Vec<ConfigError>,
    setting: &'static str,
    value: u64,
    least: u64,
    most: u64,
) {
    if !(least..=most).contains(&value) {
        wrong.push(ConfigError::OutOfRange { setting, value, least, most });
    }
}

fn check_queue(wrong: &mut Vec<ConfigError>, section: &'static str, count: usize, bytes: usize) {
    if count == 0 || bytes == 0 {
        wrong.push(ConfigError::Queue { section });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(KafkaConfig::new("localhost:9092,[::1]:9093").validate(), Ok(()));
        assert_eq!(EmbeddedConfig::new("log.sqlite", 4).validate(), Ok(()));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let config = KafkaConfig {
            partitions: 0,
            group: " ".to_owned(),
            queue_records: 0,
            client_settings: [("acks".to_owned(), "0".to_owned())].into(),
            ..KafkaConfig::new("localhost")
        };
        let wrong = config.validate().unwrap_err();
        assert_eq!(
            wrong,
            [
                ConfigError::BootstrapServers,
                ConfigError::OutOfRange {
                    setting: "kafka.partitions",
                    value: 0,
                    least: 1,
                    most: 1_024
                },
                ConfigError::Queue { section: "kafka" },
                ConfigError::Empty { setting: "kafka.group" },
                ConfigError::NotYours { setting: "acks".to_owned() },
            ]
        );
    }

    #[test]
    fn a_password_is_not_printed() {
        let mut config = KafkaConfig::new("localhost:9092");
        config.client_settings.insert("sasl.password".to_owned(), "hunter2".to_owned());
        let printed = format!("{config:?}");
        assert!(printed.contains("sasl.password") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn a_group_protocol_has_three_names() {
        assert_eq!(GroupProtocol::parse("auto"), Some(GroupProtocol::Auto));
        assert_eq!(GroupProtocol::parse("consumer"), Some(GroupProtocol::Consumer));
        assert_eq!(GroupProtocol::parse("classic"), Some(GroupProtocol::Classic));
        assert_eq!(GroupProtocol::parse("Auto"), None);
    }
}
