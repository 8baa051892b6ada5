//! The edge: HTTP, the student's WebSocket, sign-in and the web pages.
//!
//! Read in this order: [`table`] (every route and who may use it), [`mod@router`] (how the table
//! becomes a server), `guard` (how a row's rule is held), [`state`], [`problem`]; then the
//! endpoints, one a file, in `auth`, `sections`, `students`, `users`, `course`, [`demo`] and
//! [`health`]; then what people look at, in `pages` and [`openapi`], and how connections are
//! served, in [`mod@serve`]. The WebSocket is [`socket`].
//!
//! **Invariant:** a route exists only as a row of the table, and no handler runs before the guard
//! has held its row's rule.

mod auth;
mod body;
mod course;
pub mod demo;
mod guard;
pub mod health;
mod idempotency;
mod intent;
mod metrics;
pub mod openapi;
mod origin;
mod pages;
mod peer;
pub mod problem;
mod query;
mod rescue;
pub mod router;
mod sections;
mod security_headers;
pub mod serve;
pub mod socket;
pub mod state;
mod students;
pub mod sweeper;
pub mod table;
mod throttle;
mod trace;
mod users;

pub use metrics::metrics_router;
pub use router::router;
pub use serve::serve;
