//! How facts fold into a student's progress, and how much room it takes.

use super::*;
use crate::course::{ExerciseId, ItemId, TopicId};
use crate::progress::quiz_round::{QuizRound, RoundEnd};
use crate::progress::topic;

/// The most that a student's progress may take in a snapshot.
const LIMIT_BYTES: usize = 2_662;

fn topic_key(number: usize) -> CourseKey {
    TopicId::parse(&format!("module.topic_{number}")).unwrap().key()
}

fn exercise_key(number: usize) -> CourseKey {
    ExerciseId::parse(&format!("module.topic.exercise_{number}")).unwrap().key()
}

fn item_key(number: usize) -> CourseKey {
    ItemId::parse(&format!("module.topic.item_{number}")).unwrap().key()
}

fn exercise(number: usize, correctness: Correctness, component: Points) -> Change {
    let (topic, exercise) = (topic_key(0), exercise_key(number));
    Change::Exercise { topic, exercise, points: Points::ZERO, correctness, component }
}

fn quiz(item: usize) -> Change {
    Change::Quiz {
        topic: topic_key(0),
        item: item_key(item),
        correctness: Correctness::Correct,
        component: Points::FULL,
        round: QuizRound { base: None, correct: 1, answered: 1 },
        end: RoundEnd::Open,
    }
}

#[test]
fn the_progress_of_a_whole_course_takes_at_most_2_6_kib() {
    let mut learning =
        Learning { streak: Streak { days: u16::MAX, last_day: u16::MAX }, ..Learning::default() };
    for number in 0..31 {
        learning.topics.insert(topic_key(number), topic::FULLEST);
    }
    for number in 0..124 {
        learning.pass(exercise_key(number), Correctness::Correct);
    }
    for number in 0..RECENT_LIMIT {
        learning.remember(item_key(number));
    }
    assert_eq!((learning.topics.len(), learning.passed.len()), (31, 124));
    let bytes = postcard::to_stdvec(&learning).unwrap();
    assert!(bytes.len() <= LIMIT_BYTES, "{} bytes", bytes.len());
    assert_eq!(postcard::from_bytes::<Learning>(&bytes).unwrap(), learning);
}

#[test]
fn an_exercise_is_passed_once_however_often_it_is_solved() {
    let mut learning = Learning::default();
    let component = Points::from_f64(40.0);
    for correctness in [Correctness::Wrong, Correctness::Correct, Correctness::Correct] {
        learning.apply(&exercise(1, correctness, component));
    }
    learning.apply(&exercise(2, Correctness::Wrong, component));
    let progress = learning.topic(topic_key(0)).unwrap();
    assert_eq!(progress.graded_total, 4);
    assert_eq!(learning.passed.len(), 1);
    assert_eq!(progress.exercises, Some(component));
    assert!(learning.has_passed(exercise_key(1)));
    assert!(!learning.has_passed(exercise_key(2)));
}

#[test]
fn passed_exercises_stay_sorted_and_within_their_limit() {
    let mut learning = Learning::default();
    for number in 0..PASSED_LIMIT + 10 {
        learning.apply(&exercise(number, Correctness::Correct, Points::FULL));
    }
    assert_eq!(learning.passed.len(), PASSED_LIMIT);
    assert!(learning.passed.is_sorted());
    assert!(learning.has_passed(exercise_key(PASSED_LIMIT - 1)));
    assert!(!learning.has_passed(exercise_key(PASSED_LIMIT)));
    assert_eq!(usize::from(learning.topic(topic_key(0)).unwrap().graded_total), PASSED_LIMIT + 10);
}

#[test]
fn the_last_32_items_are_recent_and_an_item_answered_again_is_the_most_recent() {
    let mut learning = Learning::default();
    for item in 0..RECENT_LIMIT {
        learning.apply(&quiz(item));
    }
    assert_eq!(learning.recent_place(item_key(0)), Some(0));
    learning.apply(&quiz(0));
    assert_eq!(learning.recent_place(item_key(0)), Some(RECENT_LIMIT - 1));
    assert_eq!(learning.recent_place(item_key(1)), Some(0));
    learning.apply(&quiz(99));
    assert_eq!(learning.recent_place(item_key(1)), None);
    assert_eq!(learning.recent_items.len(), RECENT_LIMIT);
}

#[test]
fn a_topic_that_nobody_touched_has_no_mastery_whatever_the_streak() {
    let mut learning = Learning::default();
    learning.apply(&Change::StreakDay { day: 20_000, days: 10 });
    assert_eq!(learning.streak().points(), Some(Points::FULL));
    assert_eq!(learning.mastery(topic_key(1)).score, Points::ZERO);
    assert_eq!(learning.known(topic_key(1)), Known::PRIOR);
    learning.apply(&quiz(1));
    assert_eq!(learning.mastery(topic_key(0)).score, Points::from_f64(40.0));
}

#[test]
fn quality_and_questions_are_no_graded_items() {
    let mut learning = Learning::default();
    let (topic, points) = (topic_key(0), Points::from_f64(65.0));
    learning.apply(&Change::Quality { topic, points, component: points });
    learning.ask(topic);
    let progress = learning.topic(topic).unwrap();
    assert_eq!((progress.graded_total, progress.asked_total), (0, 1));
    assert_eq!(learning.mastery(topic).score, Points::from_f64(13.0));
}
