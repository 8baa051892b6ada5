//! Puts answers together from their pieces.

use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use crate::client::frame::{ResyncTurn, TokenFrame};
use crate::history::{Assembled, Digest, TurnState};

/// Ended turns that are remembered, so that late pieces of theirs are ignored.
const REMEMBERED_ENDS: usize = 64;

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// It was the first of its attempt.
    First,
    /// It was appended.
    More,
    /// A piece before it is lacking.
    Missed,
    /// It is of an attempt that is over.
    Ignored,
    /// Its turn was never routed.
    Unrouted,
    /// Its turn has ended; on a connection without a break since then.
    AfterDone,
}

/// How a client learned of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Its own command, sent once and acknowledged on this connection: it must see every piece.
    Own,
    /// In any other way.
    Other,
}

#[derive(Debug)]
struct OpenTurn {
    origin: Origin,
    /// The `welcome` under which it was seen first.
    welcome: u32,
    is_routed: bool,
    attempt: u32,
    text: String,
    points: usize,
}

/// The turns that are not over.
#[derive(Debug, Default)]
pub(super) struct Turns {
    open: BTreeMap<Uuid, OpenTurn>,
    ended: VecDeque<(Uuid, u32)>,
}

impl Turns {
    /// A turn was acknowledged.
    pub(super) fn acked(&mut self, turn: Uuid, origin: Origin, welcome: u32) {
        self.entry(turn, origin, welcome);
    }

    /// A turn was routed.
    pub(super) fn routed(&mut self, turn: Uuid, welcome: u32) {
        if let Some(turn) = self.entry(turn, Origin::Other, welcome) {
            turn.is_routed = true;
        }
    }

    /// Whether an answer is being made.
    pub(super) fn is_one_running(&self) -> bool {
        self.open.values().any(|turn| turn.is_routed)
    }

    fn entry(&mut self, turn: Uuid, origin: Origin, welcome: u32) -> Option<&mut OpenTurn> {
        if self.ended.iter().any(|(ended, _)| *ended == turn) {
            return None;
        }
        Some(self.open.entry(turn).or_insert(OpenTurn {
            origin,
            welcome,
            is_routed: false,
            attempt: 0,
            text: String::new(),
            points: 0,
        }))
    }

    /// Takes a piece.
    pub(super) fn piece(&mut self, token: &TokenFrame, welcome: u32) -> Piece {
        if let Some((_, ended_under)) = self.ended.iter().find(|(ended, _)| *ended == token.turn) {
            return if *ended_under == welcome { Piece::AfterDone } else { Piece::Ignored };
        }
        let Some(turn) = self.open.get_mut(&token.turn).filter(|turn| turn.is_routed) else {
            return Piece::Unrouted;
        };
        if token.attempt < turn.attempt {
            return Piece::Ignored;
        }
        let is_new_attempt = token.attempt > turn.attempt;
        let have = if is_new_attempt { 0 } else { turn.points };
        if token.from > have {
            return Piece::Missed;
        }
        if is_new_attempt {
            turn.text.clear();
            turn.attempt = token.attempt;
        } else if token.from < turn.points {
            let cut =
                turn.text.char_indices().nth(token.from).map_or(turn.text.len(), |(at, _)| at);
            turn.text.truncate(cut);
        }
        turn.text.push_str(&token.text);
        turn.points = token.from + token.text.chars().count();
        if is_new_attempt { Piece::First } else { Piece::More }
    }

    /// A turn ended: tells what its pieces came to, if this client must have seen all of them.
    pub(super) fn ended(&mut self, turn: Uuid, welcome: u32) -> Assembled {
        let open = self.open.remove(&turn);
        self.remember_end(turn, welcome);
        match open {
            Some(open) if open.origin == Origin::Own && open.welcome == welcome => {
                if open.attempt == 0 {
                    Assembled::Nothing
                } else {
                    Assembled::Text(Digest::of(&open.text))
                }
            }
            Some(_) | None => Assembled::Unknown,
        }
    }

    fn remember_end(&mut self, turn: Uuid, welcome: u32) {
        if self.ended.len() == REMEMBERED_ENDS {
            self.ended.pop_front();
        }
        self.ended.push_back((turn, welcome));
    }

