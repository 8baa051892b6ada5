//! `GET /v1/students/{id}/quiz`: the next quiz item, without its answer.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State as Shared};
use learnflow_engine::course::TopicId;
use learnflow_engine::course::model::QuizItem;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::progress::next_step::{NextStep, next_quiz_item, next_step};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::mastery::title;
use super::standing::Standing;
use crate::guard::Record;
use crate::problem::Problem;
use crate::state::State;

/// Of which topic.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuizQuery {
    /// The topic; without it, the one that is worth most at the moment.
    topic: Option<String>,
}

/// A quiz item as a student sees it. It is answered over the socket: `quiz` with `item` and
/// `answer`, the index of an option.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuizBody {
    /// Its id.
    id: String,
    /// The topic's id.
    topic: String,
    topic_title: String,
    /// The question.
    stem: String,
    /// The program that it is about, if any.
    code: Option<String>,
    /// The choices, in order: the first has index 0.
    options: Vec<String>,
}

impl QuizBody {
    fn of(state: &State, item: &QuizItem) -> Self {
        let topic = item.id.topic();
        Self {
            id: item.id.to_string(),
            topic_title: title(state, topic.as_str()),
            topic: topic.to_string(),
            stem: item.stem.clone(),
            code: item.code.clone(),
            options: item.options.iter().map(|option| option.text.clone()).collect(),
        }
    }
}

/// Chooses the next item: those that were asked longest ago first, of the topic that is due for
/// review or is known least.
#[utoipa::path(get, path = "/v1/students/{id}/quiz", tag = "students",
    operation_id = "next_quiz_item",
    params(("id" = String, Path, description = "the student, or `me`"), QuizQuery),
    responses((status = 200, description = "The item", body = QuizBody)))]
pub(crate) async fn next(
    Shared(state): Shared<State>,
    Record(student): Record,
    query: Result<Query<QuizQuery>, QueryRejection>,
) -> Result<Json<QuizBody>, Problem> {
    let Query(query) = query.map_err(|_| Problem::field("/topic", "is not readable"))?;
    let asked = query.topic;
    let asked = match asked {
        None => None,
        Some(text) => {
            let topic = text.parse::<TopicId>().ok().filter(|id| state.course.topic(id).is_some());
            Some(topic.ok_or(ErrorCode::UnknownTopic)?)
        }
    };
    let standing = Standing::of(&state, student).await?;
    let (course, learning) = (&state.course, &standing.learning);
    let topic = asked.or_else(|| match next_step(course, learning, None, state.clock.now()) {
        NextStep::Topic(step) => Some(step.topic),
        NextStep::PendingQuestion(_) | NextStep::Done => {
            course.topics().first().map(|topic| topic.id.clone())
        }
    });
    let item = topic
        .and_then(|topic| next_quiz_item(course, learning, &topic))
        .and_then(|id| course.quiz_item(&id))
        .ok_or_else(|| {
            Problem::new(ErrorCode::NoSuchPath).with_detail("the course has no quiz item for this")
        })?;
    Ok(Json(QuizBody::of(&state, item)))
}
