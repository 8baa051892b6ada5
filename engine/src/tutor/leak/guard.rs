//! Watches over an answer while it streams: holds a line or a block, judges it, and gives it.

use std::collections::HashSet;

use super::line::{self, Fence};
use super::pattern::{LineAt, Place};
use super::secret::{self, Secret};
use super::token::{Kind, Reading};
use super::{Checked, Exposure, LeakReason, plain};
use crate::course::CourseKey;

/// A line or a fenced block that is longer is judged and shown in pieces of this size.
const HELD_BYTES: usize = 8 * 1024;
/// So many words that are turned by 13 letters or around are a text in disguise.
const TURNED_WORDS: usize = 4;
/// A longer line is known as one of a hint wherever it stands.
const HINT_TOKENS: usize = 3;
/// A line of an output is no longer than this.
const TURNED_BYTES: usize = 60;

/// Reads one answer while it streams.
///
/// What is shown and whether it is held back depends on the text alone, not on its pieces. When a
/// piece has both clear lines and the decisive one, the clear ones are given first, and the block
/// with the next call.
#[derive(Debug, Clone)]
pub struct Guard {
    watched: Vec<Watched>,
    /// Lines that the student wrote, and those that the exercises show.
    open_lines: HashSet<u32>,
    /// New lines of code that may be shown.
    code_limit: usize,
    /// New lines of code that were read.
    code_lines: usize,
    /// Whether the first line of a function that is to be written was read.
    head_was_read: bool,
    turned_words: usize,
    /// The current line or the open block.
    held: String,
    /// Where the current line begins in it.
    line_from: usize,
    fence: Option<Fence>,
    /// The last tokens, so that what spans lines is found.
    reading: Reading,
    tail: usize,
    /// The line that was read last.
    line: LineAt,
    /// For texts that were decoded.
    side: Reading,
    verdict: Option<LeakReason>,
}

/// A secret, and what the answer has shown of it.
#[derive(Debug, Clone)]
struct Watched {
    secret: Secret,
    /// Parts that the student has written.
    own: u32,
    /// Parts that were shown.
    shown: u32,
    /// Parts in what is being judged.
    hits: u32,
    /// Parts that the answer has shown as a similar problem does.
    similar: u32,
    /// Whether the line that was read last was one of a hint that was given.
    in_hint: bool,
}

impl Guard {
    /// Watches over these secrets. `own` is what the student said and wrote in this turn.
    pub fn new(secrets: Vec<Secret>, own: &[&str]) -> Self {
        let mut open_lines = HashSet::new();
        for text in own {
            open_lines.extend(text.lines().map(|line| secret::fingerprint(line::content(line))));
        }
        let watched: Vec<Watched> = secrets.into_iter().map(|s| Watched::new(s, own)).collect();
        let limits = watched.iter().filter_map(|watched| watched.secret.inner.code_lines);
        let longest = watched.iter().map(|watched| watched.secret.inner.book.longest()).max();
        Self {
            code_limit: limits.min().unwrap_or(usize::MAX),
            tail: longest.unwrap_or(0) * 2,
            watched,
            open_lines,
            code_lines: 0,
            head_was_read: false,
            turned_words: 0,
            held: String::new(),
            line_from: 0,
            fence: None,
            reading: Reading::default(),
            line: LineAt { from: 0, indented: false },
            side: Reading::default(),
            verdict: None,
        }
    }

    /// Takes the next piece; gives what may be shown now. It holds back only the current line or
    /// the open fence. After a block nothing more is shown.
    pub fn push(&mut self, piece: &str) -> Checked {
        if let Some(reason) = self.verdict {
            return Checked::Blocked(reason);
        }
        if self.watched.is_empty() {
            return Checked::Clear(piece.to_owned());
        }
        let mut clear = String::new();
        let mut rest = piece;
        while !rest.is_empty() && self.verdict.is_none() {
            let room = HELD_BYTES - self.held.len();
            let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let taken = rest.floor_char_boundary(line.min(room));
            let (taken, left) = rest.split_at(taken);
            self.held.push_str(taken);
            rest = left;
            if taken.ends_with('\n') {
                self.end_line(&mut clear);
            } else if !rest.is_empty() {
                // What comes next has no room any more.
                self.release(&mut clear);
            }
        }
        self.told(clear)
    }

