//! What a student should do next.
//!
//! A pending question comes first, then a due review, then the weakest topic that was begun, then
//! a new one. After five reviews in a sitting other work comes first; the rest of what is due
//! follows when there is none. A topic may begin when all that it builds on is known with a probability of .7. A
//! planned topic has no content: it is never offered, and what it builds on stands in for it.

use super::DAY_S;
use super::learning::Learning;
use super::points::Points;
use super::review::{Card, retrievability};
use super::topic::TopicProgress;
use super::tracing::Known;
use super::unix_seconds;
use crate::clock::Timestamp;
use crate::course::model::{Difficulty, Exercise};
use crate::course::{Course, ExerciseId, ItemId, Topic, TopicId};
use crate::id::TurnId;

/// Reviews of one sitting: after them, something else comes.
pub const SITTING_REVIEWS: usize = 5;
/// Reviews within so long belong to one sitting.
const SITTING_S: u32 = DAY_S / 24;

/// What waits for the student or for the tutor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// A question that is being answered.
    Turn(TurnId),
    /// An exercise that was begun.
    Exercise(ExerciseId),
    /// A quiz item that was asked.
    Item(ItemId),
}

/// What to do in a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// Ask for an explanation.
    Explanation,
    /// Answer a quiz item.
    Quiz(ItemId),
    /// Solve an exercise.
    Exercise(ExerciseId),
}

/// Why a topic is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// It is about to be forgotten.
    DueReview,
    /// It was begun, and is the one that is known least.
    WeakestTopic,
    /// All that it builds on is known.
    NewTopic,
}

impl Why {
    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DueReview => "due_review",
            Self::WeakestTopic => "weakest_topic",
            Self::NewTopic => "new_topic",
        }
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The topic.
    pub topic: TopicId,
    /// Why this one.
    pub why: Why,
    /// What to do in it.
    pub activity: Activity,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Go on with what waits.
    PendingQuestion(Pending),
    /// Work on a topic.
    Topic(Step),
    /// Everything is known, and nothing is due.
    Done,
}

/// A topic that is due for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueReview {
    /// The topic.
    pub topic: TopicId,
    /// The probability of recall, as a percentage.
    pub recall: Points,
    /// Since when, in seconds since 1970.
    pub due_at_s: u32,
}

/// The one next step. The same progress at the same moment gives the same step.
pub fn next_step(
    course: &Course,
    learning: &Learning,
    pending: Option<Pending>,
    now: Timestamp,
) -> NextStep {
    if let Some(pending) = pending {
        return NextStep::PendingQuestion(pending);
    }
    let due = due_topic(course, learning, now).map(|topic| (topic, Why::DueReview));
    let step = due
        .filter(|_| reviews_held(learning, now) < SITTING_REVIEWS)
        .or_else(|| weakest_topic(course, learning).map(|topic| (topic, Why::WeakestTopic)))
        .or_else(|| new_topic(course, learning).map(|topic| (topic, Why::NewTopic)))
        .or(due);
    step.map_or(NextStep::Done, |(topic, why)| {
        let activity = activity(course, learning, topic, why);
        NextStep::Topic(Step { topic: topic.id.clone(), why, activity })
    })
}

/// What is due for review, what is recalled least first; at most [`SITTING_REVIEWS`].
pub fn reviews(course: &Course, learning: &Learning, now: Timestamp) -> Vec<DueReview> {
    let mut due: Vec<(f64, &Topic, Card)> = written(course)
        .filter_map(|topic| {
            let card = learning.topic(topic.id.key())?.card.filter(|card| card.is_due(now))?;
            Some((retrievability(&card, now), topic, card))
        })
        .collect();
    // Stable: topics that are recalled alike stay in the course's order.
    due.sort_by(|(a, _, _), (b, _, _)| a.total_cmp(b));
    due.truncate(SITTING_REVIEWS);
    due.into_iter()
        .map(|(recall, topic, card)| DueReview {
            topic: topic.id.clone(),
            recall: Points::from_f64(recall * 100.0),
            due_at_s: card.due_at_s,
        })
        .collect()
}

/// The quiz item to ask next: the first that was not asked lately, or the one asked longest ago.
pub fn next_quiz_item(course: &Course, learning: &Learning, topic: &TopicId) -> Option<ItemId> {
    let items = &course.topic(topic)?.quiz;
    // `None` comes before every place, and the first of equals is taken.
    let next = items.iter().min_by_key(|item| learning.recent_place(item.id.key()))?;
    Some(next.id.clone())
}

