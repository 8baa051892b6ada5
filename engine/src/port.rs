//! What the engine's world must offer: the log, the store, the vault and the model.
//!
//! Each port has at least two implementations (Kafka and embedded, PostgreSQL and SQLite, an
//! OpenAI-compatible server and the offline tutor), and simulated ones in tests. The clock is
//! [`crate::clock::Clock`].

pub mod log;
pub mod model;
pub mod store;
pub mod vault;
