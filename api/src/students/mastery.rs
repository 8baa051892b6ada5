//! `GET /v1/students/{id}/mastery`: how well a student knows each topic that they have begun.

use axum::Json;
use axum::extract::State as Shared;
use learnflow_storage::read::learning::{self, MasteryRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Record;
use crate::problem::Problem;
use crate::query::List;
use crate::state::State;

/// How well a topic is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MasteryBody {
    /// The topic's id.
    topic: String,
    title: String,
    /// 0 to 100: 0.40 exercises + 0.30 quizzes + 0.20 quality + 0.10 streak; what is missing
    /// counts 0.
    score: f64,
    /// The same over what is known only; null while nothing is.
    estimate: Option<f64>,
    /// beginner, learning, proficient or mastered: by the score.
    level: String,
    /// What the score is made of.
    components: ComponentsBody,
    /// Components without evidence yet.
    missing: Vec<&'static str>,
    /// How probably the topic is known, 0 to 1, by knowledge tracing.
    known: f64,
    /// Graded items so far.
    graded_total: i64,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The parts of a score, each 0 to 100; null without evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComponentsBody {
    exercises: Option<f64>,
    quizzes: Option<f64>,
    quality: Option<f64>,
    streak: Option<f64>,
}

impl MasteryBody {
    /// A row, with the topic's name from the course.
    pub(super) fn of(state: &State, row: &MasteryRow) -> Self {
        let parts = [
            ("exercises", row.exercises),
            ("quizzes", row.quizzes),
            ("quality", row.quality),
            ("streak", row.streak),
        ];
        Self {
            topic: row.topic.clone(),
            title: title(state, &row.topic),
            score: percent(row.score),
            estimate: row.estimate.map(percent),
            level: row.level.clone(),
            components: ComponentsBody {
                exercises: row.exercises.map(percent),
                quizzes: row.quizzes.map(percent),
                quality: row.quality.map(percent),
                streak: row.streak.map(percent),
            },
            missing: parts
                .iter()
                .filter(|(_, part)| part.is_none())
                .map(|(name, _)| *name)
                .collect(),
            known: share(row.known),
            graded_total: row.graded_total,
            updated_at: row.updated_at.to_string(),
        }
    }
}

/// The name of a topic, or its id when the course no longer has it.
pub(super) fn title(state: &State, topic: &str) -> String {
    let known = topic.parse().ok().and_then(|id| state.course.topic(&id));
    known.map_or_else(|| topic.to_owned(), |topic| topic.title.clone())
}

/// Hundredths of a point as points.
#[expect(clippy::cast_precision_loss, reason = "0 to 10,000")]
pub(super) fn percent(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Millionths as a share of one.
#[expect(clippy::cast_precision_loss, reason = "0 to 1,000,000")]
pub(super) fn share(millionths: i64) -> f64 {
    millionths as f64 / 1_000_000.0
}

/// Lists the mastery of each topic in which something was graded.
#[utoipa::path(get, path = "/v1/students/{id}/mastery", tag = "students",
    operation_id = "list_mastery",
    params(("id" = String, Path, description = "the student, or `me`")),
    responses((status = 200, description = "Mastery by topic", body = List<MasteryBody>)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Record(student): Record,
) -> Result<Json<List<MasteryBody>>, Problem> {
    let rows = learning::mastery(&state.db, student).await?;
    let items = rows.iter().map(|row| MasteryBody::of(&state, row)).collect();
    Ok(Json(List { items, next_cursor: None }))
}
