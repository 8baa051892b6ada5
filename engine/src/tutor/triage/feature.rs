//! What triage reads out of a question.

use super::AskText;
use super::cue::Cue;
use super::index::{Index, Known, Match, Sense};
use super::source::{LineKind, lines};
use super::words::add_words;
use crate::course::model::{Course, TopicId};
use crate::tutor::traceback::headline;

/// Bytes of code that are searched for signs.
const CODE_LIMIT_BYTES: usize = 4_096;
/// Bytes of a question that are read.
const TEXT_LIMIT_BYTES: usize = 12_000;

/// Bits of code as they stand in sentences.
const CODE_LIKE: [&str; 12] =
    ["()", "__", "==", "!=", "[", "{", "(\"", "('", " = ", " % ", "`", ".py"];

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

/// A word of prose.
#[derive(Debug)]
pub(super) struct Token {
    /// The word, corrected if it is a misspelt word of the course.
    pub(super) word: String,
    /// What stands in its place where words in a row are looked at.
    pub(super) mask: Option<&'static str>,
}

/// The features of a question.
#[derive(Debug)]
pub(super) struct Features {
    /// The words of prose, without those of errors.
    pub(super) tokens: Vec<Token>,
    /// Topics that the words speak of, best first.
    pub(super) topics: Vec<TopicScore>,
    /// The topics that the code speaks of, each with ten times its weight, in the course's order.
    pub(super) code_topics: Vec<(u16, u32)>,
    /// The course's own question, if it is one.
    pub(super) authored: Option<TopicId>,
    /// Whether a traceback or an error line came along.
    pub(super) traceback: Seen,
    /// Whether code came along.
    pub(super) code: Seen,
    /// Whether bits of code stand in it.
    pub(super) code_like: Seen,
    /// Whether it is put as a question.
    pub(super) question: Seen,
    /// Words of prose that nobody knows.
    pub(super) strange: usize,
    cues: Vec<(Cue, u32)>,
}

impl Features {
    /// The cues that were found, each with [`Self::cue`].
    pub(super) fn cues(&self) -> impl Iterator<Item = (Cue, u32)> {
        let first = |at: usize, cue: Cue| !self.cues[..at].iter().any(|(other, _)| *other == cue);
        let cues = self.cues.iter().map(|(cue, _)| *cue).enumerate();
        cues.filter(move |(at, cue)| first(*at, *cue)).map(|(_, cue)| (cue, self.cue(cue)))
    }

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
    let mut errors = Vec::new();
    let mut failed = String::new();
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
                    add_words(line, &mut errors);
                    add_words(error.name(), &mut errors);
                } else if !line.trim_start().starts_with("File ") {
                    // The line of the program that failed.
                    failed.push_str(line);
                    failed.push('\n');
                }
            }
        }
    }
    let code = (!source.trim().is_empty()).into();
    source.push_str(&failed);
    let prose = words.len();
    words.append(&mut errors);
    let known: Vec<Known> = words.iter().map(|word| index.lookup(word)).collect();
    let matches = index.matches(&known);
    let strange = words[..prose]
        .iter()
        .zip(&known)
        .filter(|(word, known)| **known == Known::No && !is_number(word))
        .count();
    Features {
        tokens: tokens(&words[..prose], &known, &matches, index),
        topics: topics(&matches),
        code_topics: code_topics(course, cut(&source, CODE_LIMIT_BYTES), text),
        authored: course.authored_question(ask.text).map(|(topic, _)| topic),
        traceback: traceback.into(),
        code,
        code_like: CODE_LIKE.iter().any(|bit| text.contains(bit)).into(),
        question: ask.text.trim_end().ends_with('?').into(),
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

/// Ten times the weight from which a topic's phrase is taken for its name.
const NAME_TENTHS: u32 = 50;
/// Words of the longest phrase that is a name: a longer one says what somebody wants, too.
const NAME_WORDS: usize = 2;

fn tokens(words: &[String], known: &[Known], matches: &[Match], index: &Index) -> Vec<Token> {
    let names = matches.iter().filter(|m| matches!(m.sense, Sense::Topic(_)));
    let names: Vec<_> = names
        .filter(|m| m.tenths >= NAME_TENTHS && m.words <= NAME_WORDS)
        .map(|m| m.start..m.start + m.words)
        .collect();
    let token = |(at, (word, known)): (usize, (&String, &Known))| Token {
        word: index.corrected(*known).unwrap_or(word).to_owned(),
        mask: match known {
            Known::Word(_) | Known::Misspelt(_) => {
                names.iter().any(|name| name.contains(&at)).then_some("<t>")
            }
            Known::No if is_number(word) => Some("<n>"),
            Known::No => Some("<?>"),
        },
    };
    words.iter().zip(known).enumerate().map(token).collect()
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
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

/// The topics whose signs stand in the code, or in the question's own words.
fn code_topics(course: &Course, source: &str, text: &str) -> Vec<(u16, u32)> {
    // Within a sentence only what is no plain word is a sign: "for " is everywhere.
    let sentence = source.trim().is_empty();
    let place = if sentence { cut(text, CODE_LIMIT_BYTES) } else { source };
    let is_word = |sign: &str| sign.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    let mut found: Vec<(u16, u32)> = Vec::new();
    for (sign, position, weight) in &course.index().code_signs {
        if (sentence && is_word(sign)) || !has_sign(place, sign) {
            continue;
        }
        let tenths = u32::from(*weight) * 10;
        match found.last_mut() {
            Some((last, sum)) if last == position => *sum += tenths,
            Some(_) | None => found.push((*position, tenths)),
        }
    }
    found
}

/// Whether a sign stands in code, and not as the end of a longer name: `int(` isn't in `print(`.
fn has_sign(place: &str, sign: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let starts = sign.starts_with(in_name);
    place.match_indices(sign).any(|(at, _)| !(starts && place[..at].ends_with(in_name)))
}

/// The beginning of a text, at most so many bytes.
fn cut(text: &str, limit_bytes: usize) -> &str {
    if text.len() <= limit_bytes {
        return text;
    }
    let end = (0..=limit_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}