/// The exercise to offer next: one that was not passed, as hard as fits what is known, otherwise
/// the nearest, easier before harder. `None` when all are passed.
pub fn next_exercise(course: &Course, learning: &Learning, topic: &TopicId) -> Option<ExerciseId> {
    fitting(course, learning, topic, |_| true)
}

fn fitting(
    course: &Course,
    learning: &Learning,
    topic: &TopicId,
    counts: impl Fn(&Exercise) -> bool,
) -> Option<ExerciseId> {
    let known = learning.known(topic.key());
    let fitting = rank(if known < Known::STARTED {
        Difficulty::Easy
    } else if known < Known::READY {
        Difficulty::Medium
    } else {
        Difficulty::Hard
    });
    let distance = |exercise: &&Exercise| {
        let rank = rank(exercise.difficulty);
        (rank.abs_diff(fitting), rank)
    };
    let exercises = course.topic(topic)?.exercises.iter();
    let next = exercises
        .filter(|exercise| counts(exercise))
        .filter(|exercise| !learning.has_passed(exercise.id.key()))
        .min_by_key(distance)?;
    Some(next.id.clone())
}

const fn rank(difficulty: Difficulty) -> u8 {
    match difficulty {
        Difficulty::Easy => 0,
        Difficulty::Medium => 1,
        Difficulty::Hard => 2,
    }
}

/// Topics with content, in the course's order.
fn written(course: &Course) -> impl Iterator<Item = &Topic> {
    course.topics().iter().filter(|topic| !topic.is_planned())
}

/// Whether all that a topic builds on is known. A course has no circles.
fn is_open(course: &Course, learning: &Learning, topic: &Topic) -> bool {
    topic.requires.iter().all(|id| match course.topic(id) {
        Some(required) if required.is_planned() => is_open(course, learning, required),
        Some(_) | None => learning.known(id.key()) >= Known::READY,
    })
}

fn is_begun(learning: &Learning, topic: &Topic) -> bool {
    learning.topic(topic.id.key()).is_some_and(TopicProgress::is_begun)
}

/// The topic to review: what is recalled least of all that is due.
fn due_topic<'a>(course: &'a Course, learning: &Learning, now: Timestamp) -> Option<&'a Topic> {
    reviews(course, learning, now).into_iter().next().and_then(|due| course.topic(&due.topic))
}

/// Reviews of this sitting.
fn reviews_held(learning: &Learning, now: Timestamp) -> usize {
    let since_s = unix_seconds(now).saturating_sub(SITTING_S);
    let cards = learning.topics().values().filter_map(|progress| progress.card);
    cards.filter(|card| card.reviews > 1 && card.reviewed_at_s > since_s).count()
}

fn weakest_topic<'a>(course: &'a Course, learning: &Learning) -> Option<&'a Topic> {
    written(course)
        .filter(|topic| is_begun(learning, topic) && is_open(course, learning, topic))
        .map(|topic| (learning.known(topic.id.key()), topic))
        .filter(|(known, _)| !known.is_mastered())
        .min_by_key(|(known, _)| *known)
        .map(|(_, topic)| topic)
}

fn new_topic<'a>(course: &'a Course, learning: &Learning) -> Option<&'a Topic> {
    written(course).find(|topic| !is_begun(learning, topic) && is_open(course, learning, topic))
}

/// What to do in a topic: read what is new, recall what is due; otherwise finish the quiz round or
/// begin the first one, then solve what is unsolved, then take another round.
fn activity(course: &Course, learning: &Learning, topic: &Topic, why: Why) -> Activity {
    let quiz = || next_quiz_item(course, learning, &topic.id).map(Activity::Quiz);
    // Whoever follows the next step must be able to finish it.
    let is_graded = |exercise: &Exercise| exercise.kind.is_graded_by_reading();
    let exercise = || fitting(course, learning, &topic.id, is_graded).map(Activity::Exercise);
    let progress = learning.topic(topic.id.key());
    let is_quiz_first =
        progress.is_some_and(|known| known.round.is_open() || known.quizzes.is_none());
    let found = match why {
        Why::NewTopic => None,
        Why::DueReview => quiz().or_else(exercise),
        Why::WeakestTopic if is_quiz_first => quiz().or_else(exercise),
        Why::WeakestTopic => exercise().or_else(quiz),
    };
    found.unwrap_or(Activity::Explanation)
}

#[cfg(test)]
mod tests;
