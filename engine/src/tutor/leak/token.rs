//! A line as the filter reads it: words, numbers and signs, in one form for code, for code in
//! another language and for code that is spelt out in words. Quotes, brackets, commas and colons
//! say nothing here; `x += 1` is `x = x + 1`, and `==` is `=`.

use super::phrase::sign;
use super::word::{self, Cues, Role};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name that somebody chose.
    Name,
    /// A word of Python, a number or a sign.
    Kept,
}

/// One word, number or sign.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "what is seen of a token is independent")]
pub(super) struct Token {
    /// The hash of its one form.
    pub(super) id: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether it may be skipped in spelt-out code.
    pub(super) filler: bool,
    /// Whether it stands in backticks, quotes or asterisks, so that it is meant literally.
    pub(super) quoted: bool,
    /// Whether it stands in a text of a program. Told of code only: prose has apostrophes.
    pub(super) text: bool,
    /// Whether it is a single capital letter.
    pub(super) letter: bool,
    /// What it makes of its sentence.
    pub(super) cues: Cues,
    /// Its sentence in [`Reading::sentences`].
    pub(super) sentence: u16,
}

/// A sentence, or what stands between two ends of one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sentence {
    /// What its words make of it.
    pub(super) cues: Cues,
    /// Whether it asks.
    pub(super) asks: bool,
}

/// What has been read: tokens and their sentences.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// All tokens.
    pub(super) tokens: Vec<Token>,
    /// All sentences, at least one after a line was read.
    pub(super) sentences: Vec<Sentence>,
}

impl Reading {
    /// Keeps only the last tokens; their sentences are past.
    pub(super) fn keep_last(&mut self, count: usize) {
        let surplus = self.tokens.len().saturating_sub(count);
        self.tokens.drain(..surplus);
        self.sentences.clear();
        self.sentences.push(Sentence::default());
        for token in &mut self.tokens {
            token.sentence = 0;
        }
    }

    /// Reads a line behind what has been read, as sentences of its own.
    pub(super) fn line(&mut self, line: &str) {
        self.sentences.push(Sentence::default());
        let bytes = line.as_bytes();
        let mut scan = Scan { bytes, at: 0, code: false, strong: false, text: None, braces: 0 };
        while let Some(&byte) = scan.bytes.get(scan.at) {
            let (count, text) = (self.tokens.len(), scan.text.is_some() && scan.braces == 0);
            if byte.is_ascii_digit() {
                self.number(&mut scan);
            } else if is_word(byte) {
                self.word(&mut scan);
            } else {
                self.sign(&mut scan, byte);
            }
            if text {
                // The last token may have been joined with those before it.
                let from = count.min(self.tokens.len().saturating_sub(1));
                self.tokens[from..].iter_mut().for_each(|token| token.text = true);
            }
        }
    }

