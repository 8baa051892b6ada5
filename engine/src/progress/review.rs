//! When a topic is due for review: a card of two numbers, moved by each rated answer.
//!
//! The memory model is FSRS-6 ([`fsrs`]). What is this course's own: how an answer is rated, that
//! a lapse brings the topic back in ten minutes, and that no interval is longer than a year.

pub mod fsrs;

use serde::{Deserialize, Serialize};

use super::evidence::{Attempt, Correctness, Pace, Recall};
use super::{DAY_S, counted, nearest, unix_seconds};
use crate::clock::Timestamp;
use fsrs::Memory;

/// After a lapse the topic is due again so soon.
const RELEARNING_S: u32 = 600;
/// From this hint rung on, a right answer was read, not recalled.
const SHOWN_RUNG: u8 = 4;

/// How well something was recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rating {
    /// Not at all.
    Again,
    /// With help, or slowly.
    Hard,
    /// As it should be.
    Good,
    /// At once.
    Easy,
}

/// The rating of an answer.
pub const fn rating(recall: Recall) -> Rating {
    match (recall.correctness, recall.rung, recall.pace, recall.attempt) {
        (Correctness::Wrong, ..) | (Correctness::Correct, SHOWN_RUNG.., ..) => Rating::Again,
        (Correctness::Correct, 1..SHOWN_RUNG, ..) | (Correctness::Correct, 0, Pace::Slow, _) => {
            Rating::Hard
        }
        (Correctness::Correct, 0, Pace::Fast, Attempt::First) => Rating::Easy,
        (Correctness::Correct, 0, Pace::Fast, Attempt::Later)
        | (Correctness::Correct, 0, Pace::Usual | Pace::Unknown, _) => Rating::Good,
    }
}

/// What is remembered of a topic's reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Hundred-thousandths of a day.
    stability: u32,
    /// Millionths.
    difficulty: u32,
    /// The last review, in seconds since 1970.
    pub reviewed_at_s: u32,
    /// When the next one is due, in seconds since 1970.
    pub due_at_s: u32,
    /// Reviews so far.
    pub reviews: u16,
    /// How often it was forgotten after the first review.
    pub lapses: u8,
}

impl Card {
    const STABILITY_SCALE: u32 = 100_000;
    const DIFFICULTY_SCALE: u32 = 1_000_000;
    /// Seven years: with intervals of a year at most, more would change nothing but four bytes.
    const STABILITY_LIMIT: u32 = 2_600 * Self::STABILITY_SCALE;

    /// From what read models know: hundred-thousandths of a day, millionths, seconds since 1970.
    pub const fn of_parts(
        stability: u32,
        difficulty: u32,
        reviewed_at_s: u32,
        due_at_s: u32,
    ) -> Self {
        Self { stability, difficulty, reviewed_at_s, due_at_s, reviews: 0, lapses: 0 }
    }

    /// The same in hundred-thousandths of a day, as it is stored.
    pub const fn stability(&self) -> u32 {
        self.stability
    }

    /// The last review.
    pub fn reviewed_at(&self) -> Timestamp {
        Timestamp::from_millis(i64::from(self.reviewed_at_s) * 1_000)
    }

    /// When the next review is due.
    pub fn due_at(&self) -> Timestamp {
        Timestamp::from_millis(i64::from(self.due_at_s) * 1_000)
    }

    /// Days until recall has fallen to nine in ten.
    pub fn stability_days(&self) -> f64 {
        f64::from(self.stability) / f64::from(Self::STABILITY_SCALE)
    }

    /// From 1, easy, to 10, hard.
    pub fn difficulty(&self) -> f64 {
        f64::from(self.difficulty) / f64::from(Self::DIFFICULTY_SCALE)
    }

    /// The same in millionths, as it is stored.
    pub const fn difficulty_millionths(&self) -> u32 {
        self.difficulty
    }

    /// Whether it is time to review it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        unix_seconds(now) >= self.due_at_s
    }

    /// Whether it was forgotten a moment ago and isn't due again yet.
    pub fn is_relearning(&self, now: Timestamp) -> bool {
        self.lapses > 0
            && !self.is_due(now)
            && self.due_at_s.saturating_sub(self.reviewed_at_s) == RELEARNING_S
    }

    /// Whole days since the last review; FSRS counts no parts of days.
    pub fn elapsed_days(&self, now: Timestamp) -> u32 {
        unix_seconds(now).saturating_sub(self.reviewed_at_s) / DAY_S
    }

    fn memory(&self) -> Memory {
        Memory { stability_days: self.stability_days(), difficulty: self.difficulty() }
    }
}

/// The card after a rated answer; without a card, the first one.
pub fn review(card: Option<Card>, rating: Rating, now: Timestamp) -> Card {
    let memory = match &card {
        None => fsrs::first(rating),
        Some(card) => fsrs::next(card.memory(), card.elapsed_days(now), rating),
    };
    let is_lapse = card.is_some() && rating == Rating::Again;
    let interval_s = if is_lapse {
        RELEARNING_S
    } else {
        u32::from(fsrs::interval_days(memory.stability_days)) * DAY_S
    };
    let reviewed_at_s = unix_seconds(now).max(card.map_or(0, |card| card.reviewed_at_s));
    Card {
        stability: nearest(
            memory.stability_days * f64::from(Card::STABILITY_SCALE),
            1,
            Card::STABILITY_LIMIT,
        ),
        difficulty: nearest(
            memory.difficulty * f64::from(Card::DIFFICULTY_SCALE),
            Card::DIFFICULTY_SCALE,
            10 * Card::DIFFICULTY_SCALE,
        ),
        reviewed_at_s,
        due_at_s: reviewed_at_s.saturating_add(interval_s),
        reviews: counted(card.map_or(0, |card| card.reviews)),
        lapses: card.map_or(0, |card| card.lapses).saturating_add(u8::from(is_lapse)),
    }
}

/// The probability of recall now.
pub fn retrievability(card: &Card, now: Timestamp) -> f64 {
    fsrs::retrievability(card.stability_days(), card.elapsed_days(now))
}

#[cfg(test)]
pub(super) const FULLEST: Card = Card {
    stability: Card::STABILITY_LIMIT,
    difficulty: 10 * Card::DIFFICULTY_SCALE,
    reviewed_at_s: u32::MAX,
    due_at_s: u32::MAX,
    reviews: super::COUNT_LIMIT,
    lapses: u8::MAX,
};

#[cfg(test)]
mod tests;
