//! The rules: which alerts an observation raises and clears. Source: the struggle table of the
//! course platform's requirements; the choices that it leaves open stand in [`super`].

use super::recent::IN_A_ROW;
use super::window::{Number, Second, Stamp};
use super::{ALERT_LIMIT, Alert, Observation, STUCK_MS, Severity, Struggle, Trigger};
use crate::clock::Timestamp;
use crate::course::CourseKey;
use crate::tutor::traceback::ErrorClass;

/// The same error this often is too often.
const ERRORS: usize = 3;
/// Seconds in which they count.
const ERRORS_WINDOW_S: u32 = 1_800;
/// Seconds in which confusion comes twice.
const CONFUSED_WINDOW_S: u32 = 600;
/// Seconds in which hints are abused.
const HINTS_WINDOW_S: u32 = 900;
/// The least that a quiz round should reach, in percent.
const QUIZ_PERCENT: u8 = 50;
/// Opportunities after which a topic should sit.
const OPPORTUNITIES: u8 = 10;

/// What is to become of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Raise it; an open one of the same trigger and topic is replaced.
    Raise {
        /// Why.
        trigger: Trigger,
        /// About which topic.
        topic: Option<CourseKey>,
        /// At which exercise.
        exercise: Option<CourseKey>,
        /// How urgent.
        severity: Severity,
        /// Numbers of the events that show it, ascending.
        evidence: Vec<i64>,
    },
    /// Clear it.
    Clear {
        /// Why it was raised.
        trigger: Trigger,
        /// About which topic.
        topic: Option<CourseKey>,
    },
}

impl Struggle {
    /// What an observation leads to, asked on the state that has taken it in. In order: a place
    /// that a new alert needs is cleared before it.
    pub fn verdicts(&self, seen: Observation, at: Timestamp) -> Vec<Verdict> {
        let mut docket = Docket::new(self, at);
        docket.clear_what_is_over();
        match seen {
            Observation::Error { signature, topic } => docket.error(signature.class, topic),
            Observation::RunSucceeded { topic: _ } => {
                docket.clear_all(|alert| alert.trigger == Trigger::FailedRuns);
            }
            Observation::RunFailed { topic } => docket.run_failed(topic),
            // What was met outside of a topic is over with any pass.
            Observation::ExercisePassed { topic, exercise: _ } => docket.clear_all(|alert| {
                alert.trigger == Trigger::RepeatedError && alert.topic.is_none_or(|of| of == topic)
            }),
            Observation::Attempt { topic, exercise, first_try: _ } => docket.tried(topic, exercise),
            Observation::QuizRound { topic, percent } => docket.quiz(topic, percent),
            Observation::Confused { topic } => docket.confused(topic),
            Observation::HintTaken { topic, exercise, rung: _ } => docket.hint(topic, exercise),
            Observation::AnswerSought { topic, exercise } => docket.sought(topic, exercise),
            Observation::Opened { topic: _, exercise: _ }
            | Observation::Active
            | Observation::Left => {}
        }
        docket.stuck();
        docket.verdicts
    }

    /// What the passing of time alone leads to: asked when [`Struggle::stuck_due`] or
    /// [`Struggle::expiry_due`] has come. Those two then say when to ask again.
    pub fn verdicts_at_timer(&self, at: Timestamp) -> Vec<Verdict> {
        let mut docket = Docket::new(self, at);
        docket.clear_what_is_over();
        docket.stuck();
        docket.verdicts
    }
}

/// Verdicts in the making.
struct Docket<'a> {
    state: &'a Struggle,
    at: Timestamp,
    now: Second,
    verdicts: Vec<Verdict>,
}

impl<'a> Docket<'a> {
    fn new(state: &'a Struggle, at: Timestamp) -> Self {
        let at = at.max(state.last_at);
        Self { state, at, now: Second::of(at), verdicts: Vec::new() }
    }

    /// Alerts that have lived their time, and those about an exercise that is no longer open.
    fn clear_what_is_over(&mut self) {
        let now = self.now.plus(0);
        let open = self.state.exercise.as_ref();
        self.clear_all(|alert| {
            let left = alert.trigger == Trigger::StuckOnExercise
                && !open.is_some_and(|open| open.is_of(alert));
            left || alert.ends_at() <= now
        });
    }

    fn error(&mut self, class: ErrorClass, topic: Option<CourseKey>) {
        let same = self.state.errors.iter().filter(|met| met.class == class && met.topic == topic);
        let evidence = self.within(same.map(|met| met.met), ERRORS_WINDOW_S);
        if evidence.len() >= ERRORS {
            self.raise(Trigger::RepeatedError, topic, None, Severity::High, evidence);
        }
    }

    fn run_failed(&mut self, topic: Option<CourseKey>) {
        if self.state.failed.is_full() {
            let evidence = numbers(self.state.failed.iter().copied());
            self.raise(Trigger::FailedRuns, topic, None, Severity::High, evidence);
        }
    }

    fn tried(&mut self, topic: CourseKey, exercise: CourseKey) {
        let Some(run) = self.state.topics.iter().find(|run| run.topic.0 == topic) else { return };
        if run.in_a_row >= IN_A_ROW {
            self.clear_all(|alert| alert.is(Trigger::WheelSpinning, Some(topic)));
        } else if run.opportunities >= OPPORTUNITIES {
            let evidence = vec![run.first_event.into(), self.latest()];
            let (topic, exercise) = (Some(topic), Some(exercise));
            self.raise(Trigger::WheelSpinning, topic, exercise, Severity::High, evidence);
        }
    }

