//! The Kafka log under the kit: on librdkafka's mock cluster, and on a real broker where
//! `KAFKA_BOOTSTRAP_SERVERS` names one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use async_trait::async_trait;
use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::Log;
use learnflow_kafka_bridge::config::KafkaConfig;
use learnflow_kafka_bridge::kafka::KafkaLog;
use learnflow_kafka_bridge::record::RawRecord;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};
use uuid::Uuid;

use crate::kit::{DEADLINE, Harness, PARTITIONS, eventually, soon};

mod mocked {
    crate::conforms!(super::on_mock);
}

mod real {
    crate::conforms!(super::on_broker);
}

/// As many as the rules need.
const REPLY_SLOTS: u32 = 5;

type Work =
    Box<dyn FnOnce(&MockCluster<'static, rdkafka::producer::DefaultProducerContext>) + Send>;

/// A mock cluster on the thread that it must stay on.
pub(crate) struct Mock {
    servers: String,
    work: mpsc::Sender<Work>,
}

impl Mock {
    /// A cluster of one broker that has our topics.
    pub(crate) fn start(prefix: &str) -> Self {
        let (work, todo) = mpsc::channel::<Work>();
        let (told, servers) = mpsc::channel();
        let prefix = prefix.to_owned();
        std::thread::spawn(move || {
            let cluster = MockCluster::new(1).unwrap();
            for (name, partitions) in topics(&prefix) {
                cluster.create_topic(&name, i32::try_from(partitions).unwrap(), 1).unwrap();
            }
            told.send(cluster.bootstrap_servers()).unwrap();
            for work in todo {
                work(&cluster);
            }
        });
        Self { servers: servers.recv().unwrap(), work }
    }

    /// Settings for a log on it. It never answers what it doesn't know, such as a question for a
    /// topic's settings, so a start doesn't wait long.
    pub(crate) fn config(&self) -> KafkaConfig {
        KafkaConfig { start_timeout_ms: 1_000, ..config(&self.servers) }
    }

    /// Does something to the cluster, and waits for it.
    pub(crate) fn with(
        &self,
        work: impl FnOnce(&MockCluster<'static, rdkafka::producer::DefaultProducerContext>)
        + Send
        + 'static,
    ) {
        let (told, done) = mpsc::channel();
        let work: Work = Box::new(move |cluster| {
            work(cluster);
            told.send(()).unwrap();
        });
        self.work.send(work).unwrap();
        done.recv().unwrap();
    }
}

/// What the log runs on.
pub(crate) enum Cluster {
    Mock(Mock),
    Real,
}

pub(crate) struct Kafka {
    pub(crate) cluster: Cluster,
    pub(crate) config: KafkaConfig,
    pub(crate) log: Arc<KafkaLog>,
}

pub(crate) async fn on_mock() -> Option<Kafka> {
    let mock = Mock::start("");
    let config = mock.config();
    let log = KafkaLog::start(config.clone()).await.unwrap();
    Some(Kafka { cluster: Cluster::Mock(mock), config, log })
}

pub(crate) async fn on_broker() -> Option<Kafka> {
    let servers = broker()?;
    let prefix = format!("test-{}.", Uuid::new_v4());
    let config = KafkaConfig { topic_prefix: prefix, ..config(&servers) };
    let log = KafkaLog::start(config.clone()).await.unwrap();
    Some(Kafka { cluster: Cluster::Real, config, log })
}

/// The real broker's address; its absence is a failure where CI demands it.
pub(crate) fn broker() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how a test learns where its broker is")]
    let setting = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let servers = setting("KAFKA_BOOTSTRAP_SERVERS");
    if servers.is_none() {
        assert_ne!(setting("CI").as_deref(), Some("true"), "KAFKA_BOOTSTRAP_SERVERS is not set");
        eprintln!("skipped: KAFKA_BOOTSTRAP_SERVERS is not set");
    }
    servers
}

pub(crate) fn config(servers: &str) -> KafkaConfig {
    KafkaConfig {
        partitions: PARTITIONS,
        reply_slots: REPLY_SLOTS,
        group: format!("test-{}", Uuid::new_v4()),
        ..KafkaConfig::new(servers)
    }
}

fn topics(prefix: &str) -> BTreeMap<String, u32> {
    let mut topics: BTreeMap<String, u32> = [
        "learnflow.commands",
        "learnflow.commands.dlq",
        "learning.query",
        "learning.response",
        "exercise.submitted",
        "exercise.graded",
        "hint.given",
        "review.scheduled",
        "struggle.detected",
        "progress.updated",
    ]
    .map(|name| (format!("{prefix}{name}"), PARTITIONS))
    .into();
    topics.insert(format!("{prefix}learnflow.replies"), REPLY_SLOTS);
    topics
}

impl Kafka {
    /// A log beside this one, as another process would have it.
    pub(crate) async fn second(&self) -> Arc<KafkaLog> {
        KafkaLog::start(self.config.clone()).await.unwrap()
    }

    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.config.topic_prefix)
    }

    /// Everything in a topic, once there are `count` records.
    pub(crate) async fn records_of(&self, name: &str, count: usize) -> Vec<Seen> {
        let (servers, topic) = (self.config.bootstrap_servers.clone(), self.topic(name));
        let reading = tokio::task::spawn_blocking(move || read_all(&servers, &topic, count));
        soon("records of a topic", reading).await.unwrap()
    }

    async fn delete_topics(&self) {
        let names = topics(&self.config.topic_prefix);
        let names: Vec<&str> = names.keys().map(String::as_str).collect();
        let admin: AdminClient<DefaultClientContext> =
            client(&self.config.bootstrap_servers).create().unwrap();
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
        for deleted in admin.delete_topics(&names, &options).await.unwrap() {
            deleted.unwrap();
        }
        // The controller answers before the broker has let go: the old topic could be met again.
        let are_gone = || {
            let known = admin.inner().fetch_metadata(None, Duration::from_secs(5)).ok()?;
            known.topics().iter().all(|topic| !names.contains(&topic.name())).then_some(())
        };
        eventually("the topics are gone", || async { are_gone() }).await;
    }
}

