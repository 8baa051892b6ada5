//! A student's progress in all topics: at most 2.6 KiB for the built-in course.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::counted;
use super::evidence::Correctness;
use super::mastery::{self, Mastery};
use super::points::Points;
use super::topic::TopicProgress;
use super::tracing::Known;
use crate::course::CourseKey;

/// Passed exercises that are remembered; beyond them, one may be offered again.
pub const PASSED_LIMIT: usize = 256;
/// Quiz items that are remembered as recent.
pub const RECENT_LIMIT: usize = 32;

/// Days in a row on which the student did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Streak {
    /// How many; none before the first.
    pub days: u16,
    /// The last of them, counted from 1970-01-01 in UTC.
    pub last_day: u16,
}

impl Streak {
    /// Its points, as they were when the student last did something; `None` before the first day.
    /// A day of rest costs nothing until they come back: points move only by events.
    pub fn points(self) -> Option<Points> {
        (self.days > 0).then(|| mastery::streak(self.days.into()))
    }
}

/// All progress of a student. Topics are bounded by the course, the rest by limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Learning {
    topics: BTreeMap<CourseKey, TopicProgress>,
    streak: Streak,
    /// Sorted.
    passed: Vec<CourseKey>,
    /// Oldest first, each item once.
    recent_items: VecDeque<CourseKey>,
}

impl Learning {
    /// From what read models know: topics, passed exercises, and quiz items, the most recent last.
    pub fn of_parts(
        topics: impl IntoIterator<Item = (CourseKey, TopicProgress)>,
        passed: impl IntoIterator<Item = CourseKey>,
        recent_items: impl IntoIterator<Item = CourseKey>,
    ) -> Self {
        let mut learning = Self { topics: topics.into_iter().collect(), ..Self::default() };
        for exercise in passed {
            learning.pass(exercise, Correctness::Correct);
        }
        for item in recent_items {
            learning.remember(item);
        }
        learning
    }

    /// Topics that the student has asked about or worked on.
    pub const fn topics(&self) -> &BTreeMap<CourseKey, TopicProgress> {
        &self.topics
    }

    /// One of them.
    pub fn topic(&self, topic: CourseKey) -> Option<&TopicProgress> {
        self.topics.get(&topic)
    }

    /// Days in a row.
    pub const fn streak(&self) -> Streak {
        self.streak
    }

    /// How probably a topic is known.
    pub fn known(&self, topic: CourseKey) -> Known {
        self.topic(topic).map_or(Known::PRIOR, |progress| progress.known)
    }

    /// The mastery of a topic; none of one that was never touched.
    pub fn mastery(&self, topic: CourseKey) -> Mastery {
        let components =
            self.topic(topic).map(|progress| progress.components(self.streak.points()));
        let graded_items = self.topic(topic).map_or(0, |progress| progress.graded_total);
        Mastery::of(components.unwrap_or_default(), graded_items.into())
    }

    /// Whether an exercise was passed.
    pub fn has_passed(&self, exercise: CourseKey) -> bool {
        self.passed.binary_search(&exercise).is_ok()
    }

    /// How long ago a quiz item was answered, among the recent ones: 0 for the oldest.
    pub fn recent_place(&self, item: CourseKey) -> Option<usize> {
        self.recent_items.iter().position(|recent| *recent == item)
    }

    /// Notes a question about a topic.
    pub fn ask(&mut self, topic: CourseKey) {
        self.topics.entry(topic).or_default().ask();
    }

    /// Takes over a decided fact. Computes nothing but counters.
    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Exercise { topic, exercise, correctness, component, points: _ } => {
                self.pass(exercise, correctness);
                self.graded(topic).exercises = Some(component);
            }
            Change::Quiz { topic, item, component, round, correctness: _, end: _ } => {
                self.remember(item);
                let progress = self.graded(topic);
                progress.quizzes = Some(component);
                progress.round = round;
            }
            Change::Quality { topic, component, points: _ } => {
                self.topics.entry(topic).or_default().quality = Some(component);
            }
            Change::Traced { topic, known } => {
                self.topics.entry(topic).or_default().known = known;
            }
            Change::Reviewed { topic, card } => {
                self.topics.entry(topic).or_default().card = Some(card);
            }
            Change::StreakDay { day, days } => self.streak = Streak { days, last_day: day },
        }
    }

    /// A topic in which one more item was graded.
    fn graded(&mut self, topic: CourseKey) -> &mut TopicProgress {
        let progress = self.topics.entry(topic).or_default();
        progress.graded_total = counted(progress.graded_total);
        progress
    }

    /// Remembers a passed exercise.
    fn pass(&mut self, exercise: CourseKey, correctness: Correctness) {
        match (correctness, self.passed.binary_search(&exercise)) {
            (Correctness::Wrong, _) | (Correctness::Correct, Ok(_)) => {}
            (Correctness::Correct, Err(place)) => {
                if self.passed.len() < PASSED_LIMIT {
                    self.passed.insert(place, exercise);
                }
            }
        }
    }

    /// Makes an item the most recent one, forgetting the oldest when there are too many.
    fn remember(&mut self, item: CourseKey) {
        self.recent_items.retain(|recent| *recent != item);
        if self.recent_items.len() == RECENT_LIMIT {
            self.recent_items.pop_front();
        }
        self.recent_items.push_back(item);
    }
}

#[cfg(test)]
mod tests;
