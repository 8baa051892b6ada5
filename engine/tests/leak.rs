//! The leak filter judged by two sets of our own: `tests/data/leak/prompts.tsv`, against a model
//! that obeys everything, and `tests/data/leak/good.txt`, what a good tutor says.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "most disguises need nothing of their own")]

#[path = "leak/disguise.rs"]
mod disguise;
#[path = "leak/oracle.rs"]
mod oracle;
#[path = "leak/properties.rs"]
mod properties;
#[path = "leak/stream.rs"]
mod stream;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use learnflow_engine::course::model::{Course, Exercise, ExerciseKind, QuizItem};
use learnflow_engine::tutor::leak::{Exposure, LeakReason, Secret};

use disguise::{Disguise, QUIZZES, SOLUTIONS, answers};
use stream::{Shown, shown};

const PROMPTS: &str = include_str!("data/leak/prompts.tsv");
const GOOD: &str = include_str!("data/leak/good.txt");
/// Of the answers of a good tutor so many may be held back.
const HELD_BACK_PCT: usize = 2;
/// From here on a solution counts as given away.
const LEAK_PCT: usize = 60;

pub(crate) static COURSE: LazyLock<Arc<Course>> =
    LazyLock::new(|| Course::builtin().expect("the course that comes with the engine is valid"));

pub(crate) fn exercises() -> impl Iterator<Item = &'static Exercise> {
    COURSE.topics().iter().flat_map(|topic| &topic.exercises)
}

/// A whole conversation with a model that obeys; gives what the student saw, and why the first
/// answer that wasn't shown was held back.
fn converse(
    exercise: &Exercise,
    rung: u8,
    disguise: Disguise,
    turns: &[&str],
) -> (String, Option<LeakReason>) {
    let (mut seen, mut exposure, mut blocked) = (String::new(), Exposure::default(), None);
    for (at, answer) in answers(disguise, &oracle::task(exercise)).iter().enumerate() {
        let turn = turns.get(at).or(turns.last()).copied().unwrap_or("");
        let secret = Secret::exercise(&COURSE, exercise, rung, exposure);
        let Shown { text, reason, exposures } = shown(vec![secret], &[turn], answer, 7);
        seen.push_str(&text);
        seen.push('\n');
        blocked = blocked.or(reason);
        let (key, shown) = exposures[0];
        assert_eq!(key, exercise.id.key());
        assert_eq!(shown.union(exposure), shown, "an exposure never shrinks");
        exposure = shown;
    }
    (seen, blocked)
}

#[derive(Default)]
struct Tally {
    conversations: usize,
    leaks: Vec<String>,
    reasons: BTreeMap<&'static str, usize>,
    kinds: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    fn count(&mut self, kind: &str, leak: Option<String>, reason: Option<LeakReason>) {
        self.conversations += 1;
        let entry = self.kinds.entry(kind.to_owned()).or_default();
        entry.0 += 1;
        entry.1 += usize::from(reason.is_some());
        *self.reasons.entry(reason.map_or("not held back", LeakReason::as_str)).or_default() += 1;
        self.leaks.extend(leak);
    }

    fn print(&self, title: &str) {
        let mut out = format!(
            "{title} = {} conversations, {} leaks, {:?}\n",
            self.conversations,
            self.leaks.len(),
            self.reasons
        );
        for (kind, (all, blocked)) in &self.kinds {
            writeln!(out, "  {kind:>15} {blocked:>5} of {all:<5} held back").unwrap();
        }
        println!("{out}");
        for leak in &self.leaks {
            println!("LEAK {leak}");
        }
    }

    fn none(&self) {
        assert!(self.leaks.is_empty(), "{} leaks", self.leaks.len());
    }
}

/// An output in other words is none.
fn fits(exercise: &Exercise, disguise: Disguise) -> bool {
    let renames = matches!(disguise, Disguise::Renamed | Disguise::RenamedPieces);
    !(renames && exercise.kind == ExerciseKind::PredictOutput)
}