    /// The stream has ended: gives the rest.
    pub fn finish(&mut self) -> Checked {
        if let Some(reason) = self.verdict {
            return Checked::Blocked(reason);
        }
        let mut clear = String::new();
        self.release(&mut clear);
        self.told(clear)
    }

    /// What this answer and earlier ones have shown of each exercise; only what was released.
    pub fn exposures(&self) -> Vec<(CourseKey, Exposure)> {
        let of = |watched: &Watched| {
            let inner = &watched.secret.inner;
            Some((inner.key?, inner.shown.union(Exposure(watched.shown))))
        };
        self.watched.iter().filter_map(of).collect()
    }

    fn told(&self, clear: String) -> Checked {
        match self.verdict {
            Some(reason) if clear.is_empty() => Checked::Blocked(reason),
            _ => Checked::Clear(clear),
        }
    }

    /// A line is complete: outside a block it is judged, inside when the block ends.
    fn end_line(&mut self, clear: &mut String) {
        let line = &self.held[self.line_from..];
        match self.fence {
            None => {
                self.fence = Fence::opened_by(line);
                if self.fence.is_none() {
                    self.release(clear);
                }
            }
            Some(fence) if fence.is_closed_by(line) => {
                self.release(clear);
                self.fence = None;
            }
            Some(_) => {}
        }
        self.line_from = self.held.len();
        if self.held.len() >= HELD_BYTES {
            self.release(clear);
        }
    }

    /// Judges what is held, and gives it or holds everything back.
    fn release(&mut self, clear: &mut String) {
        let held = std::mem::take(&mut self.held);
        self.line_from = 0;
        for watched in &mut self.watched {
            watched.hits = 0;
        }
        self.verdict = self.judge(&held);
        if self.verdict.is_none() {
            for watched in &mut self.watched {
                watched.shown |= watched.hits;
            }
            clear.push_str(&held);
        }
        self.held = held;
        self.held.clear();
    }

    fn judge(&mut self, held: &str) -> Option<LeakReason> {
        for line in held.lines() {
            let closes = self.fence.is_some_and(|fence| fence.is_closed_by(line));
            let opens = Fence::opened_by(line).is_some_and(|fence| fence.says_nothing);
            if !closes
                && !opens
                && let Some(reason) = self.read(line)
            {
                return Some(reason);
            }
        }
        for watched in &self.watched {
            if watched.is_told() {
                return Some(watched.secret.inner.reason);
            }
        }
        (self.code_lines > self.code_limit).then_some(LeakReason::CodeTooLong)
    }

    /// Reads one line: what it shows, and whether it is new code.
    fn read(&mut self, line: &str) -> Option<LeakReason> {
        let text = plain::plain(line);
        let indented = secret::is_indented(line::unquoted(&text));
        let is_comment = text.trim_start().starts_with('#');
        let content = line::content(&text);
        let (code, remark) = line::without_remark(content);
        if text.trim_start().starts_with('|') {
            // What stands in a cell stands alone.
            self.look(&code.replace('|', " ; "), indented);
        } else {
            self.look(code, indented);
        }
        self.count(content, is_comment);
        if !remark.is_empty() {
            self.look(remark, false);
        }
        let encoded = plain::encoded(&text);
        for text in &encoded.texts {
            self.look_aside(text);
        }
        if let Some((_, inner)) = content.split_once(['"', '\''])
            && inner.contains("\\n")
        {
            self.look_aside(&inner.replace("\\n", "\n"));
        }
        self.turn(&text);
        let hides = encoded.long || self.turned_words >= TURNED_WORDS;
        if hides {
            return Some(LeakReason::Encoded);
        }
        let head = self.head_was_read && self.code_lines > 0;
        head.then_some(LeakReason::Solution)
    }

