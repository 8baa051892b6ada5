//! Durable frames of the WebSocket protocol, from events and texts.
//!
//! Source: protocol `learnflow.v1`. The JSON of a frame is made here and nowhere else, so the
//! gateway that replays and the engine that sends say the same bytes.

use serde::Serialize;

use super::StepTexts;
use super::practice::frame::bodies as practice_frames;
use super::v1::{Event, TurnStatus};
use crate::course::model::TopicId;
use crate::error_code::ErrorCode;
use crate::id::{CommandId, TurnId};
use crate::port::model::{AnswerSource, FinishReason, Usage};
use crate::tutor::triage::Agent;

/// How many frames an event yields. Part of the stored format: never changes.
pub const fn frame_count(event: &Event) -> i64 {
    match event {
        Event::Practice(practice) => practice.frame_count(),
        Event::Asked { .. }
        | Event::Started { .. }
        | Event::Ended { .. }
        | Event::CancelAccepted { .. }
        | Event::Rated { .. } => 1,
        Event::Created { .. }
        | Event::AttemptRaised { .. }
        | Event::RouteAdded { .. }
        | Event::RouteRemoved { .. }
        | Event::Folded { .. }
        | Event::ActiveSeen { .. }
        | Event::TimerSet { .. }
        | Event::TimerCleared { .. }
        | Event::EnrolmentChanged { .. } => 0,
    }
}

/// How many frames a step yields.
pub fn frames_in(events: &[Event]) -> i64 {
    events.iter().map(frame_count).sum()
}

/// A durable frame: its number and its JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurableFrame {
    /// Gapless per student from 1.
    pub seq: i64,
    /// The text that goes to the client.
    pub json: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Body<'a> {
    Ack {
        cmd: CommandId,
        #[serde(skip_serializing_if = "Option::is_none")]
        turn: Option<TurnId>,
    },
    Route {
        turn: TurnId,
        agent: Agent,
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
        confidence: f64,
    },
    Done {
        turn: TurnId,
        status: TurnStatus,
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<&'static str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        follow_ups: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        #[serde(skip_serializing_if = "is_false")]
        truncated: bool,
        ms: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'static str>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Serialize)]
struct Numbered<T> {
    seq: i64,
    #[serde(flatten)]
    body: T,
}

/// The frames of a step, the first numbered `first_seq`.
pub fn frames(events: &[Event], texts: &StepTexts, first_seq: i64) -> Vec<DurableFrame> {
    let mut seq = first_seq;
    let mut out = Vec::new();
    for event in events {
        // Only strings and numbers: this can't fail, and a test renders every variant.
        if let Event::Practice(practice) = event {
            for body in practice_frames(practice, texts) {
                let json = serde_json::to_string(&Numbered { seq, body }).unwrap_or_default();
                out.push(DurableFrame { seq, json });
                seq += 1;
            }
        } else if let Some(body) = body(event, texts) {
            let json = serde_json::to_string(&Numbered { seq, body }).unwrap_or_default();
            out.push(DurableFrame { seq, json });
            seq += 1;
        }
    }
    out
}

fn body<'a>(event: &'a Event, texts: &'a StepTexts) -> Option<Body<'a>> {
    Some(match event {
        Event::Asked { turn, command, .. } => Body::Ack { cmd: *command, turn: Some(*turn) },
        Event::CancelAccepted { command, turn } | Event::Rated { command, turn, .. } => {
            Body::Ack { cmd: *command, turn: Some(*turn) }
        }
        Event::Started { turn, agent, topic, confidence_pct, .. } => Body::Route {
            turn: *turn,
            agent: *agent,
            topic: topic.as_ref().map(TopicId::as_str),
            confidence: f64::from(*confidence_pct) / 100.0,
        },
        Event::Ended { turn, status, agent, source, finish, usage, ms, code, .. } => Body::Done {
            turn: *turn,
            status: *status,
            text: texts.answer.as_deref().unwrap_or_default(),
            agent: *agent,
            source: source.map(AnswerSource::as_str),
            follow_ups: &texts.follow_ups,
            usage: *usage,
            truncated: *finish == Some(FinishReason::Length),
            ms: *ms,
            code: code.map(ErrorCode::as_str),
        },
        Event::Created { .. }
        | Event::AttemptRaised { .. }
        | Event::RouteAdded { .. }
        | Event::RouteRemoved { .. }
        | Event::Folded { .. }
        | Event::ActiveSeen { .. }
        | Event::TimerSet { .. }
        | Event::TimerCleared { .. }
        | Event::EnrolmentChanged { .. }
        | Event::Practice(_) => return None,
    })
}
