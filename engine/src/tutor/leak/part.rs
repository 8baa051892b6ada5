//! Takes a solution apart: which parts it has, and what shows each.

use super::pattern::{Pattern, Place};
use super::secret::{fingerprint, is_indented, tokens};
use super::token::{Kind, Token};
use super::word::{ANSWER, CHANGE, CHOOSE, Cues, FILL, OUTPUT, id};
use crate::course::model::{Exercise, ExerciseKind, QuizItem};

/// Parts that are told apart; later lines of a longer solution share the last ones.
const PARTS: usize = 32;
/// What a line must say besides names to be known by other names.
const ENOUGH: usize = 3;
/// The same where the line stands alone.
const ENOUGH_ALONE: usize = 1;
/// The same for two lines together.
const ENOUGH_OF_TWO: usize = 5;
/// A run of so many tokens is known wherever it stands; a shorter one only alone on its line.
const RUN: usize = 3;
/// Where a fill-in exercise has its blanks.
pub(super) const BLANK: &str = "____";

/// A part of a secret.
#[derive(Debug)]
pub(super) struct Part {
    /// How much it says.
    pub(super) weight: u32,
    /// What shows it.
    pub(super) patterns: Vec<Pattern>,
}

/// The parts of an exercise's solution.
pub(super) fn of_exercise(exercise: &Exercise) -> Vec<Part> {
    let solution = exercise.key.solution.as_str();
    match exercise.kind {
        ExerciseKind::PredictOutput => outputs(solution, &exercise.starter),
        ExerciseKind::FillIn => blanks(&exercise.starter, solution),
        ExerciseKind::BugFix | ExerciseKind::WriteFunction => {
            let parts = lines(solution, &exercise.starter);
            if !parts.is_empty() {
                return parts;
            }
            let parts = neighbours(solution, &exercise.starter);
            if parts.is_empty() { indents(solution, &exercise.starter) } else { parts }
        }
    }
}

/// What says which option of a quiz item is right.
pub(super) fn of_quiz(item: &QuizItem) -> Vec<Pattern> {
    const SAID: Cues = ANSWER | CHOOSE | OUTPUT;
    const NAMES: [&str; 6] = ["option", "answer", "choice", "number", "possibility", "letter"];
    const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    const LETTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let mut patterns = Vec::new();
    if let Some(option) = item.options.get(item.correct) {
        let text = tokens(&option.text);
        patterns.extend(Pattern::exact(&text, Place::Line, 1));
        patterns.extend(Pattern::exact(&text, Place::Said(SAID), 1));
        if text.len() > 4 && !item.stem.contains(&option.text) {
            patterns.extend(Pattern::exact(&text, Place::Anywhere, 1));
        }
    }
    let (Some(letter), Some(ordinal)) = (LETTERS.get(item.correct), ORDINALS.get(item.correct))
    else {
        return patterns;
    };
    patterns.push(Pattern::letter(id(letter), ANSWER | CHOOSE, 1));
    let number = (item.correct + 1).to_string();
    for name in NAMES {
        for said in [format!("{name} {letter}"), format!("{name} {number}")] {
            patterns.extend(Pattern::exact(&tokens(&said), Place::Anywhere, 1));
        }
    }
    for noun in ["option", "one", "answer", "choice", "possibility", "alternative"] {
        let said = tokens(&format!("{ordinal} {noun}"));
        patterns.extend(Pattern::exact(&said, Place::Near(ANSWER | CHOOSE), 1));
    }
    patterns
}

/// One bit of 32; a solution with more parts shares bits.
fn bit(at: usize, count: usize) -> u32 {
    let at = if count > PARTS { at * PARTS / count } else { at };
    1_u32.checked_shl(u32::try_from(at).unwrap_or(0)).unwrap_or(1)
}

fn weight(tokens: &[Token]) -> u32 {
    u32::try_from(tokens.len()).unwrap_or(1).min(12)
}

/// Lines of code that aren't blank or a comment.
fn code(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).collect()
}

/// What shows a line as it is: the run of its tokens, or the line alone.
fn shown(tokens: &[Token], parts: u32) -> Option<Pattern> {
    let place = if tokens.len() >= RUN { Place::Anywhere } else { Place::Line };
    Pattern::exact(tokens, place, parts)
}

