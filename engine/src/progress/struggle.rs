//! Notices who needs help: eight triggers over what a student does, as a fold over events.
//!
//! [`Struggle::observe`] runs when an event is applied, live and in replay alike, and only counts.
//! [`Struggle::verdicts`] is asked in `decide`, on the state after the observation, and only
//! reads. What it decides comes back as a fact: [`Struggle::raised`], [`Struggle::cleared`].
//! [`phrase`] hears confusion and the wish for an answer in a student's words.
//!
//! **Rules.** One open alert for each trigger and topic. An open alert is raised again after 15
//! minutes, or at once when it becomes more urgent; it then replaces the open one. What is no
//! matter of one topic (`failed_runs`, `hint_abuse`, `answer_seeking`) is counted over all of them
//! and told once in 15 minutes, with the topic at hand; confusion twice in ten minutes is high
//! whatever the topics. What is cleared starts from nothing: the evidence behind it is forgotten.
//! Where there is no room for another alert, the one raised longest ago is cleared. Alerts that no
//! work of the student's clears (`confusion`, `hint_abuse`, `answer_seeking`) end after a day, all
//! others after two weeks. Time is the time of records: what was read at once but happened twenty
//! minutes apart counts as twenty minutes apart. Windows are whole seconds, and hold both ends.
//!
//! **Invariant:** the state is bounded (700 bytes in a snapshot), and so is the work per event.

mod alert;
mod observation;
pub mod phrase;
mod recent;
mod trigger;
mod verdict;
mod window;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::CourseKey;
use alert::{AGAIN_AFTER_S, Alerts};
use recent::{ErrorMet, LateHint, OpenExercise, PAUSE_MS, TopicRun};
use window::{Key, Last, Number, Stamp};

pub use alert::{ALERT_LIMIT, Alert, UnknownAlert};
pub use observation::{FirstTry, Observation};
pub use trigger::{Severity, Trigger};
pub use verdict::Verdict;

/// Bytes that the fullest state takes in a snapshot.
pub const LIMIT_BYTES: usize = 580;

/// Errors that are remembered, the last ones.
const ERRORS: usize = 10;
/// Topics whose tries are counted, those tried last.
const TOPICS: usize = 6;
/// Active time on an exercise that is not yet too long.
const STUCK_MS: u32 = 600_000;
/// Two hints with less time than this between them were not read.
const FAST_HINT_MS: i64 = 5_000;
/// A pause longer than this ends a session.
const SESSION_PAUSE_MS: i64 = 1_800_000;
/// The first of the rungs that count as late.
const LATE_RUNG: u8 = 4;

/// What is remembered of a student in order to notice who needs help.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Struggle {
    alerts: Alerts,
    errors: Last<ErrorMet, ERRORS>,
    topics: Last<TopicRun, TOPICS>,
    exercise: Option<OpenExercise>,
    /// Runs that failed since the last that didn't.
    failed: Last<Number, 5>,
    confused: Last<Stamp, 2>,
    late_hints: Last<LateHint, 3>,
    fast_hints: Last<Stamp, 3>,
    last_hint_at: Option<Timestamp>,
    /// The events in which the answer was asked for, in this session.
    sought: Last<Number, 3>,
    /// When the student did something last, and the event that says so.
    last_at: Timestamp,
    last_event: Number,
}

impl Struggle {
    /// Takes in what a student does. `event` is the number of the event that says so.
    ///
    /// # Ordering
    ///
    /// Events come in their order. A time before the last one counts as the last one.
    pub fn observe(&mut self, seen: Observation, event: i64, at: Timestamp) {
        let at = at.max(self.last_at);
        let stamp = Stamp::new(at, event);
        let gap_ms = at.millis_since(self.last_at);
        if gap_ms > SESSION_PAUSE_MS {
            self.sought.clear();
        }
        if let Some(open) = &mut self.exercise {
            open.active_ms = open.active_ms_after(gap_ms);
        }
        self.last_at = at;
        self.last_event = stamp.event;
        match seen {
            Observation::Error { signature, topic } => {
                self.errors.push(ErrorMet { class: signature.class, topic, met: stamp });
            }
            Observation::RunSucceeded { topic: _ } => self.failed.clear(),
            Observation::RunFailed { topic: _ } => self.failed.push(stamp.event),
            Observation::ExercisePassed { topic: _, exercise } => {
                self.exercise.take_if(|open| open.exercise == Key(exercise));
            }
            Observation::Attempt { topic, exercise, first_try } => {
                self.tried(topic, exercise, first_try);
            }
            Observation::Confused { topic: _ } => self.confused.push(stamp),
            Observation::HintTaken { topic: _, exercise, rung } => {
                self.hint_taken(exercise, rung, stamp);
            }
            Observation::AnswerSought { topic: _, exercise: _ } => self.sought.push(stamp.event),
            Observation::Opened { topic, exercise } => {
                let same = self.exercise.is_some_and(|open| open.exercise == Key(exercise));
                if !same {
                    self.exercise = Some(OpenExercise::new(topic, exercise, stamp.event));
                }
            }
            Observation::Left => self.exercise = None,
            Observation::QuizRound { topic: _, percent: _ } | Observation::Active => {}
        }
    }

