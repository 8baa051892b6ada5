//! Decisions on who needs help: verdicts on what a fact shows, and the timer of who is stuck.

use super::Draft;
use crate::clock::Timestamp;
use crate::course::CourseKey;
use crate::course::model::ExerciseId;
use crate::event::practice::Practice;
use crate::event::v1::{Event, Timer};
use crate::progress::struggle::{Alert, Observation, Trigger, Verdict};
use crate::session::evolve::practice::observed;
use crate::session::input::Context;

/// What a fact that was just applied leads to.
pub(super) fn after(draft: &mut Draft, practice: &Practice, context: &Context<'_>) {
    for (seen, at) in observed(&draft.state, practice) {
        let verdicts = draft.state.struggle.verdicts(seen, at);
        carry_out(draft, verdicts, context);
    }
}

/// The student did something that shows nothing but that they are there.
pub(super) fn active(draft: &mut Draft, context: &Context<'_>) {
    let verdicts = draft.state.struggle.verdicts(Observation::Active, context.now);
    carry_out(draft, verdicts, context);
    set_timer(draft, context.now);
}

/// The student has turned to an exercise, if it isn't the one that is open already.
pub(super) fn opened(draft: &mut Draft, exercise: &ExerciseId, context: &Context<'_>) {
    if draft.state.open_exercise != Some(exercise.key()) {
        draft.learned(&Practice::Opened { exercise: exercise.clone(), at: context.now }, context);
    }
}

/// The timer has fired: either it is so, or it is asked again later.
pub(super) fn timer(draft: &mut Draft, context: &Context<'_>) {
    let verdicts = draft.state.struggle.verdicts_at_timer(context.now);
    carry_out(draft, verdicts, context);
    set_timer(draft, context.now);
}

/// Sets the timer when something is to be looked at and none stands. An earlier look costs little:
/// it sets the timer again.
pub(super) fn set_timer(draft: &mut Draft, now: Timestamp) {
    let struggle = &draft.state.struggle;
    let due = struggle.stuck_due().into_iter().chain(struggle.expiry_due()).min();
    let stands = draft.state.timers.iter().find(|(_, timer)| *timer == Timer::Stuck);
    match (due, stands.map(|(due, _)| *due)) {
        (Some(due), None) => {
            let due = due.max(now.plus_millis(1));
            draft.emit(Event::TimerSet { timer: Timer::Stuck, due });
        }
        (Some(due), Some(stands)) if due < stands => {
            draft.emit(Event::TimerSet { timer: Timer::Stuck, due });
        }
        (Some(_), Some(_)) | (None, _) => {}
    }
}

fn carry_out(draft: &mut Draft, verdicts: Vec<Verdict>, context: &Context<'_>) {
    for verdict in verdicts {
        let fact = match verdict {
            Verdict::Raise { trigger, topic, exercise, severity, evidence } => {
                Practice::AlertRaised {
                    trigger,
                    severity,
                    replaces: open(draft, trigger, topic),
                    topic: topic
                        .and_then(|key| context.course.topic_by_key(key))
                        .map(|one| one.id.clone()),
                    exercise: exercise
                        .and_then(|key| context.course.exercise_by_key(key))
                        .map(|one| one.id.clone()),
                    evidence,
                    at: context.now,
                }
            }
            Verdict::Clear { trigger, topic } => {
                let Some(raised) = open(draft, trigger, topic) else { continue };
                Practice::AlertCleared { trigger, topic, raised, at: context.now }
            }
        };
        draft.practised(fact);
    }
}

/// The event that raised the alert that is open.
fn open(draft: &Draft, trigger: Trigger, topic: Option<CourseKey>) -> Option<i64> {
    let mut alerts = draft.state.struggle.alerts();
    alerts.find(|alert| alert.trigger == trigger && alert.topic == topic).map(Alert::event)
}
