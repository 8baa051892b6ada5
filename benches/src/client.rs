//! One student's side of protocol `learnflow.v1`.
//!
//! [`Http`] signs up, signs in and fetches tickets; [`Rules`] is what the protocol asks of a
//! client, without a socket or a clock; [`StudentClient`] is both over a real WebSocket.
//!
//! Ordering: updates come in the order of the frames. Duplicates: a repeated frame is recorded in
//! the history and gives no second update.

mod frame;
mod http;
mod rules;
mod socket;
mod student;

pub use frame::{DurableFrame, ResyncTurn, ServerFrame, TokenFrame};
pub use http::{Account, Http, HttpError, InvalidTarget, Target};
pub use rules::{Action, Rules, Seen, StopReason, Times, TooManyCommands, Update};
pub use student::{NoAnswer, StudentClient};
