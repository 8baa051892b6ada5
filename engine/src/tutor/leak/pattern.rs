//! What gives a part of a secret away: runs of tokens, and where they have to stand.

use std::collections::HashMap;

use super::token::{Kind, Reading, Token};
use super::word::{self, Cues};

/// Tokens that may be skipped between two of a pattern.
const FILLERS_LIMIT: u8 = 3;
/// Different names in a pattern whose names may be other ones.
const NAMES_LIMIT: usize = 12;

/// A token that a pattern waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Want {
    /// Exactly this one.
    Is(u32),
    /// Any name, but the same one in the same places.
    Name(u8),
    /// This letter as a capital.
    Letter(u32),
}

/// Where a pattern's tokens have to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Anywhere.
    Anywhere,
    /// Alone on a line, or in a sentence.
    Line,
    /// Alone on a line that is indented.
    IndentedLine,
    /// In a sentence that says of them what these cues mean.
    Said(Cues),
    /// In a sentence that has one of these cues.
    Near(Cues),
}

/// A run of tokens that gives parts away.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    wants: Vec<Want>,
    /// The first token that is not any name.
    anchor: usize,
    /// Where they have to stand.
    pub(super) place: Place,
    /// The parts, as bits.
    pub(super) parts: u32,
    /// Whether the names may be other ones.
    pub(super) renamed: bool,
}

impl Pattern {
    /// These tokens, with these names.
    pub(super) fn exact(tokens: &[Token], place: Place, parts: u32) -> Option<Self> {
        let wants = tokens.iter().map(|token| Want::Is(token.id)).collect::<Vec<_>>();
        (!wants.is_empty()).then_some(Self { wants, anchor: 0, place, parts, renamed: false })
    }

    /// This capital letter, where it is said to be what the cues mean.
    pub(super) fn letter(letter: u32, cues: Cues, parts: u32) -> Self {
        let wants = vec![Want::Letter(letter)];
        Self { wants, anchor: 0, place: Place::Said(cues), parts, renamed: false }
    }

    /// These tokens with whatever names, if they say enough without them.
    pub(super) fn renamed(
        tokens: &[Token],
        enough: usize,
        place: Place,
        parts: u32,
    ) -> Option<Self> {
        let mut names: Vec<u32> = Vec::new();
        let (mut wants, mut said) = (Vec::new(), 0);
        for token in tokens {
            if token.text {
                // What a text says may be said in another way.
                continue;
            }
            let known = names.iter().position(|name| *name == token.id);
            said += usize::from(known.is_some() || token.kind == Kind::Kept);
            wants.push(match (token.kind, known) {
                (Kind::Kept, _) => Want::Is(token.id),
                (Kind::Name, Some(at)) => Want::Name(u8::try_from(at).ok()?),
                (Kind::Name, None) => {
                    names.push(token.id);
                    Want::Name(u8::try_from(names.len() - 1).ok()?)
                }
            });
        }
        let anchor = wants.iter().position(|want| matches!(want, Want::Is(_)))?;
        let fits = said >= enough && tokens.len() > said && names.len() <= NAMES_LIMIT;
        fits.then_some(Self { wants, anchor, place, parts, renamed: true })
    }

    /// The same at another place, for these parts.
    pub(super) fn at(&self, place: Place, parts: u32) -> Self {
        Self { place, parts, ..self.clone() }
    }

    /// Whether it shows its parts as they are, wherever it stands.
    pub(super) fn is_plain(&self) -> bool {
        let said = matches!(self.place, Place::Said(_) | Place::Near(_));
        !self.renamed && !said
    }

    /// Whether it is exactly the line of this print.
    pub(super) fn is_all_of(&self, print: u32) -> bool {
        let ids = self.wants.iter().map(|want| match *want {
            Want::Is(id) | Want::Letter(id) => id,
            Want::Name(_) => 0,
        });
        fingerprint(ids) == print
    }

    /// Where it ends, if it stands at this place.
    fn end(&self, tokens: &[Token], start: usize) -> Option<usize> {
        let mut names = [0_u32; NAMES_LIMIT];
        let mut at = start;
        // Code that is quoted as a whole has no texts of its own.
        let skips_text = self.renamed && !tokens.get(start)?.text;
        for want in &self.wants {
            let mut skipped = 0;
            loop {
                let token = tokens.get(at)?;
                at += 1;
                if skips_text && token.text {
                    continue;
                }
                if want.fits(token, &mut names) {
                    break;
                }
                skipped += 1;
                if !token.filler || skipped > FILLERS_LIMIT || at == start + 1 {
                    return None;
                }
            }
        }
        Some(at)
    }
}

impl Want {
    fn fits(self, token: &Token, names: &mut [u32; NAMES_LIMIT]) -> bool {
        match self {
            Self::Is(id) => token.id == id,
            Self::Letter(id) => token.id == id && token.letter,
            Self::Name(index) => {
                let Some(name) = names.get_mut(usize::from(index)) else { return false };
                if *name == 0 && token.kind == Kind::Name {
                    *name = token.id;
                }
                *name == token.id
            }
        }
    }
}

/// What two runs of the same tokens have in common.
pub(super) fn fingerprint(ids: impl Iterator<Item = u32>) -> u32 {
    ids.fold(word::SEED, |hash, id| (hash ^ id).wrapping_mul(0x9e37_79b1).rotate_left(13))
}

