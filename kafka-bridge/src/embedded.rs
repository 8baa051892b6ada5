//! The log of one process: a SQLite file, a writer that appends in groups, a queue a partition.
//!
//! Survives `kill -9`: an append is answered after its transaction. It isn't flushed to the disk
//! (`synchronous = NORMAL`), since nothing is acknowledged to a student before the store's own
//! commit, which is; a machine that loses power may lose the file's tail, and then appends go on
//! above the store's highest committed position (`tops`), so that no offset is given twice.
//!
//! A command of a student is in the partition where Kafka would have it. Replies are handed over in
//! memory; public events are counted and the newest kept, since nobody subscribes to them here;
//! dead letters have a table of their own. A second process on the same file is refused.

mod error;
mod events;
mod file;
mod partitions;
mod rows;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use learnflow_engine::clock::Clock;
use learnflow_engine::id::{PartitionId, partition_of};
use learnflow_engine::port::log::{
    Assignment, BoxStream, DeadLetter, Inspection, Log, LogError, NewCommand, Outgoing,
    PublicEvent, Reply, digest,
};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::error::EmbeddedError;
pub use self::file::DeadLetterOrigin;

use self::events::RecentEvents;
use self::file::LogFile;
use self::partitions::Feed;
use self::writer::{Op, WRITE_BOUNDS, Writer, index};
use crate::assignment::{self, stopped};
use crate::config::EmbeddedConfig;
use crate::metrics;
use crate::queue::{Bounds, QueueSender, bounded};
use crate::record;
use crate::slots::Slots;

/// How long an append or an inspection takes at most.
const DEADLINE: Duration = Duration::from_secs(5);

/// The partitioned log in one file of one process.
pub struct EmbeddedLog {
    config: EmbeddedConfig,
    file: Arc<LogFile>,
    ops: QueueSender<Op>,
    ends: Arc<Vec<watch::Sender<i64>>>,
    slots: Slots,
    events: RecentEvents,
    failure: Arc<Mutex<Option<String>>>,
    assigned: AtomicBool,
    reopen: Arc<Vec<Notify>>,
    stop: CancellationToken,
    tasks: TaskTracker,
    writing: TaskTracker,
    runtime: tokio::runtime::Handle,
}

impl EmbeddedLog {
    /// Opens the file, making it when it isn't there.
    ///
    /// `tops` holds the highest committed position of each partition, as the store knows it: no
    /// offset up to there is given again, whatever became of the file.
    ///
    /// # Errors
    /// [`LogError::Refused`] for wrong settings, another partition count, or a file that another
    /// process uses; [`LogError::Unavailable`] when the file cannot be used.
    pub async fn open(
        config: EmbeddedConfig,
        tops: &[(PartitionId, i64)],
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, LogError> {
        config.validate().map_err(EmbeddedError::Config)?;
        let (file, connection, ends) =
            LogFile::open(&config.path, config.partitions, tops, clock.seed()).await?;
        let (ops, queue) = bounded(WRITE_BOUNDS);
        let published: Arc<Vec<_>> =
            Arc::new(ends.iter().map(|end| watch::Sender::new(end.next_offset)).collect());
        let log = Self {
            file: Arc::new(file),
            ops,
            ends: Arc::clone(&published),
            slots: Slots::default(),
            events: RecentEvents::default(),
            failure: Arc::default(),
            assigned: AtomicBool::new(false),
            reopen: Arc::new(ends.iter().map(|_| Notify::new()).collect()),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            writing: TaskTracker::new(),
            runtime: tokio::runtime::Handle::current(),
            config,
        };
        let writer = Writer {
            connection,
            clock,
            trimmed: vec![0; ends.len()],
            ends,
            published,
            trim_after_records: log.config.trim_after_records,
            failure: Arc::clone(&log.failure),
        };
        log.writing.spawn(writer.run(queue, log.stop.clone()));
        Ok(Arc::new(log))
    }

    /// The newest dead letters' origins, newest first.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when the file cannot be read.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetterOrigin>, LogError> {
        self.file.dead_letters(limit).await.map_err(|error| unavailable(&error))
    }

    /// The newest public events, oldest first.
    pub fn recent_events(&self) -> Vec<PublicEvent> {
        self.events.newest()
    }

    /// Hands an operation to the writer and waits for its answer.
    async fn write(
        &self,
        weight_bytes: usize,
        op: impl FnOnce(oneshot::Sender<Result<(), LogError>>) -> Op,
    ) -> Result<(), LogError> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let (sender, answer) = oneshot::channel();
        let written = async {
            if !self.ops.send(op(sender), weight_bytes).await {
                return Err(stopped());
            }
            answer.await.unwrap_or_else(|_| Err(stopped()))
        };
        tokio::time::timeout(DEADLINE, written)
            .await
            .unwrap_or_else(|_| Err(LogError::Unavailable("the log file is too slow".to_owned())))
    }
}

