//! What is stored of a step, and what it yields: frames, public events, work and read models.
//!
//! A journal row holds `facts` (this step's [`v1::Event`]s, without conversation text but the
//! extract that the summary takes) and `text` ([`StepTexts`]). Both are encoded here with a
//! leading version byte, then sealed by whoever stores them.
//!
//! **Invariant:** frames are a pure function of event and text, and how many frames an event
//! yields never changes: golden files are added to and never edited.

pub mod frame;
pub mod practice;
pub mod public;
pub mod read;
pub mod v1;

use serde::{Deserialize, Serialize};

use v1::Event;

/// The version byte before encoded events and texts.
const VERSION: u8 = 1;

/// The texts of one step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepTexts {
    /// What was asked.
    pub question: Option<String>,
    /// The code that was asked about.
    pub code: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// Questions that suggest themselves next.
    pub follow_ups: Vec<String>,
    /// Why an answer was rated so.
    pub reason: Option<String>,
}

impl StepTexts {
    /// Whether there is any text.
    pub fn is_empty(&self) -> bool {
        let Self { question, code, answer, follow_ups, reason } = self;
        question.is_none()
            && code.is_none()
            && answer.is_none()
            && follow_ups.is_empty()
            && reason.is_none()
    }
}

/// Stored bytes are not what this version writes or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A later version wrote it.
    #[error("format version {0} is not known to this program")]
    UnknownVersion(u8),
    /// It is damaged.
    #[error("the bytes are not what their version byte says")]
    Damaged,
}

/// Encodes a value behind the version byte.
fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    // Plain data into a vector has no way to fail; a lone version byte never decodes.
    bytes.extend(postcard::to_stdvec(value).unwrap_or_default());
    bytes
}

/// Decodes what [`encode`] made.
fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => match postcard::take_from_bytes(rest) {
            Ok((value, [])) => Ok(value),
            Ok((_, _)) | Err(_) => Err(DecodeError::Damaged),
        },
        Some((&version, _)) => Err(DecodeError::UnknownVersion(version)),
        None => Err(DecodeError::Damaged),
    }
}

/// Encodes a step's events for `journal.facts`.
pub fn encode_facts(events: &[Event]) -> Vec<u8> {
    encode(&events)
}

/// Decodes `journal.facts`.
///
/// # Errors
/// [`DecodeError`]; neither variant heals by itself.
pub fn decode_facts(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    decode(bytes)
}

/// Encodes a step's texts for `journal.text`; `None` when there are none.
pub fn encode_texts(texts: &StepTexts) -> Option<Vec<u8>> {
    (!texts.is_empty()).then(|| encode(texts))
}

/// Decodes `journal.text`.
///
/// # Errors
/// [`DecodeError`]; neither variant heals by itself.
pub fn decode_texts(bytes: &[u8]) -> Result<StepTexts, DecodeError> {
    decode(bytes)
}
