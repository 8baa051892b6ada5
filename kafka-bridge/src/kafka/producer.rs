//! The idempotent producer: what is sent in order is delivered in order, or the caller hears.

use std::sync::Arc;
use std::time::{Duration, Instant};

use learnflow_engine::port::log::LogError;
use parking_lot::RwLock;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _};
use rdkafka::util::Timeout;

use super::message::native_headers;
use super::settings::{self, Context};
use super::topics::not_made;
use crate::config::KafkaConfig;
use crate::metrics::ClientRole;
use crate::record::RawRecord;

/// When a full queue is tried again.
const QUEUE_AGAIN_AFTER: Duration = Duration::from_millis(5);
/// How long a call takes at most; a record whose call ended so may still be delivered.
const CALL_DEADLINE: Duration = Duration::from_secs(5);

type Client = FutureProducer<Context>;

/// A record with its place: the key decides on the partition unless one is named.
pub(super) struct Outbound {
    pub(super) topic: String,
    pub(super) partition: Option<i32>,
    pub(super) raw: RawRecord,
}

/// Sends records; makes itself a new client when the old one died of a fatal error.
pub(super) struct Producer {
    config: Arc<KafkaConfig>,
    client: RwLock<Client>,
}

impl Producer {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Result<Self, LogError> {
        let client = make(&config)?;
        Ok(Self { config, client: RwLock::new(client) })
    }

    /// Learns the topics before the first record needs them. The producer's id is asked for by the
    /// client itself as soon as it knows a broker.
    pub(super) fn warm(&self, topics: &[&str], timeout: Duration) -> Result<(), LogError> {
        let client = self.client.read().clone();
        for topic in topics {
            client
                .client()
                .fetch_metadata(Some(topic), timeout)
                .map_err(|error| LogError::Unavailable(error.to_string()))?;
        }
        Ok(())
    }

    /// Whether a broker answers.
    pub(super) fn ping(&self, topic: &str, timeout: Duration) -> Result<(), LogError> {
        let client = self.client.read().clone();
        match client.client().fetch_metadata(Some(topic), timeout) {
            Ok(_) => Ok(()),
            Err(error) => Err(LogError::Unavailable(format!("no broker answers: {error}"))),
        }
    }

    /// Sends one record and waits for its acknowledgement.
    pub(super) async fn send(&self, record: Outbound) -> Result<(), LogError> {
        self.send_all(vec![record]).await
    }

    /// Sends records in their order and waits for every acknowledgement.
    ///
    /// # Errors
    /// The first failure; some of the others may have gone out.
    pub(super) async fn send_all(&self, records: Vec<Outbound>) -> Result<(), LogError> {
        let client = self.client.read().clone();
        let mut deliveries = Vec::with_capacity(records.len());
        let deadline = Instant::now() + CALL_DEADLINE;
        for record in &records {
            deliveries.push(self.enqueue(&client, record, deadline).await?);
        }
        let acknowledged = async {
            for delivery in deliveries {
                match delivery.await {
                    Ok(Ok(_)) => {}
                    Ok(Err((error, _))) => return Err(self.failed(&client, &error)),
                    Err(_) => return Err(LogError::Unavailable("the producer ended".to_owned())),
                }
            }
            Ok(())
        };
        tokio::time::timeout_at(deadline.into(), acknowledged)
            .await
            .unwrap_or_else(|_| Err(LogError::Unavailable("not acknowledged in time".to_owned())))
    }

    /// Waits until what was sent is out.
    pub(super) fn flush(&self, timeout: Duration) {
        let client = self.client.read().clone();
        if let Err(error) = client.flush(Timeout::After(timeout)) {
            tracing::warn!(%error, "records were not delivered before the end");
        }
    }

    async fn enqueue(
        &self,
        client: &Client,
        record: &Outbound,
        deadline: Instant,
    ) -> Result<DeliveryFuture, LogError> {
        loop {
            match client.send_result(native(record)) {
                Ok(delivery) => return Ok(delivery),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _))
                    if Instant::now() < deadline =>
                {
                    tokio::time::sleep(QUEUE_AGAIN_AFTER).await;
                }
                Err((error, _)) => return Err(self.failed(client, &error)),
            }
        }
    }

    /// Says what a failure means, and replaces a client that cannot go on.
    fn failed(&self, client: &Client, error: &KafkaError) -> LogError {
        if client.client().fatal_error().is_some() {
            self.replace();
        }
        let for_good = matches!(
            error,
            KafkaError::MessageProduction(
                RDKafkaErrorCode::MessageSizeTooLarge
                    | RDKafkaErrorCode::InvalidMessageSize
                    | RDKafkaErrorCode::InvalidRecord
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::ClusterAuthorizationFailed,
            )
        );
        if for_good {
            LogError::Refused(error.to_string())
        } else {
            LogError::Unavailable(error.to_string())
        }
    }

    fn replace(&self) {
        let mut current = self.client.write();
        // Somebody else may have done it meanwhile.
        if let Some((code, reason)) = current.client().fatal_error() {
            tracing::error!(%code, "the producer died and is made anew: {reason}");
            match make(&self.config) {
                Ok(client) => *current = client,
                Err(error) => tracing::error!(%error, "no new producer"),
            }
        }
    }
}

fn make(config: &KafkaConfig) -> Result<Client, LogError> {
    settings::producer(config)
        .create_with_context(Context::new(ClientRole::Producer))
        .map_err(|error| not_made(&error))
}

fn native(record: &Outbound) -> FutureRecord<'_, [u8], [u8]> {
    FutureRecord {
        topic: &record.topic,
        partition: record.partition,
        payload: record.raw.value.as_deref(),
        key: record.raw.key.as_deref(),
        timestamp: None,
        headers: Some(native_headers(&record.raw.headers)),
    }
}
