//! How a session comes back from the store: snapshot, then later events.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::{self, StepTexts};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::{JournalRow, StoreError, StoredSession};
use learnflow_engine::port::vault::{Place, StudentKey, Vault, VaultError};
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::input::{Texts, TurnText};
use learnflow_engine::session::state::{Position, State};
use learnflow_engine::snapshot;

use crate::world::World;

/// What a session starts from.
#[derive(Debug)]
pub struct Restored {
    /// The student's key, unwrapped.
    pub key: StudentKey,
    /// The state after the newest step.
    pub state: State,
    /// The rev of the snapshot it began from, -1 for none.
    pub snapshot_rev: i64,
    /// The stored earliest timer.
    pub timer_column: Option<Timestamp>,
}

/// A session can't be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value doesn't open.
    #[error("rev {rev}: {error}")]
    Vault {
        /// Where.
        rev: i64,
        /// Why.
        error: VaultError,
    },
    /// A stored format can't be read.
    #[error("rev {rev}: {error}")]
    Format {
        /// Where.
        rev: i64,
        /// Why.
        error: event::DecodeError,
    },
    /// Reading it panicked.
    #[error("reading the session panicked")]
    Panicked,
    /// The student was put into quarantine and it isn't over.
    #[error("the student rests until {until}")]
    Resting {
        /// Until when.
        until: Timestamp,
        /// How often in a row.
        quarantines: i16,
    },
    /// The journal has a hole, or an older owner's row after a newer one's.
    #[error("the journal is broken at rev {0}")]
    Journal(i64),
}

/// Reads a session; `None` when the student has no key. Who rests is not even looked at.
///
/// Whoever waits for the answer gets one, whatever happens.
pub(super) async fn restore(
    world: &World,
    student: StudentId,
) -> Result<Option<Restored>, RestoreError> {
    let reading = AssertUnwindSafe(read(world, student)).catch_unwind();
    reading.await.unwrap_or(Err(RestoreError::Panicked))
}

async fn read(world: &World, student: StudentId) -> Result<Option<Restored>, RestoreError> {
    let Some(stored) = world.store.restore(student).await? else { return Ok(None) };
    if let Some(until) = stored.quarantined_until.filter(|until| *until > world.clock.now()) {
        return Err(RestoreError::Resting { until, quarantines: stored.quarantines });
    }
    rebuild(world.vault.as_ref(), student, &stored).map(Some)
}

/// Folds snapshot and rows into a state. Through `evolve` alone: nothing is decided again.
fn rebuild(
    vault: &dyn Vault,
    student: StudentId,
    stored: &StoredSession,
) -> Result<Restored, RestoreError> {
    let vault_error = |rev| move |error| RestoreError::Vault { rev, error };
    let format_error = |rev| move |error| RestoreError::Format { rev, error };
    let key = vault.unwrap_key(student, &stored.key).map_err(vault_error(-1))?;
    let (mut state, snapshot_rev) = match &stored.snapshot {
        None => (State::new(student), -1),
        Some(row) => {
            let bytes = vault
                .open(&key, Place::Snapshot(row.rev), &row.state)
                .map_err(vault_error(row.rev))?;
            (snapshot::decode(&bytes).map_err(format_error(row.rev))?, row.rev)
        }
    };
    let mut epoch = 0;
    for row in &stored.rows {
        // Rows are gapless, and no older owner writes after a newer one.
        if row.rev != state.rev + 1 || row.epoch < epoch {
            return Err(RestoreError::Journal(row.rev));
        }
        epoch = row.epoch;
        let facts = vault
            .open(&key, Place::JournalFacts(row.rev), &row.facts)
            .map_err(vault_error(row.rev))?;
        let events = event::decode_facts(&facts).map_err(format_error(row.rev))?;
        apply(&mut state, &head_of(row), &events);
    }
    Ok(Restored { key, state, snapshot_rev, timer_column: stored.next_timer })
}

fn head_of(row: &JournalRow) -> StepHead {
    let position = (row.position >= 0).then_some(Position {
        generation: row.generation,
        partition: row.partition.0,
        offset: row.position,
    });
    StepHead { rev: row.rev, position, at: row.at }
}

/// Opens the texts of a journal row.
pub(super) fn open_texts(
    vault: &dyn Vault,
    key: &StudentKey,
    rev: i64,
    sealed: &[u8],
) -> Result<StepTexts, RestoreError> {
    let bytes = vault
        .open(key, Place::JournalText(rev), sealed)
        .map_err(|error| RestoreError::Vault { rev, error })?;
    event::decode_texts(&bytes).map_err(|error| RestoreError::Format { rev, error })
}

/// Reads the texts of the running, queued and window turns by primary key.
pub(super) async fn load_texts(
    world: &World,
    key: &StudentKey,
    state: &State,
) -> Result<Texts, RestoreError> {
    let reading = AssertUnwindSafe(read_texts(world, key, state)).catch_unwind();
    reading.await.unwrap_or(Err(RestoreError::Panicked))
}

async fn read_texts(world: &World, key: &StudentKey, state: &State) -> Result<Texts, RestoreError> {
    let rows = world.store.texts(state.student, &state.text_revs()).await?;
    let mut by_rev = BTreeMap::new();
    for (rev, sealed) in rows {
        by_rev.insert(rev, open_texts(world.vault.as_ref(), key, rev, &sealed)?);
    }
    let mut texts = Texts::default();
    let questions = (state.running.iter().map(|turn| (turn.turn, turn.question_rev, None)))
        .chain(state.queue.iter().map(|turn| (turn.turn, turn.question_rev, None)))
        .chain(state.window.iter().map(|t| (t.turn, t.question_rev, Some(t.answer_rev))));
    for (turn, question_rev, answer_rev) in questions {
        // A row that was swept leaves an empty question; the turn then tells the model nothing.
        let asked = by_rev.get(&question_rev).cloned().unwrap_or_default();
        let answer = answer_rev.and_then(|rev| by_rev.get(&rev)).and_then(|t| t.answer.clone());
        let question = asked.question.unwrap_or_default();
        texts.insert(turn, TurnText { question, code: asked.code, answer });
    }
    Ok(texts)
}
