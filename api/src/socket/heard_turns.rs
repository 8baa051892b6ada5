//! Which turns a client has heard of: pieces of an answer pass between its `route` and its `done`.
//!
//! Durable frames may come another way than pieces: from the store, when a client catches up or
//! when a reply was lost. A `done` from there can overtake the turn's last pieces, and pieces can
//! overtake a `route` that was lost. Either would break the order that a client relies on, so such
//! a piece is dropped; `done` carries the whole text.

use std::collections::VecDeque;

use learnflow_engine::id::TurnId;
use serde::Deserialize;

/// Turns that are remembered: one runs at a time, and hints come between.
const LIMIT: usize = 32;

/// The turns that were begun and ended in what the client was told.
#[derive(Debug, Default)]
pub(super) struct HeardTurns {
    routed: VecDeque<TurnId>,
    ended: VecDeque<TurnId>,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    turn: Option<TurnId>,
    #[serde(default)]
    turns: Vec<Told>,
}

/// A turn of `resync`.
#[derive(Deserialize)]
struct Told {
    turn: TurnId,
    status: String,
}

impl HeardTurns {
    /// Takes up what a durable frame, or a `resync`, tells the client.
    pub(super) fn note(&mut self, line: &str) {
        let kinds = ["\"route\"", "\"done\"", "\"resync\""];
        if !kinds.iter().any(|kind| line.contains(kind)) {
            return;
        }
        let Ok(frame) = serde_json::from_str::<Frame>(line) else { return };
        match (frame.kind.as_str(), frame.turn) {
            ("route", Some(turn)) => self.route(turn),
            ("done", Some(turn)) => remember(&mut self.ended, turn),
            ("resync", _) => {
                for told in frame.turns {
                    match told.status.as_str() {
                        "running" => self.route(told.turn),
                        "queued" => {}
                        _ => remember(&mut self.ended, told.turn),
                    }
                }
            }
            _ => {}
        }
    }

    /// The client knows that this turn runs.
    pub(super) fn route(&mut self, turn: TurnId) {
        remember(&mut self.routed, turn);
    }

    /// Whether this turn's end was told.
    pub(super) fn has_ended(&self, turn: TurnId) -> bool {
        self.ended.contains(&turn)
    }

    /// Whether a passing frame may be said now: a piece only between its turn's route and end.
    pub(super) fn lets_pass(&self, passing: &str) -> bool {
        let turn = serde_json::from_str::<Frame>(passing).ok().and_then(|frame| frame.turn);
        turn.is_none_or(|turn| self.routed.contains(&turn) && !self.ended.contains(&turn))
    }
}

fn remember(turns: &mut VecDeque<TurnId>, turn: TurnId) {
    if turns.contains(&turn) {
        return;
    }
    if turns.len() == LIMIT {
        turns.pop_front();
    }
    turns.push_back(turn);
}

#[cfg(test)]
mod tests {
    use learnflow_engine::clock::Timestamp;

    use super::super::frame::token;
    use super::*;

    fn turn(seed: u128) -> TurnId {
        TurnId::from_seed(Timestamp::EPOCH, seed << 100)
    }

    fn route(turn: TurnId) -> String {
        format!(r#"{{"seq":2,"type":"route","turn":"{turn}","agent":"done"}}"#)
    }

    fn done(turn: TurnId) -> String {
        format!(r#"{{"seq":3,"type":"done","turn":"{turn}","text":"x"}}"#)
    }

    #[test]
    fn a_piece_passes_between_its_route_and_its_done() {
        let (one, other) = (turn(1), turn(2));
        let piece = token(one, 1, 3, "\"route\" \"done\"");
        let mut heard = HeardTurns::default();
        assert!(!heard.lets_pass(&piece), "its route was lost or comes later");
        heard.note(&route(other));
        assert!(!heard.lets_pass(&piece));
        heard.note(&route(one));
        assert!(heard.lets_pass(&piece));
        heard.note(&done(other));
        assert!(heard.lets_pass(&piece));
        heard.note(&done(one));
        assert!(!heard.lets_pass(&piece), "it ended");
        assert!(heard.has_ended(one));
        assert!(heard.lets_pass(r#"{"type":"error","code":"LF0501"}"#), "what is no piece passes");
    }

    #[test]
    fn a_resync_tells_which_turns_run_and_which_have_ended() {
        let mut heard = HeardTurns::default();
        let told = |turn: TurnId, status: &str| {
            format!(r#"{{"turn":"{turn}","status":"{status}","question":"why"}}"#)
        };
        let all = ["complete", "cancelled", "failed", "running", "queued"];
        let turns: Vec<String> =
            (1..).zip(all).map(|(number, status)| told(turn(number), status)).collect();
        heard.note(&format!(r#"{{"type":"resync","seq":9,"turns":[{}]}}"#, turns.join(",")));
        let ended: Vec<bool> = (1..=5).map(|number| heard.has_ended(turn(number))).collect();
        assert_eq!(ended, [true, true, true, false, false]);
        let pass: Vec<bool> =
            (1..=5).map(|number| heard.lets_pass(&token(turn(number), 1, 0, "x"))).collect();
        assert_eq!(pass, [false, false, false, true, false]);
    }

    #[test]
    fn only_the_newest_turns_are_remembered() {
        let mut heard = HeardTurns::default();
        for number in 1..=40 {
            heard.note(&route(turn(number)));
        }
        assert!(!heard.lets_pass(&token(turn(1), 1, 0, "x")));
        assert!(heard.lets_pass(&token(turn(40), 1, 0, "x")));
    }
}
