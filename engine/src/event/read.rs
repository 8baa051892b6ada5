//! What a step changes beside the journal: the work list and the text-free read models.

use super::practice::read::{Around, changes as practice_changes};
use super::v1::Event;
use crate::clock::Timestamp;
use crate::course::model::TopicId;
use crate::port::store::{ReadChange, Work, WorkChange, WorkKind};
use crate::session::state::State;

/// Changes of the work list: a row stands exactly while a turn runs.
pub fn work_changes(state: &State, events: &[Event]) -> Vec<WorkChange> {
    let mut changes = Vec::new();
    for event in events {
        match event {
            Event::Started { .. } | Event::AttemptRaised { .. } => {
                // The newest state of the running turn, if it still runs after the whole step.
                if let Some(running) = &state.running {
                    changes.push(WorkChange::Put(Work {
                        student: state.student,
                        id: running.turn.as_uuid(),
                        kind: WorkKind::Answer,
                        attempt: running.attempt,
                        crashes: running.crashes,
                    }));
                }
            }
            Event::Ended { turn, .. } => changes.push(WorkChange::Remove { id: turn.as_uuid() }),
            Event::Practice(_)
            | Event::Created { .. }
            | Event::Asked { .. }
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
    changes
}

/// Changes of the read models, from the states before and after a step and its events.
///
/// Absolute values only: applying a change twice is the same as once.
pub fn read_changes(before: &State, after: &State, events: &[Event]) -> Vec<ReadChange> {
    let mut changes = Vec::new();
    for (seq, event) in (before.last_event + 1..).zip(events) {
        match event {
            Event::Practice(practice) => {
                changes.extend(practice_changes(practice, Around { before, after, seq }));
            }
            Event::Asked { turn, at, topic, .. } => {
                if !events.iter().any(|e| matches!(e, Event::Started { turn: t, .. } if t == turn))
                {
                    changes.push(ReadChange::Turn {
                        turn: turn.as_uuid(),
                        question_rev: after.rev,
                        answer_rev: None,
                        status: "queued",
                        agent: None,
                        topic: topic.as_ref().map(ToString::to_string),
                        source: None,
                        asked_at: *at,
                        ended_at: None,
                    });
                }
            }
            Event::Started { turn, agent, topic, at, .. } => {
                if let Some(running) = after.running.as_ref().filter(|r| r.turn == *turn) {
                    changes.push(ReadChange::Turn {
                        turn: turn.as_uuid(),
                        question_rev: running.question_rev,
                        answer_rev: None,
                        status: "running",
                        agent: Some(agent.as_str()),
                        topic: topic.as_ref().map(ToString::to_string),
                        source: None,
                        asked_at: running.asked_at,
                        ended_at: None,
                    });
                }
                changes.extend(topic.as_ref().and_then(|topic| topic_change(after, topic, *at)));
            }
            Event::Ended { .. } => changes.extend(ended_turn(before, after, event)),
            Event::Created { .. }
            | Event::AttemptRaised { .. }
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
    if changed_activity(before, after) {
        changes.push(ReadChange::Activity {
            turns_total: after.turns_total,
            complete_total: after.complete_total,
            last_active_at: after.last_active_at,
        });
    }
    changes
}

fn changed_activity(before: &State, after: &State) -> bool {
    (before.turns_total, before.complete_total, before.last_active_at)
        != (after.turns_total, after.complete_total, after.last_active_at)
}

fn topic_change(after: &State, topic: &TopicId, at: Timestamp) -> Option<ReadChange> {
    after.learning.topic(topic.key()).map(|known| ReadChange::Topic {
        topic: topic.to_string(),
        asked_total: i64::from(known.asked_total),
        last_at: at,
    })
}

/// The row of a turn that ended: running before, or queued and then cancelled.
fn ended_turn(before: &State, after: &State, event: &Event) -> Option<ReadChange> {
    let Event::Ended { turn, status, source, at, .. } = event else { return None };
    let running = before.running.as_ref().filter(|running| running.turn == *turn);
    let queued = before.queue.iter().find(|queued| queued.turn == *turn);
    let (question_rev, asked_at) = running
        .map(|running| (running.question_rev, running.asked_at))
        .or_else(|| queued.map(|queued| (queued.question_rev, queued.asked_at)))?;
    Some(ReadChange::Turn {
        turn: turn.as_uuid(),
        question_rev,
        answer_rev: Some(after.rev),
        status: status.as_str(),
        agent: running.map(|running| running.agent.as_str()),
        topic: running.and_then(|running| running.topic.as_ref()).map(ToString::to_string),
        source: source.map(crate::port::model::AnswerSource::as_str),
        asked_at,
        ended_at: Some(*at),
    })
}
