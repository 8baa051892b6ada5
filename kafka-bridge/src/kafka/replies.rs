//! Reads one partition of `learnflow.replies` from its end: a gateway's slot.
//!
//! The end is asked for before `replies` returns, so nothing that is published afterwards can be
//! missed. A reader that is full makes this thread wait, and the broker keeps what waits.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use learnflow_engine::port::log::{LogError, Reply};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::message::raw;
use super::settings::{self, Context};
use super::topics::not_made;
use super::watermark::watermarks;
use crate::config::KafkaConfig;
use crate::metrics::{self, ClientRole};
use crate::queue::{QueueSender, Rejected};
use crate::reply::{decode, weight_bytes};

/// How long a poll waits for a reply.
const POLL: Duration = Duration::from_millis(20);
/// When a full queue is tried again.
const QUEUE_AGAIN_AFTER: Duration = Duration::from_millis(2);
/// How long the partition's end may take.
const END_DEADLINE: Duration = Duration::from_secs(4);

/// A slot's reader, for a thread of its own.
pub(super) struct SlotReader {
    pub(super) config: Arc<KafkaConfig>,
    pub(super) topic: String,
    pub(super) slot: i32,
    pub(super) queue: QueueSender<Reply>,
    pub(super) stop: CancellationToken,
}

impl SlotReader {
    /// Finds the end, says so, and reads until nobody listens or the log stops.
    pub(super) fn run(self, ready: oneshot::Sender<Result<(), LogError>>) {
        let consumer = match self.at_end() {
            Ok(consumer) => consumer,
            Err(error) => {
                ready.send(Err(error)).ok();
                return;
            }
        };
        if ready.send(Ok(())).is_err() {
            return;
        }
        while !self.stop.is_cancelled() && !self.queue.is_closed() {
            match consumer.poll(POLL) {
                Some(Ok(message)) => match decode(raw(&message), message.partition()) {
                    Ok(reply) => self.hand_over(reply),
                    Err(error) => tracing::warn!(slot = self.slot, %error, "a record is skipped"),
                },
                // The client goes on by itself; what it lost is found in the store.
                Some(Err(error)) => {
                    metrics::client_error(ClientRole::Replies);
                    tracing::debug!(slot = self.slot, %error, "reading replies");
                }
                None => {}
            }
        }
    }

    fn at_end(&self) -> Result<BaseConsumer<Context>, LogError> {
        let consumer: BaseConsumer<Context> =
            settings::assigned_reader(&self.config, ClientRole::Replies)
                .create_with_context(Context::new(ClientRole::Replies))
                .map_err(|error| not_made(&error))?;
        let deadline = Instant::now() + END_DEADLINE;
        let (_, end) = watermarks(&consumer, &self.topic, self.slot, deadline)?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic, self.slot, Offset::Offset(end))
            .and_then(|()| consumer.assign(&list))
            .map_err(|error| LogError::Unavailable(error.to_string()))?;
        Ok(consumer)
    }

    fn hand_over(&self, mut reply: Reply) {
        let weight = weight_bytes(&reply);
        while !self.stop.is_cancelled() {
            match self.queue.try_send(reply, weight) {
                Ok(()) | Err(Rejected::Closed(_)) => return,
                Err(Rejected::Full(back)) => reply = back,
            }
            thread::sleep(QUEUE_AGAIN_AFTER);
        }
    }
}
