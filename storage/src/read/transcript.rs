//! A student's turns with the sealed rows that hold their texts.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use super::page::{Page, PageRequest};
use crate::pool::Database;
use crate::statement::reading;

/// Newest first: the rev of the question orders turns.
const TURNS: &str = "SELECT t.turn, t.question_rev, t.answer_rev, t.status, t.agent, t.topic,
         t.source, t.asked_at, t.ended_at, q.text, a.text
     FROM turn t
     LEFT JOIN journal q ON q.student_id = t.student_id AND q.rev = t.question_rev
     LEFT JOIN journal a ON a.student_id = t.student_id AND a.rev = t.answer_rev
     WHERE t.student_id = $1 AND t.question_rev < $2
     ORDER BY t.question_rev DESC LIMIT $3";

/// A turn, its texts sealed for `Place::JournalText` of their revs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTurn {
    /// The turn.
    pub turn: TurnId,
    /// queued, running, complete, cancelled or failed.
    pub status: String,
    /// The specialist, once there is one.
    pub agent: Option<String>,
    /// Course id of the topic, where one was found.
    pub topic: Option<String>,
    /// model, cache, authored or offline, once it is answered.
    pub source: Option<String>,
    /// Accepted at.
    pub asked_at: Timestamp,
    /// Ended at.
    pub ended_at: Option<Timestamp>,
    /// The step with the question.
    pub question: SealedText,
    /// The step with the answer, once there is one.
    pub answer: Option<SealedText>,
}

/// The sealed texts of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedText {
    /// The step: it is bound into the seal.
    pub rev: i64,
    /// Encoded and sealed `StepTexts`; `None` when they were swept.
    pub text: Option<Vec<u8>>,
}

type Row = (
    Uuid,
    i64,
    Option<i64>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    Option<i64>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

/// A student's turns, newest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn turns(
    db: &Database,
    student: StudentId,
    request: &PageRequest<i64>,
) -> Result<Page<SealedTurn>, StoreError> {
    let (before, limit) = (request.after().unwrap_or(i64::MAX), request.rows());
    let rows: Vec<Row> = reading!(db, |conn| {
        sqlx::query_as(TURNS).bind(student.as_uuid()).bind(before).bind(limit).fetch_all(conn).await
    })?;
    let turns = rows.into_iter().map(sealed_turn).collect();
    Ok(request.page(turns, |turn: &SealedTurn| turn.question.rev))
}

fn sealed_turn(row: Row) -> SealedTurn {
    let (
        turn,
        question_rev,
        answer_rev,
        status,
        agent,
        topic,
        source,
        asked_at,
        ended_at,
        question_text,
        answer_text,
    ) = row;
    SealedTurn {
        turn: TurnId::new(turn),
        status,
        agent,
        topic,
        source,
        asked_at: Timestamp::from_micros(asked_at),
        ended_at: ended_at.map(Timestamp::from_micros),
        question: SealedText { rev: question_rev, text: question_text },
        answer: answer_rev.map(|rev| SealedText { rev, text: answer_text }),
    }
}
