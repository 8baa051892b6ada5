//! `GET /v1/students/{id}/reviews`: what should be recalled before it fades.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::course::TopicId;
use learnflow_engine::progress::next_step;
use serde::Serialize;
use utoipa::ToSchema;

use super::mastery::title;
use super::standing::Standing;
use crate::guard::Record;
use crate::problem::Problem;
use crate::state::State;

/// Reviews of a student.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reviews {
    /// Due now, what is recalled least first; at most five, which is one sitting.
    due: Vec<DueBody>,
    /// Every topic with a review, by date.
    items: Vec<ReviewBody>,
    /// Always null: there is one a topic.
    next_cursor: Option<String>,
}

/// A topic that is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DueBody {
    /// The topic's id.
    topic: String,
    title: String,
    /// How probably it is still recalled, 0 to 100.
    recall: f64,
}

/// When a topic is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewBody {
    /// The topic's id.
    topic: String,
    title: String,
    #[schema(format = DateTime)]
    due_at: String,
    /// Whether that is now or before.
    is_due: bool,
    #[schema(format = DateTime)]
    reviewed_at: String,
    /// Days until recall falls to nine in ten.
    stability_days: f64,
    /// From 1, easy, to 10, hard.
    difficulty: f64,
    reviews: i64,
    lapses: i64,
}

/// Lists reviews, scheduled by FSRS-6.
#[utoipa::path(get, path = "/v1/students/{id}/reviews", tag = "students",
    operation_id = "list_reviews",
    params(("id" = String, Path, description = "the student, or `me`")),
    responses((status = 200, description = "Reviews", body = Reviews)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Record(student): Record,
) -> Result<Json<Reviews>, Problem> {
    let standing = Standing::of(&state, student).await?;
    let now = state.clock.now();
    let due = next_step::reviews(&state.course, &standing.learning, now);
    let due = due.into_iter().map(|review| DueBody {
        title: title(&state, review.topic.as_str()),
        topic: review.topic.to_string(),
        recall: review.recall.as_f64(),
    });
    let items = standing.reviews.iter().map(|row| {
        let key = row.topic.parse::<TopicId>().ok().map(|topic| topic.key());
        let progress = key.and_then(|key| standing.learning.topic(key));
        let card = progress.and_then(|progress| progress.card);
        ReviewBody {
            topic: row.topic.clone(),
            title: title(&state, &row.topic),
            due_at: row.due_at.to_string(),
            is_due: row.due_at <= now,
            reviewed_at: row.reviewed_at.to_string(),
            stability_days: card.map_or(0.0, |card| card.stability_days()),
            difficulty: card.map_or(0.0, |card| card.difficulty()),
            reviews: row.reviews,
            lapses: row.lapses,
        }
    });
    Ok(Json(Reviews { due: due.collect(), items: items.collect(), next_cursor: None }))
}
