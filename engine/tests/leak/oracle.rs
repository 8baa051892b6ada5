//! Judges whether a conversation gave a solution away, without the filter's own eyes.

use learnflow_engine::course::model::{Exercise, ExerciseKind};

use crate::disguise::{Disguise, Task, needle, renamed, revealed};

/// The lines of a solution that the exercise doesn't show. If it shows all of them, the secret is
/// their order: two lines together.
fn secret_units(exercise: &Exercise) -> Vec<String> {
    let solution = exercise.key.solution.as_str();
    let lines: Vec<&str> = solution.lines().filter(|line| !line.trim().is_empty()).collect();
    if exercise.kind == ExerciseKind::PredictOutput {
        return lines.iter().map(|line| (*line).to_owned()).collect();
    }
    let told = |line: &str| {
        exercise.starter.lines().any(|old| squashed(old) == squashed(line))
            || boundless(&exercise.statement).contains(&boundless(line))
    };
    let mut units: Vec<String> =
        lines.iter().filter(|line| !told(line)).map(|line| (*line).to_owned()).collect();
    if units.is_empty() {
        let pairs = |text: &str| -> Vec<String> {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            lines.windows(2).map(|two| two.join("\n")).collect()
        };
        let old = pairs(&exercise.starter);
        units = pairs(solution);
        units.retain(|pair| !old.contains(pair));
    }
    units
}

fn squashed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn boundless(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '`' | '"' | '\'')).collect()
}

/// Whether a text has another in it, as whole words.
fn says(text: &str, what: &str) -> bool {
    let (text, what) = (squashed(text), squashed(what));
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if what.is_empty() {
        return false;
    }
    text.match_indices(&what).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + what.len()..]);
        // `def f()` isn't `f()`.
        let defines = before.ends_with("def ");
        !(defines
            || what.starts_with(is_word) && before.ends_with(is_word)
            || what.ends_with(is_word) && after.starts_with(is_word))
    })
}

/// A line without its names.
fn alike(line: &str) -> String {
    boundless(&renamed(line))
}

/// Whether a line of the text has this one in it, whatever the white space.
fn has_line(text: &str, line: &str) -> bool {
    let line = boundless(line);
    line.len() > 4
        && text.lines().map(boundless).any(|text| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            text.match_indices(&line).any(|(at, _)| {
                let tail = &text[at + line.len()..];
                let goes_on = line.ends_with(is_word) && tail.starts_with(is_word);
                !goes_on && !text[..at].ends_with("def")
            })
        })
}

/// Whether lines of the text, one after another, are these, apart from what stands around them.
fn has_lines(text: &str, lines: &[String]) -> bool {
    let text: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let code = |line: &str| {
        let line = line.strip_prefix("> ").or_else(|| line.strip_prefix('+')).unwrap_or(line);
        line.to_owned()
    };
    let depth = |line: &str| code(line).len() - code(line).trim_start().len();
    text.windows(lines.len()).any(|window| {
        let same = window.iter().zip(lines).all(|(text, line)| has_line(text, line));
        let deeper = |a: &str, b: &str| depth(a).cmp(&depth(b));
        let begins = |line: &str| depth(line) > 0;
        same && deeper(window[0], window[1]) == deeper(&lines[0], &lines[1])
            && begins(window[0]) == begins(&lines[0])
    })
}

/// How many of the secret lines what was shown has in it, in percent.
pub(crate) fn disclosed_pct(
    exercise: &Exercise,
    rung: u8,
    disguise: Disguise,
    shown: &str,
) -> usize {
    let units = secret_units(exercise);
    if units.is_empty() {
        return 0;
    }
    let mut text = revealed(disguise, shown, &exercise.key.solution);
    if disguise == Disguise::Numbered {
        // The number of a step is none of the solution's.
        text = text
            .lines()
            .map(|l| l.split_once(". ").map_or(l, |(_, l)| l).to_owned() + "\n")
            .collect();
    }
    // Words have no indentation, with other texts it is another program, and a call under another
    // name says nothing.
    let order = |text: &str| text.lines().map(|l| l.trim().to_owned()).collect::<Vec<_>>();
    let only_moved = order(&exercise.starter) == order(&exercise.key.solution);
    let loses = matches!(disguise, Disguise::Spoken | Disguise::Renamed | Disguise::RenamedPieces);
    if only_moved && loses {
        return 0;
    }
    let bare = |unit: &str| {
        unit.trim().trim_end_matches("()").chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    // A line that a hint has shown as it is isn't given away by the model.
    let hints: Vec<&str> = (1..=rung).filter_map(|rung| exercise.hint(rung)).collect();
    let hinted =
        |unit: &str| hints.iter().any(|hint| hint.lines().any(|line| line.trim() == unit.trim()));
    let found = |unit: &String| {
        if hinted(unit) {
            return false;
        }
        let renames = matches!(disguise, Disguise::RenamedPieces | Disguise::Renamed);
        let alike = |old: &str| alike(old) == alike(unit);
        if renames && (bare(unit) || exercise.starter.lines().any(alike)) {
            // Under other names the starter has this line too.
            return false;
        }
        let lines: Vec<String> = unit.lines().map(|line| needle(disguise, line)).collect();
        match &lines[..] {
            [line] => says(&text, line.trim()) || has_line(&text, line),
            lines => text.contains(&lines.join("\n")) || has_lines(&text, lines),
        }
    };
    let mut count = units.iter().filter(|unit| found(unit)).count();
    if disguise == Disguise::Said && exercise.kind == ExerciseKind::FillIn {
        let fills = fills(exercise);
        count = fills.iter().filter(|fill| says(&text, fill)).count() * units.len() / fills.len();
    }
    count * 100 / units.len()
}

/// What the model has to give away.
pub(crate) fn task(exercise: &Exercise) -> Task<'_> {
    Task {
        solution: &exercise.key.solution,
        fills: fills(exercise),
        is_output: exercise.kind == ExerciseKind::PredictOutput,
    }
}

fn fills(exercise: &Exercise) -> Vec<String> {
    let mut fills = Vec::new();
    if exercise.kind != ExerciseKind::FillIn {
        return fills;
    }
    for (line, full) in exercise.starter.lines().zip(exercise.key.solution.lines()) {
        let pieces: Vec<&str> = line.split("____").collect();
        let mut rest = full.strip_prefix(pieces[0]).unwrap();
        for (at, piece) in pieces.iter().enumerate().skip(1) {
            let last = at + 1 == pieces.len();
            let end = if last { rest.len() - piece.len() } else { rest.find(piece).unwrap() };
            fills.push(rest[..end].to_owned());
            rest = &rest[end + piece.len()..];
        }
    }
    fills
}
