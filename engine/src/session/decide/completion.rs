//! Decisions on what comes back from the model, and on what doesn't.

use super::start::{self, JustEnded, Words};
use super::{Draft, guard, quota};
use crate::error_code::ErrorCode;
use crate::event::practice::Practice;
use crate::event::v1::{AttemptCause, Event, Timer, TurnStatus};
use crate::id::TurnId;
use crate::port::model::{AnswerSource, FinishReason, ModelError, Usage};
use crate::session::effect::Effect;
use crate::session::input::{Context, HandOver};
use crate::session::state::{RunningTurn, WINDOW_LIMIT};
use crate::tutor::authored;
use crate::tutor::leak::LeakReason;
use crate::tutor::offline::{self, OfflineBrief};
use crate::tutor::prompt::estimated_tokens;
use crate::tutor::triage::Route;

/// Owners that may die with a turn before it is given up.
const CRASH_LIMIT: i16 = 3;
/// Streams that may be cut within a turn's answer before it is given up.
const CUT_LIMIT: i16 = 1;
/// Characters of a question, and of an answer, that go into the summary.
const EXTRACT_CHARS: usize = 90;

/// How an answer ended.
pub(super) struct End {
    pub(super) reason: FinishReason,
    pub(super) usage: Option<Usage>,
    pub(super) source: AnswerSource,
}

/// Who answered a turn, and why it is what it is.
struct Outcome {
    status: TurnStatus,
    source: Option<AnswerSource>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    code: Option<ErrorCode>,
}

pub(super) fn piece(
    draft: &mut Draft,
    attempt_of: (TurnId, i16),
    text: &str,
    context: &Context<'_>,
) {
    if running(draft, attempt_of).is_some() && !text.is_empty() {
        let (turn, attempt) = attempt_of;
        let from = context.texts.streamed_chars();
        draft.effect(Effect::Token { turn, attempt, from, text: text.to_owned() });
    }
}

pub(super) fn finished(
    draft: &mut Draft,
    attempt_of: (TurnId, i16),
    end: &End,
    context: &Context<'_>,
) {
    let Some(running) = running(draft, attempt_of) else { return };
    if is_silent(context) {
        return fall_back(draft, &running, ErrorCode::ModelRefused, context);
    }
    match end.reason {
        FinishReason::Stop | FinishReason::Length => {}
        // What was withheld is not an answer.
        FinishReason::ContentFilter => {
            return fail(draft, &running, ErrorCode::ModelRefused, context);
        }
    }
    let outcome = Outcome {
        status: TurnStatus::Complete,
        source: Some(end.source),
        finish: Some(end.reason),
        usage: end.usage,
        code: None,
    };
    close(draft, &running, context.texts.streamed(), &outcome, context);
}

pub(super) fn failed(
    draft: &mut Draft,
    attempt_of: (TurnId, i16),
    error: ModelError,
    context: &Context<'_>,
) {
    let Some(running) = running(draft, attempt_of) else { return };
    if is_silent(context) {
        return fall_back(draft, &running, code_of(error), context);
    }
    // A cut is found at once, so one more attempt still ends in time; silence has used it up.
    if error == ModelError::Cut && running.cuts < CUT_LIMIT {
        return again(draft, &running, AttemptCause::StreamCut, context);
    }
    fail(draft, &running, code_of(error), context);
}

/// The answer would have given something away: it is written once more, and then the course
/// speaks.
pub(super) fn guarded(
    draft: &mut Draft,
    attempt_of: (TurnId, i16),
    reason: LeakReason,
    context: &Context<'_>,
) {
    let Some(running) = running(draft, attempt_of) else { return };
    let (turn, attempt) = attempt_of;
    draft.practised(Practice::AnswerGuarded { turn, attempt, reason, at: context.now });
    again(draft, &running, AttemptCause::Rewrite, context);
}

pub(super) fn recovered(
    draft: &mut Draft,
    turn: TurnId,
    handed_over: HandOver,
    context: &Context<'_>,
) {
    let Some(running) = draft.state.running.clone().filter(|r| r.turn == turn) else { return };
    let cause = match handed_over {
        HandOver::Clean => AttemptCause::HandOver,
        HandOver::Crashed => AttemptCause::Crash,
    };
    if cause == AttemptCause::Crash && running.crashes + 1 >= CRASH_LIMIT {
        draft.effect(Effect::Abandoned { turn });
        return fail(draft, &running, ErrorCode::TurnAbandoned, context);
    }
    again(draft, &running, cause, context);
}