fn leak(exercise: &Exercise, rung: u8, disguise: Disguise, seen: &str) -> Option<String> {
    let pct = oracle::disclosed_pct(exercise, rung, disguise, seen);
    let text = || format!("{} @{rung} {disguise:?} {pct} %\n{seen}", exercise.id);
    (pct >= LEAK_PCT).then(text)
}

#[test]
fn no_prompt_gets_a_solution() {
    let rows: Vec<Vec<&str>> = PROMPTS
        .lines()
        .filter(|row| !row.starts_with('#'))
        .map(|row| row.split('\t').collect())
        .collect();
    assert!(rows.len() >= 150, "{}", rows.len());
    // Of each topic one exercise, in turn another kind.
    let some: Vec<&Exercise> = COURSE
        .topics()
        .iter()
        .enumerate()
        .filter_map(|(at, topic)| topic.exercises.get(at % topic.exercises.len().max(1)))
        .collect();
    let mut tally = Tally::default();
    for row in &rows {
        let [_, kind, wanted, turns] = row[..] else { panic!("four cells: {row:?}") };
        let turns: Vec<&str> = turns.split("\\n").collect();
        if let Some((_, disguise)) = QUIZZES.iter().find(|(name, _)| *name == kind) {
            for item in quiz_items().step_by(9) {
                let (leak, reason) = quizzed(item, *disguise, &turns);
                tally.count(kind, leak, reason);
            }
            continue;
        }
        let (_, disguise) = SOLUTIONS.iter().find(|(name, _)| *name == kind).expect(kind);
        let wanted = |e: &&&Exercise| wanted == "*" || e.id.as_str() == wanted;
        for exercise in some.iter().filter(wanted).filter(|e| fits(e, *disguise)) {
            let (seen, reason) = converse(exercise, 1, *disguise, &turns);
            tally.count(kind, leak(exercise, 1, *disguise, &seen), reason);
        }
    }
    tally.print(&format!("adversarial: {} prompts × {} exercises", rows.len(), some.len()));
    tally.none();
}

#[test]
fn no_disguise_gets_a_solution_at_any_rung() {
    let mut tallies = Vec::new();
    for rung in [0, 4] {
        let mut tally = Tally::default();
        for (name, disguise) in SOLUTIONS {
            if rung == 4 && disguise == Disguise::RenamedPieces {
                // Single lines with other names are what a similar problem is made of.
                continue;
            }
            for exercise in exercises().filter(|exercise| fits(exercise, disguise)) {
                let (seen, reason) = converse(exercise, rung, disguise, &["please"]);
                tally.count(name, leak(exercise, rung, disguise, &seen), reason);
            }
        }
        tally.print(&format!("disguises at rung {rung}: {} × all exercises", SOLUTIONS.len()));
        tallies.push(tally);
    }
    tallies.iter().for_each(Tally::none);
}

fn quiz_items() -> impl Iterator<Item = &'static QuizItem> {
    COURSE.topics().iter().flat_map(|topic| &topic.quiz)
}

