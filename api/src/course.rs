//! The course as students see it: without answer keys, hidden tests, solutions and hints.

pub(crate) mod exercise;
pub(crate) mod outline;
