//! Turns whose end a client was told from the store, while pieces of theirs may still be on the
//! way.
//!
//! A client that catches up reads the store beside the stream of replies: a `done` from there can
//! overtake the turn's last pieces. `done` is a turn's last frame, so those pieces are dropped.

use learnflow_engine::id::TurnId;
use serde::Deserialize;

/// The turns that ended in what the store told; forgotten with the first live durable frame, since
/// whatever came before it in the stream has passed then.
#[derive(Debug, Default)]
pub(super) struct EndedTurns(Vec<TurnId>);

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

impl EndedTurns {
    /// Takes up what a frame from the store says.
    pub(super) fn note(&mut self, line: &str) {
        if !(line.contains("\"done\"") || line.contains("\"resync\"")) {
            return;
        }
        let Ok(frame) = serde_json::from_str::<Frame>(line) else { return };
        match frame.kind.as_str() {
            "done" => self.0.extend(frame.turn),
            "resync" => {
                let runs = |told: &Told| ["queued", "running"].contains(&told.status.as_str());
                let ended = frame.turns.into_iter().filter(|told| !runs(told));
                self.0.extend(ended.map(|told| told.turn));
            }
            _ => {}
        }
    }

    /// Whether this turn's end was told.
    pub(super) fn holds(&self, turn: TurnId) -> bool {
        self.0.contains(&turn)
    }

    /// Whether a passing frame comes after its turn's end.
    pub(super) fn has_overtaken(&self, passing: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let turn = serde_json::from_str::<Frame>(passing).ok().and_then(|frame| frame.turn);
        turn.is_some_and(|turn| self.holds(turn))
    }

    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use learnflow_engine::clock::Timestamp;

    use super::super::frame::token;
    use super::*;

    fn turn(seed: u128) -> TurnId {
        TurnId::from_seed(Timestamp::EPOCH, seed << 100)
    }

    #[test]
    fn a_piece_after_its_done_is_overtaken_and_any_other_is_not() {
        let (ended, runs) = (turn(1), turn(2));
        let mut known = EndedTurns::default();
        let late = token(ended, 1, 3, "…");
        assert!(!known.has_overtaken(&late));
        known.note(&format!(r#"{{"seq":2,"type":"route","turn":"{runs}","agent":"done"}}"#));
        known.note(&format!(r#"{{"seq":3,"type":"done","turn":"{ended}","text":"x"}}"#));
        assert!(known.has_overtaken(&late));
        assert!(!known.has_overtaken(&token(runs, 1, 0, "\"done\"")));
        known.clear();
        assert!(!known.has_overtaken(&late));
    }

    #[test]
    fn a_resync_tells_the_ends_of_turns_too() {
        let mut known = EndedTurns::default();
        let told = |turn: TurnId, status: &str| {
            format!(r#"{{"turn":"{turn}","status":"{status}","question":"why"}}"#)
        };
        let all = ["complete", "cancelled", "failed", "running", "queued"];
        let turns: Vec<String> =
            (1..).zip(all).map(|(number, status)| told(turn(number), status)).collect();
        known.note(&format!(r#"{{"type":"resync","seq":9,"turns":[{}]}}"#, turns.join(",")));
        let ended: Vec<bool> = (1..=5).map(|number| known.holds(turn(number))).collect();
        assert_eq!(ended, [true, true, true, false, false]);
    }
}