    fn tried(&mut self, topic: CourseKey, exercise: CourseKey, first_try: FirstTry) {
        let event = self.last_event;
        let run = match self.topics.take(|run| run.topic == Key(topic)) {
            Some(mut run) => {
                run.go_on(exercise, first_try, event);
                run
            }
            None => TopicRun::begin(topic, exercise, first_try, event),
        };
        self.topics.push(run);
    }

    fn hint_taken(&mut self, exercise: CourseKey, rung: u8, stamp: Stamp) {
        let fast = |last| self.last_at.millis_since(last) < FAST_HINT_MS;
        if self.last_hint_at.is_some_and(fast) {
            self.fast_hints.push(stamp);
        }
        self.last_hint_at = Some(self.last_at);
        if rung >= LATE_RUNG {
            self.late_hints.retain(|hint| hint.exercise != Key(exercise));
            self.late_hints.push(LateHint { exercise: Key(exercise), taken: stamp });
        }
    }

    /// Takes in that an alert was raised, by the event of this number.
    pub fn raised(
        &mut self,
        trigger: Trigger,
        topic: Option<CourseKey>,
        severity: Severity,
        event: i64,
        at: Timestamp,
    ) {
        self.alerts.retain(|alert| !alert.is(trigger, topic));
        self.alerts.push(Alert { trigger, topic, severity, raised: Stamp::new(at, event) });
    }

    /// Takes in that an alert was cleared, by the student's work, by time or by an instructor.
    ///
    /// # Duplicates
    ///
    /// Clearing what isn't open changes nothing.
    pub fn cleared(&mut self, trigger: Trigger, topic: Option<CourseKey>) {
        let Some(alert) = self.alerts.take(|alert| alert.is(trigger, topic)) else { return };
        match trigger {
            Trigger::RepeatedError => self.errors.retain(|error| error.topic != topic),
            Trigger::StuckOnExercise => {
                if let Some(open) = self.exercise.as_mut().filter(|open| open.is_of(&alert)) {
                    open.active_ms = 0;
                }
            }
            Trigger::LowQuiz => {}
            Trigger::Confusion => self.confused.clear(),
            Trigger::FailedRuns => self.failed.clear(),
            Trigger::WheelSpinning => self.topics.retain(|run| Some(run.topic.0) != topic),
            Trigger::HintAbuse => {
                self.late_hints.clear();
                self.fast_hints.clear();
            }
            Trigger::AnswerSeeking => self.sought.clear(),
        }
    }

    /// When the timer for being stuck should go off if nothing else happens. `None` while the
    /// student would have to go on working until then: a pause counts for three minutes, so what
    /// they do next sets the timer. While they work, the time stays the same.
    pub fn stuck_due(&self) -> Option<Timestamp> {
        let open = self.exercise.as_ref()?;
        let left_ms = (STUCK_MS + 1).saturating_sub(open.active_ms);
        let mut due = self.last_at.plus_millis(i64::from(left_ms));
        let topic = Some(open.topic.0);
        if let Some(alert) = self.open_alert(Trigger::StuckOnExercise, topic) {
            due = due.max(alert.raised.at.plus(AGAIN_AFTER_S));
        }
        (due <= self.last_at.plus_millis(PAUSE_MS)).then_some(due)
    }

    /// When the first of the open alerts has lived its time.
    pub fn expiry_due(&self) -> Option<Timestamp> {
        self.alerts.iter().map(Alert::ends_at).min()
    }

    /// The open alerts, the one raised longest ago first.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter()
    }

    fn open_alert(&self, trigger: Trigger, topic: Option<CourseKey>) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.is(trigger, topic))
    }
}

impl OpenExercise {
    /// Whether an alert speaks of this exercise, since it was opened.
    fn is_of(&self, alert: &Alert) -> bool {
        alert.is(Trigger::StuckOnExercise, Some(self.topic.0)) && alert.raised.event > self.opened
    }
}
