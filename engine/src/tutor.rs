//! How a question becomes an answer: [`triage`] finds the specialist and the topic, [`prompt`]
//! says it to a model, [`offline`] answers from the course alone.

pub mod offline;
pub mod prompt;
pub mod triage;
