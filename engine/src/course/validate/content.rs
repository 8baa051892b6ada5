//! What a topic must hold before a student meets it.

use std::collections::{BTreeMap, BTreeSet};

use crate::course::fault::Faults;
use crate::course::id::is_part;
use crate::course::model::{
    AnswerKey, Exercise, ExerciseKind, Explanations, QuizItem, Topic, folded,
};

/// What a blank of a fill-in exercise looks like.
const BLANK: &str = "____";

/// Checks one topic.
pub(super) fn topic(
    topic: &Topic,
    misconceptions: &BTreeMap<&str, &Topic>,
    faults: &mut Faults<'_>,
) {
    text("title", &topic.title, faults);
    text("summary", &topic.summary, faults);
    words("keywords", &topic.keywords, faults);
    words("code_signs", &topic.code_signs, faults);
    if topic.keywords.is_empty() {
        faults.note("keywords", "there is none", "add words that students use for the topic");
    }
    count("suggested_questions", topic.suggested_questions.len(), 2, 4, faults);
    for question in topic.authored_questions() {
        text("follow_up or suggested_questions", question, faults);
    }
    if let Some(explanations) = &topic.explanations {
        complete(topic, explanations, faults);
    }
    for example in &topic.examples {
        let place = format!("example {:?}", example.title);
        for part in [&example.title, &example.code, &example.output, &example.explanation] {
            text(&place, part, faults);
        }
    }
    unique(topic.exercises.iter().map(|exercise| exercise.id.as_str()), "exercise", faults);
    unique(topic.quiz.iter().map(|item| item.id.as_str()), "quiz", faults);
    for misconception in &topic.misconceptions {
        let place = format!("misconception {}", misconception.id);
        text(&place, &misconception.description, faults);
        if !is_part(&misconception.id) {
            faults.note(&place, "its id has another shape", "use lower-case letters, digits, _");
        }
    }
    for exercise in &topic.exercises {
        check_exercise(exercise, misconceptions, faults);
    }
    for item in &topic.quiz {
        check_item(item, misconceptions, faults);
    }
}

/// What only a topic that isn't planned must hold.
fn complete(topic: &Topic, explanations: &Explanations, faults: &mut Faults<'_>) {
    let Explanations { beginner, learning, proficient } = explanations;
    text("explanations.beginner", beginner, faults);
    text("explanations.learning", learning, faults);
    text("explanations.proficient", proficient, faults);
    count("example", topic.examples.len(), 2, 12, faults);
    count("exercise", topic.exercises.len(), 3, 40, faults);
    count("quiz", topic.quiz.len(), 4, 60, faults);
    count("follow_up", topic.follow_ups.len(), 2, 3, faults);
    for follow_up in &topic.follow_ups {
        text(&format!("follow_up {:?}.answer", follow_up.ask), &follow_up.answer, faults);
    }
}

fn check_exercise(
    exercise: &Exercise,
    misconceptions: &BTreeMap<&str, &Topic>,
    faults: &mut Faults<'_>,
) {
    let place = format!("exercise {}", exercise.id);
    let AnswerKey { tests, solution, wrong } = &exercise.key;
    text(&format!("{place}.title"), &exercise.title, faults);
    text(&format!("{place}.statement"), &exercise.statement, faults);
    text(&format!("{place}.starter"), &exercise.starter, faults);
    text(&format!("{place}.solution"), solution, faults);
    for (rung, hint) in (1..).zip(&exercise.hints) {
        let place = format!("{place}.hints[{rung}]");
        text(&place, hint, faults);
        if solution.lines().count() > 1 && folded(hint).contains(&folded(solution)) {
            faults.note(&place, "it tells the whole solution", "show a similar problem instead");
        }
    }
    if !tests.iter().any(|test| !test.hidden) {
        faults.note(&format!("{place}.test"), "none is visible", "add one without hidden = true");
    }
    if tests.iter().any(|test| test.weight == 0) {
        faults.note(&format!("{place}.test"), "a weight is 0", "use 1 or more");
    }
    shape(exercise, &place, faults);
    if wrong.is_empty() {
        faults.note(&format!("{place}.wrong"), "there is none", "add a typical wrong solution");
    }
    for wrong in wrong {
        known(&wrong.misconception, &format!("{place}.wrong"), misconceptions, faults);
        if wrong.code.trim() == solution.trim() {
            faults.note(&format!("{place}.wrong"), "it is the solution", "make it fail a test");
        }
    }
}

