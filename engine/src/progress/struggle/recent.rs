//! What of a student's recent work is remembered: errors, tries at a topic, the open exercise.

use serde::{Deserialize, Serialize};

use super::observation::FirstTry;
use super::window::{Key, Number, Stamp, Tagged};
use crate::course::CourseKey;
use crate::tutor::traceback::ErrorClass;

/// First tries in a row that show that a topic sits.
pub(super) const IN_A_ROW: u8 = 3;
/// Longest pause that still counts as work, in milliseconds.
pub(super) const PAUSE_MS: i64 = 180_000;

/// An error that the student met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Tagged", into = "Tagged")]
pub(super) struct ErrorMet {
    pub(super) class: ErrorClass,
    pub(super) topic: Option<CourseKey>,
    pub(super) met: Stamp,
}

/// A stored error has a class that doesn't exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored error of an unknown class: {0}")]
pub(super) struct UnknownClass(u8);

impl TryFrom<Tagged> for ErrorMet {
    type Error = UnknownClass;

    fn try_from(tagged: Tagged) -> Result<Self, UnknownClass> {
        let class = ErrorClass::ALL.get(usize::from(tagged.tag()));
        let class = *class.ok_or(UnknownClass(tagged.tag()))?;
        Ok(Self { class, topic: tagged.topic(), met: tagged.stamp })
    }
}

impl From<ErrorMet> for Tagged {
    fn from(error: ErrorMet) -> Self {
        Self::new(error.class as u8, error.topic, error.met)
    }
}

/// How a student does at the exercises of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TopicRun {
    pub(super) topic: Key,
    exercise: Key,
    /// Exercises tried since the topic last sat.
    pub(super) opportunities: u8,
    /// First tries that were right, in a row.
    pub(super) in_a_row: u8,
    /// The event of the first of these opportunities.
    pub(super) first_event: Number,
}

impl TopicRun {
    /// Begins with a try.
    pub(super) fn begin(
        topic: CourseKey,
        exercise: CourseKey,
        first_try: FirstTry,
        event: Number,
    ) -> Self {
        let (topic, exercise) = (Key(topic), Key(exercise));
        let mut run = Self { topic, exercise, opportunities: 0, in_a_row: 0, first_event: event };
        run.count(first_try, event);
        run
    }

    /// Goes on with a try. Another try at the same exercise is no new opportunity.
    pub(super) fn go_on(&mut self, exercise: CourseKey, first_try: FirstTry, event: Number) {
        if self.exercise != Key(exercise) {
            self.exercise = Key(exercise);
            self.count(first_try, event);
        }
    }

    fn count(&mut self, first_try: FirstTry, event: Number) {
        match first_try {
            FirstTry::Correct => self.in_a_row = self.in_a_row.saturating_add(1),
            FirstTry::NotCorrect => self.in_a_row = 0,
        }
        if self.opportunities == 0 {
            self.first_event = event;
        }
        let sits = self.in_a_row >= IN_A_ROW;
        self.opportunities = if sits { 0 } else { self.opportunities.saturating_add(1) };
    }
}

/// The exercise that is open and not passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenExercise {
    pub(super) topic: Key,
    pub(super) exercise: Key,
    /// The event that opened it.
    pub(super) opened: Number,
    /// Active time until the student's last activity.
    pub(super) active_ms: u32,
}

impl OpenExercise {
    pub(super) const fn new(topic: CourseKey, exercise: CourseKey, opened: Number) -> Self {
        Self { topic: Key(topic), exercise: Key(exercise), opened, active_ms: 0 }
    }

    /// Active time so many milliseconds after the last activity: a pause counts for three minutes.
    pub(super) fn active_ms_after(&self, gap_ms: i64) -> u32 {
        let counted = u32::try_from(gap_ms.clamp(0, PAUSE_MS)).unwrap_or(0);
        self.active_ms.saturating_add(counted)
    }
}

/// A late hint on an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LateHint {
    pub(super) exercise: Key,
    pub(super) taken: Stamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(byte: u8) -> CourseKey {
        CourseKey::from_bytes([byte; 4])
    }

    #[test]
    fn an_error_comes_back_with_its_class() {
        for class in ErrorClass::ALL.iter().copied() {
            for topic in [None, Some(key(7))] {
                let error = ErrorMet { class, topic, met: Stamp::default() };
                assert_eq!(ErrorMet::try_from(Tagged::from(error)), Ok(error));
            }
        }
        let unknown = u8::try_from(ErrorClass::ALL.len()).unwrap();
        let tagged = Tagged::new(unknown, None, Stamp::default());
        assert_eq!(ErrorMet::try_from(tagged), Err(UnknownClass(unknown)));
    }

    #[test]
    fn opportunities_count_exercises_until_the_topic_sits() {
        use FirstTry::{Correct, NotCorrect};

        // (exercise, first try, opportunities then, in a row then)
        let steps = [
            (1, NotCorrect, 1, 0),
            (1, NotCorrect, 1, 0),
            (2, Correct, 2, 1),
            (3, Correct, 3, 2),
            (3, NotCorrect, 3, 2),
            (4, NotCorrect, 4, 0),
            (5, Correct, 5, 1),
            (6, Correct, 6, 2),
            (7, Correct, 0, 3),
            (8, Correct, 0, 4),
            (9, NotCorrect, 1, 0),
        ];
        let mut run: Option<TopicRun> = None;
        for (event, (exercise, first_try, opportunities, in_a_row)) in (1_i64..).zip(steps) {
            let number = Number::from(event);
            let run = match &mut run {
                Some(run) => {
                    run.go_on(key(exercise), first_try, number);
                    run
                }
                none => none.insert(TopicRun::begin(key(0), key(exercise), first_try, number)),
            };
            assert_eq!((run.opportunities, run.in_a_row), (opportunities, in_a_row), "{event}");
        }
        assert_eq!(run.unwrap().first_event, Number::from(11));
    }
}
