//! A student's session as far as struggle goes: observations in, alerts raised and cleared.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::{CourseKey, TopicId};
use learnflow_engine::progress::struggle::{FirstTry, Observation, Struggle, Verdict};
use learnflow_engine::tutor::traceback::{ErrorClass, Signature, Template};

/// A topic, or an exercise.
pub(crate) fn key(number: u8) -> CourseKey {
    TopicId::parse(&format!("module.topic_{number}")).unwrap().key()
}

pub(crate) fn error(class: ErrorClass, topic: Option<u8>) -> Observation {
    let signature = Signature { class, template: Template::Other };
    Observation::Error { signature, topic: topic.map(key) }
}

pub(crate) fn attempt(topic: u8, exercise: u8, first_try: FirstTry) -> Observation {
    Observation::Attempt { topic: key(topic), exercise: key(100 + exercise), first_try }
}

pub(crate) fn hint(topic: u8, exercise: u8, rung: u8) -> Observation {
    Observation::HintTaken { topic: key(topic), exercise: key(100 + exercise), rung }
}

pub(crate) fn opened(topic: u8, exercise: u8) -> Observation {
    Observation::Opened { topic: key(topic), exercise: key(100 + exercise) }
}

/// A fact about an alert, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    Seen(Observation),
    Decided(Verdict),
}

/// A step of the journal: what, the number of its event, when.
pub(crate) type Stored = (Fact, i64, Timestamp);

/// Applies a stored fact, as replay does.
pub(crate) fn apply(state: &mut Struggle, (fact, event, at): &Stored) {
    match fact {
        Fact::Seen(seen) => state.observe(*seen, *event, *at),
        Fact::Decided(Verdict::Raise { trigger, topic, severity, .. }) => {
            state.raised(*trigger, *topic, *severity, *event, *at);
        }
        Fact::Decided(Verdict::Clear { trigger, topic }) => state.cleared(*trigger, *topic),
    }
}

/// A live session with its journal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Play {
    pub(crate) state: Struggle,
    pub(crate) journal: Vec<Stored>,
    event: i64,
}

impl Play {
    fn store(&mut self, fact: Fact, at: Timestamp) {
        self.event += 1;
        let stored = (fact, self.event, at);
        apply(&mut self.state, &stored);
        self.journal.push(stored);
    }

    pub(crate) fn see(&mut self, seen: Observation, at: Timestamp) -> Vec<Verdict> {
        self.store(Fact::Seen(seen), at);
        let verdicts = self.state.verdicts(seen, at);
        self.decide(verdicts, at)
    }

    pub(crate) fn timer(&mut self, at: Timestamp) -> Vec<Verdict> {
        let verdicts = self.state.verdicts_at_timer(at);
        self.decide(verdicts, at)
    }

    pub(crate) fn decide(&mut self, verdicts: Vec<Verdict>, at: Timestamp) -> Vec<Verdict> {
        for verdict in &verdicts {
            self.store(Fact::Decided(verdict.clone()), at);
        }
        verdicts
    }

    /// What somebody sees at these moments, each with its verdicts in words.
    pub(crate) fn told(&mut self, seen: Observation, at_s: i64) -> String {
        words(&self.see(seen, at(at_s)))
    }
}

/// So many seconds after a beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
}

/// Verdicts in words: `+confusion high [1, 3]`, `-low_quiz`, one by one.
pub(crate) fn words(verdicts: &[Verdict]) -> String {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Raise { trigger, severity, evidence, .. } => {
            format!("+{} {} {evidence:?}", trigger.as_str(), severity.as_str())
        }
        Verdict::Clear { trigger, .. } => format!("-{}", trigger.as_str()),
    };
    verdicts.iter().map(word).collect::<Vec<_>>().join(" ")
}
