//! Finds in histories what the protocol forbids. Pure: the same histories, the same violations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Assembled, CommandKind, Digest, DurableEntry, Sharing, StudentHistory, TurnState, What,
};

/// What the protocol forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViolationKind {
    /// A durable frame was skipped.
    SeqGap,
    /// A durable frame came again on the same connection.
    SeqDuplicate,
    /// The same number stood on two different frames, such as a changed repeated `ack`.
    FrameChanged,
    /// A command was acknowledged by two frames.
    SecondAck,
    /// The `ack` of an ask names no turn.
    AckWithoutTurn,
    /// A frame of somebody else: its command or turn is not this student's.
    Foreign,
    /// A turn was routed twice.
    SecondRoute,
    /// A completed turn was not routed first.
    DoneBeforeRoute,
    /// A token came before its turn was routed.
    TokenBeforeRoute,
    /// A durable frame or a token of a turn came after its `done`.
    FrameAfterDone,
    /// A turn ended twice.
    SecondDone,
    /// An acknowledged ask has no `done`.
    NoDone,
    /// A completed turn had no token.
    NoToken,
    /// The tokens came to another text than `done`.
    TextDiffers,
    /// A frame can't be read.
    Unreadable,
    /// A durable frame or `resync` came before `welcome`.
    BeforeWelcome,
}

/// One thing that must not have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// In whose history.
    pub student: Uuid,
    /// What.
    pub kind: ViolationKind,
    /// The durable frame, the turn or the command by which it shows.
    pub place: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} of student {}", self.kind, self.place, self.student)
    }
}

/// Checks each history by itself and all of them against each other.
///
/// Two histories of one student are two of their sockets. Asks that were never acknowledged are no
/// violation: count them where they were made.
pub fn check(histories: &[StudentHistory]) -> Vec<Violation> {
    let mut found: Vec<Violation> = histories.iter().flat_map(Walk::through).collect();
    found.extend(check_against_each_other(histories));
    found
}

/// Turns and commands belong to one student; sockets of one student see the same frames.
fn check_against_each_other(histories: &[StudentHistory]) -> Vec<Violation> {
    let mut owners: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut frames: BTreeMap<(Uuid, u64), Digest> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for history in histories {
        let student = history.student;
        for entry in &history.entries {
            let What::Durable(frame) = &entry.what else { continue };
            for id in frame.turn.iter().chain(&frame.cmd) {
                if *owners.entry(*id).or_insert(student) != student {
                    found.insert((student, ViolationKind::Foreign, id.to_string()));
                }
            }
            if *frames.entry((student, frame.seq)).or_insert(frame.frame) != frame.frame {
                let place = format!("seq {}", frame.seq);
                found.insert((student, ViolationKind::FrameChanged, place));
            }
        }
    }
    let violation = |(student, kind, place)| Violation { student, kind, place };
    found.into_iter().map(violation).collect()
}

#[derive(Debug, Default)]
struct TurnMarks {
    is_acked_ask: bool,
    is_routed: bool,
    is_ended: bool,
}

/// The state of a walk through one history.
struct Walk<'a> {
    history: &'a StudentHistory,
    found: Vec<Violation>,
    after_seq: u64,
    /// The next number on this connection; none before `welcome`.
    expected: Option<u64>,
    /// Frames up to here are older than this history: their commands and turns are not known.
    older_seq: Option<u64>,
    sent: BTreeMap<Uuid, (CommandKind, u32)>,
    acked: BTreeMap<Uuid, u64>,
    seen: BTreeSet<u64>,
    /// What a test threw away: later frames are not applied before it has come again.
    lost_from: Option<u64>,
    turns: BTreeMap<Uuid, TurnMarks>,
}

impl<'a> Walk<'a> {
    fn through(history: &'a StudentHistory) -> Vec<Violation> {
        let mut walk = Self {
            history,
            found: Vec::new(),
            after_seq: 0,
            expected: None,
            older_seq: None,
            sent: BTreeMap::new(),
            acked: BTreeMap::new(),
            seen: BTreeSet::new(),
            lost_from: None,
            turns: BTreeMap::new(),
        };
        for entry in &history.entries {
            walk.step(&entry.what);
        }
        for (turn, marks) in std::mem::take(&mut walk.turns) {
            if marks.is_acked_ask && !marks.is_ended {
                walk.report(ViolationKind::NoDone, format!("turn {turn}"));
            }
        }
        walk.found
    }

    fn report(&mut self, kind: ViolationKind, place: impl Into<String>) {
        self.found.push(Violation { student: self.history.student, kind, place: place.into() });
    }

    fn step(&mut self, what: &What) {
        match what {
            What::Sent { cmd, kind } => self.sent.entry(*cmd).or_insert((*kind, 0)).1 += 1,
            What::Hello { after_seq } => self.after_seq = *after_seq,
            What::Welcome { student, seq } => {
                if *student != self.history.student {
                    self.report(ViolationKind::Foreign, format!("welcome of {student}"));
                }
                self.older_seq.get_or_insert(*seq);
                self.expected = Some(self.after_seq + 1);
            }
            What::Resync { seq, turns } => self.resync(*seq, turns),
            What::Durable(frame) => self.durable(frame),
            What::LostOnPurpose { seq } => {
                if self.expected == Some(*seq) {
                    self.expected = Some(seq + 1);
                }
                self.lost_from.get_or_insert(*seq);
            }
            What::TokenUnrouted { turn } => {
                self.report(ViolationKind::TokenBeforeRoute, format!("turn {turn}"));
            }
            What::TokenAfterDone { turn } => {
                self.report(ViolationKind::FrameAfterDone, format!("token of turn {turn}"));
            }
            What::Unreadable => self.report(ViolationKind::Unreadable, "a frame"),
            What::Closed { .. } => self.expected = None,
            What::FirstToken { .. } | What::Refused { .. } => {}
        }
    }

