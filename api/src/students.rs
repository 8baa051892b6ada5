//! One student's record: for the student, and for who teaches them.

pub(crate) mod events;
mod opened;
pub(crate) mod overview;
pub(crate) mod progress;
pub(crate) mod transcript;
