//! `GET /v1/students/{id}/transcript`: a student's turns, newest first, with their texts.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::event::StepTexts;
use learnflow_engine::id::TurnId;
use learnflow_storage::read::transcript::{self, SealedTurn};
use serde::Serialize;
use utoipa::ToSchema;

use super::opened::Opener;
use crate::guard::Record;
use crate::problem::Problem;
use crate::query::{List, ListQuery};
use crate::state::State;

/// A turn with its texts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TranscriptTurn {
    #[schema(value_type = String, format = Uuid)]
    turn: TurnId,
    /// queued, running, complete, cancelled or failed.
    status: String,
    /// Null once it is older than texts are kept.
    question: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    follow_ups: Vec<String>,
    /// The specialist.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The topic's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// model, cache, authored or offline.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[schema(format = DateTime)]
    asked_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

/// Lists a student's turns, newest first.
#[utoipa::path(get, path = "/v1/students/{id}/transcript", tag = "students",
    operation_id = "read_transcript",
    params(("id" = String, Path, description = "the student, or `me`"), ListQuery),
    responses((status = 200, description = "Turns", body = List<TranscriptTurn>)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Record(student): Record,
    query: ListQuery,
) -> Result<Json<List<TranscriptTurn>>, Problem> {
    let request = query.page()?;
    let opener = Opener::of(&state, student).await?;
    let page = transcript::turns(&state.db, student, &request).await?;
    let items: Result<Vec<TranscriptTurn>, Problem> =
        page.items.into_iter().map(|turn| opened(&opener, turn)).collect();
    Ok(Json(List { items: items?, next_cursor: page.next_cursor }))
}

fn opened(opener: &Opener<'_>, turn: SealedTurn) -> Result<TranscriptTurn, Problem> {
    let asked = opener.texts(&turn.question)?;
    let answered = match &turn.answer {
        Some(answer) => opener.texts(answer)?,
        None => StepTexts::default(),
    };
    Ok(TranscriptTurn {
        turn: turn.turn,
        status: turn.status,
        question: asked.question,
        code: asked.code,
        answer: answered.answer,
        follow_ups: answered.follow_ups,
        agent: turn.agent,
        topic: turn.topic,
        source: turn.source,
        asked_at: turn.asked_at.to_string(),
        ended_at: turn.ended_at.map(|at| at.to_string()),
    })
}
