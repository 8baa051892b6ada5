//! How a question becomes an answer: [`triage`] finds the specialist and the topic, [`prompt`]
//! says it to a model, [`authored`] answers what needs none, [`hint`] is
//! the ladder, [`offline`] answers everything from
//! the course alone, [`traceback`] reads errors.

pub mod authored;
pub mod hint;
pub mod offline;
pub mod prompt;
pub mod traceback;
pub mod triage;
