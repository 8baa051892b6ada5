//! The course as students see it.

use learnflow_engine::course::Course;
use learnflow_engine::course::model::ExerciseKind;
use learnflow_storage::account::Role;

use crate::world::World;

#[tokio::test]
async fn the_course_has_its_modules_in_order() {
    let world = World::new().await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    let body = world.get(Some(&maya), "/v1/course").await.json();
    let modules = body["modules"].as_array().unwrap();
    assert_eq!(modules.len(), 8);
    assert_eq!(modules[0]["id"], "basics");
    let topics: usize =
        modules.iter().map(|module| module["topics"].as_array().unwrap().len()).sum();
    assert_eq!(topics, 31);
    let for_loops = &modules[1]["topics"][1];
    assert_eq!(for_loops["id"], "control_flow.for_loops");
    assert!(for_loops["prerequisites"].is_array() && for_loops["suggested_questions"].is_array());
    world.end().await;
}

#[tokio::test]
async fn no_exercise_gives_its_answer_away() {
    let world = World::new().await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    let course = Course::builtin().unwrap();
    let exercises = course.topics().iter().flat_map(|topic| &topic.exercises);
    let mut seen = 0;
    for exercise in exercises {
        let answer = world.get(Some(&maya), &format!("/v1/exercises/{}", exercise.id)).await;
        assert_eq!(answer.status, 200, "{}", exercise.id);
        let body = answer.json();
        let names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["id", "topic", "title", "kind", "difficulty", "statement", "starter", "tests"];
        expected.sort_unstable();
        assert_eq!(names, expected);
        let visible = match exercise.kind {
            ExerciseKind::PredictOutput => 0,
            ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction => {
                exercise.visible_tests().count()
            }
        };
        assert_eq!(body["tests"].as_array().unwrap().len(), visible, "{}", exercise.id);
        seen += 1;
    }
    assert!(seen > 10);
    world.end().await;
}

#[tokio::test]
async fn an_exercise_that_is_not_there_is_not_found() {
    let world = World::new().await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    for id in ["basics.variables.no_such", "nonsense", "%ff"] {
        let answer = world.get(Some(&maya), &format!("/v1/exercises/{id}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "LF0403"), "{id}");
    }
    world.end().await;
}
