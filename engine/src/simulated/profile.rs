//! Five ways to learn, after the simulated-student benchmarks of practice schedulers.

/// How a simulated student learns. All shares are in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// Chance of knowing a topic before it is taught.
    pub skill_pct: u8,
    /// Chance of learning a topic in one go.
    pub learn_pct: u8,
    /// Chance of a mistake in what is known.
    pub slip_pct: u8,
    /// Chance of being right by luck.
    pub guess_pct: u8,
    /// What is forgotten in a day of a topic that was just learned.
    pub forget_pct: u8,
    /// How readily it asks for help instead of trying.
    pub hint_seeking_pct: u8,
    /// How long it thinks about an answer, on average.
    pub think_ms: u64,
}

/// Needs much help.
pub const REMEDIAL: Profile = Profile {
    name: "remedial",
    skill_pct: 10,
    learn_pct: 10,
    slip_pct: 20,
    guess_pct: 25,
    forget_pct: 20,
    hint_seeking_pct: 80,
    think_ms: 60_000,
};
/// Is a little slower than most.
pub const BELOW_MEDIAN: Profile = Profile {
    name: "below_median",
    skill_pct: 25,
    learn_pct: 20,
    slip_pct: 15,
    guess_pct: 22,
    forget_pct: 14,
    hint_seeking_pct: 60,
    think_ms: 75_000,
};
/// Is like most.
pub const MEDIAN: Profile = Profile {
    name: "median",
    skill_pct: 40,
    learn_pct: 30,
    slip_pct: 10,
    guess_pct: 20,
    forget_pct: 10,
    hint_seeking_pct: 45,
    think_ms: 90_000,
};
/// Is a little quicker than most.
pub const ABOVE_MEDIAN: Profile = Profile {
    name: "above_median",
    skill_pct: 60,
    learn_pct: 42,
    slip_pct: 7,
    guess_pct: 18,
    forget_pct: 7,
    hint_seeking_pct: 30,
    think_ms: 100_000,
};
/// Needs hardly any help.
pub const EXCELLENT: Profile = Profile {
    name: "excellent",
    skill_pct: 80,
    learn_pct: 60,
    slip_pct: 4,
    guess_pct: 15,
    forget_pct: 4,
    hint_seeking_pct: 15,
    think_ms: 120_000,
};

/// All profiles, from the one that needs most help, with their share of a class in percent.
pub const PROFILES: [(Profile, u8); 5] =
    [(REMEDIAL, 10), (BELOW_MEDIAN, 25), (MEDIAN, 30), (ABOVE_MEDIAN, 25), (EXCELLENT, 10)];

/// The profile of the student at a place of a class that is sorted by need of help.
pub(super) fn profile_at(at: usize, n: usize) -> Profile {
    // The middle of the student's part of the class.
    let place_pct = (200 * at + 100) / (2 * n.max(1));
    let mut below = 0;
    for (profile, share_pct) in PROFILES {
        below += usize::from(share_pct);
        if place_pct < below {
            return profile;
        }
    }
    EXCELLENT
}
