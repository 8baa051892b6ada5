//! The log of `serve`: Apache Kafka through librdkafka.
//!
//! Parts: an idempotent `producer` for everything that is written; a `reader` thread with its
//! `rebalance` callbacks, `late_start`s and the table of `partitions`; a thread for each slot of
//! `replies`; an `inspector` thread for the log's identity; `topics`, made and checked at start.
//!
//! Nothing here waits for the engine beyond 250 ms, and nothing in the engine waits for librdkafka
//! beyond 5 s. A broker that goes away makes calls answer `Unavailable` and `health` say why; when
//! it is back, everything goes on by itself.

mod chatter;
mod inspector;
mod late_start;
mod message;
mod partitions;
mod producer;
mod reader;
mod rebalance;
mod replies;
mod settings;
mod topic_settings;
mod topics;
mod watermark;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{
    Assignment, BoxStream, DeadLetter, Inspection, Log, LogError, NewCommand, Outgoing, Reply,
};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::topics::TopicError;

use self::inspector::Inspector;
use self::partitions::Table;
use self::producer::{Outbound, Producer};
use self::reader::Reader;
use self::rebalance::Shared;
use self::replies::SlotReader;
use self::topics::Topics;
use crate::assignment::{self, stopped};
use crate::config::{KafkaConfig, ReplyPath};
use crate::metrics;
use crate::queue::{Bounds, bounded};
use crate::record::{self, RawRecord};
use crate::slots::{REPLY_BOUNDS, Slots};
use crate::{cloud_event, dead_letter, reply};

/// How long a broker has to answer `health`.
const PING_DEADLINE: Duration = Duration::from_secs(2);
/// How long its answer holds.
const PING_HOLDS: Duration = Duration::from_millis(1_500);
/// How long the threads have to end.
const STOP_DEADLINE: Duration = Duration::from_secs(5);
/// How long what was sent has to leave.
const FLUSH_DEADLINE: Duration = Duration::from_secs(2);

/// The partitioned log in Apache Kafka.
pub struct KafkaLog {
    config: Arc<KafkaConfig>,
    topics: Topics,
    producer: Arc<Producer>,
    inspector: Inspector,
    slots: Slots,
    reader: Mutex<Option<Arc<Shared>>>,
    fault: Arc<Mutex<Option<String>>>,
    pinged: tokio::sync::Mutex<Option<(Instant, Result<(), LogError>)>>,
    stop: CancellationToken,
    threads: TaskTracker,
}

impl KafkaLog {
    /// Connects, makes and checks the topics, and warms the producer.
    ///
    /// # Errors
    /// [`LogError::Refused`] for wrong settings or topics, with what to do about it;
    /// [`LogError::Unavailable`] when no broker answers within the configured time.
    pub async fn start(config: KafkaConfig) -> Result<Arc<Self>, LogError> {
        config.validate().map_err(|wrong| {
            let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            LogError::Refused(wrong.join("; "))
        })?;
        let config = Arc::new(config);
        let topics = Topics::new(&config.topic_prefix);
        let admin = settings::producer(&config).create().map_err(|e| topics::not_made(&e))?;
        topics::ensure(&config, &topics, admin).await?;
        let producer = Arc::new(Producer::new(Arc::clone(&config))?);
        warm(&producer, &topics, Duration::from_millis(config.start_timeout_ms)).await?;
        let stop = CancellationToken::new();
        let threads = TaskTracker::new();
        let commands = topics.commands.clone();
        let inspector = Inspector::start(&config, commands, stop.clone(), &threads)?;
        Ok(Arc::new(Self {
            config,
            topics,
            producer,
            inspector,
            slots: Slots::default(),
            reader: Mutex::default(),
            fault: Arc::default(),
            pinged: tokio::sync::Mutex::default(),
            stop,
            threads,
        }))
    }

    /// Partitions that are paused because their reader is slower than the log.
    pub fn paused(&self) -> Vec<PartitionId> {
        self.reader.lock().as_ref().map_or_else(Vec::new, |shared| shared.table.lock().paused())
    }

