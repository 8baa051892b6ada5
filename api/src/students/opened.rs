//! Opening what is sealed of a student, for a reader who may.

use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::v1::Event;
use learnflow_engine::event::{self, DecodeError, StepTexts};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{Place, StudentKey, Vault as _};
use learnflow_storage::keys;
use learnflow_storage::read::journal::SealedStep;
use learnflow_storage::read::transcript::SealedText;

use crate::problem::Problem;
use crate::state::State;

/// A student's key, for the length of one request.
pub(super) struct Opener<'a> {
    state: &'a State,
    key: StudentKey,
}

impl<'a> Opener<'a> {
    /// Reads and unwraps the key. A student without one is erased: there is nobody.
    pub(super) async fn of(state: &'a State, student: StudentId) -> Result<Self, Problem> {
        let row = keys::key_row(&state.db, student).await?.ok_or(ErrorCode::NotYours)?;
        let key = state.vault.unwrap_key(student, &row)?;
        Ok(Self { state, key })
    }

    /// The texts of a step; none when they were swept.
    pub(super) fn texts(&self, sealed: &SealedText) -> Result<StepTexts, Problem> {
        let Some(text) = &sealed.text else { return Ok(StepTexts::default()) };
        let plain = self.state.vault.open(&self.key, Place::JournalText(sealed.rev), text)?;
        event::decode_texts(&plain).map_err(damaged)
    }

    /// The events of a step.
    pub(super) fn events(&self, sealed: &SealedStep) -> Result<Vec<Event>, Problem> {
        let place = Place::JournalFacts(sealed.rev);
        let plain = self.state.vault.open(&self.key, place, &sealed.facts)?;
        event::decode_facts(&plain).map_err(damaged)
    }
}

fn damaged(error: DecodeError) -> Problem {
    tracing::error!(%error, "a journal row can't be read");
    ErrorCode::Internal.into()
}