    /// Takes over what `resync` tells. Answers the turns that ended unseen.
    pub(super) fn resynced(&mut self, told: &[ResyncTurn], welcome: u32) -> Vec<Uuid> {
        self.open.retain(|turn, _| told.iter().any(|told| told.turn == *turn));
        let mut ended = Vec::new();
        for told in told {
            match told.state {
                TurnState::Ended => {
                    if self.open.remove(&told.turn).is_some() {
                        ended.push(told.turn);
                    }
                    self.remember_end(told.turn, welcome);
                }
                TurnState::Queued => self.acked(told.turn, Origin::Other, welcome),
                TurnState::Running => {
                    self.routed(told.turn, welcome);
                    if let Some(turn) = self.open.get_mut(&told.turn) {
                        turn.attempt = 0;
                    }
                }
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: Uuid = Uuid::from_u128(1);

    fn token(attempt: u32, from: usize, text: &str) -> TokenFrame {
        TokenFrame { turn: TURN, attempt, from, text: text.to_owned() }
    }

    fn routed() -> Turns {
        let mut turns = Turns::default();
        turns.acked(TURN, Origin::Own, 1);
        turns.routed(TURN, 1);
        turns
    }

    #[track_caller]
    fn comes_to(pieces: &[(u32, usize, &str, Piece)], text: &str) {
        let mut turns = routed();
        for (attempt, from, text, expected) in pieces {
            assert_eq!(turns.piece(&token(*attempt, *from, text), 1), *expected, "{text}");
        }
        assert_eq!(turns.ended(TURN, 1), Assembled::Text(Digest::of(text)));
    }

    #[test]
    fn pieces_are_put_together_by_code_points_and_attempts() {
        use Piece::{First, Ignored, Missed, More};
        comes_to(&[(1, 0, "wärm", First), (1, 4, "er", More)], "wärmer");
        comes_to(&[(1, 0, "wärmer", First), (1, 2, "lder", More)], "wälder");
        comes_to(&[(1, 0, "old", First), (2, 0, "new", First), (1, 3, "x", Ignored)], "new");
        comes_to(&[(1, 0, "a", First), (1, 2, "c", Missed), (1, 0, "ab", More)], "ab");
        comes_to(&[(1, 0, "a", First), (2, 1, "x", Missed), (1, 1, "b", More)], "ab");
    }

    #[test]
    fn pieces_before_the_route_and_after_the_end_are_told_apart() {
        let mut turns = Turns::default();
        turns.acked(TURN, Origin::Own, 1);
        assert_eq!(turns.piece(&token(1, 0, "a"), 1), Piece::Unrouted);
        turns.routed(TURN, 1);
        assert!(turns.is_one_running());
        assert_eq!(turns.ended(TURN, 1), Assembled::Nothing);
        assert!(!turns.is_one_running());
        assert_eq!(turns.piece(&token(1, 0, "a"), 1), Piece::AfterDone);
        assert_eq!(turns.piece(&token(1, 0, "a"), 2), Piece::Ignored);
        turns.routed(TURN, 2);
        assert!(!turns.is_one_running(), "an ended turn is not opened again");
    }

    #[test]
    fn a_turn_that_was_interrupted_or_is_not_one_s_own_is_not_judged() {
        let mut turns = routed();
        assert_eq!(turns.piece(&token(1, 0, "a"), 1), Piece::First);
        assert_eq!(turns.ended(TURN, 2), Assembled::Unknown);
        let mut turns = Turns::default();
        turns.routed(TURN, 1);
        assert_eq!(turns.ended(TURN, 1), Assembled::Unknown);
    }

    #[test]
    fn a_resync_ends_and_opens_turns() {
        let mut turns = routed();
        let other = Uuid::from_u128(2);
        let told = |turn, state| ResyncTurn { turn, state, text: String::new() };
        let all = [told(TURN, TurnState::Ended), told(other, TurnState::Running)];
        assert_eq!(turns.resynced(&all, 2), [TURN]);
        assert!(turns.is_one_running());
        assert_eq!(turns.resynced(&[], 3), Vec::<Uuid>::new());
        assert!(!turns.is_one_running());
    }
}
