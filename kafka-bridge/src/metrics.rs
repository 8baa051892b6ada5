//! What the log counts: `learnflow_kafka_bridge_<noun>_<unit>[_total]`, labels from closed enums.
//!
//! | metric | labels | what |
//! |---|---|---|
//! | `…_appends_total` | `outcome` ok, unavailable, refused | commands appended |
//! | `…_append_seconds` | | from call to acknowledgement |
//! | `…_records_total` | `content` command, undecodable | records handed to partitions |
//! | `…_replies_total` | `way` memory, kafka, lagging, unread | replies sent or lost |
//! | `…_events_total` | | public events published |
//! | `…_dead_letters_total` | | dead letters written |
//! | `…_rebalances_total` | `kind` assigned, revoked, reopened, late_start | what happened to partitions |
//! | `…_paused_partitions` | | partitions that wait for their reader |
//! | `…_stalled_starts_total` | | starts outside the log |
//! | `…_reader_restarts_total` | `cause` protocol, fatal, start, panic | new consumer clients |
//! | `…_client_errors_total` | `client` reader, producer, replies, inspector | errors that a Kafka client reported |

use std::time::Duration;

use learnflow_engine::port::log::{LogError, RecordContent};
#[cfg(feature = "kafka")]
use metrics::gauge;
use metrics::{counter, histogram};

/// Which way a reply took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyWay {
    /// Handed over inside the process.
    Memory,
    /// Written to `learnflow.replies`.
    #[cfg(feature = "kafka")]
    Kafka,
    /// Lost: its reader's queue was full.
    Lagging,
    /// Dropped: nobody reads the slot.
    Unread,
}

/// What happened to partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rebalance {
    /// They came.
    Assigned,
    /// They went.
    Revoked,
    /// Their owner failed and asked for them anew.
    Reopened,
    /// Their start came later than the callback waits.
    #[cfg(feature = "kafka")]
    LateStart,
}

/// Why the reader made a new client.
#[cfg(feature = "kafka")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RestartCause {
    /// The broker doesn't know KIP-848.
    Protocol,
    /// The client died of a fatal error.
    Fatal,
    /// The client could not be made.
    Start,
    /// The thread panicked.
    Panic,
}

/// Whose client reported an error.
#[cfg(feature = "kafka")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientRole {
    /// Reads commands.
    Reader,
    /// Writes everything.
    Producer,
    /// Reads replies.
    Replies,
    /// Looks at the log.
    Inspector,
}

#[cfg(feature = "kafka")]
impl ClientRole {
    /// The label's text, also in logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Producer => "producer",
            Self::Replies => "replies",
            Self::Inspector => "inspector",
        }
    }
}

pub(crate) fn appended(outcome: &Result<(), LogError>, took: Duration) {
    let label = match outcome {
        Ok(()) => "ok",
        Err(LogError::Unavailable(_)) => "unavailable",
        Err(LogError::Refused(_)) => "refused",
    };
    counter!("learnflow_kafka_bridge_appends_total", "outcome" => label).increment(1);
    histogram!("learnflow_kafka_bridge_append_seconds").record(took.as_secs_f64());
}

pub(crate) fn record_read(content: &RecordContent) {
    let label = match content {
        RecordContent::Command(_) => "command",
        RecordContent::Undecodable(_) => "undecodable",
    };
    counter!("learnflow_kafka_bridge_records_total", "content" => label).increment(1);
}

pub(crate) fn reply_sent(way: ReplyWay) {
    let label = match way {
        ReplyWay::Memory => "memory",
        #[cfg(feature = "kafka")]
        ReplyWay::Kafka => "kafka",
        ReplyWay::Lagging => "lagging",
        ReplyWay::Unread => "unread",
    };
    counter!("learnflow_kafka_bridge_replies_total", "way" => label).increment(1);
}

pub(crate) fn event_published() {
    counter!("learnflow_kafka_bridge_events_total").increment(1);
}

pub(crate) fn dead_letter_written() {
    counter!("learnflow_kafka_bridge_dead_letters_total").increment(1);
}

pub(crate) fn rebalanced(kind: Rebalance, partitions: usize) {
    let label = match kind {
        Rebalance::Assigned => "assigned",
        Rebalance::Revoked => "revoked",
        Rebalance::Reopened => "reopened",
        #[cfg(feature = "kafka")]
        Rebalance::LateStart => "late_start",
    };
    let count = u64::try_from(partitions).unwrap_or(u64::MAX);
    counter!("learnflow_kafka_bridge_rebalances_total", "kind" => label).increment(count);
}

pub(crate) fn start_stalled() {
    counter!("learnflow_kafka_bridge_stalled_starts_total").increment(1);
}

#[cfg(feature = "kafka")]
pub(crate) fn paused(partitions: usize) {
    let count = u32::try_from(partitions).unwrap_or(u32::MAX);
    gauge!("learnflow_kafka_bridge_paused_partitions").set(f64::from(count));
}

#[cfg(feature = "kafka")]
pub(crate) fn reader_restarted(cause: RestartCause) {
    let label = match cause {
        RestartCause::Protocol => "protocol",
        RestartCause::Fatal => "fatal",
        RestartCause::Start => "start",
        RestartCause::Panic => "panic",
    };
    counter!("learnflow_kafka_bridge_reader_restarts_total", "cause" => label).increment(1);
}

#[cfg(feature = "kafka")]
pub(crate) fn client_error(role: ClientRole) {
    counter!("learnflow_kafka_bridge_client_errors_total", "client" => role.as_str()).increment(1);
}