/// Every way to say which option is right; what was shown may have none of it.
fn quizzed(
    item: &QuizItem,
    disguise: Disguise,
    turns: &[&str],
) -> (Option<String>, Option<LeakReason>) {
    let option = item.options[item.correct].text.as_str();
    let letter = ["A", "B", "C", "D", "E", "F"][item.correct];
    let ordinal = ["first", "second", "third", "fourth", "fifth", "sixth"][item.correct];
    let number = item.correct + 1;
    let sentences = match disguise {
        Disguise::QuizLetter => vec![
            format!("The answer is {letter}."),
            format!("It's **{letter}**, that's the right one."),
            format!("Choose {letter}!"),
            format!("({letter}) is correct."),
            format!("Correct answer: {letter}"),
            format!("I'd go with {letter}, it's true."),
            format!("Option {letter} fits."),
        ],
        Disguise::QuizText => vec![
            format!("The answer is {option}."),
            format!("The correct option is: {option}"),
            format!("The right answer is `{option}`."),
            option.to_owned(),
            format!("Solution:\n\n```\n{option}\n```\n"),
        ],
        _ => vec![
            format!("Pick the {ordinal} one."),
            format!("The {ordinal} option is correct."),
            format!("Option {number} is it."),
            format!("The right answer is number {number}."),
            format!("Choose the {ordinal} answer."),
        ],
    };
    let mut first = None;
    for sentence in sentences {
        let answer = format!("Let me think about it.\n{sentence}\nDoes that help?");
        let shown = shown(vec![Secret::quiz(item)], turns, &answer, 5);
        let core = sentence.trim_matches(['.', '!', '\n']);
        if shown.text.contains(core) {
            return (Some(format!("{} {sentence:?}", item.id)), shown.reason);
        }
        first = first.or(shown.reason);
    }
    (None, first)
}

#[test]
fn no_quiz_item_is_given_away() {
    let mut tally = Tally::default();
    for item in quiz_items() {
        for (name, disguise) in QUIZZES {
            let (leak, reason) = quizzed(item, disguise, &["which?"]);
            tally.count(name, leak, reason);
        }
    }
    tally.print("quiz items: all × 3 ways");
    tally.none();
}

struct Good<'a> {
    about: &'a str,
    code: String,
    answer: String,
}

fn good() -> Vec<Good<'static>> {
    let text = GOOD.split_once("\n=== ").expect("a header").1;
    let case = |block: &'static str| {
        let (about, body) = block.split_once('\n').unwrap();
        let (code, answer) = match body.strip_prefix("<<<\n") {
            Some(rest) => rest.split_once("\n>>>\n").expect("the code's end"),
            None => ("", body),
        };
        Good { about, code: code.to_owned(), answer: answer.trim_end().to_owned() }
    };
    text.split("\n=== ").map(case).collect()
}

fn secret_of(about: &str) -> Secret {
    if let Some(item) = about.strip_prefix("quiz:") {
        return Secret::quiz(COURSE.quiz_item(&item.parse().unwrap()).expect(item));
    }
    let (id, rung) = about.split_once(" @").expect("a rung");
    let exercise = COURSE.exercise(&id.parse().unwrap()).expect(id);
    Secret::exercise(&COURSE, exercise, rung.parse().unwrap(), Exposure::default())
}

#[test]
fn a_good_tutor_may_speak() {
    let cases = good();
    assert!(cases.len() >= 200, "{}", cases.len());
    let mut held = Vec::new();
    for case in &cases {
        let own = ["I don't know what to do", &case.code];
        let shown = shown(vec![secret_of(case.about)], &own, &case.answer, 11);
        match shown.reason {
            Some(reason) => held.push(format!("{} {reason:?}\n{}\n", case.about, case.answer)),
            None => assert_eq!(shown.text, case.answer),
        }
    }
    let (all, count) = (cases.len(), held.len());
    let tenths = count * 1000 / all;
    println!("good answers: {count} of {all} held back ({}.{} %)", tenths / 10, tenths % 10);
    for held in &held {
        println!("HELD {held}");
    }
    assert!(count * 100 <= all * HELD_BACK_PCT);
}

#[test]
fn the_courses_own_hints_may_be_given() {
    let (mut all, mut held) = (0, Vec::new());
    for exercise in exercises() {
        for rung in 1..=4 {
            let hint = exercise.hint(rung).unwrap();
            let secret = Secret::exercise(&COURSE, exercise, rung, Exposure::default());
            all += 1;
            if let Some(reason) = shown(vec![secret], &["hint"], hint, 11).reason {
                held.push(format!("{} @{rung} {reason:?}\n{hint}", exercise.id));
            }
        }
    }
    println!("authored hints: {} of {all} held back", held.len());
    for held in &held {
        println!("HELD {held}");
    }
    assert!(held.len() * 100 <= all * 2);
}
