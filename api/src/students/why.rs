//! `GET /v1/students/{id}/mastery/{topic}/why`: every point of a score, event by event.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use learnflow_engine::course::TopicId;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::read::learning::{self, AttemptRow};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::mastery::{MasteryBody, percent};
use crate::guard::Record;
use crate::problem::Problem;
use crate::query::ListQuery;
use crate::state::State;

/// Where a topic's score comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Why {
    /// The topic's id.
    topic: String,
    /// How it stands; null while nothing is graded.
    mastery: Option<MasteryBody>,
    /// What moved it, newest first.
    items: Vec<Evidence>,
    /// What to send as `cursor` for more; null on the last page.
    next_cursor: Option<String>,
}

/// Something that was graded, and what it moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Evidence {
    /// The event's number: see `GET /v1/students/{id}/events`.
    seq: i64,
    /// exercise or quiz.
    kind: String,
    /// The exercise's or item's id.
    item: String,
    /// Its name or question.
    title: String,
    /// Its score, 0 to 100.
    score: f64,
    /// The highest hint that had been shown, 0 for none.
    hint_rung: i16,
    /// Which wrong idea it shows, if any.
    misconception: Option<String>,
    /// The error's class and template, if it was one.
    signature: Option<String>,
    /// Before and after of the score, each component, and the probability of knowing.
    #[schema(value_type = Object)]
    deltas: Value,
    #[schema(format = DateTime)]
    at: String,
}

/// Explains a score.
#[utoipa::path(get, path = "/v1/students/{id}/mastery/{topic}/why", tag = "students",
    operation_id = "explain_mastery",
    params(("id" = String, Path, description = "the student, or `me`"),
        ("topic" = String, Path, description = "the topic, such as `control_flow.for_loops`"),
        ListQuery),
    responses((status = 200, description = "What moved the score", body = Why)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Record(student): Record,
    path: Result<Path<(String, String)>, PathRejection>,
    query: ListQuery,
) -> Result<Json<Why>, Problem> {
    let topic = path.ok().and_then(|Path((_, topic))| topic.parse::<TopicId>().ok());
    let topic = topic.filter(|id| state.course.topic(id).is_some());
    let topic = topic.ok_or(ErrorCode::UnknownTopic)?;
    let rows = learning::mastery(&state.db, student).await?;
    let mastery = rows.iter().find(|row| row.topic == topic.as_str());
    let page = learning::attempts(&state.db, student, topic.as_str(), &query.page()?).await?;
    Ok(Json(Why {
        topic: topic.to_string(),
        mastery: mastery.map(|row| MasteryBody::of(&state, row)),
        items: page.items.iter().map(|row| evidence(&state, row)).collect(),
        next_cursor: page.next_cursor,
    }))
}

fn evidence(state: &State, row: &AttemptRow) -> Evidence {
    Evidence {
        seq: row.seq,
        kind: row.kind.clone(),
        item: row.item.clone(),
        title: item_title(state, &row.item),
        score: percent(row.score),
        hint_rung: row.rung,
        misconception: row.misconception.clone(),
        signature: row.signature.clone(),
        deltas: serde_json::from_str(&row.deltas).unwrap_or(Value::Null),
        at: row.at.to_string(),
    }
}

/// The name of an exercise or the question of a quiz item.
pub(super) fn item_title(state: &State, id: &str) -> String {
    let exercise = id.parse().ok().and_then(|id| state.course.exercise(&id));
    if let Some(exercise) = exercise {
        return exercise.title.clone();
    }
    let item = id.parse().ok().and_then(|id| state.course.quiz_item(&id));
    item.map_or_else(|| id.to_owned(), |item| item.stem.clone())
}
