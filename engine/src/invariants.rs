//! What must always hold of a session's state: used by debug assertions, property tests and the
//! simulator alike. Each predicate answers with the rule that is broken.

use std::collections::BTreeSet;

use crate::event::frame::frames_in;
use crate::event::v1::{Event, Timer};
use crate::session::state::{
    COMMAND_LIMIT, QUEUE_LIMIT, ROUTE_LIMIT, SUMMARY_LIMIT_BYTES, State, WINDOW_LIMIT,
};

/// Checks a state by itself.
///
/// # Errors
/// The rule that is broken, in words.
pub fn state(state: &State) -> Result<(), &'static str> {
    let rules = [
        (state.queue.len() <= QUEUE_LIMIT, "at most 8 asks wait"),
        (state.routes.len() <= ROUTE_LIMIT, "at most 8 routes"),
        (state.commands.len() <= COMMAND_LIMIT, "at most 256 command ids"),
        (state.window.len() <= WINDOW_LIMIT, "the window holds at most 24 turns"),
        (state.summary.len() <= SUMMARY_LIMIT_BYTES, "the summary is at most 1 KiB"),
        (state.queue.is_empty() || state.running.is_some(), "who waits, waits for somebody"),
        (turns_are_distinct(state), "a turn is in one place only"),
        (slots_are_distinct(state), "a slot has one route"),
        (timers_fit(state), "an overdue timer stands exactly while its turn runs"),
        (state.last_frame >= 0 && state.rev >= -1, "counters never run backwards"),
    ];
    rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(*rule))
}

/// Checks that `after` follows from `before` by `events`.
///
/// # Errors
/// The rule that is broken, in words.
pub fn step(before: &State, events: &[Event], after: &State) -> Result<(), &'static str> {
    let counted = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let rules = [
        (after.rev == before.rev + 1, "a step raises rev by one"),
        (after.last_frame == before.last_frame + frames_in(events), "seq is gapless"),
        (after.last_event == before.last_event + counted, "event numbers are gapless"),
        (one_done_a_turn(events), "a turn has one done"),
        (after.last_at >= before.last_at, "a student's time never runs backwards"),
    ];
    rules.iter().find(|(holds, _)| !holds).map_or_else(|| state(after), |(_, rule)| Err(*rule))
}

fn turns_are_distinct(state: &State) -> bool {
    let mut seen = BTreeSet::new();
    state
        .running
        .iter()
        .map(|turn| turn.turn)
        .chain(state.queue.iter().map(|turn| turn.turn))
        .chain(state.window.iter().map(|turn| turn.turn))
        .all(|turn| seen.insert(turn))
}

fn slots_are_distinct(state: &State) -> bool {
    let mut seen = BTreeSet::new();
    state.routes.iter().all(|route| seen.insert(route.slot))
}

fn timers_fit(state: &State) -> bool {
    let running = state.running.as_ref().map(|running| Timer::TurnOverdue(running.turn));
    let mut seen = BTreeSet::new();
    let overdue = state.timers.iter().map(|(_, timer)| *timer);
    overdue.filter(|timer| matches!(timer, Timer::TurnOverdue(_))).eq(running)
        && state.timers.iter().all(|(_, timer)| seen.insert(*timer))
}

fn one_done_a_turn(events: &[Event]) -> bool {
    let mut seen = BTreeSet::new();
    events.iter().all(|event| match event {
        Event::Ended { turn, .. } => seen.insert(*turn),
        Event::Created { .. }
        | Event::Asked { .. }
        | Event::Started { .. }
        | Event::AttemptRaised { .. }
        | Event::CancelAccepted { .. }
        | Event::Rated { .. }
        | Event::RouteAdded { .. }
        | Event::RouteRemoved { .. }
        | Event::Folded { .. }
        | Event::ActiveSeen { .. }
        | Event::TimerSet { .. }
        | Event::TimerCleared { .. }
        | Event::EnrolmentChanged { .. }
        | Event::Practice(_) => true,
    })
}
