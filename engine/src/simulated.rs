//! Simulated students: who they are and what they ask, as data that a seed decides.
//!
//! Five [`Profile`]s, from one that struggles to one that excels, after the simulated-student
//! benchmarks of practice schedulers. A [`class`] is made of a seed; each student's
//! [`SimulatedMind`] then says step by step what it does. The same seed gives the same class and
//! the same steps: whoever runs it brings clock and network.

mod name;
mod question;
mod random;

use crate::course::model::{Course, TopicId};
use random::SplitMix64;

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
    /// What is forgotten of a topic in a day.
    pub forget_pct: u8,
    /// How readily it asks for help instead of trying.
    pub hint_seeking_pct: u8,
    /// Time between two questions, on average.
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
    /// Its mind at the beginning.
    pub const fn mind(&self) -> SimulatedMind {
        SimulatedMind {
            profile: self.profile,
            random: SplitMix64::new(self.seed),
            topic: None,
            thread: Thread::New,
            asked_total: 0,
        }
    }
}

/// What a student does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimulatedAction {
    /// Asks something.
    Ask {
        /// The question.
        text: String,
        /// Its code.
        code: Option<String>,
    },
    /// Reads, thinks or tries for a while.
    Idle {
        /// How long.
        ms: u64,
    },
}

/// Where a student is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// Begins something.
    New,
    /// Has just asked, and thinks about the answer.
    Thinking,
    /// May ask on.
    Open,
}

/// What goes on in a simulated student.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedMind {
    profile: Profile,
    random: SplitMix64,
    topic: Option<TopicId>,
    thread: Thread,
    asked_total: u32,
}

impl SimulatedMind {
    /// Questions asked so far.
    pub const fn asked_total(&self) -> u32 {
        self.asked_total
    }

    /// The topic that it is at.
    pub const fn topic(&self) -> Option<&TopicId> {
        self.topic.as_ref()
    }
}

/// A class of `n` students. Profiles are spread as [`PROFILES`] says, then shuffled.
pub fn class(seed: u64, n: usize) -> Vec<SimulatedStudent> {
    let mut random = SplitMix64::new(seed);
    let names = name::unique(&mut random, n);
    let mut profiles: Vec<Profile> = (0..n).map(|at| profile_at(at, n)).collect();
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

/// The profile of the student at a place of a class that is sorted by need of help.
fn profile_at(at: usize, n: usize) -> Profile {
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

/// What this student does now. Questions and pauses take turns; a student who seeks help asks on
/// about the same topic, the others go on to the next one.
pub fn next_step(mind: &mut SimulatedMind, course: &Course) -> SimulatedAction {
    match mind.thread {
        Thread::Thinking => {
            let asks_on = mind.random.chance(mind.profile.hint_seeking_pct);
            mind.thread = if asks_on { Thread::Open } else { Thread::New };
            // From half to one and a half times the average.
            let half_ms = mind.profile.think_ms / 2;
            SimulatedAction::Idle { ms: half_ms + mind.random.below(mind.profile.think_ms.max(1)) }
        }
        Thread::New | Thread::Open => {
            if mind.thread == Thread::New || mind.topic.is_none() {
                mind.topic = next_topic(mind, course);
            }
            let topic = mind.topic.as_ref().and_then(|id| course.topic(id));
            let on = mind.thread == Thread::Open && mind.asked_total > 0;
            mind.thread = Thread::Thinking;
            mind.asked_total = mind.asked_total.saturating_add(1);
            let asks = if on { question::Asks::On } else { question::Asks::Anew };
            question::ask(&mut mind.random, &mind.profile, topic, asks)
        }
    }
}

/// Goes on in the order of the course, sometimes back; whoever is skilled begins further on.
fn next_topic(mind: &mut SimulatedMind, course: &Course) -> Option<TopicId> {
    let written: Vec<&TopicId> =
        course.topics().iter().filter(|topic| !topic.is_planned()).map(|topic| &topic.id).collect();
    let last = written.len().checked_sub(1)?;
    let at = match &mind.topic {
        None => last * usize::from(mind.profile.skill_pct) / 200,
        Some(now) => {
            let now = written.iter().position(|id| *id == now).unwrap_or(0);
            if mind.random.chance(mind.profile.learn_pct) {
                if now == last { 0 } else { now + 1 }
            } else if mind.random.chance(mind.profile.forget_pct) {
                now.saturating_sub(1)
            } else {
                now
            }
        }
    };
    written.get(at).map(|id| (*id).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(seed: u64, count: usize) -> Vec<SimulatedAction> {
        let course = Course::builtin().unwrap();
        let mut mind = class(seed, 5)[2].mind();
        (0..count).map(|_| next_step(&mut mind, &course)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_class_and_steps() {
        assert_eq!(class(7, 30), class(7, 30));
        assert_ne!(class(7, 30), class(8, 30));
        assert_eq!(steps(7, 40), steps(7, 40));
        assert_ne!(steps(7, 40), steps(8, 40));
    }

    #[test]
    fn a_class_has_unique_names_and_all_profiles() {
        for n in [0, 1, 30, 100, 1_000] {
            let class = class(1, n);
            let mut names: Vec<&str> = class.iter().map(|s| s.display_name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), n);
            if n >= 30 {
                for (profile, share_pct) in PROFILES {
                    let count = class.iter().filter(|s| s.profile == profile).count();
                    let expected = n * usize::from(share_pct) / 100;
                    assert!(count.abs_diff(expected) <= 1, "{}: {count} of {n}", profile.name);
                }
            }
        }
    }

    #[test]
    fn questions_and_pauses_take_turns() {
        for pair in steps(3, 60).chunks(2) {
            let [SimulatedAction::Ask { text, .. }, SimulatedAction::Idle { ms }] = pair else {
                panic!("{pair:?}");
            };
            assert!(!text.trim().is_empty());
            assert!((30_000..180_000).contains(ms), "{ms}");
        }
    }

    #[test]
    fn questions_vary_and_some_bring_code() {
        let asks: Vec<(String, bool)> = steps(11, 200)
            .into_iter()
            .filter_map(|step| match step {
                SimulatedAction::Ask { text, code } => Some((text, code.is_some())),
                SimulatedAction::Idle { .. } => None,
            })
            .collect();
        let mut texts: Vec<&str> = asks.iter().map(|(text, _)| text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert!(texts.len() >= 15, "{texts:?}");
        let with_code = asks.iter().filter(|(_, code)| *code).count();
        assert!(with_code > 5 && with_code < asks.len() / 2, "{with_code} of {}", asks.len());
    }
}
