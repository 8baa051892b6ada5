//! What triage reads out of a question.

use super::AskText;
use super::cue::Cue;
use super::index::{Known, Match, Sense};
use super::source::{LineKind, lines};
use super::words::add_words;
use crate::course::model::{Course, TopicId};
use crate::tutor::traceback::headline;

/// Bytes of code that are searched for signs.
const CODE_LIMIT_BYTES: usize = 4_096;
/// Bytes of a question that are read.
const TEXT_LIMIT_BYTES: usize = 12_000;

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Yes,
    No,
}

impl From<bool> for Seen {
    fn from(seen: bool) -> Self {
        if seen { Self::Yes } else { Self::No }
    }
}

/// What is known of a topic from a question alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TopicScore {
    /// Its position in the course.
    pub(super) position: u16,
    /// Ten times the weights of its words.
    pub(super) tenths: u32,
    /// The part of it from words that no equally good topic shares.
    pub(super) own_tenths: u32,
    /// Where its first word stands.
    pub(super) first: usize,
}

/// The features of a question.
#[derive(Debug)]
pub(super) struct Features {
    /// Topics that the words speak of, best first.
    pub(super) topics: Vec<TopicScore>,
    /// The topic that the code speaks of, with ten times its weight.
    pub(super) code_topic: Option<(u16, u32)>,
    /// The course's own question, if it is one.
    pub(super) authored: Option<TopicId>,
    /// Whether a traceback or an error line came along.
    pub(super) traceback: Seen,
    /// Whether code came along.
    pub(super) code: Seen,
    /// Whether it is put as a question.
    pub(super) question: Seen,
    /// Words of prose.
    pub(super) words: usize,
    /// Words of prose that nobody knows.
    pub(super) strange: usize,
    cues: Vec<(Cue, u32)>,
}

impl Features {
    /// Ten times the summed weight of a cue, two phrases at most.
    pub(super) fn cue(&self, cue: Cue) -> u32 {
        let mut tenths: Vec<u32> = self
            .cues
            .iter()
            .filter(|(found, _)| *found == cue)
            .map(|(_, tenths)| *tenths)
            .collect();
        tenths.sort_unstable_by(|a, b| b.cmp(a));
        // The second phrase says half as much as the first: they often overlap.
        tenths.first().copied().unwrap_or(0) + tenths.get(1).copied().unwrap_or(0) / 2
    }

    /// The best topic by words.
    pub(super) fn best(&self) -> Option<&TopicScore> {
        self.topics.first()
    }
}

/// Reads a question.
pub(super) fn read(course: &Course, ask: &AskText<'_>) -> Features {
    let index = course.index();
    let text = cut(ask.text, TEXT_LIMIT_BYTES);
    let mut words = Vec::new();
    let mut source = ask.code.map_or("", |code| cut(code, CODE_LIMIT_BYTES)).to_owned();
    let mut traceback = ask.code.is_some_and(|code| {
        cut(code, TEXT_LIMIT_BYTES).lines().any(|line| headline(line).is_some())
    });
    for (kind, line) in lines(text) {
        match kind {
            LineKind::Prose => add_words(line, &mut words),
            LineKind::Code => {
                source.push_str(line);
                source.push('\n');
            }
            LineKind::Traceback => {
                traceback = true;
                if let Some(error) = headline(line) {
                    add_words(line, &mut words);
                    add_words(error.name(), &mut words);
                }
            }
        }
    }
    let known: Vec<Known> = words.iter().map(|word| index.lookup(word)).collect();
    let matches = index.matches(&known);
    let strange = words
        .iter()
        .zip(&known)
        .filter(|(word, known)| **known == Known::No && !word.bytes().all(|b| b.is_ascii_digit()))
        .count();
    Features {
        topics: topics(&matches),
        code_topic: code_topic(course, cut(&source, CODE_LIMIT_BYTES), text),
        authored: course.authored_question(ask.text).map(|(topic, _)| topic),
        traceback: traceback.into(),
        code: (!source.trim().is_empty()).into(),
        question: ask.text.trim_end().ends_with('?').into(),
        words: words.len(),
        strange,
        cues: matches
            .iter()
            .filter_map(|found| match found.sense {
                Sense::Cue(cue) => Some((cue, found.tenths)),
                Sense::Topic(_) => None,
            })
            .collect(),
    }
}

/// Sums the words of each topic, best first; of equals the one named first.
fn topics(matches: &[Match]) -> Vec<TopicScore> {
    let mut scores: Vec<TopicScore> = Vec::new();
    for found in matches {
        let Sense::Topic(position) = found.sense else { continue };
        let shared = matches.iter().any(|other| {
            matches!(other.sense, Sense::Topic(p) if p != position)
                && (other.start, other.words, other.tenths)
                    == (found.start, found.words, found.tenths)
        });
        let own = if shared { 0 } else { found.tenths };
        match scores.iter_mut().find(|score| score.position == position) {
            Some(score) => {
                score.tenths += found.tenths;
                score.own_tenths += own;
                score.first = score.first.min(found.start);
            }
            None => scores.push(TopicScore {
                position,
                tenths: found.tenths,
                own_tenths: own,
                first: found.start,
            }),
        }
    }
    scores.sort_unstable_by_key(|score| (u32::MAX - score.tenths, score.first, score.position));
    scores
}

/// The topic whose signs weigh most in the code, or in the question's own words.
fn code_topic(course: &Course, source: &str, text: &str) -> Option<(u16, u32)> {
    // Within a sentence only what is no plain word is a sign: "for " is everywhere.
    let sentence = source.trim().is_empty();
    let place = if sentence { cut(text, CODE_LIMIT_BYTES) } else { source };
    let is_word = |sign: &str| sign.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    let mut best: Option<(u16, u32)> = None;
    let mut current: (u16, u32) = (0, 0);
    for (sign, position, weight) in &course.index().code_signs {
        if *position != current.0 {
            current = (*position, 0);
        }
        if place.contains(sign.as_str()) && !(sentence && is_word(sign)) {
            current.1 += u32::from(*weight) * 10;
            if best.is_none_or(|(_, tenths)| current.1 > tenths) {
                best = Some(current);
            }
        }
    }
    best
}

/// The beginning of a text, at most so many bytes.
fn cut(text: &str, limit_bytes: usize) -> &str {
    if text.len() <= limit_bytes {
        return text;
    }
    let end = (0..=limit_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}
