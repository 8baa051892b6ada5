//! What must not be said of an exercise or a quiz item, as parts and the patterns that show them.

use std::collections::HashSet;
use std::sync::Arc;

use super::line;
use super::part::{self, BLANK, Part};
use super::pattern::{self, Book, LineAt, Pattern, Place};
use super::plain::plain;
use super::token::{Reading, Token};
use super::word::id;
use super::{Exposure, LeakReason};
use crate::course::CourseKey;
use crate::course::model::{Course, Exercise, ExerciseKind, QuizItem};
use crate::tutor::hint::SOLUTION_RUNG;

/// New lines of code in an answer below [`EXAMPLE_RUNG`].
const CODE_LINES: usize = 3;
/// The rung at which a similar problem may be worked.
const EXAMPLE_RUNG: u8 = 4;
/// New lines of code in an answer from then on.
const EXAMPLE_LINES: usize = 12;
/// Words that nearly every program has.
const ALWAYS: &str = "return print while append range input except raise import class with for def";

/// What must not be said. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Secret {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// Whose exposure it is; a quiz item's isn't remembered.
    pub(super) key: Option<CourseKey>,
    /// What earlier answers have shown.
    pub(super) shown: Exposure,
    /// Why an answer that shows it is held back.
    pub(super) reason: LeakReason,
    /// How much each part weighs; nothing, once it is no secret.
    pub(super) weights: Vec<u32>,
    /// The parts that are secret.
    pub(super) secret: u32,
    /// What shows them.
    pub(super) book: Book,
    /// Lines of the hints that were given: they may be said again as they are.
    pub(super) hint_lines: HashSet<u32>,
    /// Lines of code that may always be shown.
    pub(super) open_lines: HashSet<u32>,
    /// How many others may be shown in one answer.
    pub(super) code_lines: Option<usize>,
    /// The first line of the function that is to be written.
    pub(super) head: Option<u32>,
    /// Whether a similar problem may be worked, which has similar lines.
    pub(super) allows_similar: bool,
    /// Whether it is what a program prints.
    pub(super) is_output: bool,
    /// Names of the secret, turned by 13 letters or around: who writes them, hides something.
    pub(super) hidden_names: HashSet<u32>,
}