#[async_trait]
impl Harness for Kafka {
    fn log(&self) -> Arc<dyn Log> {
        Arc::clone(&self.log) as Arc<dyn Log>
    }

    async fn plant(&mut self, partition: PartitionId, raw: RawRecord) {
        let producer: FutureProducer = client(&self.config.bootstrap_servers).create().unwrap();
        let topic = self.topic("learnflow.commands");
        let headers = raw.headers.iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header { key: name, value: Some(value.as_ref()) })
        });
        let record = FutureRecord {
            topic: &topic,
            partition: Some(partition.0),
            payload: raw.value.as_deref(),
            key: raw.key.as_deref(),
            timestamp: None,
            headers: Some(headers),
        };
        producer.send(record, DEADLINE).await.unwrap();
    }

    async fn dead_letters(&mut self, count: usize) -> Vec<(i32, i64, String)> {
        let letters = self.records_of("learnflow.commands.dlq", count).await;
        letters
            .into_iter()
            .map(|letter| {
                assert_eq!(letter.headers["lf-dlq-topic"], self.topic("learnflow.commands"));
                (
                    letter.headers["lf-dlq-partition"].parse().unwrap(),
                    letter.headers["lf-dlq-offset"].parse().unwrap(),
                    letter.headers["lf-dlq-reason"].clone(),
                )
            })
            .collect()
    }

    async fn recreate(&mut self) {
        self.log.stop().await;
        match &self.cluster {
            Cluster::Mock(_) => {
                let mock = Mock::start("");
                self.config = mock.config();
                self.cluster = Cluster::Mock(mock);
            }
            Cluster::Real => self.delete_topics().await,
        }
        // A broker needs a moment between deleting and making a topic of one name.
        self.log = eventually("the topics are made again", || async {
            KafkaLog::start(self.config.clone()).await.ok()
        })
        .await;
    }

    async fn finish(self) {
        self.log.stop().await;
        if let Cluster::Real = self.cluster {
            self.delete_topics().await;
        }
    }
}

/// A record as an outsider sees it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) value: Vec<u8>,
}

fn read_all(servers: &str, topic: &str, count: usize) -> Vec<Seen> {
    let consumer: BaseConsumer = client(servers).set("group.id", "outsider").create().unwrap();
    let mut list = TopicPartitionList::new();
    for partition in 0..i32::try_from(PARTITIONS).unwrap() {
        list.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&list).unwrap();
    let mut seen = Vec::new();
    let end = std::time::Instant::now() + DEADLINE;
    while seen.len() < count && std::time::Instant::now() < end {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = message.headers().map_or_else(BTreeMap::new, |headers| {
            headers.iter().map(|h| (h.key.to_owned(), text(h.value.unwrap_or_default()))).collect()
        });
        seen.push(Seen {
            partition: message.partition(),
            key: message.key().map(text).unwrap_or_default(),
            headers,
            value: message.payload().unwrap_or_default().to_vec(),
        });
    }
    seen
}

pub(crate) fn client(servers: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", servers).set("fetch.wait.max.ms", "10");
    client
}