    /// Reads a text behind what was read.
    fn look(&mut self, text: &str, indented: bool) {
        self.reading.keep_last(self.tail);
        self.line = LineAt { from: self.reading.tokens.len(), indented };
        self.reading.line(text);
        for watched in &mut self.watched {
            watched.look(&self.reading, self.line);
        }
    }

    /// Counts a line if it is code that is new.
    fn count(&mut self, content: &str, is_comment: bool) {
        if self.code_limit == usize::MAX {
            return;
        }
        let in_code = self.fence.is_some_and(|fence| fence.code);
        let is_comment = is_comment || self.reading.tokens.len() == self.line.from;
        let found = line::statements(content).max(usize::from(in_code && !is_comment));
        if found == 0 {
            return;
        }
        let print = secret::of_tokens(&self.reading.tokens[self.line.from..]);
        let heads = |watched: &Watched| watched.secret.inner.head == Some(print);
        self.head_was_read |= self.watched.iter().any(heads);
        let shows = |watched: &Watched| watched.secret.inner.open_lines.contains(&print);
        if !self.open_lines.contains(&print) && !self.watched.iter().any(shows) {
            self.code_lines += found;
        }
    }

    /// Reads the line turned by 13 letters and around, if secret names stand in it that way.
    fn turn(&mut self, text: &str) {
        let tokens = self.reading.tokens.get(self.line.from..).unwrap_or_default();
        let is_turned = |id: u32| {
            self.watched.iter().any(|watched| watched.secret.inner.hidden_names.contains(&id))
        };
        let turned = tokens.iter().filter(|token| is_turned(token.id));
        let (mut numbers, mut names) = (0, 0);
        for token in turned {
            match token.kind {
                Kind::Name => names += 1,
                Kind::Kept => numbers += 1,
            }
        }
        self.turned_words += names;
        // A number shows nothing of how it is written: short lines of outputs are always turned.
        let short = text.len() <= TURNED_BYTES;
        let may_be = short && self.watched.iter().any(|watched| watched.secret.inner.is_output);
        if numbers > 0 || self.turned_words > 0 || may_be {
            self.look_aside(&plain::rotated(text));
            self.look_aside(&plain::reversed(text));
        }
    }

    /// Reads a text that the line hides, behind what else was hidden.
    fn look_aside(&mut self, text: &str) {
        for line in text.lines() {
            self.side.keep_last(self.tail);
            let at = LineAt { from: self.side.tokens.len(), indented: secret::is_indented(line) };
            self.side.line(line::content(line));
            for watched in &mut self.watched {
                watched.look(&self.side, at);
            }
        }
    }
}

impl Watched {
    fn new(secret: Secret, own: &[&str]) -> Self {
        let written = own.iter().fold(0, |all, text| all | secret.inner.parts_of_student(text));
        let own = written & !secret.inner.shown.bits();
        Self { secret, own, shown: 0, hits: 0, similar: 0, in_hint: false }
    }

    fn look(&mut self, reading: &Reading, at: LineAt) {
        let hits = &mut self.hits;
        let line = reading.tokens.get(at.from..).unwrap_or_default();
        if line.is_empty() {
            return;
        }
        // A hint that was given may be said again; a short line of it only with the one before.
        let known = self.secret.inner.hint_lines.contains(&secret::of_tokens(line));
        self.in_hint = known && (self.in_hint || line.len() > HINT_TOKENS);
        if self.in_hint {
            return;
        }
        let similar = &mut self.similar;
        let inner = &self.secret.inner;
        inner.book.find(reading, at, |pattern| {
            if inner.allows_similar && pattern.renamed && pattern.place == Place::Line {
                *similar |= pattern.parts;
            } else {
                *hits |= pattern.parts;
            }
        });
    }

    /// Whether what is being judged would show too much.
    fn is_told(&self) -> bool {
        let inner = &self.secret.inner;
        let secret = inner.secret & !self.own;
        let all = inner.shown.bits() | self.shown | self.hits;
        if self.hits & secret != 0 && inner.is_too_much(all, self.own) {
            return true;
        }
        // A similar problem that is the same in every line is the same problem.
        let whole = self.shown | self.hits | self.similar;
        (self.hits | self.similar) & secret != 0 && whole & secret == secret
    }
}
