//! `GET /v1/students/{id}/progress`: what a student has worked on, topic by topic.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::StudentId;
use learnflow_storage::read::student::{self, TopicProgress as StoredProgress};
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Record;
use crate::problem::Problem;
use crate::state::State;

/// What a student has worked on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    #[schema(value_type = String, format = Uuid)]
    student_id: StudentId,
    /// Every topic of the course, in its order.
    topics: Vec<TopicProgress>,
    /// Questions that were accepted.
    turns_total: i64,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
}

/// What a student has worked on in a topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopicProgress {
    /// The topic's id.
    topic: String,
    title: String,
    /// The module's id.
    module: String,
    /// Questions about it.
    asked_total: i64,
    /// The last of them.
    #[schema(format = DateTime)]
    last_at: Option<String>,
    /// The level of mastery; null while nothing is graded.
    level: Option<String>,
}

/// Lists the course's topics with what the student has done in each.
#[utoipa::path(get, path = "/v1/students/{id}/progress", tag = "students",
    operation_id = "read_progress",
    params(("id" = String, Path, description = "the student, or `me`")),
    responses((status = 200, description = "Progress", body = Progress)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Record(student): Record,
) -> Result<Json<Progress>, Problem> {
    let overview = student::overview(&state.db, student).await?.ok_or(ErrorCode::NotYours)?;
    let stored = student::progress(&state.db, student).await?;
    let mut by_topic: HashMap<String, StoredProgress> =
        stored.into_iter().map(|progress| (progress.topic.clone(), progress)).collect();
    let topics = state.course.topics().iter().map(|topic| {
        let done = by_topic.remove(topic.id.as_str());
        TopicProgress {
            topic: topic.id.to_string(),
            title: topic.title.clone(),
            module: topic.id.module().to_owned(),
            asked_total: done.as_ref().map_or(0, |done| done.asked_total),
            last_at: done.map(|done| done.last_at.to_string()),
            level: None,
        }
    });
    Ok(Json(Progress {
        student_id: student,
        topics: topics.collect(),
        turns_total: overview.activity.turns_total,
        updated_at: overview.activity.last_active_at.map(|at| at.to_string()),
    }))
}
