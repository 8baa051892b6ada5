//! `GET /v1/students/{id}/timeline`: what happened, newest first, in words of closed lists.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_storage::read::learning::{self, Occurrence, TimelineEntry};
use serde::Serialize;
use utoipa::ToSchema;

use super::mastery::{percent, title};
use super::why::item_title;
use crate::guard::Record;
use crate::problem::Problem;
use crate::query::{List, ListQuery};
use crate::state::State;

/// Something that happened.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TimelineBody {
    /// The event's number.
    seq: i64,
    /// exercise, quiz, hint, level or alert.
    #[serde(rename = "type")]
    kind: String,
    #[schema(format = DateTime)]
    at: String,
    /// The topic's id.
    topic: Option<String>,
    topic_title: Option<String>,
    /// The exercise's or item's id.
    item: Option<String>,
    title: Option<String>,
    /// 0 to 100.
    score: Option<f64>,
    level: Option<String>,
    hint_rung: Option<i16>,
    /// Which trigger raised the alert.
    trigger: Option<String>,
    severity: Option<String>,
    /// When the alert was over.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
}

/// Lists what happened to a student.
#[utoipa::path(get, path = "/v1/students/{id}/timeline", tag = "students",
    operation_id = "list_timeline",
    params(("id" = String, Path, description = "the student, or `me`"), ListQuery),
    responses((status = 200, description = "The timeline", body = List<TimelineBody>)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Record(student): Record,
    query: ListQuery,
) -> Result<Json<List<TimelineBody>>, Problem> {
    let page = learning::timeline(&state.db, student, &query.page()?).await?;
    let items = page.items.into_iter().map(|entry| body(&state, entry)).collect();
    Ok(Json(List { items, next_cursor: page.next_cursor }))
}

fn body(state: &State, entry: TimelineEntry) -> TimelineBody {
    let base = TimelineBody {
        seq: entry.seq,
        at: entry.at.to_string(),
        topic_title: entry.topic.as_deref().map(|topic| title(state, topic)),
        topic: entry.topic,
        ..TimelineBody::default()
    };
    match entry.what {
        Occurrence::Attempt { kind, item, score, rung } => TimelineBody {
            kind,
            title: Some(item_title(state, &item)),
            item: Some(item),
            score: Some(percent(score)),
            hint_rung: Some(rung),
            ..base
        },
        Occurrence::Hint { exercise, rung } => TimelineBody {
            kind: "hint".to_owned(),
            title: Some(item_title(state, &exercise)),
            item: Some(exercise),
            hint_rung: Some(rung),
            ..base
        },
        Occurrence::Level { level, score } => TimelineBody {
            kind: "level".to_owned(),
            level: Some(level),
            score: Some(percent(score)),
            ..base
        },
        Occurrence::Alert { kind, severity, exercise, closed_at } => TimelineBody {
            kind: "alert".to_owned(),
            trigger: Some(kind),
            severity: Some(severity),
            title: exercise.as_deref().map(|id| item_title(state, id)),
            item: exercise,
            closed_at: closed_at.map(|at| at.to_string()),
            ..base
        },
    }
}
