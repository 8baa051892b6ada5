//! Streams an answer through the guard in pieces, as a provider would.

use learnflow_engine::course::CourseKey;
use learnflow_engine::tutor::leak::{Checked, Exposure, Guard, LeakReason, Secret};

/// What became of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// What the student saw.
    pub(crate) text: String,
    /// Why the rest was held back.
    pub(crate) reason: Option<LeakReason>,
    /// What it has shown.
    pub(crate) exposures: Vec<(CourseKey, Exposure)>,
}

/// Streams an answer in pieces of so many characters.
pub(crate) fn shown(secrets: Vec<Secret>, own: &[&str], answer: &str, piece: usize) -> Shown {
    let characters: Vec<char> = answer.chars().collect();
    let pieces: Vec<String> =
        characters.chunks(piece).map(|piece| piece.iter().collect()).collect();
    streamed(secrets, own, &pieces)
}

/// Streams these pieces.
pub(crate) fn streamed(secrets: Vec<Secret>, own: &[&str], pieces: &[String]) -> Shown {
    let mut guard = Guard::new(secrets, own);
    let (mut text, mut reason) = (String::new(), None);
    let mut take = |checked: Checked| match checked {
        Checked::Clear(clear) => {
            assert!(reason.is_none() || clear.is_empty(), "nothing is shown after a block");
            text.push_str(&clear);
        }
        Checked::Blocked(why) => reason = Some(why),
    };
    for piece in pieces {
        take(guard.push(piece));
    }
    take(guard.finish());
    take(guard.finish());
    Shown { text, reason, exposures: guard.exposures() }
}