/// What is known of a line besides its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineAt {
    /// Its first token.
    pub(super) from: usize,
    /// Whether it begins with two spaces or a tab.
    pub(super) indented: bool,
}

/// Patterns, to be found in one pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    patterns: Vec<Pattern>,
    by_anchor: HashMap<u32, Vec<u16>>,
    /// Which anchors there may be: most words of an answer are none.
    maybe: [u64; 16],
    longest: usize,
}

impl Book {
    /// Of these patterns; the same one twice is one.
    pub(super) fn new(mut patterns: Vec<Pattern>) -> Self {
        let mut seen = std::collections::HashSet::new();
        patterns.retain(|pattern| pattern.parts != 0 && seen.insert(pattern.clone()));
        patterns.truncate(usize::from(u16::MAX));
        let mut book = Self { patterns, ..Self::default() };
        for (at, pattern) in book.patterns.iter().enumerate() {
            let (Ok(at), Some(want)) = (u16::try_from(at), pattern.wants.get(pattern.anchor))
            else {
                continue;
            };
            let id = match *want {
                Want::Is(id) | Want::Letter(id) => id,
                Want::Name(_) => continue,
            };
            book.by_anchor.entry(id).or_default().push(at);
            book.maybe[place(id)] |= bit(id);
            book.longest = book.longest.max(pattern.wants.len());
        }
        book
    }

    /// All patterns.
    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The longest pattern, in tokens.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Tells which patterns end in the line that was read last.
    pub(super) fn find(&self, reading: &Reading, line: LineAt, mut found: impl FnMut(&Pattern)) {
        let tokens = reading.tokens.as_slice();
        for (at, token) in tokens.iter().enumerate() {
            if self.maybe[place(token.id)] & bit(token.id) == 0 {
                continue;
            }
            let Some(places) = self.by_anchor.get(&token.id) else { continue };
            for pattern in places.iter().filter_map(|at| self.patterns.get(usize::from(*at))) {
                let Some(start) = at.checked_sub(pattern.anchor) else { continue };
                let Some(end) = pattern.end(tokens, start) else { continue };
                if end > line.from && stands(pattern, reading, line, start..end) {
                    found(pattern);
                }
            }
        }
    }
}

const fn place(id: u32) -> usize {
    (id >> 6) as usize & 15
}

const fn bit(id: u32) -> u64 {
    1 << (id & 63)
}

/// Whether a run of tokens stands where its pattern demands.
fn stands(pattern: &Pattern, reading: &Reading, line: LineAt, run: std::ops::Range<usize>) -> bool {
    let tokens = reading.tokens.as_slice();
    // Little words beside it change nothing: "so 14", "if express then".
    let (mut start, mut end) = (run.start, run.end);
    while start > line.from && tokens.get(start - 1).is_some_and(|token| token.filler) {
        start -= 1;
    }
    let is_aside = |token: &Token| token.filler || token.text && pattern.renamed;
    while tokens.get(end).is_some_and(is_aside) {
        end += 1;
    }
    let begins = start <= line.from
        || tokens.get(start - 1).zip(tokens.get(start)).is_some_and(|(before, first)| {
            before.sentence != first.sentence || before.cues & word::COLON != 0
        });
    let ends = end >= tokens.len()
        || tokens
            .get(end - 1)
            .zip(tokens.get(end))
            .is_some_and(|(last, after)| last.sentence != after.sentence);
    let alone = run.start >= line.from && begins && ends;
    match pattern.place {
        Place::Anywhere => true,
        Place::Line => alone,
        Place::IndentedLine => alone && line.indented,
        Place::Said(cues) => run.start >= line.from && is_said(reading, line, run, cues),
        Place::Near(cues) => {
            run.start >= line.from && sentence_says(reading, run.start, cues).is_some()
        }
    }
}

/// The first token of a run, if its sentence has one of the cues and isn't a mere question.
fn sentence_says(reading: &Reading, start: usize, cues: Cues) -> Option<&Token> {
    let first = reading.tokens.get(start)?;
    let sentence = reading.sentences.get(usize::from(first.sentence))?;
    let says = sentence.cues & cues != 0;
    let open = sentence.cues & word::ANSWER == 0 || sentence.cues & word::EITHER != 0;
    (says && !(sentence.asks && open)).then_some(first)
}

/// Whether a sentence says of a run of tokens what the cues mean: it has such a cue, and what is
/// said is quoted, or comes right after a word that leads to it.
fn is_said(reading: &Reading, line: LineAt, run: std::ops::Range<usize>, cues: Cues) -> bool {
    let Some(first) = sentence_says(reading, run.start, cues) else { return false };
    let before = || reading.tokens[line.from..run.start].iter().rev();
    let own = |token: &&Token| token.sentence == first.sentence;
    if cues & word::OUTPUT != 0 {
        // Outputs are listed: whatever comes after the cue counts.
        return before().take_while(own).any(|token| token.cues & cues != 0);
    }
    let leads =
        before().take_while(own).find(|token| !token.filler || token.cues & word::LINK != 0);
    first.quoted || leads.is_some_and(|token| token.cues & word::LINK != 0)
}
