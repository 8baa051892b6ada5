//! A session without its owner: decides and applies at once, answers for the model, and fires
//! timers when they are due. Nothing is stored.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::Course;
use learnflow_engine::event::v1::{AgeBand, Consent, Event, Policy};
use learnflow_engine::id::{CommandId, StudentId, TurnId};
use learnflow_engine::port::model::{AnswerSource, FinishReason};
use learnflow_engine::session::command::Command;
use learnflow_engine::session::decide::decide;
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::input::{Context, Input, Limits, Texts};
use learnflow_engine::session::state::{Position, State};
use uuid::Uuid;

/// What the model says: its words play no part here.
const ANSWER: &str = "Here is how it works.";
/// The solution stays hidden.
const POLICY: Policy = Policy { highest_rung: 4 };

/// An event, and when it was decided.
pub type Seen = (Timestamp, Event);

/// A student's session.
#[derive(Debug)]
pub struct Tutor<'a> {
    course: &'a Course,
    state: State,
    texts: Texts,
    limits: Limits,
    /// Commands so far: the offset of the next.
    commands: i64,
    /// Decisions so far: ids are made of it.
    decisions: u128,
    refused_total: u64,
}

impl<'a> Tutor<'a> {
    /// The session as sign-up leaves it.
    pub fn new(course: &'a Course, now: Timestamp) -> Self {
        let mut state = State::new(StudentId::new(Uuid::from_u128(1)));
        let created = Event::Created {
            age_band: AgeBand::Adult,
            consent: Consent::NotNeeded,
            sections: Vec::new(),
            policy: POLICY,
            at: now,
        };
        apply(&mut state, &StepHead { rev: 0, position: None, at: now }, &[created]);
        let (texts, limits) = (Texts::default(), Limits::default());
        Self { course, state, texts, limits, commands: 0, decisions: 0, refused_total: 0 }
    }

    /// What it knows of the student.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Commands that it refused.
    pub const fn refused_total(&self) -> u64 {
        self.refused_total
    }

    /// Fires all timers that are due by now, each at its own time.
    pub fn pass_time(&mut self, now: Timestamp, seen: &mut Vec<Seen>) {
        while let Some((due, timer)) = self.state.timers.first().copied() {
            if due > now {
                return;
            }
            self.step(&Input::TimerDue { timer }, due, seen);
        }
    }

    /// Takes a command.
    pub fn tell(&mut self, command: Command, now: Timestamp, seen: &mut Vec<Seen>) {
        self.pass_time(now, seen);
        self.commands += 1;
        let position = Position { generation: 1, partition: 0, offset: self.commands };
        let id = CommandId::from_seed(now, self.seed());
        self.step(&Input::Command { id, position, at: now, command }, now, seen);
    }

    fn step(&mut self, input: &Input, now: Timestamp, seen: &mut Vec<Seen>) {
        self.decisions += 1;
        let context = Context {
            now,
            clock: now,
            seed: self.seed(),
            course: self.course,
            texts: &self.texts,
            limits: &self.limits,
        };
        let decision = decide(&self.state, input, &context);
        // What is said belongs to the texts before the step that may end the turn.
        for effect in &decision.effects {
            if let Effect::Token { text, .. } = effect {
                self.texts.push_streamed(text);
            }
        }
        if !decision.events.is_empty() {
            let position = match input {
                Input::Command { position, .. } => Some(*position),
                Input::Piece { .. }
                | Input::Finished { .. }
                | Input::Failed { .. }
                | Input::Guarded { .. }
                | Input::Recovered { .. }
                | Input::TimerDue { .. } => None,
            };
            let head = StepHead { rev: self.state.rev + 1, position, at: now };
            apply(&mut self.state, &head, &decision.events);
            self.texts.follow(&self.state, &decision);
        }
        seen.extend(decision.events.into_iter().map(|event| (now, event)));
        for effect in &decision.effects {
            self.carry_out(effect, now, seen);
        }
    }

    /// The model answers in one piece and at once.
    fn carry_out(&mut self, effect: &Effect, now: Timestamp, seen: &mut Vec<Seen>) {
        match effect {
            Effect::CallModel { turn, attempt, .. } => {
                self.answer(*turn, *attempt, AnswerSource::Model, now, seen);
            }
            Effect::Answer { turn, attempt, .. } => {
                self.answer(*turn, *attempt, AnswerSource::Authored, now, seen);
            }
            Effect::Refused { .. } => self.refused_total += 1,
            Effect::Token { .. }
            | Effect::SayWithin { .. }
            | Effect::StopModel { .. }
            | Effect::Attached { .. }
            | Effect::Repeated { .. }
            | Effect::Abandoned { .. } => {}
        }
    }

    fn answer(
        &mut self,
        turn: TurnId,
        attempt: i16,
        source: AnswerSource,
        now: Timestamp,
        seen: &mut Vec<Seen>,
    ) {
        self.step(&Input::Piece { turn, attempt, text: ANSWER.to_owned() }, now, seen);
        let reason = FinishReason::Stop;
        self.step(&Input::Finished { turn, attempt, reason, usage: None, source }, now, seen);
    }

    /// Differs from decision to decision in the bits that ids are made of.
    const fn seed(&self) -> u128 {
        self.decisions << 64
    }
}
