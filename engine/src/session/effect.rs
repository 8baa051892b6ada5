//! What a decision asks for beside its events.

use crate::error_code::ErrorCode;
use crate::event::StepTexts;
use crate::event::v1::Event;
use crate::id::{CommandId, SocketId, TurnId};
use crate::tutor::leak::Guard;
use crate::tutor::prompt::Prompt;

/// The outcome of a decision: facts to store, texts to store with them, and what to do.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// Facts; empty when nothing durable happened.
    pub events: Vec<Event>,
    /// Their texts.
    pub texts: StepTexts,
    /// What to do: calls may start before the commit, nothing may be said before it.
    pub effects: Vec<Effect>,
    /// The intent whose command this was, and what became of it: its row goes with the step.
    pub settles: Option<(CommandId, IntentResult)>,
}

/// What became of a write that a session owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentResult {
    /// It holds from now on.
    Applied,
    /// A newer one holds already.
    Overtaken,
}

impl IntentResult {
    /// The word that is stored for whoever waits.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Overtaken => "overtaken",
        }
    }
}

/// Something to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Call the model.
    CallModel {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// What to ask.
        prompt: Box<Prompt>,
        /// Reads the answer before the student does, while there is something to guard.
        guard: Option<Box<Guard>>,
    },
    /// Answer without a model: the text comes back as pieces and an end do.
    Answer {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// The whole answer.
        text: String,
    },
    /// Say the whole text of a turn that begins and ends in this step, between its `route` and
    /// its `done`: the last of the step's first three frames.
    SayWithin {
        /// The turn.
        turn: TurnId,
        /// What is said.
        text: String,
    },
    /// End the running call, if there is one.
    StopModel {
        /// The turn.
        turn: TurnId,
    },
    /// Say a piece of the running answer to all routes.
    Token {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// Code points of the attempt's text before this piece.
        from: usize,
        /// The piece.
        text: String,
    },
    /// Answer a socket's `attach`.
    Attached {
        /// The gateway's slot.
        slot: i32,
        /// Its lease.
        slot_epoch: i64,
        /// The socket.
        socket: SocketId,
    },
    /// Say that a command came again.
    Repeated {
        /// The command.
        command: CommandId,
        /// Where its `ack` stands.
        seq: i64,
    },
    /// Say that a command was refused; nothing was stored.
    Refused {
        /// The command.
        command: CommandId,
        /// Why.
        code: ErrorCode,
        /// In words, without any of the student's.
        detail: &'static str,
        /// When to try again, for retryable codes.
        retry_ms: Option<u64>,
    },
    /// The turn was given up after repeated crashes: leave a trace for operators.
    Abandoned {
        /// The turn.
        turn: TurnId,
    },
}
