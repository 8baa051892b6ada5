//! `GET /v1/students/{id}/exercises`: the course's exercises, and how far the student is with each.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State as Shared;
use learnflow_engine::course::model::{Difficulty, Exercise, ExerciseKind};
use learnflow_storage::read::learning;
use serde::Serialize;
use utoipa::ToSchema;

use crate::guard::Record;
use crate::problem::Problem;
use crate::query::List;
use crate::state::State;

/// An exercise and how far the student is with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExerciseStanding {
    /// Its id: see `GET /v1/exercises/{id}`.
    id: String,
    /// The topic's id.
    topic: String,
    title: String,
    #[schema(value_type = String)]
    kind: ExerciseKind,
    #[schema(value_type = String)]
    difficulty: Difficulty,
    /// Whether it was passed.
    passed: bool,
    /// The highest hint that was shown, 0 for none.
    hint_rung: i16,
}

/// Lists every exercise of the course, in its order.
#[utoipa::path(get, path = "/v1/students/{id}/exercises", tag = "students",
    operation_id = "list_exercises",
    params(("id" = String, Path, description = "the student, or `me`")),
    responses((status = 200, description = "Exercises", body = List<ExerciseStanding>)))]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    Record(student): Record,
) -> Result<Json<List<ExerciseStanding>>, Problem> {
    let passed: BTreeSet<String> =
        learning::passed(&state.db, student).await?.into_iter().collect();
    let hints = learning::hints(&state.db, student).await?;
    let rungs: BTreeMap<String, i16> =
        hints.into_iter().map(|hint| (hint.exercise, hint.rung)).collect();
    let exercises = state.course.topics().iter().flat_map(|topic| &topic.exercises);
    let items = exercises.map(|exercise: &Exercise| {
        let id = exercise.id.to_string();
        ExerciseStanding {
            topic: exercise.id.topic().to_string(),
            title: exercise.title.clone(),
            kind: exercise.kind,
            difficulty: exercise.difficulty,
            passed: passed.contains(&id),
            hint_rung: rungs.get(&id).copied().unwrap_or(0),
            id,
        }
    });
    Ok(Json(List { items: items.collect(), next_cursor: None }))
}
