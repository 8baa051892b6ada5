//! What was seen of a student: by the tutor's events, and in the end in the student's own mind.

use std::collections::BTreeMap;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::{Course, TopicId};
use learnflow_engine::event::practice::Practice;
use learnflow_engine::event::v1::Event;
use learnflow_engine::progress::struggle::{Severity, Trigger};
use learnflow_engine::progress::{Correctness, MasteryLevel, Points, day_of};
use learnflow_engine::simulated::{Memory, Mind};

use super::tutor::Seen;

/// What was so short a time ago is what an alert speaks of: 30 minutes.
const RECENT_MS: i64 = 1_800_000;
/// Below this true recall somebody needs help.
const NEEDS_BELOW: f64 = 0.5;

/// What became of one topic.
#[derive(Debug, Clone, Default)]
pub struct TopicStory {
    /// The first question, hint or answer.
    pub begun_at: Option<Timestamp>,
    /// When tracing first reached .95.
    pub known_at: Option<Timestamp>,
    /// Whether tracing says so in the end.
    pub is_known: bool,
    /// The highest level that the score reached.
    pub level: Option<MasteryLevel>,
    /// The highest score, in hundredths.
    pub top_score: u16,
    /// The UTC day of the first graded answer.
    pub first_day: Option<u16>,
    /// Graded answers.
    pub graded: u64,
    /// Those on a later day than the first.
    pub reviews: u64,
    /// Wrong ones before the topic was truly understood.
    pub wrong_before: u64,
    /// The true recall in the end.
    pub recall: f64,
    /// Whether a struggle was planted here.
    pub is_planted: bool,
}

/// An alert of medium or high severity, from when it was raised until it was cleared.
#[derive(Debug, Clone, Copy)]
pub struct Raised {
    /// Why.
    pub trigger: Trigger,
    /// Whether it fell into a planted struggle with its topic.
    pub is_planted: bool,
    /// Whether the student truly lacked the topic.
    pub is_needed: bool,
}

/// What was seen of a student.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// By topic.
    pub topics: BTreeMap<TopicId, TopicStory>,
    /// Alerts, one by one.
    pub raised: Vec<Raised>,
    /// Triggers that found a planted struggle, by topic.
    pub found: BTreeMap<TopicId, Vec<Trigger>>,
    /// Topics without a planted struggle that had an alert.
    pub others_alerted: BTreeMap<TopicId, u64>,
    /// Time of study.
    pub studied_ms: i64,
    /// Commands that were refused.
    pub refused: u64,
    /// Alerts that are open and were counted.
    open: Vec<(Trigger, Option<TopicId>)>,
}

impl Witness {
    /// Takes in what was decided; `memory` is what the student truly knows after it.
    pub fn see(&mut self, seen: &[Seen], memory: &Memory) {
        for (at, event) in seen {
            match event {
                Event::Asked { topic: Some(topic), .. } => self.begin(topic, *at),
                Event::Practice(fact) => self.practice(fact, *at, memory),
                Event::Created { .. }
                | Event::Asked { topic: None, .. }
                | Event::Started { .. }
                | Event::AttemptRaised { .. }
                | Event::Ended { .. }
                | Event::CancelAccepted { .. }
                | Event::Rated { .. }
                | Event::RouteAdded { .. }
                | Event::RouteRemoved { .. }
                | Event::Folded { .. }
                | Event::ActiveSeen { .. }
                | Event::TimerSet { .. }
                | Event::TimerCleared { .. }
                | Event::EnrolmentChanged { .. } => {}
            }
        }
    }

