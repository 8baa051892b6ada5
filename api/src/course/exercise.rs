//! `GET /v1/exercises/{id}`: an exercise as a student sees it.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use learnflow_engine::course::ExerciseId;
use learnflow_engine::course::model::{Comparator, Difficulty, Exercise, ExerciseKind, TestCase};
use learnflow_engine::error_code::ErrorCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::State;

/// An exercise.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExerciseBody {
    id: String,
    /// The topic's id.
    topic: String,
    title: String,
    /// fill-in, bug-fix, write-function or predict-output.
    #[schema(value_type = String)]
    kind: ExerciseKind,
    /// easy, medium or hard.
    #[schema(value_type = String)]
    difficulty: Difficulty,
    /// What is asked. Markdown.
    statement: String,
    /// The code to start from.
    starter: String,
    /// The checks that a student may see; none where what is expected is the answer.
    tests: Vec<VisibleTest>,
}

/// A check that a student may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisibleTest {
    /// What is typed into the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    /// What is evaluated after the program has run.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    /// What is expected.
    expect: String,
    /// exact, whitespace or float.
    #[schema(value_type = String)]
    comparator: Comparator,
}

impl From<&TestCase> for VisibleTest {
    fn from(test: &TestCase) -> Self {
        Self {
            input: test.input.clone(),
            call: test.call.clone(),
            expect: test.expect.clone(),
            comparator: test.comparator,
        }
    }
}

/// Describes an exercise.
#[utoipa::path(get, path = "/v1/exercises/{id}", tag = "course", operation_id = "read_exercise",
    params(("id" = String, Path, description = "the exercise, such as `basics.variables.swap`")),
    responses((status = 200, description = "The exercise", body = ExerciseBody)))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ExerciseBody>, Problem> {
    let id = id.ok().and_then(|Path(id)| ExerciseId::parse(&id).ok());
    let exercise = id.as_ref().and_then(|id| state.course.exercise(id)).ok_or_else(|| {
        Problem::new(ErrorCode::NoSuchPath).with_detail("the course has no such exercise")
    })?;
    Ok(Json(shown(exercise)))
}

fn shown(exercise: &Exercise) -> ExerciseBody {
    let tests = match exercise.kind {
        // What is expected is what the student has to say.
        ExerciseKind::PredictOutput => Vec::new(),
        ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction => {
            exercise.visible_tests().map(VisibleTest::from).collect()
        }
    };
    ExerciseBody {
        id: exercise.id.to_string(),
        topic: exercise.id.topic().to_string(),
        title: exercise.title.clone(),
        kind: exercise.kind,
        difficulty: exercise.difficulty,
        statement: exercise.statement.clone(),
        starter: exercise.starter.clone(),
        tests,
    }
}

#[cfg(test)]
mod tests {
    use learnflow_engine::course::Course;

    use super::*;

    #[test]
    fn nothing_that_gives_an_answer_away_is_shown() {
        let course = Course::builtin().unwrap();
        let exercises: Vec<&Exercise> =
            course.topics().iter().flat_map(|topic| &topic.exercises).collect();
        assert!(!exercises.is_empty());
        for exercise in exercises {
            let body = shown(exercise);
            let visible = exercise.visible_tests().count();
            let text = serde_json::to_string(&body).unwrap();
            for key in ["\"solution\"", "\"wrong\"", "\"hints\"", "\"hidden\"", "\"key\""] {
                assert!(!text.contains(key), "{}: {key}", exercise.id);
            }
            assert!(body.tests.len() <= visible, "{}", exercise.id);
            if exercise.kind == ExerciseKind::PredictOutput {
                assert!(body.tests.is_empty(), "{}", exercise.id);
            }
            for hint in &exercise.hints {
                assert!(!text.contains(&*serde_json::to_string(hint).unwrap()), "{}", exercise.id);
            }
        }
    }
}
