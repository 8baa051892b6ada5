//! What a simulated student truly knows: nothing of it is seen by the tutor.
//!
//! Deliberately another model than those of [`crate::progress`], so that the tutor isn't tested
//! against itself: understanding comes all at once or not at all, and what was understood fades
//! exponentially. Whoever recalls something that had nearly faded keeps it much longer (the
//! spacing effect); rereading brings it back and makes it no firmer.

use std::collections::{BTreeMap, BTreeSet};

use super::profile::Profile;
use super::random::SplitMix64;
use crate::clock::Timestamp;
use crate::course::model::{Course, Topic, TopicId};

/// How much firmer a memory becomes when it is recalled just before it is gone.
const SPACING_GAIN: f64 = 3.0;
/// What stays of a memory's firmness when it had to be learned again.
const KEPT_AFTER_LAPSE: f64 = 0.6;
/// What was known before the course is so much firmer than what was just learned.
const PRIOR_FIRMNESS: f64 = 2.0;
/// Who lacks what a topic builds on learns it at this share of the usual chance, at least.
const LEAST_WITHOUT_BASIS: f64 = 0.3;
/// A planted struggle leaves this share of the chance to learn.
const PLANTED_LEARNS: f64 = 0.25;
/// Whoever holds a wrong idea is seldom right by luck.
const PLANTED_GUESSES: f64 = 1.0 / 3.0;
/// What has faded comes back more readily than what is new.
const RELEARN: f64 = 0.4;
const DAY_S: f64 = 86_400.0;

/// How well something was understood and when it was last in mind.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Trace {
    learned_at: Timestamp,
    refreshed_at: Timestamp,
    /// Days until recall has fallen to 1/e.
    firmness_days: f64,
}

/// All that a student truly knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    profile: Profile,
    planted: BTreeSet<TopicId>,
    traces: BTreeMap<TopicId, Trace>,
    /// When it last failed to come to mind.
    missed_at: BTreeMap<TopicId, Timestamp>,
}

impl Memory {
    /// What somebody knows before the course: a topic only if they know what it builds on.
    pub(super) fn new(
        profile: Profile,
        planted: BTreeSet<TopicId>,
        course: &Course,
        random: &mut SplitMix64,
        now: Timestamp,
    ) -> Self {
        let mut memory =
            Self { profile, planted, traces: BTreeMap::new(), missed_at: BTreeMap::new() };
        for topic in course.topics() {
            let is_skilled = random.chance(profile.skill_pct);
            let has_basis = topic.requires.iter().all(|id| memory.has_learned(id));
            if is_skilled && has_basis && !memory.planted.contains(&topic.id) {
                let firmness_days = PRIOR_FIRMNESS * memory.first_firmness_days();
                memory.keep(&topic.id, firmness_days, now);
            }
        }
        memory
    }

    /// The true probability that a topic is recalled.
    pub fn recall(&self, topic: &TopicId, now: Timestamp) -> f64 {
        self.traces.get(topic).map_or(0.0, |trace| {
            (-days_between(trace.refreshed_at, now) / trace.firmness_days).exp()
        })
    }

    /// Whether a topic was ever understood.
    pub fn has_learned(&self, topic: &TopicId) -> bool {
        self.traces.contains_key(topic)
    }

    /// When a topic was understood.
    pub fn learned_at(&self, topic: &TopicId) -> Option<Timestamp> {
        self.traces.get(topic).map(|trace| trace.learned_at)
    }

    /// When a topic was wanted last and didn't come to mind.
    pub fn missed_at(&self, topic: &TopicId) -> Option<Timestamp> {
        self.missed_at.get(topic).copied()
    }

    /// Topics at which a struggle was planted.
    pub const fn planted(&self) -> &BTreeSet<TopicId> {
        &self.planted
    }

    /// Tries to recall a topic; whoever succeeds remembers it longer.
    pub(super) fn retrieve(
        &mut self,
        topic: &TopicId,
        random: &mut SplitMix64,
        now: Timestamp,
    ) -> Recalled {
        let recall = self.recall(topic, now);
        if !random.happens(recall) {
            self.missed_at.insert(topic.clone(), now);
            return Recalled::No;
        }
        if let Some(trace) = self.traces.get_mut(topic) {
            trace.firmness_days *= 1.0 + SPACING_GAIN * (1.0 - recall);
            trace.refreshed_at = now;
        }
        Recalled::Yes
    }

    /// Is taught a topic, well enough for this share of what one go can do.
    pub(super) fn be_taught(
        &mut self,
        topic: &Topic,
        share: f64,
        random: &mut SplitMix64,
        now: Timestamp,
    ) {
        let learns = share * f64::from(self.profile.learn_pct) / 100.0;
        let Some(trace) = self.traces.get(&topic.id).copied() else {
            if random.happens(learns * self.ease(topic, now)) {
                self.keep(&topic.id, self.first_firmness_days(), now);
            }
            return;
        };
        if random.happens(self.recall(&topic.id, now)) {
            self.refresh(&topic.id, trace.firmness_days, now);
        } else if random.happens(learns + share * RELEARN) {
            let kept = trace.firmness_days * KEPT_AFTER_LAPSE;
            self.refresh(&topic.id, kept.max(self.first_firmness_days()), now);
        }
    }

