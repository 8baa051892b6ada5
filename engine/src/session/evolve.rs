//! How a session's state follows from its events: the only place where durable state changes.

pub(in crate::session) mod practice;

use super::state::{
    Profile, QueuedTurn, Quota, ROUTE_LIMIT, Route, RunningTurn, SUMMARY_LIMIT_BYTES, State,
    WindowTurn,
};
use crate::clock::Timestamp;
use crate::course::{ExerciseId, TopicId};
use crate::event::frame::frame_count;
use crate::event::v1::{AttemptCause, Event, TurnStatus};
use crate::port::model::AnswerSource;
use crate::progress::day_of;
use crate::progress::struggle::Observation;
use crate::session::state::Position;

/// Where and when a step stands, beside its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepHead {
    /// The step's number: the state's rev + 1.
    pub rev: i64,
    /// The record that led to it.
    pub position: Option<Position>,
    /// When, in the student's time.
    pub at: Timestamp,
}

/// Applies a whole step: its head, then its events in order.
pub fn apply(state: &mut State, head: &StepHead, events: &[Event]) {
    state.rev = head.rev;
    if let Some(position) = head.position {
        state.position = Some(position);
        state.last_at = state.last_at.max(head.at);
    }
    for event in events {
        evolve(state, event);
    }
}

/// Applies one event. Total: an event that doesn't fit changes only the counters.
pub fn evolve(state: &mut State, event: &Event) {
    state.last_event += 1;
    state.last_frame += frame_count(event);
    match event {
        Event::Created { age_band, consent, sections, policy, at } => {
            state.profile = Some(Profile {
                age_band: *age_band,
                consent: *consent,
                sections: sections.clone(),
                policy: *policy,
            });
            state.last_active_at = *at;
        }
        Event::Asked { .. } => asked(state, event),
        Event::Started { .. } => started(state, event),
        Event::AttemptRaised { turn, attempt, cause } => {
            if let Some(running) = state.running.as_mut().filter(|r| r.turn == *turn) {
                running.attempt = *attempt;
                match cause {
                    AttemptCause::Crash => running.crashes = running.crashes.saturating_add(1),
                    AttemptCause::StreamCut => running.cuts = running.cuts.saturating_add(1),
                    AttemptCause::Rewrite => state.rewrites = state.rewrites.saturating_add(1),
                    AttemptCause::HandOver => {}
                }
            }
        }
        Event::Ended { .. } => ended(state, event),
        Event::CancelAccepted { command, .. } | Event::Rated { command, .. } => {
            state.commands.push(*command, state.last_frame);
        }
        Event::RouteAdded { slot, slot_epoch } => route_added(state, *slot, *slot_epoch),
        Event::RouteRemoved { slot, slot_epoch } => {
            state.routes.retain(|r| !(r.slot == *slot && r.slot_epoch <= *slot_epoch));
        }
        Event::Folded { turn, extract } => {
            state.window.retain(|kept| kept.turn != *turn);
            summarise(&mut state.summary, extract);
        }
        Event::ActiveSeen { at } => {
            state.last_active_at = state.last_active_at.max(*at);
            state.struggle.observe(Observation::Active, state.last_event, *at);
        }
        Event::TimerSet { timer, due } => {
            state.timers.retain(|(_, known)| known != timer);
            state.timers.push((*due, *timer));
            state.timers.sort_unstable();
        }
        Event::Practice(fact) => practice::evolve(state, fact),
        Event::EnrolmentChanged { command, version, sections, policy } => {
            state.commands.push(*command, state.last_frame);
            if let Some(profile) = &mut state.profile {
                profile.sections.clone_from(sections);
                profile.policy = *policy;
            }
            state.enrolment_version = *version;
        }
        Event::TimerCleared { timer } => state.timers.retain(|(_, known)| known != timer),
    }
}

fn asked(state: &mut State, event: &Event) {
    let Event::Asked { turn, command, tokens, exercise, topic, at } = event else { return };
    state.commands.push(*command, state.last_frame);
    state.turns_total += 1;
    state.last_active_at = state.last_active_at.max(*at);
    state.struggle.observe(Observation::Active, state.last_event, *at);
    state.queue.push_back(QueuedTurn {
        turn: *turn,
        question_rev: state.rev,
        tokens: *tokens,
        exercise: exercise.as_ref().map(ExerciseId::key),
        topic: topic.as_ref().map(TopicId::key),
        asked_at: *at,
    });
}

fn started(state: &mut State, event: &Event) {
    let Event::Started { turn, agent, topic, confidence_pct, at: _ } = event else { return };
    let Some(place) = state.queue.iter().position(|queued| queued.turn == *turn) else { return };
    let Some(queued) = state.queue.remove(place) else { return };
    state.rewrites = 0;
    if let Some(topic) = topic {
        state.learning.ask(topic.key());
    }
    state.running = Some(RunningTurn {
        turn: *turn,
        question_rev: queued.question_rev,
        tokens: queued.tokens,
        attempt: 1,
        crashes: 0,
        cuts: 0,
        agent: *agent,
        topic: topic.clone(),
        confidence_pct: *confidence_pct,
        exercise: queued.exercise,
        asked_at: queued.asked_at,
    });
}

fn ended(state: &mut State, event: &Event) {
    let Event::Ended { turn, status, source, tokens, at, .. } = event else { return };
    if *source == Some(AnswerSource::Model) {
        let day = day_of(*at);
        state.quota = Quota { day, used: state.quota.used_on(day).saturating_add(1) };
    }
    state.queue.retain(|queued| queued.turn != *turn);
    if let Some(running) = state.running.take_if(|running| running.turn == *turn) {
        if *tokens > 0 {
            state.window.push_back(WindowTurn {
                turn: *turn,
                question_rev: running.question_rev,
                answer_rev: state.rev,
                tokens: running.tokens.saturating_add(*tokens),
            });
        }
        state.last_route = Some((running.agent, running.topic));
        if *status == TurnStatus::Complete {
            state.complete_total += 1;
        }
    }
}

/// A newer lease of a slot replaces the older; a ninth route replaces the oldest.
fn route_added(state: &mut State, slot: i32, slot_epoch: i64) {
    if state.routes.iter().any(|r| r.slot == slot && r.slot_epoch > slot_epoch) {
        return;
    }
    state.routes.retain(|route| route.slot != slot);
    if state.routes.len() == ROUTE_LIMIT {
        state.routes.remove(0);
    }
    state.routes.push(Route { slot, slot_epoch });
}

/// Adds an extract and drops the oldest lines until the summary fits.
fn summarise(summary: &mut String, extract: &str) {
    if !summary.is_empty() {
        summary.push('\n');
    }
    summary.push_str(extract);
    while summary.len() > SUMMARY_LIMIT_BYTES {
        match summary.find('\n') {
            Some(end) => drop(summary.drain(..=end)),
            None => summary.clear(),
        }
    }
}
