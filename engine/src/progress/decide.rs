//! What follows from a student's work: every formula of progress is applied here, once.

use super::change::Change;
use super::evidence::{ExerciseEvidence, QuizEvidence, Recall};
use super::learning::Learning;
use super::mastery::{Component, smoothed};
use super::points::Points;
use super::review::{Rating, rating, review};
use super::tracing::{Evidence, update};
use crate::clock::Timestamp;
use crate::course::CourseKey;

/// What a graded submission changes. An exercise that was passed before changes nothing until the
/// topic is due for review: nobody gains by handing in the same solution twice.
pub fn decide_exercise(
    learning: &Learning,
    evidence: &ExerciseEvidence,
    now: Timestamp,
) -> Vec<Change> {
    let ExerciseEvidence { topic, exercise, points, .. } = *evidence;
    if learning.has_passed(exercise) && !is_due(learning, topic, now) {
        return Vec::new();
    }
    let previous = learning.topic(topic).and_then(|progress| progress.exercises);
    let component = smoothed(previous, points, Component::Exercises);
    let correctness = evidence.correctness();
    let graded = Change::Exercise { topic, exercise, points, correctness, component };
    with_recall(graded, learning, topic, evidence.recall(), now)
}

/// What an answer to a quiz item changes.
pub fn decide_quiz(learning: &Learning, evidence: QuizEvidence, now: Timestamp) -> Vec<Change> {
    let QuizEvidence { topic, item, correctness } = evidence;
    let before = learning.topic(topic).map(|progress| progress.round).unwrap_or_default();
    let (round, component, end) = before.answer(correctness);
    let answered = Change::Quiz { topic, item, correctness, component, round, end };
    with_recall(answered, learning, topic, evidence.recall(), now)
}

/// What a judgement of code changes.
pub fn decide_quality(learning: &Learning, topic: CourseKey, points: Points) -> Vec<Change> {
    let previous = learning.topic(topic).and_then(|progress| progress.quality);
    let component = smoothed(previous, points, Component::Quality);
    vec![Change::Quality { topic, points, component }]
}

/// What doing something on a UTC day changes: a day left out begins a new streak.
pub fn decide_streak(learning: &Learning, day: u16) -> Option<Change> {
    let streak = learning.streak();
    let days = match day.checked_sub(streak.last_day) {
        _ if streak.days == 0 => 1,
        None | Some(0) => return None,
        Some(1) => streak.days.saturating_add(1),
        Some(_) => 1,
    };
    Some(Change::StreakDay { day, days })
}

/// Adds what an answer says about knowing and remembering.
fn with_recall(
    fact: Change,
    learning: &Learning,
    topic: CourseKey,
    recall: Recall,
    now: Timestamp,
) -> Vec<Change> {
    let evidence = Evidence::of(recall.correctness, recall.rung);
    let known = update(learning.known(topic), evidence);
    let mut changes = vec![fact, Change::Traced { topic, known }];
    changes.extend(reviewed(learning, topic, recall, now));
    changes
}

/// The first graded answer makes the card. A right one that comes early on the same day leaves it
/// alone: cramming is no evidence of remembering. A wrong one counts, but once: until the lapse is
/// due again, further mistakes say nothing new.
fn reviewed(
    learning: &Learning,
    topic: CourseKey,
    recall: Recall,
    now: Timestamp,
) -> Option<Change> {
    let rating = rating(recall);
    let card = learning.topic(topic).and_then(|progress| progress.card);
    let is_cramming = card.is_some_and(|card| !card.is_due(now) && card.elapsed_days(now) == 0);
    let is_relearning = card.is_some_and(|card| card.is_relearning(now));
    match rating {
        Rating::Again if is_relearning => None,
        Rating::Hard | Rating::Good | Rating::Easy if is_cramming => None,
        Rating::Again | Rating::Hard | Rating::Good | Rating::Easy => {
            Some(Change::Reviewed { topic, card: review(card, rating, now) })
        }
    }
}

fn is_due(learning: &Learning, topic: CourseKey, now: Timestamp) -> bool {
    learning.topic(topic).and_then(|progress| progress.card).is_some_and(|card| card.is_due(now))
}

#[cfg(test)]
mod tests;
