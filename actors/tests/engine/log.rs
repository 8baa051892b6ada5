//! A simulated log: what outlives processes ([`Topic`]), and one process's connection to it
//! ([`SimLog`]), which can be cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use learnflow_engine::clock::Clock;
use learnflow_engine::id::{PartitionId, partition_of};
use learnflow_engine::port::log::{
    Assigned, AssignedPartition, Assignment, BoxStream, DeadLetter, Inspection, Log, LogError,
    NewCommand, Outgoing, Record, RecordContent, Reply, Revoked, Start, digest,
};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};

/// Whether a process lives: a dead one's calls never return.
#[derive(Debug, Default)]
pub(crate) struct Life(AtomicBool);

impl Life {
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn breathe(&self) {
        if self.0.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

/// What the log's servers keep.
#[derive(Debug)]
pub(crate) struct Topic {
    clock: Arc<dyn Clock>,
    records: Mutex<Vec<Vec<Record>>>,
    published: Mutex<Vec<Outgoing>>,
    letters: Mutex<Vec<DeadLetter>>,
    cluster_id: Mutex<String>,
    /// Publishing and dead-lettering fail.
    pub(crate) away: AtomicBool,
    /// The end that the log tells, where it is ahead of what it hands out.
    withheld: AtomicBool,
    changed: watch::Sender<u64>,
}

impl Topic {
    pub(crate) fn new(clock: Arc<dyn Clock>, partitions: usize) -> Arc<Self> {
        Arc::new(Self {
            clock,
            records: Mutex::new(vec![Vec::new(); partitions]),
            published: Mutex::default(),
            letters: Mutex::default(),
            cluster_id: Mutex::new("sim".to_owned()),
            away: AtomicBool::new(false),
            withheld: AtomicBool::new(false),
            changed: watch::Sender::new(0),
        })
    }

    pub(crate) fn partition_count(&self) -> u32 {
        u32::try_from(self.records.lock().len()).unwrap()
    }

    /// Appends a command and answers where it stands.
    pub(crate) fn put(&self, command: NewCommand) -> i64 {
        let partition = partition_of(command.student, self.partition_count());
        let key = command.student.to_string();
        let body = command.body.clone();
        self.put_content(partition, RecordContent::Command(command), key.as_bytes(), &body)
    }

    /// Appends something that is no command.
    pub(crate) fn put_garbage(&self, partition: PartitionId) -> i64 {
        let offset = self.end(partition);
        let letter = DeadLetter {
            partition,
            offset,
            reason: "not a command",
            key: None,
            headers: Vec::new(),
            value: Some(Bytes::from_static(b"garbage")),
        };
        self.put_content(partition, RecordContent::Undecodable(letter), b"", b"garbage")
    }

    fn put_content(
        &self,
        partition: PartitionId,
        content: RecordContent,
        key: &[u8],
        value: &[u8],
    ) -> i64 {
        let at = self.clock.now();
        let mut records = self.records.lock();
        let records = &mut records[place(partition)];
        let offset = i64::try_from(records.len()).unwrap();
        let digest = digest(Some(key), Some(value), at);
        records.push(Record { partition, offset, at, digest, content });
        self.changed.send_modify(|version| *version += 1);
        offset
    }

    pub(crate) fn end(&self, partition: PartitionId) -> i64 {
        i64::try_from(self.records.lock()[place(partition)].len()).unwrap()
    }

    /// Holds records back from readers, as a slow fetch does, or hands them out again.
    pub(crate) fn withhold(&self, withheld: bool) {
        self.withheld.store(withheld, Ordering::SeqCst);
        self.changed.send_modify(|version| *version += 1);
    }

    /// Somebody replaced the log by another one.
    pub(crate) fn replace(&self, cluster_id: &str) {
        cluster_id.clone_into(&mut self.cluster_id.lock());
    }

    pub(crate) fn published(&self) -> Vec<Outgoing> {
        self.published.lock().clone()
    }

    pub(crate) fn letters(&self) -> Vec<DeadLetter> {
        self.letters.lock().clone()
    }

    fn record(&self, partition: PartitionId, offset: i64) -> Option<Record> {
        let place_of = usize::try_from(offset).ok()?;
        self.records.lock()[place(partition)].get(place_of).cloned()
    }
}

fn place(partition: PartitionId) -> usize {
    usize::try_from(partition.0).unwrap()
}

/// A process's connection.
#[derive(Debug)]
pub(crate) struct SimLog {
    topic: Arc<Topic>,
    life: Arc<Life>,
    /// The number of the newest assignment of each partition that is ours.
    ours: Arc<Mutex<BTreeMap<PartitionId, u64>>>,
    next_assignment: Mutex<u64>,
    tell: Mutex<Option<mpsc::UnboundedSender<Assignment>>>,
    told: Mutex<Option<mpsc::UnboundedReceiver<Assignment>>>,
    /// How often a partition was asked for anew.
    pub(crate) reopened: Mutex<Vec<PartitionId>>,
}

impl SimLog {
    pub(crate) fn new(topic: Arc<Topic>, life: Arc<Life>) -> Arc<Self> {
        let (tell, told) = mpsc::unbounded_channel();
        Arc::new(Self {
            topic,
            life,
            ours: Arc::default(),
            next_assignment: Mutex::new(0),
            tell: Mutex::new(Some(tell)),
            told: Mutex::new(Some(told)),
            reopened: Mutex::default(),
        })
    }

    /// Assigns a partition to this process.
    pub(crate) fn assign(&self, partition: PartitionId) {
        let number = {
            let mut next = self.next_assignment.lock();
            *next += 1;
            *next
        };
        self.ours.lock().insert(partition, number);
        self.topic.changed.send_modify(|version| *version += 1);
        let (start, starts) = watch::channel(None);
        let records = self.stream(partition, number, starts);
        let assigned = Assigned {
            partitions: vec![AssignedPartition { partition, records }],
            start: Box::new(move |starts: Vec<Start>| {
                let mine = starts.iter().find(|one| one.partition == partition);
                start.send(mine.map(|one| one.next_offset)).ok();
            }),
        };
        self.say(Assignment::Assigned(assigned));
    }

    /// Takes a partition away; the answer comes when it was handed over.
    pub(crate) fn revoke(&self, partition: PartitionId) -> oneshot::Receiver<()> {
        self.ours.lock().remove(&partition);
        self.topic.changed.send_modify(|version| *version += 1);
        let (done, wait) = oneshot::channel();
        let revoked = Revoked {
            partitions: vec![partition],
            done: Box::new(move || done.send(()).unwrap_or_default()),
        };
        self.say(Assignment::Revoked(revoked));
        wait
    }

    fn say(&self, assignment: Assignment) {
        if let Some(tell) = self.tell.lock().as_ref() {
            drop(tell.send(assignment));
        }
    }

    fn stream(
        &self,
        partition: PartitionId,
        number: u64,
        starts: watch::Receiver<Option<i64>>,
    ) -> BoxStream<Record> {
        let reader = Reader {
            topic: Arc::clone(&self.topic),
            life: Arc::clone(&self.life),
            ours: Arc::clone(&self.ours),
            partition,
            number,
            starts,
            next: None,
            changed: self.topic.changed.subscribe(),
        };
        stream::unfold(reader, |mut reader| async move {
            let record = reader.next().await?;
            Some((record, reader))
        })
        .boxed()
    }
}

struct Reader {
    topic: Arc<Topic>,
    life: Arc<Life>,
    ours: Arc<Mutex<BTreeMap<PartitionId, u64>>>,
    partition: PartitionId,
    number: u64,
    starts: watch::Receiver<Option<i64>>,
    next: Option<i64>,
    changed: watch::Receiver<u64>,
}

impl Reader {
    async fn next(&mut self) -> Option<Record> {
        let next = match self.next {
            Some(next) => next,
            None => (*self.starts.wait_for(Option::is_some).await.ok()?)?,
        };
        loop {
            self.life.breathe().await;
            if self.ours.lock().get(&self.partition) != Some(&self.number) {
                return None;
            }
            self.changed.mark_unchanged();
            if !self.topic.withheld.load(Ordering::SeqCst)
                && let Some(record) = self.topic.record(self.partition, next)
            {
                self.next = Some(next + 1);
                return Some(record);
            }
            self.changed.changed().await.ok()?;
        }
    }
}

#[async_trait]
impl Log for SimLog {
    fn partition_count(&self) -> u32 {
        self.topic.partition_count()
    }

    async fn append(&self, command: NewCommand) -> Result<(), LogError> {
        self.life.breathe().await;
        self.topic.put(command);
        Ok(())
    }

    async fn publish(&self, outgoing: Vec<Outgoing>) -> Result<(), LogError> {
        self.life.breathe().await;
        self.health().await?;
        self.topic.published.lock().extend(outgoing);
        self.topic.changed.send_modify(|version| *version += 1);
        Ok(())
    }

    async fn dead_letter(&self, letter: DeadLetter) -> Result<(), LogError> {
        self.life.breathe().await;
        self.health().await?;
        self.topic.letters.lock().push(letter);
        Ok(())
    }

    fn assignments(&self) -> BoxStream<Assignment> {
        let told = self.told.lock().take().expect("called once a process");
        stream::unfold(told, |mut told| async move { Some((told.recv().await?, told)) }).boxed()
    }

    fn reopen(&self, partition: PartitionId) {
        self.reopened.lock().push(partition);
        if self.ours.lock().contains_key(&partition) {
            self.assign(partition);
        }
    }

    async fn inspect(
        &self,
        partition: PartitionId,
        next_offset: i64,
    ) -> Result<Inspection, LogError> {
        self.life.breathe().await;
        Ok(Inspection {
            start: 0,
            end: self.topic.end(partition),
            cluster_id: self.topic.cluster_id.lock().clone(),
            digest: self.topic.record(partition, next_offset - 1).map(|record| record.digest),
        })
    }

    async fn replies(&self, slot: i32) -> Result<BoxStream<Reply>, LogError> {
        let from = self.topic.published.lock().len();
        let reader = (Arc::clone(&self.topic), self.topic.changed.subscribe(), from);
        let next = move |(topic, mut changed, mut at): (
            Arc<Topic>,
            watch::Receiver<u64>,
            usize,
        )| async move {
            loop {
                let outgoing = topic.published.lock().get(at).cloned();
                match outgoing {
                    Some(outgoing) => {
                        at += 1;
                        if let Outgoing::Reply(reply) = outgoing
                            && reply.slot == slot
                        {
                            return Some((reply, (topic, changed, at)));
                        }
                    }
                    None => changed.changed().await.ok()?,
                }
            }
        };
        Ok(stream::unfold(reader, next).boxed())
    }

    async fn settled(&self, _partition: PartitionId, _next_offset: i64) {}

    async fn health(&self) -> Result<(), LogError> {
        if self.topic.away.load(Ordering::SeqCst) {
            return Err(LogError::Unavailable("simulated".to_owned()));
        }
        Ok(())
    }

    async fn stop(&self) {
        self.ours.lock().clear();
        *self.tell.lock() = None;
        self.topic.changed.send_modify(|version| *version += 1);
    }
}
