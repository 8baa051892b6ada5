//! What a session decides: total, deterministic, without I/O.
//!
//! A decision is made on a draft: each fact is applied to a copy of the state as it is found, so
//! the next question is asked of the state that the fact leaves behind.

mod command;
mod completion;
mod guard;
mod hear;
mod hint;
mod learn;
mod practice;
mod quota;
mod start;
mod struggle;

use super::effect::{Decision, Effect};
use super::evolve::{StepHead, apply, evolve};
use super::input::{Context, Input};
use super::state::{Position, State};
use crate::clock::Timestamp;
use crate::event::practice::Practice;
use crate::event::v1::{Event, Timer};

/// What follows from an input. Events are empty when nothing durable happened.
pub fn decide(state: &State, input: &Input, context: &Context<'_>) -> Decision {
    let now = match input {
        // A student's time never runs backwards, whatever the record's clock says.
        Input::Command { at, .. } => (*at).max(state.last_at),
        Input::Piece { .. }
        | Input::Finished { .. }
        | Input::Failed { .. }
        | Input::Guarded { .. }
        | Input::Recovered { .. }
        | Input::TimerDue { .. } => context.now,
    };
    let context = &Context { now, ..*context };
    let mut draft = Draft::new(state, input, context);
    match input {
        Input::Command { id, command, .. } => command::decide(&mut draft, *id, command, context),
        Input::Piece { turn, attempt, text } => {
            completion::piece(&mut draft, (*turn, *attempt), text, context);
        }
        Input::Finished { turn, attempt, reason, usage, source } => {
            let end = completion::End { reason: *reason, usage: *usage, source: *source };
            completion::finished(&mut draft, (*turn, *attempt), &end, context);
        }
        Input::Failed { turn, attempt, error } => {
            completion::failed(&mut draft, (*turn, *attempt), *error, context);
        }
        Input::Guarded { turn, attempt, reason } => {
            completion::guarded(&mut draft, (*turn, *attempt), *reason, context);
        }
        Input::Recovered { turn, handed_over } => {
            completion::recovered(&mut draft, *turn, *handed_over, context);
        }
        Input::TimerDue { timer } => timer_due(&mut draft, *timer, context),
    }
    draft.decision
}

/// Whether an input needs the texts of the conversation: those that may start a call or fold a
/// turn. What comes behind such an input waits until they are there.
pub const fn needs_texts(input: &Input) -> bool {
    use super::command::Command;
    match input {
        Input::Command {
            command: Command::Ask { .. } | Command::Cancel { .. } | Command::Hint { .. },
            ..
        }
        | Input::Finished { .. }
        | Input::Failed { .. }
        | Input::Guarded { .. }
        | Input::Recovered { .. }
        | Input::TimerDue { .. } => true,
        Input::Command {
            command:
                Command::Feedback { .. }
                | Command::Attach { .. }
                | Command::Detach { .. }
                | Command::Active
                | Command::Enrolled { .. }
                | Command::Submit { .. }
                | Command::Quiz { .. },
            ..
        }
        | Input::Piece { .. } => false,
    }
}

/// Whether a record was already applied or dropped by this session.
///
/// A position of another generation says nothing about offsets; then a record that isn't later
/// than the last command's time is an old one, until the first of the new generation is applied.
pub fn is_stale(state: &State, position: Position, at: Timestamp) -> bool {
    match &state.position {
        None => false,
        Some(last) if last.generation != position.generation => at <= state.last_at,
        Some(last) => !position.is_after(last),
    }
}

/// The decision in the making: the state as it will be, and what was found so far.
struct Draft {
    state: State,
    decision: Decision,
}

impl Draft {
    fn new(state: &State, input: &Input, context: &Context<'_>) -> Self {
        let mut state = state.clone();
        let position = match input {
            Input::Command { position, .. } => Some(*position),
            Input::Piece { .. }
            | Input::Finished { .. }
            | Input::Failed { .. }
            | Input::Guarded { .. }
            | Input::Recovered { .. }
            | Input::TimerDue { .. } => None,
        };
        let head = StepHead { rev: state.rev + 1, position, at: context.now };
        apply(&mut state, &head, &[]);
        Self { state, decision: Decision::default() }
    }

    fn emit(&mut self, event: Event) {
        evolve(&mut self.state, &event);
        self.decision.events.push(event);
    }

    /// Applies a fact of practice, and what it shows of the student.
    fn learned(&mut self, practice: &Practice, context: &Context<'_>) {
        self.practised(practice.clone());
        struggle::after(self, practice, context);
        struggle::set_timer(self, context.now);
    }

    /// Applies a fact of practice that shows nothing of the student.
    fn practised(&mut self, practice: Practice) {
        self.emit(Event::Practice(practice));
    }

    fn effect(&mut self, effect: Effect) {
        self.decision.effects.push(effect);
    }
}

fn timer_due(draft: &mut Draft, timer: Timer, context: &Context<'_>) {
    // Idempotent: the state holds a timer until it has fired.
    if !draft.state.timers.iter().any(|(_, known)| *known == timer) {
        return;
    }
    draft.emit(Event::TimerCleared { timer });
    match timer {
        Timer::TurnOverdue(turn) => completion::overdue(draft, turn, context),
        Timer::ReviewDue => learn::reviews_due(draft, context),
        Timer::Stuck => struggle::timer(draft, context),
    }
}
