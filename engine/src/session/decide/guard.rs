//! What an answer must not give away, and what the course says when the model can't keep it.

use super::Draft;
use super::start::Words;
use crate::course::CourseKey;
use crate::course::model::{Exercise, QuizItem};
use crate::event::practice::Practice;
use crate::session::input::Context;
use crate::session::state::{RunningTurn, State};
use crate::tutor::hint::{SOLUTION_RUNG, Standing};
use crate::tutor::leak::{Exposure, Guard, Secret};

/// Rewrites by the model before the course speaks.
const REWRITE_LIMIT: u8 = 1;
/// Of an exercise that the question doesn't name, only the solution is guarded: code may be shown.
const UNNAMED_RUNG: u8 = 4;

/// Whether the model has had its chances with the running turn.
pub(super) const fn is_given_up(state: &State) -> bool {
    state.rewrites > REWRITE_LIMIT
}

/// The guard of the running turn's answer; `None` when nothing is open. `items` are the quiz items
/// that the question is about.
pub(super) fn guard(
    state: &State,
    words: Words<'_>,
    items: &[&QuizItem],
    context: &Context<'_>,
) -> Option<Guard> {
    let secrets = secrets(state, items, context);
    if secrets.is_empty() {
        return None;
    }
    // What students wrote themselves is no secret to them.
    let mut own = vec![words.question];
    own.extend(words.code);
    for text in state.window.iter().filter_map(|kept| context.texts.get(kept.turn)) {
        own.push(&text.question);
        own.extend(text.code.as_deref());
    }
    Some(Guard::new(secrets, &own))
}

/// Takes down what an answer has shown of solutions.
pub(super) fn remember(
    draft: &mut Draft,
    running: &RunningTurn,
    answer: &str,
    context: &Context<'_>,
) {
    if answer.is_empty() {
        return;
    }
    let text = context.texts.get(running.turn).cloned().unwrap_or_default();
    let words = Words { question: &text.question, code: text.code.as_deref() };
    let items = asked_items(words, context);
    let Some(mut guard) = guard(&draft.state, words, &items, context) else { return };
    // It went through a guard like this one before it was said.
    drop((guard.push(answer), guard.finish()));
    for (key, shown) in guard.exposures() {
        if shown == draft.state.shown.of(key) {
            continue;
        }
        if let Some(exercise) = context.course.exercise_by_key(key) {
            let exercise = exercise.id.clone();
            draft.practised(Practice::Exposed { exercise, shown, at: context.now });
        }
    }
}

/// The exercise that the running turn is about, and the rung up to which its answer may help.
pub(super) fn open<'a>(state: &State, context: &Context<'a>) -> Option<(&'a Exercise, u8)> {
    let named = state.running.as_ref().and_then(|running| running.exercise);
    let key = named.or_else(|| state.open_exercise.filter(|_| state.rewrites > 0))?;
    let exercise = context.course.exercise_by_key(key)?;
    Some((exercise, state.ladders.rung(key)))
}

/// The quiz items that a question is about: the session doesn't know which one a page shows. The
/// course's own questions are offered to everybody, whatever they resemble.
pub(super) fn asked_items<'a>(words: Words<'_>, context: &Context<'a>) -> Vec<&'a QuizItem> {
    if words.code.is_none() && context.course.authored_question(words.question).is_some() {
        return Vec::new();
    }
    let code = words.code.unwrap_or_default();
    context.course.asked_items(&[words.question, code].join("\n"))
}

/// What the course says when even the rewritten answer gave too much away.
pub(super) fn in_place(state: &State, words: Words<'_>, context: &Context<'_>) -> String {
    if let Some((exercise, rung)) = open(state, context) {
        // A rung that was not earned is not shown; the nudge is what everybody may have.
        if let Some(hint) = exercise.hint(rung.clamp(1, SOLUTION_RUNG - 1)) {
            return format!(
                "I won't write this one for you, but I can help you to get there.\n\n{}\n\nTry a \
                 step and show me what you get.",
                hint.trim()
            );
        }
    }
    let stem = asked_items(words, context).first().map(|item| item.stem.trim());
    match stem {
        Some(stem) => format!(
            "That is a question of your quiz, so the choice is yours:\n\n> {stem}\n\nGo through \
             the options one by one and say what speaks against each. Once you have answered, you \
             see why it is right or wrong."
        ),
        None => {
            "I won't give this one away. Tell me what you have tried so far, and we go on from \
                 there."
                .to_owned()
        }
    }
}

fn secrets(state: &State, items: &[&QuizItem], context: &Context<'_>) -> Vec<Secret> {
    let named = state.running.as_ref().and_then(|running| running.exercise);
    let unnamed = state.open_exercise.filter(|key| named != Some(*key));
    let rung = |key: CourseKey| state.ladders.rung(key);
    let exercises = named
        .map(|key| (key, rung(key)))
        .into_iter()
        .chain(unnamed.map(|key| (key, rung(key).max(UNNAMED_RUNG))));
    let secret = |(key, rung): (CourseKey, u8)| {
        let exercise = context.course.exercise_by_key(key)?;
        let is_secret = rung < SOLUTION_RUNG && state.ladders.standing(key) == Standing::Open;
        let shown: Exposure = state.shown.of(key);
        is_secret.then(|| Secret::exercise(context.course, exercise, rung, shown))
    };
    exercises.filter_map(secret).chain(items.iter().copied().map(Secret::quiz)).collect()
}
