//! The reader of commands: one OS thread that polls the client and never waits for the engine.
//!
//! Records go to their partition's queue; what doesn't fit is carried over, and a partition with a
//! full carry-over is paused alone. A client that died is replaced; one whose broker doesn't know
//! KIP-848 is replaced by a classic one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use learnflow_engine::id::PartitionId;
use rdkafka::Message as _;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use tokio_util::sync::CancellationToken;

use super::message::{appended_at, raw};
use super::partitions::{Paused, Verdict};
use super::rebalance::{GroupContext, Member, Shared, pause, resume};
use super::settings::{self, Protocol};
use crate::config::{GroupProtocol, KafkaConfig};
use crate::metrics::{self, RestartCause};
use crate::record::{Position, decode};

/// How long a poll waits for a record.
const POLL_IDLE: Duration = Duration::from_millis(20);
/// How long it waits while something is carried over.
const POLL_BUSY: Duration = Duration::from_millis(2);
/// How many records are taken before the rest gets its turn.
const BURST: usize = 256;
/// How often settled offsets are committed.
const COMMIT_EVERY: Duration = Duration::from_secs(5);
/// When a client that died is made anew.
const NEW_CLIENT_AFTER: Duration = Duration::from_secs(1);

/// The thread's belongings.
pub(super) struct Reader {
    pub(super) config: Arc<KafkaConfig>,
    pub(super) shared: Arc<Shared>,
    pub(super) stop: CancellationToken,
}

/// Why a client is no longer polled.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Unsupported,
    Fatal(String),
    NotMade(String),
}

/// What follows a client's end.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Leave,
    JoinClassic,
    JoinLater(RestartCause, String),
}

const fn first_protocol(setting: GroupProtocol) -> Protocol {
    match setting {
        GroupProtocol::Auto | GroupProtocol::Consumer => Protocol::Consumer,
        GroupProtocol::Classic => Protocol::Classic,
    }
}

fn next(setting: GroupProtocol, end: End) -> Next {
    match (end, setting) {
        (End::Stopped, _) => Next::Leave,
        (End::Unsupported, GroupProtocol::Auto) => Next::JoinClassic,
        (End::Unsupported, GroupProtocol::Consumer | GroupProtocol::Classic) => {
            let reason = "the broker does not know the configured kafka.group_protocol".to_owned();
            Next::JoinLater(RestartCause::Protocol, reason)
        }
        (End::Fatal(reason), _) => Next::JoinLater(RestartCause::Fatal, reason),
        (End::NotMade(reason), _) => Next::JoinLater(RestartCause::Start, reason),
    }
}

/// A fatal error is the client's end.
fn fatal_end(code: RDKafkaErrorCode, reason: String) -> End {
    let unsupported = matches!(
        code,
        RDKafkaErrorCode::UnsupportedFeature
            | RDKafkaErrorCode::UnsupportedVersion
            | RDKafkaErrorCode::UnsupportedAssignor
    );
    if unsupported { End::Unsupported } else { End::Fatal(reason) }
}

impl Reader {
    /// Reads until the log stops. A panic costs the client and no more: its partitions are taken
    /// away, and a new one joins.
    pub(super) fn run(&self) {
        while !self.stop.is_cancelled() {
            if catch_unwind(AssertUnwindSafe(|| self.read())).is_err() {
                self.give_back();
                self.join_later(RestartCause::Panic, "the reader panicked".to_owned());
            }
        }
    }

    fn read(&self) {
        let mut protocol = first_protocol(self.config.group_protocol);
        while !self.stop.is_cancelled() {
            let end = match self.join(protocol) {
                Ok(member) => self.poll_until_end(member),
                Err(error) => End::NotMade(error.to_string()),
            };
            self.give_back();
            match next(self.config.group_protocol, end) {
                Next::Leave => {}
                Next::JoinClassic => {
                    metrics::reader_restarted(RestartCause::Protocol);
                    tracing::warn!("the broker does not know KIP-848: joining the classic way");
                    protocol = Protocol::Classic;
                }
                Next::JoinLater(cause, reason) => self.join_later(cause, reason),
            }
        }
    }