/// What each kind of exercise needs beyond the others.
fn shape(exercise: &Exercise, place: &str, faults: &mut Faults<'_>) {
    let tests = &exercise.key.tests;
    match exercise.kind {
        ExerciseKind::FillIn => {
            if !exercise.starter.contains(BLANK) {
                faults.note(place, "its starter has no blank", "write ____ where code is missing");
            }
        }
        ExerciseKind::WriteFunction => {
            if tests.iter().any(|test| test.call.is_none()) {
                faults.note(place, "a test calls no function", "write call = \"name(1, 2)\"");
            }
        }
        ExerciseKind::PredictOutput => {
            let answer =
                tests.iter().all(|test| test.expect.trim() == exercise.key.solution.trim());
            if !answer || tests.iter().any(|test| test.call.is_some()) {
                faults.note(place, "a test expects another text", "expect what the solution says");
            }
        }
        ExerciseKind::BugFix => {
            if exercise.starter.trim() == exercise.key.solution.trim() {
                faults.note(place, "its starter has no bug", "plant one");
            }
        }
    }
}

fn check_item(item: &QuizItem, misconceptions: &BTreeMap<&str, &Topic>, faults: &mut Faults<'_>) {
    let place = format!("quiz {}", item.id);
    text(&format!("{place}.stem"), &item.stem, faults);
    count(&format!("{place}.options"), item.options.len(), 2, 6, faults);
    if item.correct >= item.options.len() {
        faults.note(
            &format!("{place}.correct"),
            "no option has this index",
            "count the options from 0",
        );
    }
    let mut texts = BTreeSet::new();
    for (index, option) in item.options.iter().enumerate() {
        let place = format!("{place}.options[{index}]");
        text(&place, &option.text, faults);
        if !texts.insert(option.text.trim()) {
            faults.note(&place, "it stands twice", "make each option different");
        }
        if index != item.correct && option.why.trim().is_empty() {
            faults.note(&place, "a wrong option has no explanation", "say in `why` what is wrong");
        }
        if let Some(misconception) = &option.misconception {
            known(misconception, &place, misconceptions, faults);
        }
    }
}

fn text(place: &str, text: &str, faults: &mut Faults<'_>) {
    if text.trim().is_empty() {
        faults.note(place, "it is empty", "write it");
    }
}

fn count(place: &str, count: usize, least: usize, most: usize, faults: &mut Faults<'_>) {
    if count < least || count > most {
        let problem = format!("there are {count}, not {least} to {most}");
        faults.note(place, problem, "add or take away");
    }
}

fn words(place: &str, words: &BTreeMap<String, u8>, faults: &mut Faults<'_>) {
    for (word, weight) in words {
        if word.trim().is_empty() || !(1..=10).contains(weight) {
            faults.note(
                &format!("{place}.{word:?}"),
                "it is empty or its weight is not 1 to 10",
                "write a word and a weight from 1 to 10",
            );
        }
    }
}

fn unique<'a>(ids: impl Iterator<Item = &'a str>, kind: &str, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            faults.note(&format!("{kind} {id}"), "its id stands twice", "give it another id");
        }
    }
}

fn known(
    misconception: &str,
    place: &str,
    misconceptions: &BTreeMap<&str, &Topic>,
    faults: &mut Faults<'_>,
) {
    if !misconceptions.contains_key(misconception) {
        faults.note(
            place,
            format!("{misconception:?} is not a misconception of this course"),
            "name one that a [[misconception]] describes",
        );
    }
}
