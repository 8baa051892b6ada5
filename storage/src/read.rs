//! Read models: what students and instructors look at, straight from the store.
//!
//! [`student`], [`learning`] and [`class`] read text-free rows that the engine's commits keep up
//! to date; [`transcript`] and [`journal`] read sealed rows, which whoever holds the student's key
//! opens. Lists come in pages ([`page`]) with cursors that nobody needs to understand.

pub mod class;
pub mod journal;
pub mod learning;
pub mod page;
pub mod student;
pub mod transcript;
