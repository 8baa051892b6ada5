//! What the store says to a client that comes back: a replay, or `resync` when that would be too
//! much.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::frame::{frames, frames_in};
use learnflow_engine::event::{StepTexts, decode_facts, decode_texts};
use learnflow_engine::port::vault::{Place, StudentKey};
use learnflow_storage::read::journal::{self, SealedStep};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::read::transcript::{self, SealedText};
use serde_json::{Map, Value, json};

use super::frame;
use super::gateway::Gateway;

/// Frames of a replay; above, `resync`.
const REPLAY_FRAMES: usize = 256;
/// Bytes of a replay; above, `resync`.
const REPLAY_BYTES: usize = 1_024 * 1_024;
/// Rows that are read at once; a row may have no frame at all.
const ROWS: u32 = journal::ROWS_MAX;
/// Turns that `resync` tells.
const RESYNC_TURNS: u32 = 20;

/// The answer to `hello`.
#[derive(Debug)]
pub struct Answer {
    /// `welcome`, then the replay or `resync`.
    pub frames: Vec<String>,
    /// The newest frame that they hold.
    pub delivered: i64,
    /// The student's newest frame.
    pub newest: i64,
    /// The last rest of the student's session; it may be over.
    pub rests_until: Option<Timestamp>,
}

/// Answers `hello` from the store.
///
/// # Errors
/// [`ErrorCode::StoreUnavailable`] or [`ErrorCode::SealBroken`]; the socket is closed with 1012.
pub async fn answer(
    gateway: &Gateway,
    key: &StudentKey,
    after_seq: i64,
) -> Result<Answer, ErrorCode> {
    let student = key.student();
    let position = journal::position(&gateway.db, student)
        .await
        .map_err(|error| store_error(&error))?
        .ok_or(ErrorCode::UnknownSession)?;
    let (newest, rests_until) = (position.last_frame, position.rests_until);
    let mut out = vec![frame::welcome(student, newest, position.running, gateway.model_health())];
    if after_seq <= newest && after_seq >= position.frame_floor {
        let replay = frames_after(gateway, key, after_seq).await?;
        let bytes: usize = replay.iter().map(|(_, text)| text.len()).sum();
        if replay.len() <= REPLAY_FRAMES && bytes <= REPLAY_BYTES {
            let delivered = replay.last().map_or(after_seq, |(seq, _)| *seq);
            out.extend(replay.into_iter().map(|(_, text)| text));
            let newest = newest.max(delivered);
            return Ok(Answer { frames: out, delivered, newest, rests_until });
        }
    }
    out.push(resync(gateway, key, newest).await?);
    Ok(Answer { frames: out, delivered: newest, newest, rests_until })
}

/// The durable frames after `after_seq`, one more than a replay may have at most.
///
/// # Errors
/// As [`answer`].
pub async fn frames_after(
    gateway: &Gateway,
    key: &StudentKey,
    after_seq: i64,
) -> Result<Vec<(i64, String)>, ErrorCode> {
    let mut out = Vec::new();
    let mut after = after_seq;
    loop {
        let rows = journal::frames_after(&gateway.db, key.student(), after, ROWS)
            .await
            .map_err(|error| store_error(&error))?;
        for row in &rows {
            let said = row_frames(gateway, key, row)?;
            out.extend(said.into_iter().filter(|(seq, _)| *seq > after_seq));
            if out.len() > REPLAY_FRAMES {
                return Ok(out);
            }
        }
        match rows.last() {
            Some(last) if rows.len() == ROWS as usize && last.last_frame > after => {
                after = last.last_frame;
            }
            Some(_) | None => return Ok(out),
        }
    }
}

/// One durable frame.
///
/// # Errors
/// As [`answer`].
pub async fn frame_at(
    gateway: &Gateway,
    key: &StudentKey,
    seq: i64,
) -> Result<Option<String>, ErrorCode> {
    let rows = journal::frames_after(&gateway.db, key.student(), seq - 1, ROWS)
        .await
        .map_err(|error| store_error(&error))?;
    let Some(row) = rows.iter().find(|row| row.last_frame >= seq) else { return Ok(None) };
    let said = row_frames(gateway, key, row)?;
    Ok(said.into_iter().find(|(at, _)| *at == seq).map(|(_, text)| text))
}

/// A row's frames, as the engine said them.
fn row_frames(
    gateway: &Gateway,
    key: &StudentKey,
    row: &SealedStep,
) -> Result<Vec<(i64, String)>, ErrorCode> {
    let facts = gateway
        .vault
        .open(key, Place::JournalFacts(row.rev), &row.facts)
        .map_err(|_| ErrorCode::SealBroken)?;
    let events = decode_facts(&facts).map_err(|_| ErrorCode::SealBroken)?;
    let texts = open_texts(gateway, key, row.rev, row.text.as_deref())?;
    let first = row.last_frame - frames_in(&events) + 1;
    Ok(frames(&events, &texts, first).into_iter().map(|said| (said.seq, said.json)).collect())
}

fn open_texts(
    gateway: &Gateway,
    key: &StudentKey,
    rev: i64,
    sealed: Option<&[u8]>,
) -> Result<StepTexts, ErrorCode> {
    // Swept by retention: the frame stays, its text is gone.
    let Some(sealed) = sealed else { return Ok(StepTexts::default()) };
    let opened = gateway
        .vault
        .open(key, Place::JournalText(rev), sealed)
        .map_err(|_| ErrorCode::SealBroken)?;
    decode_texts(&opened).map_err(|_| ErrorCode::SealBroken)
}

/// The newest turns instead of a replay.
async fn resync(gateway: &Gateway, key: &StudentKey, seq: i64) -> Result<String, ErrorCode> {
    let page = transcript::turns(&gateway.db, key.student(), &PageRequest::first(RESYNC_TURNS))
        .await
        .map_err(|error| store_error(&error))?;
    let open = |sealed: &SealedText| open_texts(gateway, key, sealed.rev, sealed.text.as_deref());
    let mut turns = Vec::new();
    // Newest first in the store, oldest first on the wire.
    for turn in page.items.iter().rev() {
        let asked = open(&turn.question)?;
        let answered = turn.answer.as_ref().map(&open).transpose()?.unwrap_or_default();
        let mut entry = Map::new();
        entry.insert("turn".to_owned(), json!(turn.turn));
        entry.insert("status".to_owned(), json!(turn.status));
        entry.insert("question".to_owned(), json!(asked.question.unwrap_or_default()));
        let optional = [
            ("text", answered.answer.map(Value::from)),
            ("agent", turn.agent.clone().map(Value::from)),
            ("topic", turn.topic.clone().map(Value::from)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                entry.insert(name.to_owned(), value);
            }
        }
        turns.push(Value::Object(entry));
    }
    Ok(json!({"type": "resync", "seq": seq, "turns": turns}).to_string())
}

fn store_error(error: &learnflow_engine::port::store::StoreError) -> ErrorCode {
    tracing::warn!(%error, "a client could not catch up");
    ErrorCode::StoreUnavailable
}