/// `len(x)` as `x.length`.
fn with_length(tokens: &[Token]) -> Option<Vec<Token>> {
    let at = tokens.iter().position(|token| token.id == id("len"))?;
    let name = *tokens.get(at + 1)?;
    let sign = |word: &str| Token { id: id(word), kind: Kind::Kept, ..name };
    let mut tokens = tokens.to_vec();
    tokens.splice(at..at + 2, [name, sign("."), Token { kind: Kind::Name, ..sign("length") }]);
    Some(tokens)
}

/// The lines that the starter doesn't have.
fn lines(solution: &str, starter: &str) -> Vec<Part> {
    let all = code(solution);
    let old: Vec<Vec<Token>> = code(starter).into_iter().map(tokens).collect();
    let is_old = |line: &str| old.iter().any(|old| ids(old) == ids(&tokens(line)));
    let secret: Vec<usize> = (0..all.len()).filter(|at| !is_old(all[*at])).collect();
    let mut parts = Vec::new();
    for (number, &at) in secret.iter().enumerate() {
        let parts_bit = bit(number, secret.len());
        let line = tokens(all[at]);
        let mut patterns: Vec<Pattern> = shown(&line, parts_bit).into_iter().collect();
        patterns.extend(Pattern::renamed(&line, ENOUGH_ALONE, Place::Line, parts_bit));
        patterns.extend(renamed(&all, at, parts_bit));
        patterns.extend(changes(&line, &old, parts_bit));
        patterns.extend(with_length(&line).and_then(|line| shown(&line, parts_bit)));
        parts.push(Part { weight: weight(&line), patterns });
    }
    parts
}

/// What shows a line under other names: itself, or it and a neighbour if it says little itself.
fn renamed(all: &[&str], at: usize, parts: u32) -> Vec<Pattern> {
    let line = |at: usize| all.get(at).map(|line| tokens(line));
    let Some(itself) = line(at) else { return Vec::new() };
    let before = at.checked_sub(1).and_then(line).map(|before| [before, itself.clone()].concat());
    let after = line(at + 1).map(|after| [itself.clone(), after].concat());
    let pairs = [before, after].into_iter().flatten();
    let pairs =
        pairs.filter_map(|two| Pattern::renamed(&two, ENOUGH_OF_TWO, Place::Anywhere, parts));
    Pattern::renamed(&itself, ENOUGH, Place::Anywhere, parts).into_iter().chain(pairs).collect()
}

/// What is different in a line from the old one that is most like it, if it is a word or two.
fn changes(line: &[Token], old: &[Vec<Token>], parts: u32) -> Option<Pattern> {
    let common = |old: &Vec<Token>| {
        line.iter().filter(|token| old.iter().any(|other| other.id == token.id)).count()
    };
    let nearest =
        old.iter().max_by_key(|old| common(old)).filter(|old| common(old) * 2 >= line.len());
    let differs = |token: &&Token| !nearest.is_some_and(|old| old.iter().any(|o| o.id == token.id));
    let new: Vec<Token> = line.iter().filter(differs).copied().collect();
    let few = nearest.is_some() || line.len() == 1;
    let fits =
        few && matches!(new.len(), 1 | 2) && new.iter().any(|token| token.kind == Kind::Kept);
    if fits { Pattern::exact(&new, Place::Said(CHANGE), parts) } else { None }
}

fn ids(tokens: &[Token]) -> Vec<u32> {
    tokens.iter().map(|token| token.id).collect()
}

/// Two lines that follow each other only in the solution: the secret is their order.
fn neighbours(solution: &str, starter: &str) -> Vec<Part> {
    let pairs = |text: &str| -> Vec<Vec<Token>> {
        code(text).windows(2).map(|two| [tokens(two[0]), tokens(two[1])].concat()).collect()
    };
    let old = pairs(starter);
    let mut new = pairs(solution);
    new.retain(|pair| old.iter().all(|old| ids(old) != ids(pair)));
    let count = new.len();
    let part = |(at, pair): (usize, Vec<Token>)| {
        let parts = bit(at, count);
        let mut patterns: Vec<Pattern> =
            Pattern::exact(&pair, Place::Anywhere, parts).into_iter().collect();
        patterns.extend(Pattern::renamed(&pair, ENOUGH, Place::Anywhere, parts));
        Part { weight: weight(&pair), patterns }
    };
    new.into_iter().enumerate().map(part).collect()
}