impl Secret {
    /// An open exercise: its rung so far, what earlier answers have shown.
    pub fn exercise(course: &Course, exercise: &Exercise, rung: u8, shown: Exposure) -> Self {
        let mut told = vec![exercise.statement.as_str(), exercise.starter.as_str()];
        let hints: Vec<&str> =
            (1..=rung.min(EXAMPLE_RUNG)).filter_map(|r| exercise.hint(r)).collect();
        told.extend(&hints);
        let parts = if rung >= SOLUTION_RUNG { Vec::new() } else { part::of_exercise(exercise) };
        let weights = parts.iter().map(|part| part.weight).collect::<Vec<_>>();
        let is_output = exercise.kind == ExerciseKind::PredictOutput;
        let patterns = unspoken(parts, exercise);
        let secret = patterns.iter().fold(0, |all, pattern| all | pattern.parts);
        let mut open_lines = HashSet::new();
        let shared = authored(course, exercise);
        let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
        // What the solution says in the same words stays a secret, wherever else it stands.
        let solved = known_lines(&[&exercise.key.solution]);
        let mut hint_lines = known_lines(&shared);
        hint_lines.retain(|line| !solved.contains(line));
        hint_lines.extend(known_lines(&hints));
        told.extend(shared);
        for text in told {
            let code = text.lines().map(line::content).filter(|line| line::statements(line) > 0);
            open_lines.extend(code.map(fingerprint));
        }
        let code_lines = match rung {
            SOLUTION_RUNG.. => None,
            EXAMPLE_RUNG => Some(EXAMPLE_LINES),
            _ => Some(CODE_LINES),
        };
        let writes = exercise.kind == ExerciseKind::WriteFunction && code_lines.is_some();
        let head = exercise.starter.lines().find(|line| line.trim_start().starts_with("def "));
        let inner = Inner {
            key: Some(exercise.id.key()),
            shown,
            reason: match exercise.kind {
                ExerciseKind::FillIn | ExerciseKind::PredictOutput => LeakReason::ExpectedAnswer,
                ExerciseKind::BugFix | ExerciseKind::WriteFunction => LeakReason::Solution,
            },
            weights,
            secret,
            book: Book::new(patterns),
            hint_lines,
            open_lines,
            code_lines,
            allows_similar: rung >= EXAMPLE_RUNG,
            is_output,
            head: head.filter(|_| writes).map(fingerprint),
            hidden_names: hidden_names(&exercise.key.solution, if is_output { "" } else { ALWAYS }),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A quiz item that waits for an answer.
    pub fn quiz(item: &QuizItem) -> Self {
        let inner = Inner {
            key: None,
            shown: Exposure::default(),
            reason: LeakReason::QuizAnswer,
            weights: vec![1],
            secret: 1,
            book: Book::new(part::of_quiz(item)),
            hint_lines: HashSet::new(),
            open_lines: HashSet::new(),
            code_lines: None,
            allows_similar: false,
            is_output: false,
            head: None,
            hidden_names: HashSet::new(),
        };
        Self { inner: Arc::new(inner) }
    }
}

impl Inner {
    /// Whether so many parts are too many.
    pub(super) fn is_too_much(&self, parts: u32, own: u32) -> bool {
        let secret = self.secret & !own;
        let parts = parts & secret;
        let weight = |bits: u32| -> u32 {
            let of = self.weights.iter().enumerate();
            of.filter(|(at, _)| bits >> at & 1 == 1).map(|(_, weight)| weight).sum()
        };
        let much = |shown: u32, all: u32| shown > 0 && shown * 10 >= all * 6;
        much(parts.count_ones(), secret.count_ones()) || much(weight(parts), weight(secret))
    }

    /// The parts that a student has written. Of an output only whole lines count, since every word
    /// of the program may be part of it; of a quiz item nothing, since a guess is no knowledge.
    pub(super) fn parts_of_student(&self, text: &str) -> u32 {
        let mut parts = 0;
        each_line(text, |reading, line| {
            let alone = of_tokens(&reading.tokens[line.from..]);
            self.book.find(reading, line, |pattern| {
                let counts = match self.reason {
                    LeakReason::QuizAnswer => false,
                    LeakReason::ExpectedAnswer => pattern.is_all_of(alone),
                    LeakReason::Solution | LeakReason::CodeTooLong | LeakReason::Encoded => true,
                };
                parts |= if counts { pattern.parts } else { 0 };
            });
        });
        parts
    }
}

/// Reads a text line by line, each behind the ones before it.
pub(super) fn each_line(text: &str, mut read: impl FnMut(&Reading, LineAt)) {
    let mut reading = Reading::default();
    for line in text.lines() {
        reading.keep_last(64);
        let at = LineAt { from: reading.tokens.len(), indented: is_indented(line) };
        reading.line(&plain(line));
        read(&reading, at);
    }
}

/// Whether a line begins as a block does.
pub(super) fn is_indented(line: &str) -> bool {
    line.starts_with("  ") || line.starts_with('\t')
}

/// The tokens of a line.
pub(super) fn tokens(line: &str) -> Vec<Token> {
    let mut reading = Reading::default();
    reading.line(&plain(line));
    reading.tokens
}

/// What two lines have in common that differ only in their dress.
pub(super) fn fingerprint(line: &str) -> u32 {
    of_tokens(&tokens(line))
}

/// The same, of tokens.
pub(super) fn of_tokens(tokens: &[Token]) -> u32 {
    pattern::fingerprint(tokens.iter().map(|token| token.id))
}

/// The patterns of the parts that nobody has been told: a part that stands in the statement or in
/// the starter is no secret, and neither is what the starter shows under other names.
fn unspoken(parts: Vec<Part>, exercise: &Exercise) -> Vec<Pattern> {
    let is_output = exercise.kind == ExerciseKind::PredictOutput;
    let patterns: Vec<Pattern> = parts.into_iter().flat_map(|part| part.patterns).collect();
    let book = Book::new(patterns);
    let (mut told, mut open, mut inside) = (0, HashSet::new(), HashSet::new());
    if !is_output {
        // Of a program whose output is asked for, every word may be part of the output.
        each_line(&exercise.statement, |reading, line| {
            book.find(reading, line, |pattern| {
                told |= if pattern.is_plain() { pattern.parts } else { 0 }
            });
        });
        // A line of the starter that has a secret line in it tells only itself.
        let is_code = |line: &&str| !line.contains(BLANK) && !line.trim_start().starts_with('#');
        let starter = exercise.starter.lines().filter(is_code);
        each_line(&starter.collect::<Vec<_>>().join("\n"), |reading, line| {
            let alone = of_tokens(&reading.tokens[line.from..]);
            book.find(reading, line, |pattern| {
                if pattern.is_all_of(alone) || pattern.renamed {
                    open.insert(pattern.clone());
                } else if pattern.place == Place::Anywhere {
                    inside.insert(pattern.clone());
                }
            });
        });
    }
    let kept = book.patterns().iter().filter(|pattern| !open.contains(*pattern));
    kept.map(|pattern| {
        let place = if inside.contains(pattern) { Place::Line } else { pattern.place };
        pattern.at(place, pattern.parts & !told)
    })
    .filter(|pattern| pattern.parts != 0)
    .collect()
}

/// The lines of texts that were given.
fn known_lines(texts: &[&str]) -> HashSet<u32> {
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| fingerprint(line::content(line))).collect()
}

/// What the course shows everybody about the exercise's topic.
fn authored(course: &Course, exercise: &Exercise) -> Vec<String> {
    let Some(topic) = course.topic(&exercise.id.topic()) else { return Vec::new() };
    let mut texts: Vec<String> = topic
        .examples
        .iter()
        .flat_map(|example| [example.code.clone(), example.explanation.clone()])
        .collect();
    if let Some(explanations) = &topic.explanations {
        texts.extend([
            explanations.beginner.clone(),
            explanations.learning.clone(),
            explanations.proficient.clone(),
        ]);
    }
    texts.extend(topic.follow_ups.iter().map(|follow_up| follow_up.answer.clone()));
    texts
}

/// Names of a solution, and Python's words in it, turned by 13 letters or around.
fn hidden_names(solution: &str, always: &str) -> HashSet<u32> {
    let words = solution.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let mut hidden = HashSet::new();
    for name in words.chain(always.split(' ')).filter(|name| name.len() >= 2) {
        for turned in [super::plain::rotated(name), super::plain::reversed(name)] {
            if !turned.eq_ignore_ascii_case(name) {
                hidden.insert(id(&turned));
            }
        }
    }
    hidden
}
