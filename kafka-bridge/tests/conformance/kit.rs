//! What the rules are written with: the harness of a log, a reader of its partitions, and samples.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::id::{CommandId, PartitionId, StudentId, partition_of};
use learnflow_engine::port::log::{
    Assigned, Assignment, BoxStream, CommandKind, Log, NewCommand, Record, RecordContent, Start,
};
use learnflow_kafka_bridge::record::RawRecord;
use uuid::Uuid;

/// How many partitions every harness has.
pub(crate) const PARTITIONS: u32 = 4;
/// Nothing takes this long unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(45);

/// A log under test, and what its outside can see of it.
#[async_trait]
pub(crate) trait Harness: Send + Sized {
    /// The log.
    fn log(&self) -> Arc<dyn Log>;
    /// Puts a record at the end of a partition, past the log's own checks. The log is new after it.
    async fn plant(&mut self, partition: PartitionId, raw: RawRecord);
    /// The dead letters as (partition, offset, reason), once there are `count`.
    async fn dead_letters(&mut self, count: usize) -> Vec<(i32, i64, String)>;
    /// Loses everything: the log is empty and new after it.
    async fn recreate(&mut self);
    /// Stops what it started.
    async fn finish(self);
}

/// A clock that counts.
#[derive(Debug, Default)]
pub(crate) struct Counting(std::sync::atomic::AtomicI64);

impl Clock for Counting {
    fn now(&self) -> Timestamp {
        let ticks = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Timestamp::from_micros(1_700_000_000_000_000 + ticks)
    }

    fn seed(&self) -> u128 {
        Uuid::new_v4().as_u128()
    }
}

/// The value that comes within the deadline.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let in_time = tokio::time::timeout(DEADLINE, future).await;
    in_time.unwrap_or_else(|_| panic!("never came: {what}"))
}

/// Asks again and again until the answer is there.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let asking = async {
        let mut turns = tokio::time::interval(Duration::from_millis(10));
        loop {
            turns.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    soon(what, asking).await
}

/// The partitions of a log as their only reader has them.
pub(crate) struct Reader {
    assignments: BoxStream<Assignment>,
    /// A stream a partition that was started.
    pub(crate) streams: BTreeMap<PartitionId, BoxStream<Record>>,
}

impl Reader {
    /// Joins; nothing is assigned yet.
    pub(crate) fn join(log: &dyn Log) -> Self {
        Self { assignments: log.assignments(), streams: BTreeMap::new() }
    }

    /// Joins and starts every partition at `next_offset`.
    pub(crate) async fn start_all(log: &dyn Log, next_offset: i64) -> Self {
        let mut reader = Self::join(log);
        reader.take_until(PARTITIONS as usize, |_| next_offset).await;
        reader
    }

    /// Takes assignments and starts their partitions until this many are there.
    pub(crate) async fn take_until(
        &mut self,
        count: usize,
        next_offset: impl Fn(PartitionId) -> i64,
    ) {
        while self.streams.len() != count {
            match self.next().await {
                Assignment::Assigned(assigned) => self.start(assigned, &next_offset),
                Assignment::Revoked(revoked) => {
                    for partition in &revoked.partitions {
                        self.streams.remove(partition);
                    }
                    (revoked.done)();
                }
            }
        }
    }

    /// The next assignment, whatever it is.
    pub(crate) async fn next(&mut self) -> Assignment {
        soon("an assignment", self.assignments.next()).await.expect("the assignments ended")
    }

    /// The next assignment; `None` when they ended.
    pub(crate) async fn next_or_end(&mut self) -> Option<Assignment> {
        soon("an assignment or their end", self.assignments.next()).await
    }

    /// Starts what was assigned.
    pub(crate) fn start(&mut self, assigned: Assigned, next_offset: impl Fn(PartitionId) -> i64) {
        let mut starts = Vec::new();
        for given in assigned.partitions {
            let next_offset = next_offset(given.partition);
            starts.push(Start { partition: given.partition, next_offset });
            self.streams.insert(given.partition, given.records);
        }
        (assigned.start)(starts);
    }

    /// The next record of a partition.
    pub(crate) async fn record(&mut self, partition: PartitionId) -> Record {
        let stream = self.streams.get_mut(&partition).expect("the partition is not assigned");
        soon("a record", stream.next()).await.expect("the partition's stream ended")
    }

    /// The next `count` records of a partition.
    pub(crate) async fn records(&mut self, partition: PartitionId, count: usize) -> Vec<Record> {
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            records.push(self.record(partition).await);
        }
        records
    }

    /// What a partition has at once: `None` when nothing waits.
    pub(crate) fn at_once(&mut self, partition: PartitionId) -> Option<Record> {
        let stream = self.streams.get_mut(&partition)?;
        futures_util::FutureExt::now_or_never(stream.next()).flatten()
    }
}

/// A new command of a student.
pub(crate) fn command(student: StudentId, body: impl Into<Bytes>) -> NewCommand {
    NewCommand {
        student,
        command: CommandId::new(Uuid::new_v4()),
        kind: CommandKind::Ask,
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        body: body.into(),
    }
}

/// A student whose partition it is.
pub(crate) fn student_in(partition: i32) -> StudentId {
    std::iter::repeat_with(|| StudentId::new(Uuid::new_v4()))
        .take(1_000)
        .find(|student| partition_of(*student, PARTITIONS) == PartitionId(partition))
        .expect("murmur2 reaches every partition")
}

/// The command that a record holds.
pub(crate) fn content(record: Record) -> NewCommand {
    match record.content {
        RecordContent::Command(command) => command,
        RecordContent::Undecodable(letter) => panic!("undecodable: {}", letter.reason),
    }
}
