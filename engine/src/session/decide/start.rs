//! How a turn begins: triage, then the call.

use super::{Draft, guard, quota};
use crate::course::{CourseKey, ExerciseId};
use crate::event::v1::{Event, Timer};
use crate::id::TurnId;
use crate::session::effect::Effect;
use crate::session::input::{Context, TurnText};
use crate::session::state::State;
use crate::tutor::authored;
use crate::tutor::offline::{self, OfflineBrief};
use crate::tutor::prompt::{
    self, Again, Material, OpenExercise, PersonalPrompt, Prompt, Quiz, SharedPrompt,
};
use crate::tutor::triage::{AskText, Route, TriageContext, triage};

/// A turn that ended in this very step, with its answer: not yet among the texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct JustEnded<'a> {
    pub(super) turn: TurnId,
    pub(super) answer: &'a str,
}

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) question: &'a str,
    pub(super) code: Option<&'a str>,
}

/// Starts the oldest queued turn, if nothing runs.
pub(super) fn start_next(
    draft: &mut Draft,
    just_ended: Option<JustEnded<'_>>,
    context: &Context<'_>,
) {
    if draft.state.running.is_some() {
        return;
    }
    let Some(turn) = draft.state.queue.front().map(|queued| queued.turn) else { return };
    let text = context.texts.get(turn).cloned().unwrap_or_default();
    let words = Words { question: &text.question, code: text.code.as_deref() };
    start(draft, turn, words, just_ended, context);
}

/// Starts a queued turn: routes it and asks for the first call.
pub(super) fn start(
    draft: &mut Draft,
    turn: TurnId,
    words: Words<'_>,
    just_ended: Option<JustEnded<'_>>,
    context: &Context<'_>,
) {
    let Some(queued) = draft.state.queue.iter().find(|queued| queued.turn == turn) else { return };
    let (last_agent, last_topic) = last_route(&draft.state);
    let hints = TriageContext {
        last_topic,
        last_agent,
        exercise: exercise(queued.exercise, context),
        topic: queued
            .topic
            .and_then(|key| context.course.topic_by_key(key))
            .map(|topic| topic.id.clone()),
    };
    let ask = AskText { text: words.question, code: words.code };
    let route = triage(context.course, &ask, &hints);
    draft.emit(Event::Started {
        turn,
        agent: route.agent,
        topic: route.topic.clone(),
        confidence_pct: route.confidence_pct,
        at: context.now,
    });
    let due = context.clock.plus_millis(context.limits.overdue_ms);
    draft.emit(Event::TimerSet { timer: Timer::TurnOverdue(turn), due });
    call(draft, &route, words, just_ended, context);
}

/// Asks for a call of the running turn's present attempt.
pub(super) fn call(
    draft: &mut Draft,
    route: &Route,
    words: Words<'_>,
    just_ended: Option<JustEnded<'_>>,
    context: &Context<'_>,
) {
    let Some((turn, attempt)) = draft.state.running.as_ref().map(|r| (r.turn, r.attempt)) else {
        return;
    };
    let facts = authored::Facts {
        course: context.course,
        learning: &draft.state.learning,
        route,
        question: words.question,
        now: context.now,
    };
    if let Some(text) = authored::answer(&facts) {
        draft.effect(Effect::Answer { turn, attempt, text });
        return;
    }
    if guard::is_given_up(&draft.state) {
        let text = guard::in_place(&draft.state, words, context);
        draft.effect(Effect::Answer { turn, attempt, text });
        return;
    }
    let level = authored::level(&draft.state.learning, route.topic.as_ref());
    if quota::is_used_up(&draft.state, context) {
        let (text, code) = (words.question, words.code);
        let brief = OfflineBrief { route, text, code, previous: None, level };
        let text = offline::without_quota(context.course, &brief);
        draft.effect(Effect::Answer { turn, attempt, text });
        return;
    }
    let open = guard::open(&draft.state, context);
    let open = open.map(|(exercise, rung)| OpenExercise { exercise, rung });
    let items = guard::asked_items(words, context);
    let guard = guard::guard(&draft.state, words, &items, context).map(Box::new);
    // Whoever has something open is answered for that.
    let shared = match (words.code, &guard) {
        (None, None) => SharedPrompt::authored(context.course, route, level, words.question),
        (Some(_), _) | (_, Some(_)) => None,
    };
    let prompt = shared.map_or_else(
        || {
            let window = window(&draft.state, just_ended, context);
            Prompt::Personal(PersonalPrompt::new(&Material {
                course: context.course,
                route,
                summary: &draft.state.summary,
                window: &window,
                last_route: draft.state.last_route.as_ref(),
                question: words.question,
                code: words.code,
                level,
                open,
                quiz: if items.is_empty() { Quiz::Elsewhere } else { Quiz::Asked },
                again: if draft.state.rewrites == 0 { Again::First } else { Again::Rewrite },
            }))
        },
        Prompt::Shared,
    );
    draft.effect(Effect::CallModel { turn, attempt, prompt: Box::new(prompt), guard });
}

/// Routes the running turn again as it was routed, for another attempt.
pub(super) fn route_again(state: &State, words: Words<'_>, context: &Context<'_>) -> Option<Route> {
    let running = state.running.as_ref()?;
    let (last_agent, last_topic) = last_route(state);
    let hints = TriageContext {
        last_topic,
        last_agent,
        exercise: exercise(running.exercise, context),
        topic: running.topic.clone(),
    };
    let ask = AskText { text: words.question, code: words.code };
    // Options are not stored; the rest is taken from what was decided.
    let options = triage(context.course, &ask, &hints).options;
    Some(Route {
        agent: running.agent,
        topic: running.topic.clone(),
        confidence_pct: running.confidence_pct,
        options,
    })
}

fn exercise(key: Option<CourseKey>, context: &Context<'_>) -> Option<ExerciseId> {
    key.and_then(|key| context.course.exercise_by_key(key)).map(|exercise| exercise.id.clone())
}

fn last_route(
    state: &State,
) -> (Option<crate::tutor::triage::Agent>, Option<crate::course::model::TopicId>) {
    match &state.last_route {
        Some((agent, topic)) => (Some(*agent), topic.clone()),
        None => (None, None),
    }
}

/// Question and answer of each window turn; a turn whose texts were swept is left out.
fn window(
    state: &State,
    just_ended: Option<JustEnded<'_>>,
    context: &Context<'_>,
) -> Vec<(String, String)> {
    let answer_of = |turn: TurnId, text: &TurnText| match just_ended {
        Some(ended) if ended.turn == turn => Some(ended.answer.to_owned()),
        _ => text.answer.clone(),
    };
    state
        .window
        .iter()
        .filter_map(|kept| {
            let text = context.texts.get(kept.turn)?;
            let answer = answer_of(kept.turn, text)?;
            Some((prompt::asked(&text.question, text.code.as_deref()), answer))
        })
        .collect()
}
