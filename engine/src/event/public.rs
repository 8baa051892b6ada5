//! Public events: what the world may know of a step. Text-free.

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use super::v1::Event;
use crate::clock::Timestamp;
use crate::error_code::ErrorCode;
use crate::id::StudentId;
use crate::port::log::{EventTopic, PublicEvent};
use crate::session::state::State;

/// The public events of a step, given the state after it.
///
/// `first_event` is the number of the step's first event. Ids are made from student and number,
/// so a republished event has the id that it had.
pub fn public_events(
    state: &State,
    events: &[Event],
    first_event: i64,
    at: Timestamp,
    traceparent: Option<&str>,
) -> Vec<PublicEvent> {
    let mut out = Vec::new();
    for (seq, event) in (first_event..).zip(events) {
        if let Some((topic, data)) = data(event) {
            let body = json!({
                "student_id": state.student,
                "section_ids": state.sections(),
                "seq": seq,
                "data": data,
            });
            out.push(PublicEvent {
                topic,
                id: event_id(state.student, seq),
                student: state.student,
                at,
                traceparent: traceparent.map(str::to_owned),
                data: Bytes::from(body.to_string()),
            });
        }
    }
    out
}

/// A name-like UUID (version 8) of a student's event: the same each time.
pub(super) fn event_id(student: StudentId, seq: i64) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key("learnflow public event id v1");
    hasher.update(student.as_uuid().as_bytes());
    hasher.update(&seq.to_le_bytes());
    let mut short = [0_u8; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(short).into_uuid()
}

fn data(event: &Event) -> Option<(EventTopic, serde_json::Value)> {
    match event {
        Event::Practice(practice) => super::practice::public::data(practice),
        Event::Asked { turn, tokens, exercise, topic, .. } => Some((
            EventTopic::LearningQuery,
            json!({ "turn": turn, "tokens": tokens, "exercise": exercise, "topic": topic }),
        )),
        Event::Ended { turn, status, agent, source, usage, ms, code, .. } => Some((
            EventTopic::LearningResponse,
            json!({
                "turn": turn,
                "status": status,
                "agent": agent,
                "source": source,
                "usage": usage,
                "ms": ms,
                "code": code.map(ErrorCode::as_str),
            }),
        )),
        Event::Started { turn, agent, topic: Some(topic), .. } => Some((
            EventTopic::ProgressUpdated,
            json!({ "turn": turn, "agent": agent, "topic": topic, "kind": "asked" }),
        )),
        Event::Started { topic: None, .. }
        | Event::Created { .. }
        | Event::AttemptRaised { .. }
        | Event::CancelAccepted { .. }
        | Event::Rated { .. }
        | Event::RouteAdded { .. }
        | Event::RouteRemoved { .. }
        | Event::Folded { .. }
        | Event::ActiveSeen { .. }
        | Event::TimerSet { .. }
        | Event::TimerCleared { .. }
        | Event::EnrolmentChanged { .. } => None,
    }
}
