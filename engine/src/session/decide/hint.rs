//! Decisions on hints: the ladder says which rung, the course says the words.

use super::{Draft, completion, learn, struggle};
use crate::course::model::{Exercise, ExerciseId, ExerciseKind};
use crate::error_code::ErrorCode;
use crate::event::practice::{Climb, Practice};
use crate::id::{CommandId, TurnId};
use crate::session::effect::Effect;
use crate::session::input::Context;
use crate::tutor::hint::{Given, SOLUTION_RUNG};
use crate::tutor::prompt::estimated_tokens;

/// A hint was asked for: a turn that begins and ends in this step, without a model.
pub(super) fn hint(draft: &mut Draft, command: CommandId, id: &ExerciseId, context: &Context<'_>) {
    let Some(exercise) = context.course.exercise(id) else {
        draft.effect(Effect::Refused {
            command,
            code: ErrorCode::UnknownExercise,
            detail: "the course has no such exercise",
            retry_ms: None,
        });
        return;
    };
    let policy = draft.state.profile.as_ref().map(|profile| profile.policy).unwrap_or_default();
    let given = draft.state.ladders.ask(id.key(), policy, context.now);
    let (climb, wait_ms) = match given {
        Given::Climbed { .. } => (Climb::Climbed, 0),
        Given::Repeated { wait_ms, .. } => (Climb::Repeated, wait_ms.unwrap_or(0)),
    };
    let turn = TurnId::from_seed(context.now, context.seed);
    let question = format!("A hint for \u{201c}{}\u{201d}, please.", exercise.title);
    let text = words(exercise, given);
    let tokens = estimated_tokens(&question).saturating_add(estimated_tokens(&text));
    // Its frames are the first of the step: the text is said before the last of them.
    let given = Practice::HintGiven {
        turn,
        command,
        exercise: id.clone(),
        rung: given.rung(),
        climb,
        wait_ms,
        tokens,
        at: context.now,
    };
    draft.learned(&given, context);
    draft.decision.texts.question = Some(question);
    draft.decision.texts.answer = Some(text.clone());
    draft.effect(Effect::SayWithin { turn, text });
    struggle::opened(draft, id, context);
    learn::streak(draft, context);
    completion::fold_after(draft, turn, context);
}

/// What the course says at this rung.
fn words(exercise: &Exercise, given: Given) -> String {
    let rung = given.rung();
    let hint = match exercise.hint(rung) {
        Some(hint) => hint.trim().to_owned(),
        None => solution(exercise),
    };
    match given {
        Given::Repeated { wait_ms: Some(wait_ms), .. } => {
            let seconds = wait_ms.div_ceil(1_000);
            format!(
                "{hint}\n\n*Try something first: the next hint opens after another attempt, or in \
                 {seconds} s.*"
            )
        }
        Given::Repeated { wait_ms: None, .. } if rung < SOLUTION_RUNG => format!(
            "{hint}\n\n*That is as far as hints go for now. Try it, and ask me about what you see.*"
        ),
        Given::Climbed { .. } | Given::Repeated { wait_ms: None, .. } => hint,
    }
}

/// Rung 5, which only the ladder gives.
fn solution(exercise: &Exercise) -> String {
    let solution = exercise.key.solution.trim_end();
    match exercise.kind {
        ExerciseKind::PredictOutput => format!(
            "This is what the program prints:\n\n```text\n{solution}\n```\n\nGo through it line by \
             line until you see why, then try a similar one without help."
        ),
        ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction => format!(
            "Here is one way to solve it:\n\n```python\n{solution}\n```\n\nRead it line by line and \
             say what each line is for. Then close it and write it again by yourself."
        ),
    }
}