    /// Takes away whatever the client's own end did not.
    fn give_back(&self) {
        let left = self.shared.table.lock().partitions();
        self.shared.take_away(&left, Duration::ZERO);
    }

    fn join_later(&self, cause: RestartCause, reason: String) {
        metrics::reader_restarted(cause);
        tracing::error!(%reason, "the reader's client died; a new one follows");
        *self.shared.fault.lock() = Some(reason);
        thread::sleep(NEW_CLIENT_AFTER);
    }

    fn join(&self, protocol: Protocol) -> Result<Member, KafkaError> {
        let context = GroupContext { shared: Arc::clone(&self.shared) };
        let member: Member =
            settings::group_member(&self.config, protocol).create_with_context(context)?;
        member.subscribe(&[&self.shared.topic])?;
        tracing::info!(?protocol, group = %self.config.group, "joining the group");
        Ok(member)
    }

    /// The client is dropped at the end: it leaves the group, and its callbacks run once more.
    fn poll_until_end(&self, member: Member) -> End {
        let mut committed = Instant::now();
        while !self.stop.is_cancelled() {
            let mut wait = if self.shared.table.lock().carries() { POLL_BUSY } else { POLL_IDLE };
            for _ in 0..BURST {
                match member.poll(wait) {
                    Some(Ok(message)) => self.take(&member, &message),
                    Some(Err(error)) => {
                        if let Some(end) = self.judge(&member, &error) {
                            return end;
                        }
                    }
                    None => break,
                }
                wait = Duration::ZERO;
            }
            self.shared.advance(&member);
            self.resume_what_drained(&member);
            if committed.elapsed() >= COMMIT_EVERY {
                committed = Instant::now();
                self.shared.commit_hints(&member);
            }
        }
        drop(member);
        End::Stopped
    }

    fn take(&self, member: &Member, message: &BorrowedMessage<'_>) {
        let partition = PartitionId(message.partition());
        let position = Position {
            partition,
            offset: message.offset(),
            at: appended_at(message),
            partition_count: self.config.partitions,
        };
        let record = decode(raw(message), position);
        metrics::record_read(&record.content);
        let mut table = self.shared.table.lock();
        let verdict = table.take(record);
        if verdict == Verdict::Pause {
            table.set_paused(partition, Paused::Yes);
            metrics::paused(table.paused().len());
            drop(table);
            pause(member, &self.shared.topic, &[partition]);
        }
    }

    fn resume_what_drained(&self, member: &Member) {
        let mut table = self.shared.table.lock();
        let resumable = table.flush();
        if resumable.is_empty() {
            return;
        }
        for partition in &resumable {
            table.set_paused(*partition, Paused::No);
        }
        metrics::paused(table.paused().len());
        drop(table);
        resume(member, &self.shared.topic, &resumable);
    }

    /// Most errors pass by themselves; some are the client's end.
    fn judge(&self, member: &Member, error: &KafkaError) -> Option<End> {
        if let Some((code, reason)) = member.client().fatal_error() {
            return Some(fatal_end(code, reason));
        }
        if *error == KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) {
            metrics::start_stalled();
            tracing::error!("a start lies outside the log: its partition stays silent");
            *self.shared.fault.lock() = Some("a partition's start lies outside the log".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_auto_falls_back_to_the_classic_protocol() {
        for code in [
            RDKafkaErrorCode::UnsupportedFeature,
            RDKafkaErrorCode::UnsupportedVersion,
            RDKafkaErrorCode::UnsupportedAssignor,
        ] {
            let end = || fatal_end(code, "x".to_owned());
            assert_eq!(next(GroupProtocol::Auto, end()), Next::JoinClassic);
            assert!(matches!(
                next(GroupProtocol::Consumer, end()),
                Next::JoinLater(RestartCause::Protocol, _)
            ));
        }
        let other = fatal_end(RDKafkaErrorCode::FencedInstanceId, "x".to_owned());
        assert_eq!(
            next(GroupProtocol::Auto, other),
            Next::JoinLater(RestartCause::Fatal, "x".to_owned())
        );
        assert_eq!(next(GroupProtocol::Auto, End::Stopped), Next::Leave);
    }
}