    fn quiz(&mut self, topic: CourseKey, percent: u8) {
        if percent < QUIZ_PERCENT {
            let evidence = vec![self.latest()];
            self.raise(Trigger::LowQuiz, Some(topic), None, Severity::Medium, evidence);
        } else {
            self.clear_all(|alert| alert.is(Trigger::LowQuiz, Some(topic)));
        }
    }

    fn confused(&mut self, topic: Option<CourseKey>) {
        let evidence = self.within(self.state.confused.iter().copied(), CONFUSED_WINDOW_S);
        let severity = if evidence.len() > 1 { Severity::High } else { Severity::Low };
        self.raise(Trigger::Confusion, topic, None, severity, evidence);
    }

    fn hint(&mut self, topic: CourseKey, exercise: CourseKey) {
        let late = self.state.late_hints.iter().map(|hint| hint.taken);
        let late = self.within(late, HINTS_WINDOW_S);
        let fast = self.within(self.state.fast_hints.iter().copied(), HINTS_WINDOW_S);
        // Each list holds the last three: three within the window are all of them.
        let full = [late, fast].into_iter().find(|events| events.len() >= 3);
        if let Some(evidence) = full {
            let (topic, exercise) = (Some(topic), Some(exercise));
            self.raise(Trigger::HintAbuse, topic, exercise, Severity::Low, evidence);
        }
    }

    fn sought(&mut self, topic: Option<CourseKey>, exercise: Option<CourseKey>) {
        if self.state.sought.is_full() {
            let evidence = numbers(self.state.sought.iter().copied());
            self.raise(Trigger::AnswerSeeking, topic, exercise, Severity::Low, evidence);
        }
    }

    fn stuck(&mut self) {
        let Some(open) = self.state.exercise.as_ref() else { return };
        let gap_ms = self.at.millis_since(self.state.last_at);
        if open.active_ms_after(gap_ms) > STUCK_MS {
            let evidence = vec![open.opened.into(), self.latest()];
            let (topic, exercise) = (Some(open.topic.0), Some(open.exercise.0));
            self.raise(Trigger::StuckOnExercise, topic, exercise, Severity::Medium, evidence);
        }
    }

    /// The number of the event that the student's last activity is.
    fn latest(&self) -> i64 {
        self.state.last_event.into()
    }

    fn within(&self, stamps: impl Iterator<Item = Stamp>, window_s: u32) -> Vec<i64> {
        let within = stamps.filter(|stamp| self.now.since(stamp.at) <= window_s);
        numbers(within.map(|stamp| stamp.event))
    }

    fn raise(
        &mut self,
        trigger: Trigger,
        topic: Option<CourseKey>,
        exercise: Option<CourseKey>,
        severity: Severity,
        mut evidence: Vec<i64>,
    ) {
        if !self.may_raise(trigger, topic, severity) {
            return;
        }
        // One event may tell of two errors.
        evidence.dedup();
        if self.state.open_alert(trigger, topic).is_none() {
            self.make_room();
        }
        self.verdicts.push(Verdict::Raise { trigger, topic, exercise, severity, evidence });
    }

    fn may_raise(&self, trigger: Trigger, topic: Option<CourseKey>, severity: Severity) -> bool {
        let mut recent = self.state.alerts.iter().filter(|alert| alert.is_fresh(self.now));
        if trigger.is_of_any_topic() {
            return !recent.any(|alert| alert.trigger == trigger);
        }
        recent.find(|alert| alert.is(trigger, topic)).is_none_or(|open| open.severity < severity)
    }

    /// Clears the alert that was raised longest ago if there is no room for another.
    fn make_room(&mut self) {
        let open = self.state.alerts.iter().filter(|alert| !self.is_cleared(alert));
        let new = |verdict: &&Verdict| match verdict {
            Verdict::Raise { trigger, topic, .. } => {
                self.state.open_alert(*trigger, *topic).is_none()
            }
            Verdict::Clear { .. } => false,
        };
        let raised = self.verdicts.iter().filter(new).count();
        if open.clone().count() + raised < ALERT_LIMIT {
            return;
        }
        let oldest = open.copied().next();
        if let Some(Alert { trigger, topic, .. }) = oldest {
            self.verdicts.push(Verdict::Clear { trigger, topic });
        }
    }

    fn clear_all(&mut self, is_over: impl Fn(&Alert) -> bool) {
        for alert in self.state.alerts.iter().filter(|alert| is_over(alert)) {
            if !self.is_cleared(alert) {
                let Alert { trigger, topic, .. } = *alert;
                self.verdicts.push(Verdict::Clear { trigger, topic });
            }
        }
    }

    fn is_cleared(&self, alert: &Alert) -> bool {
        self.verdicts.iter().any(|verdict| match verdict {
            Verdict::Clear { trigger, topic } => alert.is(*trigger, *topic),
            Verdict::Raise { .. } => false,
        })
    }
}

fn numbers(events: impl Iterator<Item = Number>) -> Vec<i64> {
    events.map(i64::from).collect()
}