pub(super) fn cancelled(draft: &mut Draft, turn: TurnId, context: &Context<'_>) {
    let outcome = Outcome {
        status: TurnStatus::Cancelled,
        source: None,
        finish: None,
        usage: None,
        code: None,
    };
    if let Some(running) = draft.state.running.clone().filter(|running| running.turn == turn) {
        draft.effect(Effect::StopModel { turn });
        close(draft, &running, context.texts.streamed(), &outcome, context);
    } else if let Some(asked_at) =
        draft.state.queue.iter().find(|queued| queued.turn == turn).map(|queued| queued.asked_at)
    {
        draft.emit(Event::Ended {
            turn,
            status: TurnStatus::Cancelled,
            agent: None,
            source: None,
            finish: None,
            usage: None,
            tokens: 0,
            ms: context.now.millis_since(asked_at),
            code: None,
            at: context.now,
        });
    }
}

pub(super) fn overdue(draft: &mut Draft, turn: TurnId, context: &Context<'_>) {
    let Some(running) = draft.state.running.clone().filter(|r| r.turn == turn) else { return };
    draft.effect(Effect::StopModel { turn });
    fail(draft, &running, ErrorCode::ModelTimeout, context);
}

/// The running turn, if this is its present attempt.
fn running(draft: &Draft, (turn, attempt): (TurnId, i16)) -> Option<RunningTurn> {
    draft
        .state
        .running
        .as_ref()
        .filter(|running| running.turn == turn && running.attempt == attempt)
        .cloned()
}

/// Whether the present attempt has said nothing, or nothing but white space.
fn is_silent(context: &Context<'_>) -> bool {
    context.texts.streamed().trim().is_empty()
}

/// Raises the attempt and calls again. The new attempt has the whole time of an attempt: time
/// without an owner doesn't count against it.
fn again(draft: &mut Draft, running: &RunningTurn, cause: AttemptCause, context: &Context<'_>) {
    guard::remember(draft, running, context.texts.streamed(), context);
    let attempt = running.attempt.saturating_add(1);
    draft.emit(Event::AttemptRaised { turn: running.turn, attempt, cause });
    let due = context.clock.plus_millis(context.limits.overdue_ms);
    draft.emit(Event::TimerSet { timer: Timer::TurnOverdue(running.turn), due });
    let text = context.texts.get(running.turn).cloned().unwrap_or_default();
    let words = Words { question: &text.question, code: text.code.as_deref() };
    if let Some(route) = start::route_again(&draft.state, words, context) {
        start::call(draft, &route, words, None, context);
    }
}

/// The model said nothing: the course's own text comes in its place, and says so.
fn fall_back(draft: &mut Draft, running: &RunningTurn, code: ErrorCode, context: &Context<'_>) {
    let route = Route {
        agent: running.agent,
        topic: running.topic.clone(),
        confidence_pct: running.confidence_pct,
        options: Vec::new(),
    };
    let text = context.texts.get(running.turn).cloned().unwrap_or_default();
    let brief = OfflineBrief {
        route: &route,
        text: &text.question,
        code: text.code.as_deref(),
        previous: None,
        level: authored::level(&draft.state.learning, route.topic.as_ref()),
    };
    let help = offline::degraded(context.course, &brief);
    draft.effect(Effect::Token {
        turn: running.turn,
        attempt: running.attempt,
        from: 0,
        text: help.clone(),
    });
    let outcome = Outcome {
        status: TurnStatus::Complete,
        source: Some(AnswerSource::Authored),
        finish: None,
        usage: None,
        code: Some(code),
    };
    close(draft, running, &help, &outcome, context);
}

fn fail(draft: &mut Draft, running: &RunningTurn, code: ErrorCode, context: &Context<'_>) {
    let kept = context.texts.streamed();
    let outcome = Outcome {
        status: TurnStatus::Failed,
        source: None,
        finish: None,
        usage: None,
        code: Some(code),
    };
    close(draft, running, kept, &outcome, context);
}