    fn resync(&mut self, seq: u64, turns: &[(Uuid, TurnState)]) {
        if self.expected.is_none() {
            self.report(ViolationKind::BeforeWelcome, format!("resync to seq {seq}"));
        }
        self.expected = Some(seq + 1);
        self.older_seq = self.older_seq.max(Some(seq));
        for (turn, state) in turns {
            let marks = self.turns.entry(*turn).or_default();
            marks.is_routed |= *state != TurnState::Queued;
            marks.is_ended |= *state == TurnState::Ended;
        }
    }

    fn durable(&mut self, frame: &DurableEntry) {
        let seq = frame.seq;
        let sends = frame.cmd.and_then(|cmd| self.sent.get(&cmd)).map_or(0, |(_, sends)| *sends);
        let may_be_out_of_order = frame.kind == "ack" && sends > 1;
        match self.expected {
            None => self.report(ViolationKind::BeforeWelcome, format!("seq {seq}")),
            Some(expected) if seq == expected => self.expected = Some(seq + 1),
            Some(_) if may_be_out_of_order => {}
            Some(expected) if seq < expected => {
                self.report(ViolationKind::SeqDuplicate, format!("seq {seq}"));
            }
            Some(expected) => {
                let place = format!("seq {seq} where {expected} was due");
                self.report(ViolationKind::SeqGap, place);
                self.expected = Some(seq + 1);
            }
        }
        self.lost_from = self.lost_from.filter(|lost| *lost != seq);
        if self.lost_from.is_none_or(|lost| seq < lost) && self.seen.insert(seq) {
            self.first_sight(frame);
        }
    }

    /// What a frame means, once, however often it came.
    fn first_sight(&mut self, frame: &DurableEntry) {
        match (frame.kind.as_str(), frame.turn) {
            ("ack", turn) => self.ack(frame, turn),
            ("route", Some(turn)) => {
                self.owned(turn, frame.seq);
                let marks = self.turns.entry(turn).or_default();
                let (was_routed, was_ended) = (marks.is_routed, marks.is_ended);
                marks.is_routed = true;
                if was_ended {
                    self.report(ViolationKind::FrameAfterDone, format!("route of turn {turn}"));
                } else if was_routed {
                    self.report(ViolationKind::SecondRoute, format!("turn {turn}"));
                }
            }
            ("done", Some(turn)) => self.done(frame, turn),
            (kind, Some(turn)) if self.turns.get(&turn).is_some_and(|marks| marks.is_ended) => {
                self.report(ViolationKind::FrameAfterDone, format!("{kind} of turn {turn}"));
            }
            _ => {}
        }
    }

    fn knows_all(&self, seq: u64) -> bool {
        self.history.sharing == Sharing::Sole && self.older_seq.is_none_or(|older| seq > older)
    }

    /// A turn that nobody here asked for is somebody else's.
    fn owned(&mut self, turn: Uuid, seq: u64) {
        if self.knows_all(seq) && !self.turns.contains_key(&turn) {
            self.report(ViolationKind::Foreign, format!("turn {turn}"));
        }
    }

    fn ack(&mut self, frame: &DurableEntry, turn: Option<Uuid>) {
        let Some(cmd) = frame.cmd else {
            return self.report(ViolationKind::Unreadable, format!("ack at seq {}", frame.seq));
        };
        let sent = self.sent.get(&cmd).map(|(kind, _)| *kind);
        if sent.is_none() && self.knows_all(frame.seq) {
            self.report(ViolationKind::Foreign, format!("cmd {cmd}"));
        }
        if self.acked.insert(cmd, frame.seq).is_some_and(|first| first != frame.seq) {
            self.report(ViolationKind::SecondAck, format!("cmd {cmd}"));
        }
        if sent == Some(CommandKind::Ask) {
            match turn {
                Some(turn) => self.turns.entry(turn).or_default().is_acked_ask = true,
                None => self.report(ViolationKind::AckWithoutTurn, format!("cmd {cmd}")),
            }
        } else if let (Some(turn), Sharing::Shared) = (turn, self.history.sharing) {
            self.turns.entry(turn).or_default();
        }
    }

    fn done(&mut self, frame: &DurableEntry, turn: Uuid) {
        self.owned(turn, frame.seq);
        let knows_all = self.knows_all(frame.seq);
        let marks = self.turns.entry(turn).or_default();
        let (was_routed, was_ended) = (marks.is_routed, marks.is_ended);
        marks.is_ended = true;
        let place = format!("turn {turn}");
        if was_ended {
            return self.report(ViolationKind::SecondDone, place);
        }
        if frame.status.as_deref() != Some("complete") {
            return;
        }
        if !was_routed && knows_all {
            self.report(ViolationKind::DoneBeforeRoute, place.clone());
        }
        match frame.assembled {
            Assembled::Unknown => {}
            Assembled::Nothing => self.report(ViolationKind::NoToken, place),
            Assembled::Text(text) if Some(text) == frame.text => {}
            Assembled::Text(_) => self.report(ViolationKind::TextDiffers, place),
        }
    }
}

#[cfg(test)]
mod tests;
