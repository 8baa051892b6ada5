//! Hears two things in what a student writes: that they are confused, and that they want the
//! answer rather than help.
//!
//! By phrases of plain English, misspelt ones too. What is quoted or stands in code isn't theirs.
//! Traps are known by name: what is denied, over, only supposed, said of a program or of somebody
//! else, and wonder at one's own success. Read in this order: `clause` (from a text to words),
//! `pattern` (how phrases are written), `confusion`, `seeking`.

mod clause;
mod confusion;
mod pattern;
mod seeking;

/// Whether something was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was said.
    Yes,
    /// It wasn't.
    No,
}

impl From<bool> for Heard {
    fn from(heard: bool) -> Self {
        if heard { Self::Yes } else { Self::No }
    }
}

/// Whether a student says that they don't understand or are stuck. Of several sentences the last
/// that speaks of it counts. Total and deterministic.
pub fn confusion(text: &str) -> Heard {
    confusion::is_said(&clause::clauses(text)).into()
}

/// Whether a student asks for the answer, the solution or finished code. Total and deterministic.
pub fn answer_seeking(text: &str) -> Heard {
    seeking::is_said(&clause::clauses(text)).into()
}
