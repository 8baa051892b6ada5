//! How well a student knows each topic, when to come back to it, and what to do next.
//!
//! Read in this order: [`points`] and [`mastery`] (the score that people see), [`quiz_round`],
//! [`tracing`] (how probably a topic is known), [`review`] (when it will be forgotten),
//! [`topic`] and [`learning`] (the state), [`evidence`], [`decide`] and [`change`] (how it
//! changes), [`next_step`].
//!
//! **Invariant:** formulas run in [`decide`] only. A [`Change`] carries their results, and
//! [`Learning::apply`] copies them: a new formula never rewrites the past, and a replay on
//! another machine gives the same bytes, whatever its floating-point library.

pub mod change;
pub mod decide;
pub mod evidence;
pub mod learning;
pub mod mastery;
pub mod next_step;
pub mod points;
pub mod quiz_round;
pub mod review;
pub mod struggle;
pub mod topic;
pub mod tracing;

pub use change::Change;
pub use evidence::{Attempt, Correctness, ExerciseEvidence, Pace, QuizEvidence};
pub use learning::{Learning, Streak};
pub use mastery::{Component, Components, Mastery, MasteryLevel};
pub use points::Points;
pub use topic::TopicProgress;
pub use tracing::Known;

use crate::clock::Timestamp;

/// Seconds of a day.
const DAY_S: u32 = 86_400;

/// Where counters stop: they say "many" from there on, and stay two bytes long.
const COUNT_LIMIT: u16 = 9_999;

/// The UTC day of a moment, counted from 1970-01-01.
pub fn day_of(at: Timestamp) -> u16 {
    u16::try_from(unix_seconds(at) / DAY_S).unwrap_or(u16::MAX)
}

/// Whole seconds since 1970, as the state keeps moments; enough until 2106.
fn unix_seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_micros().max(0) / 1_000_000).unwrap_or(u32::MAX)
}

/// One more, up to [`COUNT_LIMIT`].
fn counted(count: u16) -> u16 {
    count.saturating_add(1).min(COUNT_LIMIT)
}

/// The nearest whole number between two bounds, halves away from zero; `least` for no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and the bounds follow"
)]
fn nearest(value: f64, least: u32, most: u32) -> u32 {
    (value.round() as u32).clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let midnight_s = 20_000 * i64::from(DAY_S);
        assert_eq!(day_of(Timestamp::from_millis(midnight_s * 1_000 - 1)), 19_999);
        assert_eq!(day_of(Timestamp::from_millis(midnight_s * 1_000)), 20_000);
        assert_eq!(day_of(Timestamp::from_micros(-1)), 0);
    }

    #[test]
    fn a_number_without_sense_is_the_least() {
        let cases = [(f64::NAN, 1), (-3.0, 1), (2.5, 3), (2.49, 2), (f64::INFINITY, 9), (10.0, 9)];
        for (value, expected) in cases {
            assert_eq!(nearest(value, 1, 9), expected, "{value}");
        }
    }

    #[test]
    fn a_counter_stops_at_its_limit() {
        assert_eq!(counted(0), 1);
        assert_eq!(counted(COUNT_LIMIT), COUNT_LIMIT);
    }
}
