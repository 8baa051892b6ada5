//! Looks at the log: watermarks, the cluster's id, and the record before an offset.
//!
//! One warm consumer on one thread. Requests that wait together are answered together, since a
//! claim asks for every partition at once and a fetch of one record may wait as long as one of
//! twelve.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{Inspection, LogError, digest};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::message::appended_at;
use super::settings::{self, Context};
use super::topics::not_made;
use super::watermark::watermarks;
use crate::config::KafkaConfig;
use crate::metrics::ClientRole;

/// How long an inspection takes at most.
const DEADLINE: Duration = Duration::from_secs(5);
/// The part of it that the thread may use for the requests that wait together.
const ROUND: Duration = Duration::from_secs(4);
/// How long a poll waits for a record; also how soon the thread sees that the log stops.
const POLL: Duration = Duration::from_millis(50);
/// How many requests may wait.
const WAITING: usize = 1_024;

type Answer = Result<Inspection, LogError>;

struct Request {
    partition: PartitionId,
    next_offset: i64,
    answer: oneshot::Sender<Answer>,
}

/// What is known of a request while its record is fetched.
struct Open {
    request: Request,
    seen: Inspection,
}

/// Asks the thread that looks.
pub(super) struct Inspector {
    requests: SyncSender<Request>,
}

impl Inspector {
    /// Starts the thread; it ends when the log stops.
    pub(super) fn start(
        config: &KafkaConfig,
        topic: String,
        stop: CancellationToken,
        threads: &TaskTracker,
    ) -> Result<Self, LogError> {
        let consumer = settings::assigned_reader(config, ClientRole::Inspector)
            .create_with_context(Context::new(ClientRole::Inspector))
            .map_err(|error| not_made(&error))?;
        let (requests, waiting) = sync_channel(WAITING);
        let worker = Worker { consumer, topic, stop };
        let alive = threads.token();
        thread::Builder::new()
            .name("log-inspector".to_owned())
            .spawn(move || {
                worker.run(&waiting);
                drop(alive);
            })
            .map_err(|error| LogError::Unavailable(error.to_string()))?;
        Ok(Self { requests })
    }

    /// Looks around `next_offset`.
    pub(super) async fn inspect(&self, partition: PartitionId, next_offset: i64) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.requests.try_send(Request { partition, next_offset, answer }).map_err(|error| {
            match error {
                TrySendError::Full(_) => {
                    LogError::Unavailable("too many inspections wait".to_owned())
                }
                TrySendError::Disconnected(_) => crate::assignment::stopped(),
            }
        })?;
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(crate::assignment::stopped()),
            Err(_) => Err(LogError::Unavailable("the inspection took too long".to_owned())),
        }
    }
}

struct Worker {
    consumer: BaseConsumer<Context>,
    topic: String,
    stop: CancellationToken,
}

impl Worker {
    fn run(&self, waiting: &Receiver<Request>) {
        while !self.stop.is_cancelled() {
            match waiting.recv_timeout(POLL) {
                Ok(first) => {
                    let mut round = vec![first];
                    round.extend(waiting.try_iter());
                    self.answer(round);
                }
                Err(RecvTimeoutError::Timeout) => {
                    // Serves the client's own events.
                    drop(self.consumer.poll(Duration::ZERO));
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn answer(&self, round: Vec<Request>) {
        let deadline = Instant::now() + ROUND;
        let mut open = Vec::new();
        for request in round {
            match self.look(&request, deadline) {
                Ok(seen) if (seen.start..seen.end).contains(&(request.next_offset - 1)) => {
                    open.push(Open { request, seen });
                }
                seen => {
                    request.answer.send(seen).ok();
                }
            }
        }
        // Two requests for one partition are read one after the other.
        while !open.is_empty() {
            let mut later = Vec::new();
            let mut now: Vec<Open> = Vec::new();
            for next in open {
                let taken = now.iter().any(|o| o.request.partition == next.request.partition);
                if taken { &mut later } else { &mut now }.push(next);
            }
            self.read(now, deadline);
            open = later;
        }
    }

    fn look(&self, request: &Request, deadline: Instant) -> Answer {
        let (start, end) = watermarks(&self.consumer, &self.topic, request.partition.0, deadline)?;
        let cluster_id =
            self.consumer.client().fetch_cluster_id(remaining(deadline)).ok_or_else(|| {
                LogError::Unavailable("the cluster does not tell its id".to_owned())
            })?;
        Ok(Inspection { start, end, cluster_id, digest: None })
    }

    /// Reads the record of every request and answers.
    fn read(&self, mut open: Vec<Open>, deadline: Instant) {
        if let Err(error) = self.stand_before(&open) {
            return fail(open, &error.to_string());
        }
        while !open.is_empty() && Instant::now() < deadline && !self.stop.is_cancelled() {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => answer_with(&mut open, &message),
                Some(Err(error)) => {
                    tracing::debug!(%error, "inspecting the log");
                }
                None => {}
            }
        }
        if let Err(error) = self.consumer.unassign() {
            tracing::debug!(%error, "inspecting the log");
        }
        fail(open, "a record could not be read in time");
    }

    fn stand_before(&self, open: &[Open]) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        for Open { request, .. } in open {
            let offset = Offset::Offset(request.next_offset - 1);
            list.add_partition_offset(&self.topic, request.partition.0, offset)?;
        }
        self.consumer.assign(&list)
    }
}

/// The record that was asked for, or the first behind it where it is gone.
fn answer_with(open: &mut Vec<Open>, message: &BorrowedMessage<'_>) {
    let of_message = |o: &Open| o.request.partition.0 == message.partition();
    let Some(index) = open.iter().position(of_message) else { return };
    let wanted = open[index].request.next_offset - 1;
    if message.offset() < wanted {
        return;
    }
    let Open { request, mut seen } = open.swap_remove(index);
    if message.offset() == wanted {
        let at = appended_at(message);
        seen.digest = Some(digest(message.key(), message.payload(), at));
    }
    request.answer.send(Ok(seen)).ok();
}

fn fail(open: Vec<Open>, reason: &str) {
    for Open { request, .. } in open {
        request.answer.send(Err(LogError::Unavailable(reason.to_owned()))).ok();
    }
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
