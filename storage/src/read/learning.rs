//! What a student has learned: text-free rows that the engine's commits keep up to date.
//!
//! Topics ([`mastery`], [`reviews`]), what was practised ([`attempts`], [`recent_items`],
//! [`hints`], [`passed`]), who needs help ([`alerts`]), and all of it in order ([`timeline`]).
//! Points are in hundredths, 0 to 10,000; `seq` is the number of the student's event that made
//! the row, and a row's place in what comes newest first. Words of closed lists are as stored.

mod alert;
mod practice;
mod timeline;
mod topic;

pub use alert::{AlertRow, AlertScope, alerts};
pub use practice::{AttemptRow, HintedExercise, RECENT_MAX, attempts, hints, passed, recent_items};
pub use timeline::{Occurrence, TimelineEntry, timeline};
pub use topic::{MasteryRow, ReviewRow, mastery, reviews};
