//! `GET /v1/course`: modules, topics, what should be known before, and questions to begin with.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::course::Topic;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::State;

/// The course.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outline {
    id: String,
    title: String,
    /// The author's version, and a digest of the text behind a plus sign.
    version: String,
    modules: Vec<ModuleOutline>,
}

/// A group of topics.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModuleOutline {
    id: String,
    title: String,
    topics: Vec<TopicOutline>,
}

/// What is taught in one go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopicOutline {
    id: String,
    title: String,
    summary: String,
    /// Topics that should be known before.
    prerequisites: Vec<String>,
    suggested_questions: Vec<String>,
    /// For `GET /v1/exercises/{id}`.
    exercises: Vec<String>,
}

/// Describes the course.
#[utoipa::path(get, path = "/v1/course", tag = "course", operation_id = "read_course",
    responses((status = 200, description = "The course", body = Outline)))]
pub(crate) async fn read(Shared(state): Shared<State>) -> Json<Outline> {
    let course = &state.course;
    let modules = course.modules().iter().map(|module| ModuleOutline {
        id: module.id.clone(),
        title: module.title.clone(),
        topics: module.topics.iter().filter_map(|id| course.topic(id)).map(topic).collect(),
    });
    Json(Outline {
        id: course.id().to_owned(),
        title: course.title().to_owned(),
        version: course.version().to_string(),
        modules: modules.collect(),
    })
}

fn topic(topic: &Topic) -> TopicOutline {
    TopicOutline {
        id: topic.id.to_string(),
        title: topic.title.clone(),
        summary: topic.summary.clone(),
        prerequisites: topic.requires.iter().map(ToString::to_string).collect(),
        suggested_questions: topic.suggested_questions.clone(),
        exercises: topic.exercises.iter().map(|exercise| exercise.id.to_string()).collect(),
    }
}