    fn check_running(&self) -> Result<(), LogError> {
        if self.stop.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    /// Where an outgoing message goes; `None` when it was handed over in memory or dropped.
    fn route(&self, outgoing: Outgoing) -> Result<Option<Outbound>, LogError> {
        match outgoing {
            Outgoing::Reply(reply) => self.route_reply(reply),
            Outgoing::Event(event) => {
                metrics::event_published();
                let topic = self.topics.event(event.topic);
                let raw = cloud_event::encode(&event, &self.config.event_source);
                Ok(Some(Outbound { topic, partition: None, raw }))
            }
        }
    }

    fn route_reply(&self, reply: Reply) -> Result<Option<Outbound>, LogError> {
        record::check_size(&reply.body).map_err(|error| LogError::Refused(error.to_string()))?;
        if !u32::try_from(reply.slot).is_ok_and(|slot| slot < self.config.reply_slots) {
            metrics::reply_sent(metrics::ReplyWay::Unread);
            return Ok(None);
        }
        let reply = match self.config.reply_path {
            ReplyPath::InProcess => match self.slots.deliver(reply) {
                Some(not_here) => not_here,
                None => return Ok(None),
            },
            ReplyPath::ThroughKafka => reply,
        };
        metrics::reply_sent(metrics::ReplyWay::Kafka);
        let raw = reply::encode(&reply).map_err(|error| LogError::Refused(error.to_string()))?;
        let topic = self.topics.replies.clone();
        Ok(Some(Outbound { topic, partition: Some(reply.slot), raw }))
    }

    fn commands(&self, raw: RawRecord) -> Outbound {
        Outbound { topic: self.topics.commands.clone(), partition: None, raw }
    }

    async fn append_encoded(&self, command: &NewCommand) -> Result<(), LogError> {
        self.check_running()?;
        let raw = record::encode(command).map_err(|error| LogError::Refused(error.to_string()))?;
        self.producer.send(self.commands(raw)).await
    }

    async fn ping(&self) -> Result<(), LogError> {
        let mut pinged = self.pinged.lock().await;
        if let Some((at, outcome)) = pinged.as_ref()
            && at.elapsed() < PING_HOLDS
        {
            return outcome.clone();
        }
        let producer = Arc::clone(&self.producer);
        let topic = self.topics.commands.clone();
        let asked = tokio::task::spawn_blocking(move || producer.ping(&topic, PING_DEADLINE)).await;
        let outcome = asked.unwrap_or_else(|error| Err(LogError::Unavailable(error.to_string())));
        *pinged = Some((Instant::now(), outcome.clone()));
        outcome
    }

    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
        let alive = self.threads.token();
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            work();
            drop(alive);
        });
        spawned.map(drop).map_err(|error| LogError::Unavailable(error.to_string()))
    }
}

#[async_trait]
impl Log for KafkaLog {
    fn partition_count(&self) -> u32 {
        self.config.partitions
    }

    async fn append(&self, command: NewCommand) -> Result<(), LogError> {
        let began = Instant::now();
        let outcome = self.append_encoded(&command).await;
        metrics::appended(&outcome, began.elapsed());
        outcome
    }

    async fn publish(&self, outgoing: Vec<Outgoing>) -> Result<(), LogError> {
        self.check_running()?;
        let mut records = Vec::with_capacity(outgoing.len());
        for item in outgoing {
            records.extend(self.route(item)?);
        }
        self.producer.send_all(records).await
    }

    async fn dead_letter(&self, letter: DeadLetter) -> Result<(), LogError> {
        self.check_running()?;
        let topic = self.topics.dead_letters.clone();
        // The same partition as before: a redrive finds the student's letters in their order.
        let partition = Some(letter.partition.0);
        let raw = dead_letter::encode(letter, &self.topics.commands);
        self.producer.send(Outbound { topic, partition, raw }).await?;
        metrics::dead_letter_written();
        Ok(())
    }

