//! What every store must do, rule by rule, on PostgreSQL and on SQLite.
//!
//! The kit speaks to `dyn Store`; each rule has a database of its own.
#![cfg(test)]

#[path = "conformance/alert.rs"]
mod alert;
#[path = "conformance/change.rs"]
mod change;
#[path = "conformance/differential.rs"]
mod differential;
#[path = "conformance/fence.rs"]
mod fence;
#[path = "conformance/intent.rs"]
mod intent;
#[path = "conformance/journal.rs"]
mod journal;
#[path = "conformance/learning.rs"]
mod learning;
#[path = "conformance/lost_commit.rs"]
mod lost_commit;
#[path = "conformance/proxy.rs"]
mod proxy;
#[path = "conformance/read_model.rs"]
mod read_model;
#[path = "conformance/session.rs"]
mod session;
#[path = "conformance/slot.rs"]
mod slot;
#[path = "conformance/timeline.rs"]
mod timeline;
#[path = "conformance/world.rs"]
mod world;
