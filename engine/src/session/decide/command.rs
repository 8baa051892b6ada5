//! Decisions on commands.

use super::{Draft, completion, start};
use crate::error_code::ErrorCode;
use crate::event::v1::Event;
use crate::id::{CommandId, TurnId};
use crate::session::command::Command;
use crate::session::effect::Effect;
use crate::session::input::Context;
use crate::session::state::QUEUE_LIMIT;
use crate::tutor::prompt::estimated_tokens;

/// How long a client waits before it repeats a command that was refused as busy.
const BUSY_RETRY_MS: u64 = 2_000;

pub(super) fn decide(draft: &mut Draft, id: CommandId, command: &Command, context: &Context<'_>) {
    let known = draft.state.profile.is_some();
    match command {
        // A session that was never created accepts nothing; asks and the like are told so.
        Command::Attach { .. } | Command::Detach { .. } | Command::Active if !known => {}
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
        Command::Active => draft.emit(Event::ActiveSeen { at: context.now }),
        Command::Ask { .. } | Command::Cancel { .. } | Command::Feedback { .. } => {
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
        Command::Attach { .. } | Command::Detach { .. } | Command::Active => {}
    }
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
    draft.decision.texts.question = Some(text.clone());
    draft.decision.texts.code.clone_from(code);
    if draft.state.running.is_none() {
        let words = start::Words { question: text, code: code.as_deref() };
        start::start(draft, turn, words, None, context);
    }
}

fn cancel(draft: &mut Draft, id: CommandId, turn: TurnId, context: &Context<'_>) {
    draft.emit(Event::CancelAccepted { command: id, turn });
    completion::cancelled(draft, turn, context);
}

fn refuse(draft: &mut Draft, command: CommandId, code: ErrorCode, detail: &'static str) {
    draft.effect(Effect::Refused { command, code, detail, retry_ms: None });
}
