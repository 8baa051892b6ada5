//! Decisions on practice: quiz answers and submissions.

use super::{Draft, learn, struggle};
use crate::course::model::{Exercise, ExerciseId, ExerciseKind, ItemId};
use crate::error_code::ErrorCode;
use crate::event::practice::Practice;
use crate::grading;
use crate::id::CommandId;
use crate::progress::decide::{decide_exercise, decide_quiz};
use crate::progress::{Attempt, ExerciseEvidence, Pace, QuizEvidence};
use crate::session::effect::Effect;
use crate::session::input::Context;

/// A quiz item was answered.
pub(super) fn quiz(
    draft: &mut Draft,
    command: CommandId,
    (item, choice): (&ItemId, u8),
    context: &Context<'_>,
) {
    let Some(asked) = context.course.quiz_item(item) else {
        return refuse(draft, command, ErrorCode::UnknownItem, "the course has no such quiz item");
    };
    let Some(graded) = grading::quiz::grade(asked, choice) else {
        let detail = "`answer` is not the index of one of the item's options";
        return refuse(draft, command, ErrorCode::InvalidFrame, detail);
    };
    learn::streak(draft, context);
    draft.decision.texts.answer = Some(graded.said.to_owned());
    let answered = Practice::QuizAnswered {
        command,
        item: item.clone(),
        choice,
        answer: graded.answer,
        correctness: graded.correctness,
        misconception: graded.misconception.map(str::to_owned),
        at: context.now,
    };
    draft.learned(&answered, context);
    let topic = item.topic();
    let evidence =
        QuizEvidence { topic: topic.key(), item: item.key(), correctness: graded.correctness };
    let changes = decide_quiz(&draft.state.learning, evidence, context.now);
    learn::take_up(draft, &topic, &changes, context);
}

/// A solution was handed in. What can be graded by reading is graded at once.
pub(super) fn submit(
    draft: &mut Draft,
    command: CommandId,
    (id, answer): (&ExerciseId, Option<&str>),
    context: &Context<'_>,
) {
    let Some(exercise) = context.course.exercise(id) else {
        let detail = "the course has no such exercise";
        return refuse(draft, command, ErrorCode::UnknownExercise, detail);
    };
    match (exercise.kind, answer) {
        (ExerciseKind::PredictOutput, Some(answer)) => {
            predicted(draft, command, (exercise, answer), context);
        }
        (ExerciseKind::PredictOutput, None) => {
            let detail = "this exercise asks for what the program prints: send it as `answer`";
            refuse(draft, command, ErrorCode::InvalidFrame, detail);
        }
        (ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction, _) => {
            let detail = "this server can't run code yet; hints and questions work";
            refuse(draft, command, ErrorCode::NotOffered, detail);
        }
    }
}

fn predicted(
    draft: &mut Draft,
    command: CommandId,
    (exercise, answer): (&Exercise, &str),
    context: &Context<'_>,
) {
    let id = &exercise.id;
    learn::streak(draft, context);
    let attempt = draft.state.ladders.attempts(id.key()).saturating_add(1);
    let rung = draft.state.ladders.rung(id.key());
    draft.decision.texts.code = Some(answer.to_owned());
    draft.practised(Practice::Submitted {
        command,
        exercise: id.clone(),
        attempt,
        at: context.now,
    });
    struggle::opened(draft, id, context);
    let report = grading::exercise::grade_answer(exercise, answer);
    draft.decision.texts.answer = Some(report.said);
    let graded = Practice::Graded {
        command,
        exercise: id.clone(),
        points: report.points,
        passed_total: report.passed_total,
        tests_total: report.tests_total,
        attempt,
        rung,
        // Nothing was run.
        signature: None,
        misconception: report.misconception,
        at: context.now,
    };
    draft.learned(&graded, context);
    let topic = id.topic();
    let evidence = ExerciseEvidence {
        topic: topic.key(),
        exercise: id.key(),
        points: report.points,
        attempt: if attempt == 1 { Attempt::First } else { Attempt::Later },
        rung,
        pace: Pace::Unknown,
    };
    let changes = decide_exercise(&draft.state.learning, &evidence, context.now);
    learn::take_up(draft, &topic, &changes, context);
}

fn refuse(draft: &mut Draft, command: CommandId, code: ErrorCode, detail: &'static str) {
    draft.effect(Effect::Refused { command, code, detail, retry_ms: None });
}
