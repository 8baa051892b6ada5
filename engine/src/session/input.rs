//! Everything that can happen to a session.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::course::model::Course;
use crate::event::StepTexts;
use crate::event::practice::Practice;
use crate::event::v1::Timer;
use crate::id::{CommandId, TurnId};
use crate::port::model::{AnswerSource, FinishReason, ModelError, Usage};
use crate::session::command::Command;
use crate::session::state::{Position, State};
use crate::tutor::leak::LeakReason;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A record of the log.
    ///
    /// # Duplicates
    /// Dropped by position, then recognised by command id.
    Command {
        /// The client's id.
        id: CommandId,
        /// Where the record stands.
        position: Position,
        /// The record's time.
        at: Timestamp,
        /// What is wanted.
        command: Command,
    },
    /// The model said more. Late or foreign pieces are ignored.
    Piece {
        /// The turn.
        turn: TurnId,
        /// The attempt that it belongs to.
        attempt: i16,
        /// What was said.
        text: String,
    },
    /// The model's answer ended.
    Finished {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// Why it ended.
        reason: FinishReason,
        /// What it cost.
        usage: Option<Usage>,
        /// Who answered.
        source: AnswerSource,
    },
    /// The call failed.
    Failed {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// Why.
        error: ModelError,
    },
    /// The rest of the answer was held back, and the call ended.
    Guarded {
        /// The turn.
        turn: TurnId,
        /// The attempt.
        attempt: i16,
        /// Why.
        reason: LeakReason,
    },
    /// A new owner found this turn running.
    Recovered {
        /// The turn.
        turn: TurnId,
        /// How the last owner went.
        handed_over: HandOver,
    },
    /// A timer is due. Ignored unless the state holds it.
    TimerDue {
        /// Which.
        timer: Timer,
    },
}

/// How the last owner of a partition went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// In order: nothing is counted against the turn.
    Clean,
    /// It died.
    Crashed,
}

/// The world of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// A command's record time, a timer's due time, else the clock.
    pub now: Timestamp,
    /// The clock, whatever the input: how long a call may still take is counted from it.
    pub clock: Timestamp,
    /// From which new ids are made.
    pub seed: u128,
    /// The course.
    pub course: &'a Course,
    /// Texts of the running, queued and window turns.
    pub texts: &'a Texts,
    /// Bounds of conversations.
    pub limits: &'a Limits,
}

/// Bounds of conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of the window's turns together.
    pub window_tokens: u32,
    /// Tokens of an answer.
    pub answer_tokens: u32,
    /// After so long a running turn is overdue.
    pub overdue_ms: i64,
    /// Answers of the model that a student may have on a UTC day; 0 for as many as they like.
    pub daily_answers: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window_tokens: 3_000, answer_tokens: 1_000, overdue_ms: 150_000, daily_answers: 0 }
    }
}

/// Texts of turns, as a session holds them while its student is active. Volatile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    turns: BTreeMap<TurnId, TurnText>,
    streamed: String,
    streamed_chars: usize,
}

/// The texts of one turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnText {
    /// The question.
    pub question: String,
    /// Its code.
    pub code: Option<String>,
    /// The answer.
    pub answer: Option<String>,
}

impl Texts {
    /// The texts of a turn.
    pub fn get(&self, turn: TurnId) -> Option<&TurnText> {
        self.turns.get(&turn)
    }

    /// Takes up texts that were read from the store.
    pub fn insert(&mut self, turn: TurnId, text: TurnText) {
        self.turns.insert(turn, text);
    }

    /// What the running attempt has said so far.
    pub fn streamed(&self) -> &str {
        &self.streamed
    }

    /// Its length in code points.
    pub const fn streamed_chars(&self) -> usize {
        self.streamed_chars
    }

    /// Adds a piece that was let through.
    pub fn push_streamed(&mut self, piece: &str) {
        self.streamed.push_str(piece);
        self.streamed_chars += piece.chars().count();
    }

    /// Forgets what was streamed: another attempt or turn begins.
    pub fn reset_streamed(&mut self) {
        self.streamed.clear();
        self.streamed_chars = 0;
    }

    /// Takes up a step's texts and lets go what no prompt needs any more.
    pub fn follow(&mut self, after: &State, step: &crate::session::effect::Decision) {
        use crate::event::v1::Event;
        let StepTexts { question, code, answer, .. } = &step.texts;
        for event in &step.events {
            match event {
                Event::Asked { turn, .. } => {
                    let question = question.clone().unwrap_or_default();
                    self.insert(*turn, TurnText { question, code: code.clone(), answer: None });
                }
                Event::Practice(Practice::HintGiven { turn, .. }) => {
                    let question = question.clone().unwrap_or_default();
                    self.insert(*turn, TurnText { question, code: None, answer: answer.clone() });
                }
                Event::Ended { turn, agent, .. } => {
                    if let Some(text) = self.turns.get_mut(turn) {
                        text.answer.clone_from(answer);
                    }
                    // A turn that never ran leaves the running one as it is.
                    if agent.is_some() {
                        self.reset_streamed();
                    }
                }
                Event::Started { .. } | Event::AttemptRaised { .. } => self.reset_streamed(),
                Event::Created { .. }
                | Event::CancelAccepted { .. }
                | Event::Rated { .. }
                | Event::RouteAdded { .. }
                | Event::RouteRemoved { .. }
                | Event::Folded { .. }
                | Event::ActiveSeen { .. }
                | Event::TimerSet { .. }
                | Event::TimerCleared { .. }
                | Event::EnrolmentChanged { .. }
                | Event::Practice(_) => {}
            }
        }
        self.turns.retain(|turn, _| is_kept(after, *turn));
    }
}

fn is_kept(state: &State, turn: TurnId) -> bool {
    state.running.as_ref().is_some_and(|running| running.turn == turn)
        || state.queue.iter().any(|queued| queued.turn == turn)
        || state.window.iter().any(|kept| kept.turn == turn)
}
