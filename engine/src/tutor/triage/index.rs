//! What triage looks words up in: the topics' keywords and the cues, built once for a course.

use std::collections::{BTreeMap, BTreeSet};

use super::cue::{self, Cue};
use super::spelling::Spelling;
use super::words::{NO_SLIPS, PLAIN, add_words};
use crate::course::model::Topic;

/// Share of a weight that a misspelt word keeps, in percent.
const MISSPELT_PCT: u32 = 80;

/// What a phrase speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// The topic with this position in the course.
    Topic(u16),
    /// A cue.
    Cue(Cue),
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Position of its first word.
    pub(super) start: usize,
    /// How many words it has.
    pub(super) words: usize,
    /// What it speaks of.
    pub(super) sense: Sense,
    /// Ten times its weight, less if a word is misspelt.
    pub(super) tenths: u32,
    phrase: u16,
}

#[derive(Debug, Clone)]
struct Phrase {
    words: Vec<u16>,
    sense: Sense,
    weight: u8,
}

/// Keywords, cues and plain words of a course.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    vocabulary: BTreeMap<String, u16>,
    /// The same words by their index.
    spelled: Vec<String>,
    phrases: Vec<Phrase>,
    /// Phrases by the index of their first word.
    by_first: Vec<Vec<u16>>,
    spelling: Spelling,
    no_slips: BTreeSet<&'static str>,
    /// (piece of code, position of the topic, weight).
    pub(super) code_signs: Vec<(String, u16, u8)>,
}

/// A word of a text, as the index knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// A word of the index.
    Word(u16),
    /// A misspelt word of the index.
    Misspelt(u16),
    /// No word of the index.
    No,
}

impl Known {
    const fn word(self) -> Option<u16> {
        match self {
            Self::Word(word) | Self::Misspelt(word) => Some(word),
            Self::No => None,
        }
    }
}

impl Index {
    /// Builds the index of a course's topics.
    pub(crate) fn new(topics: &[Topic]) -> Self {
        let mut index = Self {
            vocabulary: BTreeMap::new(),
            spelled: Vec::new(),
            phrases: Vec::new(),
            by_first: Vec::new(),
            spelling: Spelling::default(),
            no_slips: NO_SLIPS.split_whitespace().collect(),
            code_signs: Vec::new(),
        };
        for (position, topic) in (0..).zip(topics) {
            for (text, weight) in &topic.keywords {
                index.add(text, Sense::Topic(position), *weight);
            }
            for (sign, weight) in &topic.code_signs {
                index.code_signs.push((sign.clone(), position, *weight));
            }
        }
        let other = |cue: Cue| matches!(cue, Cue::OffTopic | Cue::Social | Cue::Want);
        index.add_cues(|cue| !other(cue));
        // What comes from here on is no word that a misspelt one may mean.
        let meant = index.spelled.len();
        index.add_cues(other);
        for word in PLAIN.split_whitespace() {
            index.intern(word);
        }
        let candidates = (0..).zip(index.spelled.iter().map(String::as_str)).take(meant);
        index.spelling = Spelling::new(candidates);
        index.by_first = vec![Vec::new(); index.spelled.len()];
        for (at, phrase) in (0..).zip(&index.phrases) {
            if let Some(list) =
                phrase.words.first().and_then(|w| index.by_first.get_mut(usize::from(*w)))
            {
                list.push(at);
            }
        }
        index
    }

    fn add_cues(&mut self, wanted: impl Fn(Cue) -> bool) {
        for (cue, weight, phrases) in cue::TABLE.iter().filter(|row| wanted(row.0)) {
            for text in phrases.split('|') {
                self.add(text, Sense::Cue(*cue), *weight);
            }
        }
    }

    fn add(&mut self, text: &str, sense: Sense, weight: u8) {
        let mut words = Vec::new();
        add_words(text, &mut words);
        let words: Vec<u16> = words.iter().map(|word| self.intern(word)).collect();
        let same = |phrase: &&mut Phrase| phrase.sense == sense && phrase.words == words;
        match self.phrases.iter_mut().find(same) {
            // One phrase spelt in two ways counts once.
            Some(phrase) => phrase.weight = phrase.weight.max(weight),
            None if words.is_empty() => {}
            None => self.phrases.push(Phrase { words, sense, weight }),
        }
    }

    fn intern(&mut self, word: &str) -> u16 {
        if let Some(known) = self.vocabulary.get(word) {
            return *known;
        }
        let next = u16::try_from(self.spelled.len()).unwrap_or(u16::MAX);
        self.vocabulary.insert(word.to_owned(), next);
        self.spelled.push(word.to_owned());
        next
    }

    /// Looks a word up, misspelt too.
    pub(super) fn lookup(&self, word: &str) -> Known {
        if let Some(known) = self.vocabulary.get(word) {
            return Known::Word(*known);
        }
        if self.no_slips.contains(word) {
            return Known::No;
        }
        let spelled = |at: u16| self.spelled.get(usize::from(at)).map_or("", String::as_str);
        self.spelling.nearest(word, spelled).map_or(Known::No, Known::Misspelt)
    }

    /// The word that a misspelt one means.
    pub(super) fn corrected(&self, known: Known) -> Option<&str> {
        match known {
            Known::Misspelt(word) => self.spelled.get(usize::from(word)).map(String::as_str),
            Known::Word(_) | Known::No => None,
        }
    }

    /// All phrases in a text, each once. A topic's phrase inside a longer one of another topic
    /// doesn't count: a "global variable" speaks of scope.
    pub(super) fn matches(&self, words: &[Known]) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        for start in 0..words.len() {
            let Some(first) = words[start].word() else { continue };
            for &at in self.by_first.get(usize::from(first)).into_iter().flatten() {
                let Some(phrase) = self.phrases.get(usize::from(at)) else { continue };
                let Some(span) = words.get(start..start + phrase.words.len()) else { continue };
                let same = span.iter().zip(&phrase.words).all(|(a, b)| a.word() == Some(*b));
                if same && !found.iter().any(|old| old.phrase == at) {
                    let misspelt = span.iter().any(|word| matches!(word, Known::Misspelt(_)));
                    let share = if misspelt { MISSPELT_PCT } else { 100 };
                    found.push(Match {
                        start,
                        words: span.len(),
                        sense: phrase.sense,
                        tenths: u32::from(phrase.weight) * share / 10,
                        phrase: at,
                    });
                }
            }
        }
        let all = found.clone();
        found.retain(|short| !all.iter().any(|long| covers(long, short)));
        found
    }
}

fn covers(long: &Match, short: &Match) -> bool {
    let inside = long.start <= short.start
        && short.start + short.words <= long.start + long.words
        && long.words > short.words;
    let topics = matches!((long.sense, short.sense), (Sense::Topic(a), Sense::Topic(b)) if a != b);
    inside && topics
}
