//! A session in the middle of a conversation, for the benchmarks of the engine.

use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::model::Course;
use learnflow_engine::event::v1::{AgeBand, Consent, Event, Policy};
use learnflow_engine::id::{CommandId, StudentId};
use learnflow_engine::port::model::{AnswerSource, FinishReason};
use learnflow_engine::session::command::Command;
use learnflow_engine::session::decide::decide;
use learnflow_engine::session::effect::{Decision, Effect};
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::input::{Context, Input, Limits, Texts};
use learnflow_engine::session::state::{Position, State};
use uuid::Uuid;

/// A session and what a decision needs.
pub(crate) struct Session {
    /// Its state.
    pub(crate) state: State,
    texts: Texts,
    course: Arc<Course>,
    limits: Limits,
    now: Timestamp,
    asked: u64,
}

impl Session {
    /// A session after so many answered questions.
    pub(crate) fn after_turns(turns: u64) -> Self {
        let mut session = Self {
            state: State::new(StudentId::new(Uuid::from_u128(7))),
            texts: Texts::default(),
            course: Course::builtin().expect("the course that comes along is valid"),
            limits: Limits::default(),
            now: Timestamp::from_millis(1_800_000_000_000),
            asked: 0,
        };
        let created = Event::Created {
            age_band: AgeBand::Adult,
            consent: Consent::NotNeeded,
            sections: Vec::new(),
            policy: Policy { highest_rung: 4 },
            at: session.now,
        };
        let head = StepHead { rev: 0, position: None, at: session.now };
        apply(&mut session.state, &head, &[created]);
        for _ in 0..turns {
            session.whole_turn();
        }
        session
    }

    /// The next question.
    pub(crate) fn ask(&self) -> Input {
        let text = format!("What does a for loop do with a list? This is question {}.", self.asked);
        let offset = self.state.position.map_or(0, |position| position.offset + 1);
        Input::Command {
            id: CommandId::new(Uuid::from_u128(u128::from(self.asked) + 1)),
            position: Position { generation: 1, partition: 0, offset },
            at: self.now,
            command: Command::Ask { text, code: None, exercise: None, topic: None },
        }
    }

    /// Decides.
    pub(crate) fn decide(&self, input: &Input) -> Decision {
        let context = Context {
            now: self.now,
            clock: self.now,
            seed: u128::from(self.asked) << 64 | 1,
            course: &self.course,
            texts: &self.texts,
            limits: &self.limits,
        };
        decide(&self.state, input, &context)
    }

    /// Where the step of this input stands.
    pub(crate) fn head(&self, input: &Input) -> StepHead {
        let position = match input {
            Input::Command { position, .. } => Some(*position),
            Input::Piece { .. }
            | Input::Finished { .. }
            | Input::Failed { .. }
            | Input::Guarded { .. }
            | Input::Recovered { .. }
            | Input::TimerDue { .. } => None,
        };
        StepHead { rev: self.state.rev + 1, position, at: self.now }
    }

    fn step(&mut self, input: &Input) -> Decision {
        let decision = self.decide(input);
        for effect in &decision.effects {
            if let Effect::Token { text, .. } = effect {
                self.texts.push_streamed(text);
            }
        }
        if !decision.events.is_empty() {
            let head = self.head(input);
            apply(&mut self.state, &head, &decision.events);
            self.texts.follow(&self.state, &decision);
        }
        decision
    }

    fn whole_turn(&mut self) {
        let ask = self.ask();
        self.step(&ask);
        self.asked += 1;
        self.now = self.now.plus_millis(60_000);
        let running = self.state.running.as_ref().expect("a question starts a turn");
        let (turn, attempt) = (running.turn, running.attempt);
        let text = "A for loop visits each item once, in its order. ".repeat(12);
        self.step(&Input::Piece { turn, attempt, text });
        let (reason, source) = (FinishReason::Stop, AnswerSource::Model);
        self.step(&Input::Finished { turn, attempt, reason, usage: None, source });
        assert!(self.state.running.is_none(), "the turn ended");
    }
}
