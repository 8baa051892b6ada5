//! Arbitrary inputs, played against a session.

use std::collections::BTreeMap;

use learnflow_engine::course::model::{Exercise, ExerciseKind};
use learnflow_engine::event::read::work_changes;
use learnflow_engine::event::v1::{AgeBand, Consent, Timer};
use learnflow_engine::id::{CommandId, SocketId, TurnId};
use learnflow_engine::port::model::{AnswerSource, FinishReason, ModelError};
use learnflow_engine::port::store::WorkChange;
use learnflow_engine::session::command::{Command, Rating};
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::input::{HandOver, Input};
use learnflow_engine::session::state::Position;
use learnflow_engine::tutor::leak::LeakReason;
use proptest::prelude::*;
use uuid::Uuid;

use crate::BUILTIN;
use crate::onlooker::{Onlooker, SECRET};
use crate::world::{Outcome, World};

/// Something that happens. Numbers select among what is there.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Ask {
        command: u8,
        words: u16,
        code: Option<u8>,
        exercise: Option<u8>,
    },
    Hint {
        command: u8,
        exercise: u8,
    },
    Submit {
        command: u8,
        exercise: u8,
        right: bool,
    },
    Quiz {
        command: u8,
        item: u8,
        answer: u8,
    },
    Cancel {
        command: u8,
        turn: u8,
    },
    Rate {
        command: u8,
        turn: u8,
    },
    Attach {
        slot: i32,
        epoch: i64,
    },
    Detach {
        slot: i32,
        epoch: i64,
    },
    Active,
    /// An earlier record comes again, at its old place.
    Redelivered(u8),
    /// An earlier acknowledged command comes again, at a new place.
    Repeated(u8),
    Piece(String),
    Finish(u8),
    Fail(u8),
    /// The answer would have given something away.
    Leak,
    /// Something of an attempt or turn that no longer runs.
    Late {
        turn: u8,
        attempt: i16,
        what: u8,
    },
    Crash,
    HandOver,
    Overdue,
    /// The timer of a turn that doesn't run.
    StrayTimer(u8),
    Pass(i32),
}

pub(crate) fn any_op() -> impl Strategy<Value = Op> {
    let command = || any::<u8>();
    let turn = || any::<u8>();
    prop_oneof![
        6 => (command(), any::<u16>(), any::<Option<u8>>(), any::<Option<u8>>()).prop_map(
            |(command, words, code, exercise)| Op::Ask { command, words, code, exercise }
        ),
        2 => (command(), 0..6_u8).prop_map(|(command, exercise)| Op::Hint { command, exercise }),
        2 => (command(), any::<u8>(), any::<bool>())
            .prop_map(|(command, exercise, right)| Op::Submit { command, exercise, right }),
        3 => (command(), 0..12_u8, 0..4_u8)
            .prop_map(|(command, item, answer)| Op::Quiz { command, item, answer }),
        2 => Just(Op::Leak),
        2 => (command(), turn()).prop_map(|(command, turn)| Op::Cancel { command, turn }),
        1 => (command(), turn()).prop_map(|(command, turn)| Op::Rate { command, turn }),
        1 => (0..12_i32, 0..4_i64).prop_map(|(slot, epoch)| Op::Attach { slot, epoch }),
        1 => (0..12_i32, 0..4_i64).prop_map(|(slot, epoch)| Op::Detach { slot, epoch }),
        1 => Just(Op::Active),
        1 => any::<u8>().prop_map(Op::Redelivered),
        1 => any::<u8>().prop_map(Op::Repeated),
        6 => "[a-z é\u{1F980}\n]{0,60}".prop_map(Op::Piece),
        4 => any::<u8>().prop_map(Op::Finish),
        2 => any::<u8>().prop_map(Op::Fail),
        2 => (turn(), -1..4_i16, any::<u8>())
            .prop_map(|(turn, attempt, what)| Op::Late { turn, attempt, what }),
        1 => Just(Op::Crash),
        1 => Just(Op::HandOver),
        1 => Just(Op::Overdue),
        1 => turn().prop_map(Op::StrayTimer),
        1 => (-90_000..90_000_i32).prop_map(Op::Pass),
    ]
}

