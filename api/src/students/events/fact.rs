//! A stored event as its reader sees it: a word, and data without any text.

use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::practice::public::data as public_data;
use learnflow_engine::event::v1::{AgeBand, AttemptCause, Consent, Event, Timer};
use serde_json::{Value, json};

/// What happened.
pub(super) const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Created { .. } => "created",
        Event::Asked { .. } => "asked",
        Event::Started { .. } => "started",
        Event::AttemptRaised { .. } => "attempt_raised",
        Event::Ended { .. } => "ended",
        Event::CancelAccepted { .. } => "cancel_accepted",
        Event::Rated { .. } => "rated",
        Event::RouteAdded { .. } => "route_added",
        Event::RouteRemoved { .. } => "route_removed",
        Event::Folded { .. } => "folded",
        Event::ActiveSeen { .. } => "active_seen",
        Event::EnrolmentChanged { .. } => "enrolment_changed",
        Event::Practice(practice) => practice.as_str(),
        Event::TimerSet { .. } => "timer_set",
        Event::TimerCleared { .. } => "timer_cleared",
    }
}

/// Its data: ids, numbers and words of closed lists.
pub(super) fn data(event: &Event) -> Value {
    match event {
        Event::Created { age_band, consent, sections, policy, at: _ } => json!({
            "age_band": age_band_word(*age_band),
            "consent": consent_word(*consent),
            "section_ids": sections,
            "highest_rung": policy.highest_rung,
        }),
        Event::Asked { turn, command, tokens, exercise, topic, at: _ } => json!({
            "turn": turn, "cmd": command, "tokens": tokens, "exercise": exercise, "topic": topic,
        }),
        Event::Started { turn, agent, topic, confidence_pct, at: _ } => json!({
            "turn": turn, "agent": agent, "topic": topic, "confidence_pct": confidence_pct,
        }),
        Event::AttemptRaised { turn, attempt, cause } => json!({
            "turn": turn, "attempt": attempt, "cause": cause_word(*cause),
        }),
        Event::Ended { turn, status, agent, source, finish: _, usage, tokens, ms, code, at: _ } => {
            json!({
                "turn": turn,
                "status": status,
                "agent": agent,
                "source": source,
                "usage": usage,
                "tokens": tokens,
                "ms": ms,
                "code": code.map(ErrorCode::as_str),
            })
        }
        Event::CancelAccepted { command, turn } => json!({ "cmd": command, "turn": turn }),
        Event::Rated { command, turn, rating } => {
            json!({ "cmd": command, "turn": turn, "rating": rating })
        }
        // The extract is the student's own words.
        Event::Folded { turn, extract: _ } => json!({ "turn": turn }),
        // What is public of it, and nothing for facts that only the session needs.
        Event::Practice(practice) => {
            public_data(practice).map_or_else(|| json!({}), |(_, data)| data)
        }
        Event::EnrolmentChanged { command, version: _, sections, policy } => json!({
            "cmd": command, "section_ids": sections, "highest_rung": policy.highest_rung,
        }),
        Event::TimerSet { timer, due } => {
            json!({ "timer": timer_word(*timer), "due": due.to_string() })
        }
        Event::TimerCleared { timer } => json!({ "timer": timer_word(*timer) }),
        // Slots are the servers' business.
        Event::RouteAdded { .. } | Event::RouteRemoved { .. } | Event::ActiveSeen { .. } => {
            json!({})
        }
    }
}

const fn age_band_word(band: AgeBand) -> &'static str {
    match band {
        AgeBand::Unknown => "unknown",
        AgeBand::Under13 => "under_13",
        AgeBand::Teen => "teen",
        AgeBand::Adult => "adult",
    }
}

const fn consent_word(consent: Consent) -> &'static str {
    match consent {
        Consent::NotNeeded => "not_needed",
        Consent::Missing => "missing",
        Consent::Granted => "granted",
    }
}

const fn cause_word(cause: AttemptCause) -> &'static str {
    match cause {
        AttemptCause::Crash => "crash",
        AttemptCause::HandOver => "hand_over",
        AttemptCause::StreamCut => "stream_cut",
        AttemptCause::Rewrite => "rewrite",
    }
}

const fn timer_word(timer: Timer) -> &'static str {
    match timer {
        Timer::TurnOverdue(_) => "turn_overdue",
        Timer::ReviewDue => "review_due",
        Timer::Stuck => "stuck",
    }
}

#[cfg(test)]
mod tests {
    use learnflow_engine::id::TurnId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn words_of_a_student_are_left_out() {
        let turn = TurnId::new(Uuid::from_u128(7));
        let event = Event::Folded { turn, extract: "a canary".to_owned() };
        assert_eq!(kind(&event), "folded");
        assert_eq!(data(&event), json!({ "turn": turn }));
    }
}
