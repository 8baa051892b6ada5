//! The tutor's mind: what a session decides, remembers and says, as pure functions and types.
//!
//! Read in this order: [`id`] and [`clock`] (the words), [`port`] (what the outside must offer),
//! [`session`] (how a student's session decides and evolves), [`event`] (what is stored and what
//! frames it yields), [`snapshot`], [`tutor`] (triage, prompts, the offline tutor), [`course`],
//! [`progress`] (how well each topic is known, and what to do next).
//!
//! **Invariant:** nothing in this crate reads a clock, a random source, a file, a socket or the
//! environment, and nothing spawns. The same inputs give the same outputs, byte for byte. The
//! event and the snapshot are the only stored formats.

pub mod clock;
pub mod course;
pub mod error_code;
pub mod event;
pub mod grading;
pub mod id;
pub mod invariants;
pub mod port;
pub mod progress;
pub mod session;
pub mod simulated;
pub mod snapshot;
pub mod tutor;
