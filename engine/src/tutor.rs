//! How a question becomes an answer: [`triage`] finds the specialist and the topic, [`prompt`]
//! says it to a model, [`leak`] reads what the model says before the student does, [`authored`]
//! answers what needs none, [`hint`] is the ladder, [`offline`] answers everything from the course
//! alone, [`traceback`] reads errors.

pub mod authored;
pub mod hint;
pub mod leak;
pub mod offline;
pub mod prompt;
pub mod traceback;
pub mod triage;