/// A session under arbitrary inputs.
pub(crate) struct Play {
    pub(crate) world: World,
    pub(crate) onlooker: Onlooker,
    records: Vec<Input>,
    work: BTreeMap<Uuid, i16>,
    offset: i64,
}

impl Play {
    pub(crate) fn new() -> Self {
        let mut world = World::created(AgeBand::Teen, Consent::NotNeeded);
        world.course = &BUILTIN;
        world.limits.window_tokens = 200;
        world.limits.daily_answers = 6;
        Self {
            world,
            onlooker: Onlooker::default(),
            records: Vec::new(),
            work: BTreeMap::new(),
            offset: 0,
        }
    }

    /// Lets something happen.
    pub(crate) fn take(&mut self, op: &Op) {
        match op {
            Op::Ask { command, words, code, exercise } => {
                let code =
                    code.map(|lines| format!("{SECRET}{}", "pass\n".repeat(usize::from(lines))));
                let exercise = exercise.map(|place| nth_exercise(place).id.clone());
                let text = question(*words);
                self.record(*command, Command::Ask { text, code, exercise, topic: None });
            }
            Op::Hint { command, exercise } => {
                let exercise = nth_exercise(*exercise).id.clone();
                self.record(*command, Command::Hint { exercise });
            }
            Op::Submit { command, exercise, right } => {
                let exercise = nth_exercise(*exercise);
                let right = right.then(|| exercise.key.solution.clone());
                let answer = Some(right.unwrap_or_else(|| SECRET.to_owned()));
                let exercise = exercise.id.clone();
                self.record(*command, Command::Submit { exercise, answer, code: None });
            }
            Op::Quiz { command, item, answer } => {
                let mut items = BUILTIN.topics().iter().flat_map(|topic| &topic.quiz).cycle();
                let item = items.nth(usize::from(*item)).unwrap().id.clone();
                self.record(*command, Command::Quiz { item, choice: *answer });
            }
            Op::Leak => self.complete(leak),
            Op::Cancel { command, turn } => {
                let turn = self.turn(*turn);
                self.record(*command, Command::Cancel { turn });
            }
            Op::Rate { command, turn } => {
                let turn = self.turn(*turn);
                let reason = Some(SECRET.to_owned());
                self.record(*command, Command::Feedback { turn, rating: Rating::Down, reason });
            }
            Op::Attach { slot, epoch } => {
                let socket = SocketId::new(Uuid::from_u128(1));
                let attach = Command::Attach { slot: *slot, slot_epoch: *epoch, socket };
                self.record(0, attach);
            }
            Op::Detach { slot, epoch } => {
                self.record(0, Command::Detach { slot: *slot, slot_epoch: *epoch });
            }
            Op::Active => self.record(0, Command::Active),
            Op::Redelivered(place) => self.redeliver(*place),
            Op::Repeated(place) => self.repeat(*place),
            Op::Piece(text) => {
                self.complete(|turn, attempt| Input::Piece { turn, attempt, text: text.clone() });
            }
            Op::Finish(how) => self.complete(|turn, attempt| finish(turn, attempt, *how)),
            Op::Fail(why) => self.complete(|turn, attempt| fail(turn, attempt, *why)),
            Op::Late { turn, attempt, what } => self.late(*turn, *attempt, *what),
            Op::Crash => self.lose_owner(HandOver::Crashed),
            Op::HandOver => self.lose_owner(HandOver::Clean),
            Op::Overdue => {
                if let Some((due, timer)) = self.world.state.timers.first().copied() {
                    self.world.now = self.world.now.max(due);
                    self.step(&Input::TimerDue { timer });
                }
            }
            Op::StrayTimer(turn) => {
                let turn = self.turn(*turn);
                if self.running() != Some(turn) {
                    self.nothing_happens(&Input::TimerDue { timer: Timer::TurnOverdue(turn) });
                }
            }
            Op::Pass(millis) => {
                self.world.now = self.world.now.plus_millis(i64::from(*millis));
            }
        }
    }

