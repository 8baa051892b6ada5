//! Decisions on commands.

use super::{Draft, completion, hear, hint, learn, practice, start, struggle};
use crate::error_code::ErrorCode;
use crate::event::v1::{Event, Policy};
use crate::id::{CommandId, SectionId, TurnId};
use crate::session::command::Command;
use crate::session::effect::{Effect, IntentResult};
use crate::session::input::Context;
use crate::session::state::QUEUE_LIMIT;
use crate::tutor::prompt::estimated_tokens;

/// How long a client waits before it repeats a command that was refused as busy.
const BUSY_RETRY_MS: u64 = 2_000;

pub(super) fn decide(draft: &mut Draft, id: CommandId, command: &Command, context: &Context<'_>) {
    let known = draft.state.profile.is_some();
    match command {
        // A session that was never created accepts nothing; asks and the like are told so.
        Command::Attach { .. }
        | Command::Detach { .. }
        | Command::Active
        | Command::Enrolled { .. }
            if !known => {}
        Command::Attach { slot, slot_epoch, socket } => {
            let stands = draft
                .state
                .routes
                .iter()
                .any(|route| route.slot == *slot && route.slot_epoch >= *slot_epoch);
            if !stands {
                draft.emit(Event::RouteAdded { slot: *slot, slot_epoch: *slot_epoch });
            }
            let (slot, slot_epoch, socket) = (*slot, *slot_epoch, *socket);
            draft.effect(Effect::Attached { slot, slot_epoch, socket });
        }
        Command::Detach { slot, slot_epoch } => {
            let gone = Event::RouteRemoved { slot: *slot, slot_epoch: *slot_epoch };
            let known = draft
                .state
                .routes
                .iter()
                .any(|route| route.slot == *slot && route.slot_epoch <= *slot_epoch);
            if known {
                draft.emit(gone);
            }
        }
        Command::Active => {
            draft.emit(Event::ActiveSeen { at: context.now });
            struggle::active(draft, context);
        }
        Command::Enrolled { version, sections, policy } => {
            enrolled(draft, id, (*version, sections, *policy));
        }
        Command::Ask { .. }
        | Command::Cancel { .. }
        | Command::Feedback { .. }
        | Command::Hint { .. }
        | Command::Submit { .. }
        | Command::Quiz { .. } => {
            acknowledged(draft, id, command, context);
        }
    }
}

/// Commands that get an `ack`, and so are recognised when they come again.
fn acknowledged(draft: &mut Draft, id: CommandId, command: &Command, context: &Context<'_>) {
    if let Some(seq) = draft.state.commands.find(id) {
        draft.effect(Effect::Repeated { command: id, seq });
        return;
    }
    let may_converse = draft.state.profile.as_ref().map(super::super::state::Profile::may_converse);
    match may_converse {
        None => {
            return refuse(
                draft,
                id,
                ErrorCode::UnknownSession,
                "there is no session for this student",
            );
        }
        Some(false) => {
            return refuse(
                draft,
                id,
                ErrorCode::ConsentMissing,
                "consent is needed before anything is stored",
            );
        }
        Some(true) => {}
    }
    match command {
        Command::Ask { .. } => ask(draft, id, command, context),
        Command::Cancel { turn } => cancel(draft, id, *turn, context),
        Command::Feedback { turn, rating, reason } => {
            draft.emit(Event::Rated { command: id, turn: *turn, rating: *rating });
            draft.decision.texts.reason.clone_from(reason);
        }
        Command::Hint { exercise } => hint::hint(draft, id, exercise, context),
        Command::Submit { exercise, answer, code: _ } => {
            practice::submit(draft, id, (exercise, answer.as_deref()), context);
        }
        Command::Quiz { item, choice } => practice::quiz(draft, id, (item, *choice), context),
        Command::Attach { .. }
        | Command::Detach { .. }
        | Command::Active
        | Command::Enrolled { .. } => {}
    }
}

/// The relay appends an intent's command again while its row stands, and two of them may come in
/// any order. What is older than what holds is settled all the same.
fn enrolled(
    draft: &mut Draft,
    command: CommandId,
    (version, sections, policy): (i64, &[SectionId], Policy),
) {
    if draft.state.commands.find(command).is_some() {
        return;
    }
    let newer = version > draft.state.enrolment_version;
    let (version, sections, policy) = match (&draft.state.profile, newer) {
        (Some(profile), false) => {
            (draft.state.enrolment_version, profile.sections.clone(), profile.policy)
        }
        (Some(_) | None, _) => (version, sections.to_vec(), policy),
    };
    draft.emit(Event::EnrolmentChanged { command, version, sections, policy });
    let result = if newer { IntentResult::Applied } else { IntentResult::Overtaken };
    draft.decision.settles = Some((command, result));
}

fn ask(draft: &mut Draft, id: CommandId, command: &Command, context: &Context<'_>) {
    let Command::Ask { text, code, exercise, topic } = command else { return };
    // 1 running and 8 queued fit.
    if draft.state.running.is_some() && draft.state.queue.len() >= QUEUE_LIMIT {
        draft.effect(Effect::Refused {
            command: id,
            code: ErrorCode::Busy,
            detail: "one turn runs and eight wait; send the same command again later",
            retry_ms: Some(BUSY_RETRY_MS),
        });
        return;
    }
    let turn = TurnId::from_seed(context.now, context.seed);
    let tokens = estimated_tokens(text).saturating_add(code.as_deref().map_or(0, estimated_tokens));
    draft.emit(Event::Asked {
        turn,
        command: id,
        tokens,
        // Only the course's own ids are facts: events are public and free of text.
        exercise: exercise.clone().filter(|id| context.course.exercise(id).is_some()),
        topic: topic.clone().filter(|id| context.course.topic(id).is_some()),
        at: context.now,
    });
    learn::streak(draft, context);
    draft.decision.texts.question = Some(text.clone());
    draft.decision.texts.code.clone_from(code);
    if draft.state.running.is_none() {
        let words = start::Words { question: text, code: code.as_deref() };
        start::start(draft, turn, words, None, context);
    }
    let exercise = exercise.as_ref().filter(|id| context.course.exercise(id).is_some());
    let said = hear::Said { text, code: code.as_deref(), exercise };
    hear::hear(draft, &said, context);
}

fn cancel(draft: &mut Draft, id: CommandId, turn: TurnId, context: &Context<'_>) {
    draft.emit(Event::CancelAccepted { command: id, turn });
    completion::cancelled(draft, turn, context);
}

fn refuse(draft: &mut Draft, command: CommandId, code: ErrorCode, detail: &'static str) {
    draft.effect(Effect::Refused { command, code, detail, retry_ms: None });
}