    fn assignments(&self) -> BoxStream<Assignment> {
        let (sender, receiver) = assignment::channel();
        let mut running = self.reader.lock();
        if running.is_some() {
            tracing::error!("the assignments were asked for twice: the second stream is empty");
            return Box::pin(receiver);
        }
        let bounds = Bounds { count: self.config.queue_records, bytes: self.config.queue_bytes };
        let table = Table::new(bounds);
        let fault = Arc::clone(&self.fault);
        let shared = Arc::new(Shared::new(self.topics.commands.clone(), table, fault, sender));
        let reader = Reader {
            config: Arc::clone(&self.config),
            shared: Arc::clone(&shared),
            stop: self.stop.clone(),
        };
        match self.spawn("log-reader", move || reader.run()) {
            Ok(()) => *running = Some(shared),
            Err(error) => *self.fault.lock() = Some(error.to_string()),
        }
        Box::pin(receiver)
    }

    fn reopen(&self, partition: PartitionId) {
        if let Some(shared) = self.reader.lock().as_ref() {
            shared.reopen.lock().insert(partition);
        }
    }

    async fn inspect(
        &self,
        partition: PartitionId,
        next_offset: i64,
    ) -> Result<Inspection, LogError> {
        self.check_running()?;
        if !u32::try_from(partition.0).is_ok_and(|id| id < self.config.partitions) {
            return Err(LogError::Refused(format!("there is no partition {partition}")));
        }
        self.inspector.inspect(partition, next_offset).await
    }

    async fn replies(&self, slot: i32) -> Result<BoxStream<Reply>, LogError> {
        self.check_running()?;
        if !u32::try_from(slot).is_ok_and(|slot| slot < self.config.reply_slots) {
            return Err(LogError::Refused(format!("there is no reply slot {slot}")));
        }
        let (queue, stream) = match self.config.reply_path {
            ReplyPath::InProcess => self.slots.open(slot),
            ReplyPath::ThroughKafka => bounded(REPLY_BOUNDS),
        };
        let reader = SlotReader {
            config: Arc::clone(&self.config),
            topic: self.topics.replies.clone(),
            slot,
            queue,
            stop: self.stop.clone(),
        };
        let (ready, is_ready) = oneshot::channel();
        self.spawn("log-replies", move || reader.run(ready))?;
        is_ready.await.unwrap_or_else(|_| Err(stopped()))?;
        Ok(Box::pin(stream))
    }

    async fn settled(&self, partition: PartitionId, next_offset: i64) {
        if let Some(shared) = self.reader.lock().as_ref() {
            shared.hints.lock().insert(partition, next_offset);
        }
    }

    async fn health(&self) -> Result<(), LogError> {
        self.check_running()?;
        if let Some(reason) = self.fault.lock().as_ref() {
            return Err(LogError::Unavailable(format!("reader: {reason}")));
        }
        self.ping().await
    }

    async fn stop(&self) {
        self.stop.cancel();
        self.threads.close();
        if tokio::time::timeout(STOP_DEADLINE, self.threads.wait()).await.is_err() {
            tracing::warn!("the log's threads did not end in time");
        }
        // The reader's end of the assignments goes with it.
        self.reader.lock().take();
        self.slots.close();
        let producer = Arc::clone(&self.producer);
        if let Err(error) =
            tokio::task::spawn_blocking(move || producer.flush(FLUSH_DEADLINE)).await
        {
            tracing::warn!(%error, "records were not flushed");
        }
    }
}

impl Drop for KafkaLog {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLog").field("config", &self.config).finish_non_exhaustive()
    }
}

async fn warm(
    producer: &Arc<Producer>,
    topics: &Topics,
    timeout: Duration,
) -> Result<(), LogError> {
    let producer = Arc::clone(producer);
    let names = [topics.commands.clone(), topics.replies.clone()];
    let warmed = tokio::task::spawn_blocking(move || {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        producer.warm(&names, timeout)
    });
    warmed.await.unwrap_or_else(|error| Err(LogError::Unavailable(error.to_string())))
}
