//! A student's session: [`decide::decide`] says what happens, [`evolve`] makes it so.
//!
//! ```text
//!            ask                 completion ends
//!   idle ───────────► running ──────────────────► idle, or the next of the queue
//!                      │  ▲ ask: queued (≤ 8)
//!                      └──┘
//! ```
//! Read [`command`] (what comes in by the log), [`input`] (all that can happen), [`state`],
//! [`crate::event::v1`] (what is stored), [`decide`], [`evolve`].

pub mod command;
pub mod decide;
pub mod effect;
pub mod evolve;
pub mod input;
pub mod state;
