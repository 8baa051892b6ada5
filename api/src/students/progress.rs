//! `GET /v1/students/{id}/progress`: what a student has worked on, topic by topic.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::StudentId;
use learnflow_engine::id::TurnId;
use learnflow_engine::progress::next_step::{Activity, NextStep, Pending, next_step};
use learnflow_storage::read::{journal, student};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::mastery::{percent, share, title};
use super::standing::Standing;

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
    /// Days in a row on which the student learned, as of the last of them; by UTC days.
    streak_points: Option<f64>,
    /// What to do next.
    next: NextBody,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
}

/// The next best step: a pending question, then a due review, then the weakest topic, then a new
/// one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextBody {
    /// `pending_question`, `due_review`, `weakest_topic`, `new_topic` or `done`.
    why: &'static str,
    /// The topic's id.
    topic: Option<String>,
    topic_title: Option<String>,
    /// explanation, quiz or exercise.
    activity: Option<&'static str>,
    /// The quiz item's or exercise's id.
    item: Option<String>,
    /// The turn that is being answered.
    turn: Option<Uuid>,
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
    /// The score, 0 to 100; null while nothing is graded.
    score: Option<f64>,
    /// How probably it is known, 0 to 1.
    known: Option<f64>,
    /// When it is due for review.
    #[schema(format = DateTime)]
    due_at: Option<String>,
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
    let running = journal::position(&state.db, student).await?.and_then(|found| found.running);
    let standing = Standing::of(&state, student).await?;
    let topics = state.course.topics().iter().map(|topic| {
        let id = topic.id.as_str();
        let done = standing.asked.iter().find(|asked| asked.topic == id);
        let mastery = standing.mastery.iter().find(|row| row.topic == id);
        let review = standing.reviews.iter().find(|row| row.topic == id);
        TopicProgress {
            topic: topic.id.to_string(),
            title: topic.title.clone(),
            module: topic.id.module().to_owned(),
            asked_total: done.map_or(0, |done| done.asked_total),
            last_at: done.map(|done| done.last_at.to_string()),
            level: mastery.map(|row| row.level.clone()),
            score: mastery.map(|row| percent(row.score)),
            known: mastery.map(|row| share(row.known)),
            due_at: review.map(|row| row.due_at.to_string()),
        }
    });
    Ok(Json(Progress {
        student_id: student,
        topics: topics.collect(),
        turns_total: overview.activity.turns_total,
        streak_points: newest_streak(&standing),
        next: next(&state, &standing, running),
        updated_at: overview.activity.last_active_at.map(|at| at.to_string()),
    }))
}

/// The streak's part of the mastery that was written last.
fn newest_streak(standing: &Standing) -> Option<f64> {
    let newest = standing.mastery.iter().max_by_key(|row| row.updated_at)?;
    newest.streak.map(percent)
}

fn next(state: &State, standing: &Standing, running: Option<TurnId>) -> NextBody {
    let nothing = NextBody {
        why: "done",
        topic: None,
        topic_title: None,
        activity: None,
        item: None,
        turn: None,
    };
    let pending = running.map(Pending::Turn);
    match next_step(&state.course, &standing.learning, pending, state.clock.now()) {
        NextStep::Done => nothing,
        NextStep::PendingQuestion(pending) => {
            let turn = match pending {
                Pending::Turn(turn) => Some(turn.as_uuid()),
                Pending::Exercise(_) | Pending::Item(_) => None,
            };
            NextBody { why: "pending_question", turn, ..nothing }
        }
        NextStep::Topic(step) => {
            let (activity, item) = match step.activity {
                Activity::Explanation => ("explanation", None),
                Activity::Quiz(item) => ("quiz", Some(item.to_string())),
                Activity::Exercise(exercise) => ("exercise", Some(exercise.to_string())),
            };
            NextBody {
                why: step.why.as_str(),
                topic_title: Some(title(state, step.topic.as_str())),
                topic: Some(step.topic.to_string()),
                activity: Some(activity),
                item,
                ..nothing
            }
        }
    }
}
