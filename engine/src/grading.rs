//! Grading by reading alone: deterministic, by declared comparators. No model ever grades.
//!
//! Read [`comparator`], [`quiz`], [`exercise`]. What needs a program to run is graded by whoever
//! runs it; the scores come together in [`exercise::score`].

pub mod comparator;
pub mod exercise;
pub mod quiz;