    /// Answers whatever still runs or waits.
    pub(crate) fn drain(&mut self) {
        for _ in 0..=9 {
            self.take(&Op::Piece("answer".to_owned()));
            self.take(&Op::Finish(0));
        }
    }

    /// Checks that nothing is left over.
    pub(crate) fn check_end(&self) {
        let state = &self.world.state;
        assert!(state.running.is_none() && state.queue.is_empty());
        let overdue = |timer: &Timer| matches!(timer, Timer::TurnOverdue(_));
        assert!(!state.timers.iter().any(|(_, timer)| overdue(timer)), "nothing runs");
        assert!(self.work.is_empty(), "the work list is empty");
        assert!(
            self.onlooker.seen.values().all(|seen| seen.done),
            "every acknowledged ask is done"
        );
        let asked = i64::try_from(self.onlooker.seen.len()).unwrap();
        assert_eq!(state.turns_total, asked, "every accepted turn was acknowledged");
    }

    fn running(&self) -> Option<TurnId> {
        self.world.state.running.as_ref().map(|running| running.turn)
    }

    /// One of the turns, or one that nobody knows.
    fn turn(&self, number: u8) -> TurnId {
        // Rather the newest: the oldest are done.
        let place = self.onlooker.turns.len().checked_sub(1 + usize::from(number % 12));
        place.map_or(TurnId::new(Uuid::from_u128(5)), |place| self.onlooker.turns[place])
    }

    fn record(&mut self, command: u8, content: Command) {
        self.offset += 1;
        let id = CommandId::new(Uuid::from_u128(u128::from(command % 100)));
        let position = Position { generation: 1, partition: 0, offset: self.offset };
        let input = Input::Command { id, position, at: self.world.now, command: content };
        let known = self.world.state.commands.find(id).is_some();
        let acknowledged = is_acknowledged(&input);
        let rows = self.world.rows.len();
        let outcome = self.step(&input);
        if known && acknowledged {
            assert_eq!(self.world.rows.len(), rows, "a repeated command stores nothing");
            assert!(matches!(outcome.effects[..], [Effect::Repeated { .. }]));
        }
        self.records.push(input);
    }

    fn redeliver(&mut self, place: u8) {
        let applied = self.world.state.position.map_or(0, |position| position.offset);
        let old = self.records.iter().filter(|record| {
            matches!(record, Input::Command { position, .. } if position.offset <= applied)
        });
        let old: Vec<Input> = old.cloned().collect();
        if !old.is_empty() {
            self.nothing_happens(&old[usize::from(place) % old.len()]);
        }
    }

    fn repeat(&mut self, place: u8) {
        let known: Vec<Input> = self
            .records
            .iter()
            .filter(|record| is_acknowledged(record))
            .filter(|record| {
                matches!(record, Input::Command { id, .. }
                    if self.world.state.commands.find(*id).is_some())
            })
            .cloned()
            .collect();
        if known.is_empty() {
            return;
        }
        let Input::Command { id, command, .. } = known[usize::from(place) % known.len()].clone()
        else {
            return;
        };
        self.offset += 1;
        let position = Position { generation: 1, partition: 0, offset: self.offset };
        let before = self.world.state.clone();
        let input = Input::Command { id, position, at: self.world.now, command };
        let outcome = self.step(&input);
        assert!(matches!(outcome.effects[..], [Effect::Repeated { command, .. }] if command == id));
        assert_eq!(before, self.world.state);
    }

    fn complete(&mut self, input: impl Fn(TurnId, i16) -> Input) {
        if let Some(running) = self.world.state.running.clone() {
            self.step(&input(running.turn, running.attempt));
        }
    }

    fn late(&mut self, turn: u8, attempt: i16, what: u8) {
        let turn = self.turn(turn);
        let present = self.world.state.running.as_ref().map(|r| (r.turn, r.attempt));
        if present == Some((turn, attempt)) {
            return;
        }
        let text = "late".to_owned();
        self.nothing_happens(&match what % 4 {
            0 => Input::Piece { turn, attempt, text },
            1 => finish(turn, attempt, what),
            2 => leak(turn, attempt),
            _ => fail(turn, attempt, what),
        });
    }