#[async_trait]
impl Log for EmbeddedLog {
    fn partition_count(&self) -> u32 {
        self.config.partitions
    }

    async fn append(&self, command: NewCommand) -> Result<(), LogError> {
        let began = Instant::now();
        let outcome = match record::encode(&command) {
            Ok(raw) => {
                let partition = partition_of(command.student, self.config.partitions);
                let weight = raw.weight_bytes();
                self.write(weight, |answer| Op::Append { partition, raw, answer }).await
            }
            Err(error) => Err(LogError::Refused(error.to_string())),
        };
        metrics::appended(&outcome, began.elapsed());
        outcome
    }

    async fn publish(&self, outgoing: Vec<Outgoing>) -> Result<(), LogError> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        for item in outgoing {
            match item {
                Outgoing::Reply(reply) => {
                    record::check_size(&reply.body)
                        .map_err(|error| LogError::Refused(error.to_string()))?;
                    if self.slots.deliver(reply).is_some() {
                        metrics::reply_sent(metrics::ReplyWay::Unread);
                    }
                }
                Outgoing::Event(event) => {
                    self.events.push(event);
                    metrics::event_published();
                }
            }
        }
        Ok(())
    }

    async fn dead_letter(&self, letter: DeadLetter) -> Result<(), LogError> {
        let weight = letter.value.as_ref().map_or(0, bytes::Bytes::len);
        self.write(weight, |answer| Op::DeadLetter { letter, answer }).await?;
        metrics::dead_letter_written();
        Ok(())
    }

    fn assignments(&self) -> BoxStream<Assignment> {
        let (sender, receiver) = assignment::channel();
        if self.assigned.swap(true, Ordering::SeqCst) {
            tracing::error!("the assignments were asked for twice: the second stream is empty");
            return Box::pin(receiver);
        }
        let feed = Feed {
            file: Arc::clone(&self.file),
            ends: Arc::clone(&self.ends),
            partition_count: self.config.partitions,
            bounds: Bounds { count: self.config.queue_records, bytes: self.config.queue_bytes },
            assignments: sender,
            reopen: Arc::clone(&self.reopen),
            stop: self.stop.clone(),
        };
        let run = Arc::new(feed).run(self.tasks.clone());
        self.tasks.spawn_on(run, &self.runtime);
        Box::pin(receiver)
    }

    fn reopen(&self, partition: PartitionId) {
        if let Some(reopen) = index(partition).and_then(|i| self.reopen.get(i))
            && self.assigned.load(Ordering::SeqCst)
        {
            reopen.notify_one();
        }
    }

    async fn inspect(
        &self,
        partition: PartitionId,
        next_offset: i64,
    ) -> Result<Inspection, LogError> {
        let Some(end) = index(partition).and_then(|i| self.ends.get(i)) else {
            return Err(LogError::Refused(format!("there is no partition {partition}")));
        };
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let end = *end.borrow();
        let start = self.file.start(partition).await.map_err(|error| unavailable(&error))?;
        let before = next_offset.saturating_sub(1);
        let newest = self.file.read(partition, before, 1).await.map_err(|e| unavailable(&e))?;
        let digest = newest.iter().find(|stored| stored.offset == before).map(|stored| {
            digest(stored.raw.key.as_deref(), stored.raw.value.as_deref(), stored.at)
        });
        let cluster_id = self.file.cluster_id().to_owned();
        Ok(Inspection { start: start.unwrap_or(end), end, cluster_id, digest })
    }

    async fn replies(&self, slot: i32) -> Result<BoxStream<Reply>, LogError> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let (_sender, stream) = self.slots.open(slot);
        Ok(Box::pin(stream))
    }

    async fn settled(&self, partition: PartitionId, next_offset: i64) {
        // A hint: when the writer is busy, a later one says the same and more.
        drop(self.ops.try_send(Op::Settled { partition, next_offset }, 1));
    }

    async fn health(&self) -> Result<(), LogError> {
        if self.stop.is_cancelled() {
            return Err(stopped());
        }
        let failed = self.failure.lock().is_some();
        if failed {
            // Only a write can tell whether the file can be written again.
            return self.write(1, |answer| Op::Probe { answer }).await;
        }
        Ok(())
    }

    async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.writing.close();
        let ended = async {
            self.tasks.wait().await;
            self.writing.wait().await;
        };
        if tokio::time::timeout(DEADLINE, ended).await.is_err() {
            tracing::warn!("the log's tasks did not end in time");
        }
        self.slots.close();
        self.file.close().await;
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for EmbeddedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedLog")
            .field("path", &self.file.path())
            .field("partitions", &self.config.partitions)
            .finish_non_exhaustive()
    }
}

fn unavailable(error: &sqlx::Error) -> LogError {
    LogError::Unavailable(format!("log file: {error}"))
}
