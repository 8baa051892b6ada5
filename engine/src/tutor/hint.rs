//! The hint ladder: how far a student may be helped with an exercise, held by the server.
//!
//! ```text
//!  1 nudge   2 guiding question   3 targeted explanation   4 worked similar example   5 solution
//! ```
//! A rung is climbed one at a time, and only after a new attempt or a minute. The solution needs
//! three attempts and rung 4 before it, or a closed exercise, and a policy that allows it. Asking
//! for the answer climbs nothing: it is counted.
//!
//! Sources: the ladder of intelligent tutoring systems (VanLehn 2006); that unguarded answers harm
//! later unaided work (Bastani et al., PNAS 2025).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::CourseKey;
use crate::event::v1::Policy;

/// Exercises whose ladders are remembered; a forgotten one begins again, which only tightens.
pub const LADDERS_LIMIT: usize = 12;
/// The solution's rung.
pub const SOLUTION_RUNG: u8 = 5;
/// The rung that must have been shown before the solution.
const BEFORE_SOLUTION: u8 = 4;
/// Attempts before the solution.
const ATTEMPTS_BEFORE_SOLUTION: u16 = 3;
/// Without a new attempt a rung is climbed after so long.
const CLIMB_AFTER_S: u32 = 60;

/// How far a student has come on one exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    exercise: CourseKey,
    /// The highest rung that was shown, 0 for none.
    rung: u8,
    /// Attempts in all.
    attempts: u16,
    /// Attempts since the last climb.
    attempts_since: u8,
    /// The last climb, in seconds since 1970.
    climbed_at_s: u32,
    /// How often the answer was asked for.
    pressure: u8,
    /// Whether it was solved.
    standing: Standing,
}

/// Whether an exercise still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// It is to be solved.
    Open,
    /// It was solved, or whoever may has closed it.
    Closed,
}

/// What a hint is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The next rung.
    Climbed {
        /// Which.
        rung: u8,
    },
    /// The rung that was shown last.
    Repeated {
        /// Which.
        rung: u8,
        /// Time until the next one; `None` when there is none to come.
        wait_ms: Option<u32>,
    },
}

impl Given {
    /// The rung that is shown.
    pub const fn rung(self) -> u8 {
        match self {
            Self::Climbed { rung } | Self::Repeated { rung, .. } => rung,
        }
    }
}

impl Ladder {
    const fn new(exercise: CourseKey) -> Self {
        Self {
            exercise,
            rung: 0,
            attempts: 0,
            attempts_since: 0,
            climbed_at_s: 0,
            pressure: 0,
            standing: Standing::Open,
        }
    }

    /// What a hint that is asked for now shows.
    fn ask(&self, policy: Policy, now_s: u32) -> Given {
        let highest = self.highest(policy);
        if self.rung == 0 {
            return Given::Climbed { rung: 1 };
        }
        if self.rung >= highest {
            // A policy may have been lowered since: what it forbids now isn't repeated either.
            return Given::Repeated { rung: highest, wait_ms: None };
        }
        let passed_s = now_s.saturating_sub(self.climbed_at_s);
        if self.attempts_since > 0 || passed_s >= CLIMB_AFTER_S {
            Given::Climbed { rung: self.rung + 1 }
        } else {
            let wait_ms = Some((CLIMB_AFTER_S - passed_s) * 1_000);
            Given::Repeated { rung: self.rung, wait_ms }
        }
    }

    /// The highest rung that may be shown now. A policy tightens, never loosens.
    fn highest(&self, policy: Policy) -> u8 {
        let earned = match self.standing {
            Standing::Closed => SOLUTION_RUNG,
            Standing::Open => {
                let tried =
                    self.attempts >= ATTEMPTS_BEFORE_SOLUTION && self.rung >= BEFORE_SOLUTION;
                if tried { SOLUTION_RUNG } else { BEFORE_SOLUTION }
            }
        };
        earned.min(policy.highest_rung.clamp(1, SOLUTION_RUNG))
    }
}

/// The ladders of the exercises that a student turned to last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ladders {
    /// The one that was touched last stands at the end.
    ladders: VecDeque<Ladder>,
}

impl Ladders {
    fn get(&self, exercise: CourseKey) -> Option<&Ladder> {
        self.ladders.iter().find(|ladder| ladder.exercise == exercise)
    }

    /// Brings an exercise's ladder to the end, or begins it.
    fn touch(&mut self, exercise: CourseKey) -> Option<&mut Ladder> {
        let place = self.ladders.iter().position(|ladder| ladder.exercise == exercise);
        let ladder = place.and_then(|place| self.ladders.remove(place));
        if ladder.is_none() && self.ladders.len() == LADDERS_LIMIT {
            self.ladders.pop_front();
        }
        self.ladders.push_back(ladder.unwrap_or(Ladder::new(exercise)));
        self.ladders.back_mut()
    }

    /// The highest rung that was shown, 0 for none.
    pub fn rung(&self, exercise: CourseKey) -> u8 {
        self.get(exercise).map_or(0, |ladder| ladder.rung)
    }

    /// Attempts so far.
    pub fn attempts(&self, exercise: CourseKey) -> u16 {
        self.get(exercise).map_or(0, |ladder| ladder.attempts)
    }

    /// How often the answer was asked for instead of help.
    pub fn pressure(&self, exercise: CourseKey) -> u8 {
        self.get(exercise).map_or(0, |ladder| ladder.pressure)
    }

    /// Whether it is solved or closed: then nothing of it is a secret any more.
    pub fn standing(&self, exercise: CourseKey) -> Standing {
        self.get(exercise).map_or(Standing::Open, |ladder| ladder.standing)
    }

    /// What a hint that is asked for now shows.
    pub fn ask(&self, exercise: CourseKey, policy: Policy, now: Timestamp) -> Given {
        let ladder = self.get(exercise).copied().unwrap_or(Ladder::new(exercise));
        ladder.ask(policy, seconds(now))
    }

    /// A hint was given.
    pub fn given(&mut self, exercise: CourseKey, rung: u8, climbed: Climbed, at: Timestamp) {
        let Some(ladder) = self.touch(exercise) else { return };
        match climbed {
            Climbed::Yes => {
                ladder.rung = ladder.rung.max(rung);
                ladder.attempts_since = 0;
                ladder.climbed_at_s = seconds(at);
            }
            Climbed::No => {}
        }
    }

    /// An attempt was made.
    pub fn attempted(&mut self, exercise: CourseKey, standing: Standing) {
        let Some(ladder) = self.touch(exercise) else { return };
        ladder.attempts = ladder.attempts.saturating_add(1);
        ladder.attempts_since = ladder.attempts_since.saturating_add(1);
        match standing {
            Standing::Closed => ladder.standing = Standing::Closed,
            Standing::Open => {}
        }
    }

    /// The answer was asked for. It climbs nothing.
    pub fn sought(&mut self, exercise: CourseKey) {
        if let Some(ladder) = self.touch(exercise) {
            ladder.pressure = ladder.pressure.saturating_add(1);
        }
    }
}

/// Whether a hint was a new rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Climbed {
    /// It was.
    Yes,
    /// The same one again.
    No,
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_micros().max(0) / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
