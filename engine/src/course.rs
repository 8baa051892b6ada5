//! The course as data: what is taught, in which order, with which examples, exercises and hints.
//!
//! Read in this order: [`id`] (how things of a course are named), [`model`] (what a course is),
//! [`load`] (from TOML files to a course, or a list of everything that is wrong), [`fault`],
//! [`schema`] (the files' published form).
//! The rules that a course must keep stand in `validate`, the Python course in `builtin`.
//!
//! **Invariant:** a [`Course`] that exists is valid. Reference solutions and hidden tests stay
//! inside it: nothing that a student reads is built from them.

mod builtin;
mod document;
pub mod fault;
pub mod id;
pub mod load;
pub mod model;
mod practice;
mod quiz_index;
pub mod schema;
mod validate;

pub use fault::{CourseError, Fault};
pub use id::{CourseKey, ExerciseId, InvalidCourseId, ItemId, TopicId};
pub use model::{Course, CourseVersion, Level, Topic};