    fn lose_owner(&mut self, handed_over: HandOver) {
        self.world.lose_memory();
        for (id, _) in self.work.clone() {
            let turn = TurnId::new(id);
            self.onlooker.seen.entry(turn).or_default().owners += 1;
            self.step(&Input::Recovered { turn, handed_over });
        }
        let stranger = TurnId::new(Uuid::from_u128(5));
        self.nothing_happens(&Input::Recovered { turn: stranger, handed_over });
    }

    fn nothing_happens(&mut self, input: &Input) {
        let (before, streamed) = (self.world.state.clone(), self.world.texts.clone());
        let outcome = self.step(input);
        assert!(outcome.events.is_empty() && outcome.effects.is_empty(), "{input:?}");
        assert!(before == self.world.state && streamed == self.world.texts, "{input:?}");
    }

    fn step(&mut self, input: &Input) -> Outcome {
        let first_event = self.world.state.last_event + 1;
        let outcome = self.world.step(input);
        self.onlooker.hear(&outcome);
        Onlooker::overhear(&self.world, &outcome.events, first_event);
        for change in work_changes(&self.world.state, &outcome.events) {
            match change {
                WorkChange::Put(work) => drop(self.work.insert(work.id, work.attempt)),
                WorkChange::Remove { id } => drop(self.work.remove(&id)),
            }
        }
        let running = self.world.state.running.iter();
        let running = running.map(|running| (running.turn.as_uuid(), running.attempt));
        assert_eq!(self.work, running.collect(), "a work row stands exactly while a turn runs");
        outcome
    }
}

fn is_acknowledged(input: &Input) -> bool {
    match input {
        Input::Command { command, .. } => match command {
            Command::Ask { .. }
            | Command::Cancel { .. }
            | Command::Feedback { .. }
            | Command::Hint { .. }
            | Command::Submit { .. }
            | Command::Quiz { .. } => true,
            Command::Attach { .. }
            | Command::Detach { .. }
            | Command::Active
            | Command::Enrolled { .. } => false,
        },
        Input::Piece { .. }
        | Input::Finished { .. }
        | Input::Failed { .. }
        | Input::Guarded { .. }
        | Input::Recovered { .. }
        | Input::TimerDue { .. } => false,
    }
}

/// One of the course's own questions, or another.
fn question(words: u16) -> String {
    let mut own = BUILTIN.topics()[0].authored_questions();
    let words = usize::from(words);
    match own.nth(words / 8_000) {
        Some(question) => question.to_owned(),
        None => format!("{SECRET}{}", "why loop ".repeat(words % 60)),
    }
}

/// One of the first exercises; of every third kind a student can say what is printed.
fn nth_exercise(place: u8) -> &'static Exercise {
    let exercises = BUILTIN.topics().iter().flat_map(|topic| &topic.exercises);
    let place = usize::from(place) % 20;
    if place.is_multiple_of(3) {
        let predict = |one: &&Exercise| one.kind == ExerciseKind::PredictOutput;
        return exercises.filter(predict).nth(place / 3).unwrap();
    }
    exercises.cycle().nth(place).unwrap()
}

const fn leak(turn: TurnId, attempt: i16) -> Input {
    Input::Guarded { turn, attempt, reason: LeakReason::Solution }
}

fn finish(turn: TurnId, attempt: i16, how: u8) -> Input {
    let reason = match how % 6 {
        4 => FinishReason::Length,
        5 => FinishReason::ContentFilter,
        _ => FinishReason::Stop,
    };
    Input::Finished { turn, attempt, reason, usage: None, source: AnswerSource::Model }
}

fn fail(turn: TurnId, attempt: i16, why: u8) -> Input {
    let error = match why % 5 {
        0 => ModelError::Unreachable,
        1 => ModelError::IdleTimeout,
        2 => ModelError::Refused(400),
        _ => ModelError::Cut,
    };
    Input::Failed { turn, attempt, error }
}
