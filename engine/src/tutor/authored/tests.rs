//! What is said without a model: figures, a next step, exercises that fit.

use super::*;
use crate::progress::decide::decide_quiz;
use crate::progress::{Correctness, QuizEvidence};

fn course() -> std::sync::Arc<Course> {
    Course::builtin().unwrap()
}

fn route(agent: Agent, topic: Option<&str>) -> Route {
    let topic = topic.map(|id| id.parse().unwrap());
    Route { agent, topic, confidence_pct: 90, options: Vec::new() }
}

/// Answers every quiz item of a topic, right or wrong.
fn answer_all(learning: &mut Learning, topic: &str, correctness: Correctness) {
    let course = course();
    let topic = course.topic(&topic.parse().unwrap()).unwrap();
    for item in &topic.quiz {
        let evidence = QuizEvidence { topic: topic.id.key(), item: item.id.key(), correctness };
        for change in decide_quiz(learning, evidence, Timestamp::from_millis(1_000)) {
            learning.apply(&change);
        }
    }
}

fn said(learning: &Learning, agent: Agent, topic: Option<&str>, question: &str) -> Option<String> {
    let (course, route) = (course(), route(agent, topic));
    let now = Timestamp::from_millis(2_000);
    answer(&Facts { course: &course, learning, route: &route, question, now })
}

#[test]
fn a_report_says_the_figures_and_the_next_step_and_nothing_else() {
    let mut learning = Learning::default();
    let begin = said(&learning, Agent::Progress, None, "how am I doing?").unwrap();
    assert!(begin.contains("very beginning") && begin.contains("next step"), "{begin}");
    answer_all(&mut learning, "basics.variables", Correctness::Correct);
    learning.ask("basics.operators".parse::<TopicId>().unwrap().key());
    let text = said(&learning, Agent::Progress, None, "how am I doing?").unwrap();
    let topic = "basics.variables".parse::<TopicId>().unwrap();
    let score = learning.mastery(topic.key()).score.as_f64();
    assert!(text.contains(&format!("**Variables**: {score:.0} of 100")), "{text}");
    assert!(text.contains("nothing is graded yet"), "{text}");
    assert!(text.contains("next step"), "{text}");
}

#[test]
fn practice_is_an_exercise_of_the_course_that_fits_words_and_knowledge() {
    let learning = Learning::default();
    let topic = Some("control_flow.for_loops");
    let easy = said(&learning, Agent::Exercise, topic, "give me something to do").unwrap();
    assert!(easy.contains("Count to five"), "{easy}");
    let hard = said(&learning, Agent::Exercise, topic, "a hard one please").unwrap();
    assert!(hard.contains("Count a letter"), "{hard}");
    assert!(!hard.contains("count = count + 1"), "never its solution");
    assert!(said(&learning, Agent::Exercise, None, "an exercise").is_some());
}

#[test]
fn only_facts_and_practice_need_no_model() {
    for agent in [Agent::Concepts, Agent::CodeReview, Agent::Debug, Agent::Clarify, Agent::OffTopic]
    {
        assert_eq!(said(&Learning::default(), agent, Some("basics.variables"), "?"), None);
    }
}

#[test]
fn the_level_of_an_explanation_follows_what_was_graded() {
    let topic: TopicId = "basics.variables".parse().unwrap();
    let mut learning = Learning::default();
    assert_eq!(level(&learning, Some(&topic)), Level::Beginner);
    answer_all(&mut learning, "basics.variables", Correctness::Correct);
    assert_eq!(level(&learning, Some(&topic)), Level::Proficient);
    let mut learning = Learning::default();
    answer_all(&mut learning, "basics.variables", Correctness::Wrong);
    assert_eq!(level(&learning, Some(&topic)), Level::Beginner);
    assert_eq!(level(&learning, None), Level::Beginner);
}
