//! One student's record: for the student, and for who teaches them.

pub(crate) mod events;
pub(crate) mod exercises;
pub(crate) mod mastery;
mod opened;
pub(crate) mod overview;
pub(crate) mod progress;
pub(crate) mod quiz;
pub(crate) mod reviews;
pub(crate) mod standing;
pub(crate) mod timeline;
pub(crate) mod transcript;
pub(crate) mod why;