/// Ends the running turn, folds what no longer fits into the window, starts the next.
fn close(
    draft: &mut Draft,
    running: &RunningTurn,
    answer: &str,
    outcome: &Outcome,
    context: &Context<'_>,
) {
    let Outcome { status, source, finish, usage, code } = *outcome;
    match source {
        // The course's own words show nothing that is a secret.
        Some(AnswerSource::Authored | AnswerSource::Offline) => {}
        Some(AnswerSource::Model | AnswerSource::Cache) | None => {
            guard::remember(draft, running, answer, context);
        }
    }
    draft.emit(Event::Ended {
        turn: running.turn,
        status,
        agent: Some(running.agent),
        source,
        finish,
        usage,
        tokens: estimated_tokens(answer),
        ms: context.now.millis_since(running.asked_at),
        code,
        at: context.now,
    });
    if source == Some(AnswerSource::Model) {
        quota::answered(draft, context);
    }
    draft.decision.texts.answer = Some(answer.to_owned());
    if status == TurnStatus::Complete {
        draft.decision.texts.follow_ups = follow_ups(running, context);
    }
    let timer = Timer::TurnOverdue(running.turn);
    if draft.state.timers.iter().any(|(_, known)| *known == timer) {
        draft.emit(Event::TimerCleared { timer });
    }
    let ended = JustEnded { turn: running.turn, answer };
    fold(draft, ended, context);
    start::start_next(draft, Some(ended), context);
}

fn follow_ups(running: &RunningTurn, context: &Context<'_>) -> Vec<String> {
    let route = Route {
        agent: running.agent,
        topic: running.topic.clone(),
        confidence_pct: running.confidence_pct,
        options: Vec::new(),
    };
    offline::follow_ups(context.course, &route)
}

/// A turn that began and ended in this step may have made the window too large. Its answer stands
/// among the step's texts.
pub(super) fn fold_after(draft: &mut Draft, turn: TurnId, context: &Context<'_>) {
    let answer = draft.decision.texts.answer.clone().unwrap_or_default();
    fold(draft, JustEnded { turn, answer: &answer }, context);
}

/// Moves the oldest turns of the window into the summary until the rest fits its budget.
fn fold(draft: &mut Draft, ended: JustEnded<'_>, context: &Context<'_>) {
    loop {
        let tokens: u32 =
            draft.state.window.iter().fold(0, |sum, turn| sum.saturating_add(turn.tokens));
        let fits =
            tokens <= context.limits.window_tokens && draft.state.window.len() <= WINDOW_LIMIT;
        // The turn that just ended stays: "explain that again" must find it.
        if fits || draft.state.window.len() <= 1 {
            return;
        }
        let Some(oldest) = draft.state.window.front().map(|turn| turn.turn) else { return };
        let extract = extract(oldest, ended, context);
        draft.emit(Event::Folded { turn: oldest, extract });
    }
}

/// What the summary keeps of a turn: the beginning of the question and of the answer.
fn extract(turn: TurnId, ended: JustEnded<'_>, context: &Context<'_>) -> String {
    let text = context.texts.get(turn).cloned().unwrap_or_default();
    let answer =
        if turn == ended.turn { ended.answer.to_owned() } else { text.answer.unwrap_or_default() };
    format!("Asked: {} Answered: {}", beginning(&text.question), beginning(&answer))
}

/// The first characters of a text on one line.
fn beginning(text: &str) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(EXTRACT_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

const fn code_of(error: ModelError) -> ErrorCode {
    match error {
        ModelError::Unreachable
        | ModelError::ServerFailed(_)
        | ModelError::RateLimited { .. }
        | ModelError::Overloaded => ErrorCode::ModelUnavailable,
        ModelError::FirstContentTimeout | ModelError::IdleTimeout | ModelError::TotalTimeout => {
            ErrorCode::ModelTimeout
        }
        ModelError::Refused(_) | ModelError::Unreadable | ModelError::Filtered => {
            ErrorCode::ModelRefused
        }
        ModelError::Cut => ErrorCode::AnswerCut,
    }
}