    fn practice(&mut self, fact: &Practice, at: Timestamp, memory: &Memory) {
        match fact {
            Practice::QuizAnswered { item, correctness, .. } => {
                self.graded(&item.topic(), *correctness, at, memory);
            }
            Practice::Graded { exercise, points, .. } => {
                let is_right = *points == Points::FULL;
                let correctness = if is_right { Correctness::Correct } else { Correctness::Wrong };
                self.graded(&exercise.topic(), correctness, at, memory);
            }
            Practice::HintGiven { exercise, .. } => self.begin(&exercise.topic(), at),
            Practice::MasteryChanged { topic, known, level, score, .. } => {
                let story = self.story(topic);
                story.is_known = known.is_mastered();
                if story.is_known && story.known_at.is_none() {
                    story.known_at = Some(at);
                }
                story.top_score = story.top_score.max(score.hundredths());
                story.level = story.level.max(Some(*level));
            }
            Practice::AlertRaised { trigger, severity, topic, .. } => match severity {
                Severity::Low => {}
                Severity::Medium | Severity::High => {
                    self.alert(*trigger, topic.as_ref(), at, memory);
                }
            },
            Practice::AlertCleared { trigger, topic, .. } => {
                self.open.retain(|(known, of)| {
                    *known != *trigger || of.as_ref().map(TopicId::key) != *topic
                });
            }
            Practice::Submitted { .. }
            | Practice::Learned { .. }
            | Practice::ReviewScheduled { .. }
            | Practice::ReviewsDue { .. }
            | Practice::Opened { .. }
            | Practice::AnswerSought { .. }
            | Practice::Confused { .. }
            | Practice::ErrorSeen { .. }
            | Practice::QuotaTold { .. }
            | Practice::AnswerGuarded { .. }
            | Practice::Exposed { .. } => {}
        }
    }

    fn graded(
        &mut self,
        topic: &TopicId,
        correctness: Correctness,
        at: Timestamp,
        memory: &Memory,
    ) {
        self.begin(topic, at);
        let is_before = !memory.has_learned(topic);
        let day = day_of(at);
        let story = self.story(topic);
        let first_day = *story.first_day.get_or_insert(day);
        story.graded += 1;
        story.reviews += u64::from(day > first_day);
        story.wrong_before += u64::from(is_before && correctness == Correctness::Wrong);
    }

    /// An alert that is raised again while it is open is the same alert.
    fn alert(&mut self, trigger: Trigger, topic: Option<&TopicId>, at: Timestamp, memory: &Memory) {
        let alert = (trigger, topic.cloned());
        if self.open.contains(&alert) {
            return;
        }
        self.open.push(alert);
        let is_recent = |moment: Timestamp| at.millis_since(moment) <= RECENT_MS;
        // What was understood a moment ago was lacking when the evidence was given.
        let lacks = |topic: &TopicId| memory.learned_at(topic).is_none_or(is_recent);
        let is_planted = topic.is_some_and(|id| memory.planted().contains(id) && lacks(id));
        let is_needed = topic.is_some_and(|id| {
            lacks(id)
                || memory.missed_at(id).is_some_and(is_recent)
                || memory.recall(id, at) < NEEDS_BELOW
        });
        self.raised.push(Raised { trigger, is_planted, is_needed });
        match topic {
            Some(id) if is_planted => {
                self.found.entry(id.clone()).or_default().push(trigger);
            }
            Some(id) if !memory.planted().contains(id) => {
                *self.others_alerted.entry(id.clone()).or_default() += 1;
            }
            Some(_) | None => {}
        }
    }

    fn begin(&mut self, topic: &TopicId, at: Timestamp) {
        self.story(topic).begun_at.get_or_insert(at);
    }

    fn story(&mut self, topic: &TopicId) -> &mut TopicStory {
        self.topics.entry(topic.clone()).or_default()
    }

    /// A day's study is over.
    pub const fn sat(&mut self, ms: i64) {
        self.studied_ms += ms;
    }

    /// Looks into the student's mind.
    pub fn end(&mut self, course: &Course, mind: &Mind, refused: u64, now: Timestamp) {
        self.refused = refused;
        for topic in course.topics() {
            let story = self.story(&topic.id);
            story.recall = mind.memory().recall(&topic.id, now);
            story.is_planted = mind.memory().planted().contains(&topic.id);
        }
    }
}