    /// What stands in the way of understanding something new: 1 for nothing.
    fn ease(&self, topic: &Topic, now: Timestamp) -> f64 {
        let required = topic.requires.iter();
        let basis: f64 = required.map(|id| self.recall(id, now).max(LEAST_WITHOUT_BASIS)).product();
        if self.is_planted(&topic.id) { basis * PLANTED_LEARNS } else { basis }
    }

    /// The chance of being right by luck, where `share` of the usual luck helps.
    pub(super) fn luck(&self, topic: &TopicId, share: f64) -> f64 {
        let planted = if self.is_planted(topic) { PLANTED_GUESSES } else { 1.0 };
        share * planted * f64::from(self.profile.guess_pct) / 100.0
    }

    /// Whether a planted struggle with a topic goes on.
    pub(super) fn struggles_with(&self, topic: &TopicId) -> bool {
        self.is_planted(topic) && !self.has_learned(topic)
    }

    fn is_planted(&self, topic: &TopicId) -> bool {
        self.planted.contains(topic)
    }

    /// The firmness at which a day takes what the profile says.
    fn first_firmness_days(&self) -> f64 {
        let kept = 1.0 - f64::from(self.profile.forget_pct.clamp(1, 99)) / 100.0;
        -1.0 / kept.ln()
    }

    fn keep(&mut self, topic: &TopicId, firmness_days: f64, now: Timestamp) {
        let trace = Trace { learned_at: now, refreshed_at: now, firmness_days };
        self.traces.insert(topic.clone(), trace);
    }

    fn refresh(&mut self, topic: &TopicId, firmness_days: f64, now: Timestamp) {
        if let Some(trace) = self.traces.get_mut(topic) {
            trace.firmness_days = firmness_days;
            trace.refreshed_at = now;
        }
    }
}

/// Whether something came to mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recalled {
    /// It did.
    Yes,
    /// It didn't.
    No,
}

fn days_between(earlier: Timestamp, later: Timestamp) -> f64 {
    let seconds = later.millis_since(earlier).max(0) / 1_000;
    f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)) / DAY_S
}

#[cfg(test)]
mod tests {
    use super::super::profile::{EXCELLENT, MEDIAN, REMEDIAL};
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn variables() -> TopicId {
        TopicId::parse("basics.variables").unwrap()
    }

    fn at_day(day: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + day * DAY_MS)
    }

    fn empty(profile: Profile, planted: BTreeSet<TopicId>) -> Memory {
        Memory { profile, planted, traces: BTreeMap::new(), missed_at: BTreeMap::new() }
    }

    /// A memory of one topic that was learned on day 0.
    fn learned(profile: Profile) -> Memory {
        let mut memory = empty(profile, BTreeSet::new());
        memory.keep(&variables(), memory.first_firmness_days(), at_day(0));
        memory
    }

    #[test]
    fn a_day_takes_what_the_profile_says() {
        for profile in [REMEDIAL, MEDIAN, EXCELLENT] {
            let recall = learned(profile).recall(&variables(), at_day(1));
            let kept = 1.0 - f64::from(profile.forget_pct) / 100.0;
            assert!((recall - kept).abs() < 1e-9, "{}: {recall}", profile.name);
        }
    }

    #[test]
    fn what_is_recalled_late_stays_longer_than_what_is_recalled_at_once() {
        let after = |day: i64| {
            let mut memory = learned(MEDIAN);
            let mut random = SplitMix64::new(1);
            while memory.retrieve(&variables(), &mut random, at_day(day)) == Recalled::No {}
            memory.recall(&variables(), at_day(day + 7))
        };
        assert!(after(7) > after(1) && after(1) > after(0), "{} {}", after(7), after(0));
        assert!((after(0) - learned(MEDIAN).recall(&variables(), at_day(7))).abs() < 1e-9);
    }

    #[test]
    fn a_planted_struggle_takes_longer() {
        let course = Course::builtin().unwrap();
        let topic = course.topic(&variables()).unwrap();
        let goes = |planted: BTreeSet<TopicId>| {
            let mut random = SplitMix64::new(9);
            let mut goes = 0_u32;
            for _ in 0..200 {
                let mut memory = empty(MEDIAN, planted.clone());
                while !memory.has_learned(&topic.id) {
                    memory.be_taught(topic, 1.0, &mut random, at_day(0));
                    goes += 1;
                }
            }
            goes
        };
        let (free, planted) = (goes(BTreeSet::new()), goes(BTreeSet::from([variables()])));
        assert!(planted > 3 * free, "{planted} {free}");
    }
}