/// Lines that are indented only in the solution.
fn indents(solution: &str, starter: &str) -> Vec<Part> {
    let flat = |line: &str| {
        let same = |old: &&str| !is_indented(old) && fingerprint(old) == fingerprint(line);
        code(starter).iter().any(same)
    };
    let moved: Vec<&str> =
        code(solution).into_iter().filter(|line| is_indented(line) && flat(line)).collect();
    let count = moved.len();
    let part = |(at, line): (usize, &str)| {
        let line = tokens(line);
        let pattern = Pattern::exact(&line, Place::IndentedLine, bit(at, count));
        Part { weight: weight(&line), patterns: pattern.into_iter().collect() }
    };
    moved.into_iter().enumerate().map(part).collect()
}

/// What stands in each blank.
fn blanks(starter: &str, solution: &str) -> Vec<Part> {
    let is_code = |line: &&str| !line.trim().is_empty();
    let all: Vec<&str> = solution.lines().filter(is_code).collect();
    let count = starter.matches(BLANK).count();
    let mut parts: Vec<Part> = Vec::new();
    for (at, line) in starter.lines().filter(is_code).enumerate() {
        let Some(whole_line) = all.get(at).filter(|_| line.contains(BLANK)) else { continue };
        let answers = filled(line, whole_line);
        let first = parts.len();
        let both = (first..first + answers.len()).fold(0, |both, at| both | bit(at, count));
        let full = tokens(whole_line);
        let mut whole: Vec<Pattern> = shown(&full, both).into_iter().collect();
        whole.extend(Pattern::renamed(&full, ENOUGH_ALONE, Place::Line, both));
        whole.extend(renamed(&all, at, both));
        for (place, answer) in answers.iter().enumerate() {
            let parts_bit = bit(first + place, count);
            let mut patterns = std::mem::take(&mut whole);
            let words = tokens(answer);
            patterns.extend(Pattern::exact(&words, Place::Said(FILL | ANSWER), parts_bit));
            patterns.extend(Pattern::exact(&words, Place::Line, parts_bit));
            parts.push(Part { weight: 1, patterns });
        }
    }
    parts
}

/// The texts that stand in a line where the starter has blanks.
fn filled<'a>(line: &str, full: &'a str) -> Vec<&'a str> {
    let mut pieces = line.split(BLANK);
    let mut rest = full.strip_prefix(pieces.next().unwrap_or("")).unwrap_or(full);
    let mut fills = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let end = if pieces.peek().is_none() { rest.rfind(piece) } else { rest.find(piece) };
        let end = if piece.is_empty() { rest.len() } else { end.unwrap_or(rest.len()) };
        fills.push(&rest[..end]);
        rest = rest.get(end + piece.len()..).unwrap_or("");
    }
    fills
}

/// The lines that a program prints.
fn outputs(printed: &str, program: &str) -> Vec<Part> {
    let lines: Vec<&str> = printed.lines().filter(|line| !tokens(line).is_empty()).collect();
    let count = lines.len();
    let all = (0..count).fold(0, |all, at| all | bit(at, count));
    let whole = tokens(&printed.replace('\n', " "));
    let mut whole: Vec<Pattern> = if whole.len() >= RUN {
        Pattern::exact(&whole, Place::Anywhere, all).into_iter().collect()
    } else {
        Vec::new()
    };
    let part = |(at, line): (usize, &&str)| {
        let parts = bit(at, count);
        let mut patterns = std::mem::take(&mut whole);
        let words = tokens(line);
        patterns.extend(Pattern::exact(&words, Place::Line, parts));
        patterns.extend(Pattern::exact(&words, Place::Said(OUTPUT | ANSWER), parts));
        // A word that the program has between quotes tells less than a result.
        let stands_there = program.contains(&format!("\"{line}\""));
        Part { weight: u32::from(!stands_there), patterns }
    };
    lines.iter().enumerate().map(part).collect()
}