    /// Adds a token.
    pub(super) fn push(&mut self, id: u32, kind: Kind, quoted: bool) {
        let sentence = u16::try_from(self.sentences.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let cues = if id == sign::ASSIGN { word::LINK } else { 0 };
        let token =
            Token { id, kind, filler: false, quoted, text: false, letter: false, cues, sentence };
        self.tokens.push(token);
    }

    /// Reads digits; a point is a token of its own, as it is when it is spoken.
    fn number(&mut self, scan: &mut Scan<'_>) {
        let quoted = scan.quoted();
        let mut hash = word::SEED;
        let bytes = scan.bytes;
        while let Some(&byte) = bytes.get(scan.at) {
            if !(byte.is_ascii_alphanumeric() || byte == b'_') {
                break;
            }
            hash = word::mix(hash, byte);
            scan.at += 1;
        }
        self.push(hash, Kind::Kept, quoted || scan.quoted());
    }

    fn word(&mut self, scan: &mut Scan<'_>) {
        let quoted = scan.quoted();
        let start = scan.at;
        let mut hash = word::SEED;
        while let Some(&byte) = scan.bytes.get(scan.at) {
            if !(is_word(byte) || byte.is_ascii_digit()) {
                break;
            }
            hash = word::mix(hash, byte.to_ascii_lowercase());
            scan.at += 1;
        }
        let word = word::look_up(hash);
        if let Some(sentence) = self.sentences.last_mut() {
            sentence.cues |= word.cues;
        }
        match word.role {
            Role::Nothing => return,
            Role::Kept if is_operator(word.id) => {
                let after_sign = self.tokens.last().is_some_and(|token| token.id == sign::PLUS);
                if scan.is_between(start, after_sign || word.id == sign::ASSIGN) {
                    return self.operator(word.id, quoted);
                }
                // A name such as `times`.
                self.push(hash, Kind::Name, quoted);
            }
            Role::Kept => self.push(word.id, Kind::Kept, quoted || scan.quoted()),
            Role::Method if self.tokens.last().is_some_and(|token| token.id == sign::DOT) => {
                self.push(word.id, Kind::Kept, quoted || scan.quoted());
            }
            Role::Name | Role::Method => self.push(word.id, Kind::Name, quoted || scan.quoted()),
        }
        let capital = scan.at == start + 1 && scan.bytes[start].is_ascii_uppercase();
        if let Some(token) = self.tokens.last_mut() {
            token.filler = word.filler;
            token.cues = word.cues;
            token.letter = capital;
        }
        self.join_words(hash, quoted);
    }

    fn sign(&mut self, scan: &mut Scan<'_>, byte: u8) {
        let next = scan.bytes.get(scan.at + 1).copied().unwrap_or(b' ');
        let after = scan.bytes.get(scan.at + 2).copied().unwrap_or(b' ');
        let quoted = scan.quoted();
        let before = scan.at.checked_sub(1).and_then(|at| scan.bytes.get(at));
        scan.at += 1;
        match byte {
            b'\'' if before.is_some_and(u8::is_ascii_alphanumeric) && is_word(next) => {}
            b'"' | b'\'' if scan.text.is_none() => scan.text = Some(byte),
            b'"' | b'\'' if scan.text == Some(byte) => scan.text = None,
            b'{' => scan.braces += 1,
            b'}' => scan.braces = scan.braces.saturating_sub(1),
            b'`' => scan.code = !scan.code,
            b'*' if next == b'*' && !scan.code => {
                scan.strong = !scan.strong;
                scan.at += 1;
            }
            b'.' if is_word(next) || next.is_ascii_digit() => {
                self.push(sign::DOT, Kind::Kept, quoted);
            }
            b'.' | b'!' | b'?' | b';' if next.is_ascii_whitespace() || next == b'*' => {
                self.end_sentence(byte == b'?' && !scan.code);
            }
            b'\\' if matches!(next, b'n' | b't') => {
                scan.at += 1;
                self.push(word::id(if next == b'n' { "\n" } else { "\t" }), Kind::Kept, quoted);
            }
            b'+' if next == b'+' => {
                scan.at += 1;
                self.compound(sign::PLUS, quoted);
                self.push(sign::ONE, Kind::Kept, quoted);
            }
            b'=' => {
                scan.at += usize::from(next == b'=') + usize::from(next == b'=' && after == b'=');
                self.operator(sign::ASSIGN, quoted);
            }
            b':' if next == b'=' => {}
            b':' => self.colon(),
            b'!' if next == b'=' => {
                scan.at += 1 + usize::from(after == b'=');
                self.operator(word::id("!="), quoted);
            }
            b'!' if is_word(next) => self.push(sign::NOT, Kind::Kept, quoted),
            b'&' | b'|' if next == byte => {
                scan.at += 1;
                let word = if byte == b'&' { word::id("and") } else { sign::OR };
                self.push(word, Kind::Kept, quoted);
            }
            b'<' | b'>' if next == b'=' => {
                scan.at += 1;
                self.operator(word::id(if byte == b'<' { "<=" } else { ">=" }), quoted);
            }
            b'+' | b'-' | b'*' | b'/' | b'%' => self.arithmetic(scan, byte, next, quoted),
            b'<' | b'>' | b'[' | b'&' | b'|' | b'@' | b'^' => {
                self.push(word::mix(word::SEED, byte), Kind::Kept, quoted);
            }
            _ => {}
        }
    }

    fn arithmetic(&mut self, scan: &mut Scan<'_>, byte: u8, next: u8, quoted: bool) {
        let mut id = word::mix(word::SEED, byte);
        let mut next = next;
        if byte == b'/' && next == b'/' {
            id = word::id("//");
            scan.at += 1;
            next = scan.bytes.get(scan.at).copied().unwrap_or(b' ');
        }
        if next == b'=' {
            scan.at += 1;
            self.compound(id, quoted);
        } else {
            self.operator(id, quoted);
        }
    }

    /// A colon leads to what follows it, as `=` does.
    fn colon(&mut self) {
        if let Some(token) = self.tokens.last_mut() {
            token.cues |= word::LINK | word::COLON;
        }
    }

    fn end_sentence(&mut self, asks: bool) {
        if let Some(sentence) = self.sentences.last_mut() {
            sentence.asks = asks;
        }
        self.sentences.push(Sentence::default());
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// In backticks.
    code: bool,
    /// In double asterisks.
    strong: bool,
    /// The quote of the text that is open.
    text: Option<u8>,
    /// Open braces, in which a text may have code.
    braces: u32,
}

impl Scan<'_> {
    /// Whether what comes is meant literally.
    fn quoted(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        self.code || self.strong || matches!(before, Some(b'"' | b'\'' | b'('))
    }

    /// Whether the word that began there stands between others, as a spoken sign does.
    fn is_between(&self, start: usize, may_end: bool) -> bool {
        let before = start.checked_sub(2).and_then(|at| self.bytes.get(at..start));
        let follows = before.is_none_or(|b| b[1] == b' ' && !matches!(b[0], b',' | b'(' | b'='));
        let next = self.bytes.get(self.at);
        follows && (next == Some(&b' ') || may_end && next.is_none_or(|byte| b",.;".contains(byte)))
    }
}

/// Whether a word's meaning is a sign.
const fn is_operator(id: u32) -> bool {
    matches!(id, sign::ASSIGN | sign::PLUS | sign::MINUS | sign::TIMES | sign::REST | sign::DOT)
}

/// Whether a byte can begin a word; the bytes of other alphabets can.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}
