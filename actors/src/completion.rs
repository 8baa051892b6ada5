//! The cached request actor: from a prompt to a stream of its answer.
//!
//! Read in this order: [`handle`] (what a session calls), [`scope`] and [`key`] (with whom an
//! answer may be shared), [`cache`] (finished answers), [`supervisor`] and [`flight`] (one call
//! upstream for all who wait for it), [`upstream`] with [`retry`], [`limiter`], [`admission`] and
//! [`breaker`] (when and how often the model is called), then the models: [`openai`], [`offline`],
//! `scripted`.
//!
//! ```text
//! session ─ complete(call) ─► handle, in the caller's task: authored? cached? ── hit ─► stream
//!                               │ miss, by mail
//!                               ▼
//!                        CompletionSupervisor: join a flight or start one
//!                               ▼
//!                        flight ─► breaker ─► limiter ─► model      one retry layer, deadlines
//!                          └─ append-only log ─► every follower; a whole answer ─► cache
//! ```
//!
//! **Invariants:** a call ends with exactly one terminal event within its total deadline. An
//! answer is stored or shared only within its scope, and stored only when it ended with
//! [`FinishReason::Stop`](learnflow_engine::port::model::FinishReason::Stop). Nothing here logs a
//! word of a prompt or an answer.

pub mod admission;
pub mod breaker;
pub mod cache;
pub mod config;
mod events;
pub mod flight;
pub mod handle;
pub mod key;
pub mod limiter;
mod metrics;
pub mod offline;
pub mod openai;
pub mod retry;
pub mod scope;
#[cfg(any(test, feature = "testing"))]
pub mod scripted;
pub mod supervisor;
pub mod upstream;

pub use config::{Config, InvalidConfig};
pub use handle::{Call, CompletionEvent, CompletionHandle, Parts, StartError};
pub use scope::Reuse;
