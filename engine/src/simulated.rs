//! Simulated students: who they are, what they truly know and what they do, as a seed decides.
//!
//! Five [`Profile`]s, from one that struggles to one that excels. A [`class`] is made of a seed;
//! each student's [`Mind`] then says step by step what it does, told by a [`guide`] what to do
//! next: by the tutor, or by a book that is the same for all. The same seed gives the same class
//! and the same steps: whoever runs it brings clock and network.
//!
//! Reading order: [`profile`], [`memory`] (what a student truly knows), [`guide`], [`mind`],
//! [`action`] (what comes of it).
//!
//! **Invariant:** nothing here is known to the tutor but by what a student does.

pub mod action;
mod answer;
pub mod guide;
pub mod memory;
pub mod mind;
mod name;
mod planted;
pub mod profile;
mod question;
mod random;

pub use action::Action;
pub use guide::{Book, FixedOrder, Proposal};
pub use memory::Memory;
pub use mind::Mind;
pub use profile::{PROFILES, Profile};

use crate::clock::Timestamp;
use crate::course::model::Course;
use random::SplitMix64;

/// Of a hundred days so many have time for the course.
const STUDIES_PCT: u8 = 83;
/// The earliest that a student sits down, in milliseconds after midnight.
const EARLIEST_MS: u64 = 14 * 3_600_000;
/// It sits down within so long after that.
const WITHIN_MS: u64 = 4 * 3_600_000;

/// A student of a simulated class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedStudent {
    /// A first name, unique in the class.
    pub display_name: String,
    /// How it learns.
    pub profile: Profile,
    /// Decides what it does.
    pub seed: u64,
}

impl SimulatedStudent {
    /// Its mind before the course.
    pub fn mind(&self, course: &Course, now: Timestamp) -> Mind {
        Mind::new(self, course, now)
    }

    /// When it sits down on a day, in milliseconds after midnight; `None` on a day without time.
    /// The same whoever guides it.
    pub fn sits_down_ms(&self, day: u16) -> Option<u64> {
        let mut random = SplitMix64::new(self.seed.rotate_left(32) ^ u64::from(day));
        random.chance(STUDIES_PCT).then(|| EARLIEST_MS + random.below(WITHIN_MS))
    }
}

/// A class of `n` students. Profiles are spread as [`PROFILES`] says, then shuffled.
pub fn class(seed: u64, n: usize) -> Vec<SimulatedStudent> {
    let mut random = SplitMix64::new(seed);
    let names = name::unique(&mut random, n);
    let mut profiles: Vec<Profile> = (0..n).map(|at| profile::profile_at(at, n)).collect();
    random.shuffle(&mut profiles);
    let students = names.into_iter().zip(profiles);
    students
        .map(|(display_name, profile)| SimulatedStudent {
            display_name,
            profile,
            seed: random.next_u64(),
        })
        .collect()
}
