//! The running tutor: actors that carry out what `learnflow-engine` decides.
//!
//! ```text
//! Supervisor ─┬─ Partition (one per assigned partition) ─── Session (one per active student)
//!             ├─ Committer (one a process)
//!             ├─ Publisher (one a process)
//!             └─ completion (the cached request actor)
//! ```
//! Read in this order: [`world`] (what everything needs), [`supervisor`] (the tree's root),
//! [`partition`], [`session`], [`committer`], [`publisher`], [`completion`], [`relay`].
//!
//! **Invariant:** actors decide nothing about tutoring. A session has at most one activation in a
//! process; what it says leaves after the commit that makes it true, in order; every mailbox is
//! bounded by credits that the sender holds.

pub mod committer;
pub mod completion;
pub mod config;
pub mod metrics;
pub mod partition;
pub mod publisher;
pub mod relay;
pub mod session;
pub mod supervisor;
pub mod world;
