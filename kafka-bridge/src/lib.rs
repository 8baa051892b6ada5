//! The partitioned log: commands in, replies and public events out, behind
//! [`learnflow_engine::port::log::Log`].
//!
//! Two implementations, one conformance kit (`tests/conformance.rs`): [`kafka::KafkaLog`] for
//! `serve`, [`embedded::EmbeddedLog`] for `demo`. Read in this order: [`record`] (what a command
//! looks like in the log), [`cloud_event`], [`dead_letter`] and [`reply`] (what else is written),
//! [`config`], then one of the two logs.
//!
//! **Delivery guarantee.** A command whose `append` answered `Ok` stands in its student's
//! partition, after everything that was appended for that student before, and is handed to the
//! partition's owner *at least once*: again after a crash, a rebalance or a lost answer. The log
//! decides nothing: where to read from is the store's next offset, which is handed in on every
//! assignment, and Kafka's own committed offset is a hint for operators. Who reads drops what it
//! knows, by position and by command id. Replies are *at most once*: a slow or absent reader loses
//! them, and finds the durable ones in the store. Public events and dead letters are at least once.
//!
//! **Invariant:** a slow reader of one partition never stops another, nothing here reads a body,
//! and every queue is bounded in count and bytes.

mod assignment;
pub mod cloud_event;
pub mod config;
pub mod dead_letter;
pub mod embedded;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod metrics;
mod queue;
pub mod record;
pub mod reply;
mod slots;
