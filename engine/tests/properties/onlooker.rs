//! An onlooker who believes nothing: follows what a session says by the protocol's rules alone.

use std::collections::BTreeMap;

use learnflow_engine::event::practice::Practice;
use learnflow_engine::event::public::public_events;
use learnflow_engine::event::v1::{AttemptCause, Event, TurnStatus};
use learnflow_engine::id::TurnId;
use learnflow_engine::session::effect::Effect;
use serde_json::Value;

use crate::world::{Outcome, World};

/// Stands in whatever a student types of their own.
pub(crate) const SECRET: &str = "XYZZY ";

/// What an onlooker has seen of a turn.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    routed: bool,
    pub(crate) done: bool,
    attempt: i64,
    text: String,
    pub(crate) owners: u32,
    cuts: u32,
    rewrites: u32,
    calls: u32,
}

/// Everything that was heard.
#[derive(Debug, Default)]
pub(crate) struct Onlooker {
    /// Turns in the order of their acceptance.
    pub(crate) turns: Vec<TurnId>,
    /// Turn and attempt of each call, and of each answer that needs none, in order.
    pub(crate) calls: Vec<(TurnId, i16)>,
    pub(crate) seen: BTreeMap<TurnId, Seen>,
    last_seq: i64,
}

impl Onlooker {
    /// Looks for a student's words where none may be: in facts, and in what the world is told.
    pub(crate) fn overhear(world: &World, events: &[Event], first_event: i64) {
        for event in events {
            let extract = matches!(event, Event::Folded { .. });
            assert!(extract || !format!("{event:?}").contains(SECRET), "{event:?}");
        }
        let said = || public_events(&world.state, events, first_event, world.now, None);
        assert_eq!(said(), said(), "a republished event has the id that it had");
        for event in said() {
            assert!(!String::from_utf8_lossy(&event.data).contains(SECRET), "{event:?}");
        }
    }

    /// Follows the frames as a client does, by the protocol's rules alone.
    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        for event in &outcome.events {
            if let Event::AttemptRaised { turn, cause, .. } = event {
                let seen = self.seen.entry(*turn).or_default();
                match cause {
                    AttemptCause::StreamCut => seen.cuts += 1,
                    AttemptCause::Rewrite => seen.rewrites += 1,
                    AttemptCause::Crash | AttemptCause::HandOver => {}
                }
            }
        }
        for effect in &outcome.effects {
            if let Effect::Token { turn, attempt, from, text } = effect {
                let seen = self.seen.get_mut(turn).expect("tokens come after the ack");
                assert!(seen.routed && !seen.done, "tokens come after route and before done");
                seen.hear(i64::from(*attempt), *from, text);
            }
        }
        for frame in &outcome.frames {
            self.last_seq += 1;
            assert_eq!(frame.seq, self.last_seq, "seq is gapless");
            let json: Value = serde_json::from_str(&frame.json).expect("JSON");
            let turn = json["turn"].as_str().map(|turn| turn.parse::<TurnId>().expect("a turn"));
            match turn {
                Some(turn) => {
                    if json["type"] == "done" {
                        self.hear_within(turn, &outcome.effects);
                    }
                    self.frame(&json, turn, &outcome.events);
                }
                None => assert_practice(&json),
            }
        }
        for effect in &outcome.effects {
            if let Effect::CallModel { turn, attempt, .. } = effect {
                let seen = self.seen.get_mut(turn).expect("calls come after the ack");
                seen.calls += 1;
                let again = seen.owners + seen.cuts + seen.rewrites.min(1);
                assert!(seen.cuts <= 1 && seen.calls <= 1 + again, "{seen:?}");
                self.calls.push((*turn, *attempt));
            }
            if let Effect::Answer { turn, attempt, .. } = effect {
                self.calls.push((*turn, *attempt));
            }
        }
    }

    /// A hint is said between the `route` and the `done` of its step.
    fn hear_within(&mut self, ended: TurnId, effects: &[Effect]) {
        for effect in effects {
            if let Effect::SayWithin { turn, text } = effect
                && *turn == ended
            {
                let seen = self.seen.get_mut(turn).expect("it was acknowledged");
                assert!(seen.routed && !seen.done, "it comes after route and before done");
                seen.hear(1, 0, text);
            }
        }
    }

    fn frame(&mut self, json: &Value, turn: TurnId, events: &[Event]) {
        match json["type"].as_str().expect("a type") {
            "ack" => {
                let asked = |event: &Event| {
                    matches!(event, Event::Asked { turn: t, .. }
                        | Event::Practice(Practice::HintGiven { turn: t, .. }) if *t == turn)
                };
                if events.iter().any(asked) {
                    assert!(self.seen.insert(turn, Seen::default()).is_none(), "one ack a turn");
                    self.turns.push(turn);
                }
            }
            "route" => {
                let seen = self.seen.get_mut(&turn).expect("route comes after ack");
                assert!(!seen.routed && !seen.done, "one route, before done");
                seen.routed = true;
            }
            "done" => {
                let attempts = self.attempts(turn);
                let seen = self.seen.get_mut(&turn).expect("done comes after ack");
                assert!(!seen.done, "one done");
                seen.done = true;
                let text = json["text"].as_str().expect("done carries the text");
                let complete = json["status"] == TurnStatus::Complete.as_str();
                assert!(seen.routed || json["status"] == TurnStatus::Cancelled.as_str());
                if complete {
                    assert!(!text.trim().is_empty(), "an answered turn has an answer");
                }
                // After the last crash a client may still hold the text of the lost attempt.
                let abandoned = json["code"] == "LF0604";
                if complete || (seen.attempt == attempts && !abandoned) {
                    assert_eq!(seen.text, text, "what a client holds at done is the stored text");
                }
            }
            other => panic!("unknown frame {other:?}"),
        }
    }

    /// The newest attempt of a turn, by the calls made.
    fn attempts(&self, turn: TurnId) -> i64 {
        let calls = self.calls.iter().filter(|(called, _)| *called == turn);
        calls.map(|(_, attempt)| i64::from(*attempt)).max().unwrap_or(0)
    }
}

/// Frames that belong to no turn.
fn assert_practice(json: &Value) {
    let kind = json["type"].as_str().expect("a type");
    let known = ["ack", "graded", "mastery", "review_due", "alert", "quota"];
    assert!(known.contains(&kind), "{json}");
}

impl Seen {
    /// A higher attempt starts again; what overlaps is cut.
    fn hear(&mut self, attempt: i64, from: usize, text: &str) {
        assert!(attempt >= self.attempt, "attempts only rise");
        if attempt > self.attempt {
            self.attempt = attempt;
            self.text.clear();
        }
        // Only the course's words may take the place of what was said, and only of white space.
        let heard = self.text.chars().count();
        assert!(
            from == heard || (from == 0 && self.text.trim().is_empty()),
            "nothing is taken back"
        );
        self.text = self.text.chars().take(from).collect();
        self.text.push_str(text);
    }
}
