//! What each frame of the server does to a client.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::turns::{Origin, Piece};
use super::{Phase, Rules, Seen};
use crate::client::frame::{DurableFrame, ResyncTurn, ServerFrame, TokenFrame};
use crate::history::{Assembled, Digest, DurableEntry, What};

/// The wait after a refusal that names none.
const DEFAULT_RETRY_MS: u64 = 2_000;

impl Rules {
    /// A text frame came.
    pub fn frame(&mut self, text: &str, now: Instant) {
        if !matches!(self.phase, Phase::Greeting | Phase::Live) {
            return;
        }
        self.heard_at = now;
        match ServerFrame::parse(text) {
            Some(ServerFrame::Welcome { student, seq, running }) => {
                self.welcome(student, seq, running, now);
            }
            Some(ServerFrame::Token(token)) => self.token(&token, now),
            Some(ServerFrame::Resync { seq, turns }) => self.resync(seq, &turns, now),
            Some(ServerFrame::Error { cmd, code, is_retryable, retry_ms }) => {
                let retry_ms = is_retryable.then(|| retry_ms.unwrap_or(DEFAULT_RETRY_MS));
                self.refused(cmd, code, retry_ms, now);
            }
            Some(ServerFrame::Pong { seq }) => {
                if seq > self.seq {
                    self.missed(now);
                }
            }
            Some(ServerFrame::GoAway { resume_after_ms }) => {
                self.goaway = Some(Duration::from_millis(resume_after_ms));
            }
            Some(ServerFrame::Durable(frame)) => self.durable(frame, now),
            Some(ServerFrame::Unknown) => {}
            None => self.record(now, What::Unreadable),
        }
    }

    /// Notes a durable frame that a test throws away before the client can see it.
    pub fn lost_on_purpose(&mut self, seq: u64, now: Instant) {
        self.lost_seq = self.lost_seq.max(seq);
        self.record(now, What::LostOnPurpose { seq });
    }

    fn welcome(&mut self, student: Uuid, seq: u64, running: Option<Uuid>, now: Instant) {
        self.record(now, What::Welcome { student, seq });
        self.welcomes += 1;
        self.failures = 0;
        self.goaway = None;
        self.turn_heard_at = now;
        self.enter(Phase::Live, now);
        self.tell(now, Seen::Welcome { seq, running });
        self.send_due(now);
    }

    fn token(&mut self, token: &TokenFrame, now: Instant) {
        self.turn_heard_at = now;
        let (turn, attempt) = (token.turn, token.attempt);
        match self.turns.piece(token, self.welcomes) {
            Piece::First => {
                self.record(now, What::FirstToken { turn, attempt });
                self.tell(now, Seen::FirstToken { turn, attempt });
            }
            Piece::More | Piece::Ignored => {}
            Piece::Missed => self.missed(now),
            Piece::Unrouted => {
                // Its route may be what a test has thrown away.
                if self.seq >= self.lost_seq {
                    self.record(now, What::TokenUnrouted { turn });
                }
                self.missed(now);
            }
            Piece::AfterDone => self.record(now, What::TokenAfterDone { turn }),
        }
    }

    fn resync(&mut self, seq: u64, turns: &[ResyncTurn], now: Instant) {
        let states = turns.iter().map(|turn| (turn.turn, turn.state)).collect();
        self.record(now, What::Resync { seq, turns: states });
        self.seq = seq;
        for turn in self.turns.resynced(turns, self.welcomes) {
            self.tell(now, Seen::DoneUnseen { turn });
        }
    }

    /// `retry_ms` is the wait before the command may be sent again, if it may be.
    fn refused(&mut self, cmd: Option<Uuid>, code: String, retry_ms: Option<u64>, now: Instant) {
        self.record(now, What::Refused { cmd, code: code.clone() });
        let will_retry = match (cmd, retry_ms) {
            (Some(cmd), Some(retry_ms)) => self.commands.put_off(cmd, retry_ms, now),
            (Some(cmd), None) => {
                self.commands.settle(cmd);
                false
            }
            (None, _) => false,
        };
        self.tell(now, Seen::Refused { cmd, code, will_retry });
    }

    /// The next number is applied; an older one settles its command at most; a later one shows a
    /// gap, unless it is the answer to a repeated command, which comes outside the order.
    fn durable(&mut self, frame: DurableFrame, now: Instant) {
        let is_next = frame.seq == self.seq + 1;
        let is_ack = frame.kind == "ack";
        let settled = frame.cmd.filter(|_| is_ack).and_then(|cmd| self.commands.settle(cmd));
        let was_repeated = settled.as_ref().is_some_and(|pending| pending.sends > 1);
        let assembled = match (is_next, frame.kind.as_str(), frame.turn) {
            (true, "done", Some(turn)) => self.turns.ended(turn, self.welcomes),
            _ => Assembled::Unknown,
        };
        self.record(now, What::Durable(entry(&frame, assembled)));
        if let Some(pending) = &settled {
            let origin = if was_repeated { Origin::Other } else { Origin::Own };
            if let Some(turn) = frame.turn.filter(|_| pending.is_ask()) {
                self.turns.acked(turn, origin, self.welcomes);
            }
            self.tell(now, Seen::Acked { cmd: pending.cmd, turn: frame.turn });
        }
        if is_next {
            self.seq = frame.seq;
            self.applied(frame, settled.is_some(), now);
        } else if frame.seq > self.seq && !was_repeated {
            self.missed(now);
        }
    }

    fn applied(&mut self, frame: DurableFrame, is_told: bool, now: Instant) {
        match (frame.kind.as_str(), frame.turn) {
            ("ack", _) if is_told => {}
            ("route", Some(turn)) => {
                self.turn_heard_at = now;
                self.turns.routed(turn, self.welcomes);
                self.tell(now, Seen::Routed { turn });
            }
            ("done", _) => {
                self.turn_heard_at = now;
                self.tell(now, Seen::Done(Box::new(frame)));
            }
            _ => self.tell(now, Seen::Durable(Box::new(frame))),
        }
    }
}

fn entry(frame: &DurableFrame, assembled: Assembled) -> DurableEntry {
    DurableEntry {
        seq: frame.seq,
        kind: frame.kind.clone(),
        cmd: frame.cmd,
        turn: frame.turn,
        status: frame.status.clone(),
        text: frame.text.as_deref().map(Digest::of),
        assembled,
        frame: frame.digest,
    }
}
