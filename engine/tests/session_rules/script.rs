//! Scenarios as tables: one line an input, and what must come of it, in few words.
//!
//! Inputs: `ask c1 WORDS`, `ask c1 @EXERCISE WORDS`, `hint c1 EXERCISE`, `leak`, `late t1#1 leak`, `cancel c2 t1`, `rate c3 t1`, `attach 3/7`, `detach 3/7`, `active`,
//! `say WORDS`, `end`, `end length|filter`, `fail cut|down|slow|silent|refused`, `late t1#1 say|end|fail`,
//! `crash t1`, `handover t1`, `overdue t1`, `pass MS`, `back MS`, `again` (the last record, at its
//! old place), `at GENERATION/PARTITION/OFFSET COMMAND`.
//! Turns are `t1`, `t2` … in the order of their acceptance. Outputs are separated by ` | `:
//! tokens first, then frames by number, then everything else.

use learnflow_engine::event::v1::{Event, Timer};
use learnflow_engine::id::{CommandId, SocketId, TurnId};
use learnflow_engine::port::model::{AnswerSource, FinishReason, ModelError};
use learnflow_engine::session::command::{Command, Rating};
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::input::{HandOver, Input};
use learnflow_engine::session::state::Position;
use learnflow_engine::tutor::leak::LeakReason;
use serde_json::Value;
use uuid::Uuid;

use super::world::{Outcome, World};

/// A world with names for its commands and turns.
pub(crate) struct Script {
    pub(crate) world: World,
    turns: Vec<TurnId>,
    next: Position,
    last: Option<Input>,
}

/// Plays a table in a fresh session.
pub(crate) fn check(world: World, lines: &[(&str, &str)]) -> Script {
    let mut script = Script::new(world);
    for (place, (input, expected)) in lines.iter().enumerate() {
        let found = script.play(input);
        assert_eq!(&found, expected, "line {place}: {input}");
    }
    script
}

impl Script {
    /// Begins at the log's beginning.
    pub(crate) fn new(world: World) -> Self {
        let next = Position { generation: 1, partition: 0, offset: 0 };
        Self { world, turns: Vec::new(), next, last: None }
    }

    /// Plays one line and says what came of it.
    pub(crate) fn play(&mut self, line: &str) -> String {
        let outcome = self.outcome(line);
        self.describe(&outcome)
    }

    /// Plays one line.
    pub(crate) fn outcome(&mut self, line: &str) -> Outcome {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let input = match word {
            "pass" => {
                self.world.now = self.world.now.plus_millis(number(rest));
                return Outcome::default();
            }
            "back" => {
                self.world.now = self.world.now.plus_millis(-number(rest));
                return Outcome::default();
            }
            "again" => self.last.clone().expect("a record came before"),
            "at" => {
                let (place, command) = rest.split_once(' ').expect("a command");
                let mut parts = place.split('/').map(number);
                let mut part = || parts.next().expect("generation/partition/offset");
                let (generation, partition, offset) = (part(), part(), part());
                let partition = i32::try_from(partition).expect("a partition");
                self.next = Position { generation, partition, offset };
                self.record(command)
            }
            "ask" | "hint" | "cancel" | "rate" | "attach" | "detach" | "active" => {
                self.record(line)
            }
            "crash" | "handover" => {
                self.world.lose_memory();
                let handed_over = if word == "crash" { HandOver::Crashed } else { HandOver::Clean };
                Input::Recovered { turn: self.turn(rest), handed_over }
            }
            "overdue" => Input::TimerDue { timer: Timer::TurnOverdue(self.turn(rest)) },
            "late" => {
                let (place, what) = rest.split_once(' ').expect("what is late");
                let (turn, attempt) = place.split_once('#').expect("turn#attempt");
                let attempt = i16::try_from(number(attempt)).expect("an attempt");
                completion((self.turn(turn), attempt), what)
            }
            "say" | "end" | "fail" | "leak" => {
                let running = self.world.state.running.as_ref().expect("a turn runs");
                completion((running.turn, running.attempt), line)
            }
            _ => panic!("unknown input {line:?}"),
        };
        let outcome = self.world.step(&input);
        for event in &outcome.events {
            if let Event::Asked { turn, .. } = event {
                self.turns.push(*turn);
            }
        }
        outcome
    }

    fn record(&mut self, line: &str) -> Input {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let command = match word {
            "ask" => {
                let (exercise, text) = match more.strip_prefix('@') {
                    Some(more) => {
                        let (exercise, text) = more.split_once(' ').expect("words");
                        (Some(exercise.parse().expect("an exercise")), text)
                    }
                    None => (None, more),
                };
                Command::Ask { text: text.to_owned(), code: None, exercise, topic: None }
            }
            "hint" => Command::Hint { exercise: more.parse().expect("an exercise") },
            "cancel" => Command::Cancel { turn: self.turn(more) },
            "rate" => Command::Feedback {
                turn: self.turn(more),
                rating: Rating::Up,
                reason: Some("clear".to_owned()),
            },
            "attach" | "detach" => {
                let (slot, epoch) = first.split_once('/').expect("slot/epoch");
                let slot = i32::try_from(number(slot)).expect("a slot");
                let slot_epoch = number(epoch);
                if word == "attach" {
                    let socket = SocketId::new(Uuid::from_u128(9));
                    Command::Attach { slot, slot_epoch, socket }
                } else {
                    Command::Detach { slot, slot_epoch }
                }
            }
            "active" => Command::Active,
            _ => panic!("unknown command {line:?}"),
        };
        let position = self.next;
        self.next.offset += 1;
        let id = command_id(first);
        let input = Input::Command { id, position, at: self.world.now, command };
        self.last = Some(input.clone());
        input
    }

    /// A turn by its name; one that nobody has asked yet is unknown to the session too.
    pub(crate) fn turn(&self, name: &str) -> TurnId {
        let place = usize::try_from(number(&name[1..]) - 1).expect("turns count from 1");
        self.turns.get(place).copied().unwrap_or(TurnId::new(Uuid::from_u128(999)))
    }

    fn name(&self, id: &str) -> String {
        let place = self.turns.iter().position(|turn| turn.to_string() == id);
        place.map_or_else(|| "t?".to_owned(), |place| format!("t{}", place + 1))
    }

    fn describe(&self, outcome: &Outcome) -> String {
        let mut authored = false;
        for event in &outcome.events {
            authored |= matches!(event, Event::Ended { source: Some(AnswerSource::Authored), .. });
        }
        let said = |text: &str| if authored { "<authored>".to_owned() } else { text.to_owned() };
        let mut parts = Vec::new();
        for effect in &outcome.effects {
            if let Effect::Token { turn, attempt, from, text } = effect {
                let turn = self.name(&turn.to_string());
                parts.push(format!("token {turn}#{attempt}@{from} {}", said(text)));
            }
        }
        for frame in &outcome.frames {
            let json: Value = serde_json::from_str(&frame.json).expect("a frame is JSON");
            assert_eq!(json["seq"], frame.seq, "a frame carries its number");
            parts.push(self.frame(&json, &said));
        }
        parts.extend(outcome.effects.iter().filter_map(|effect| self.effect(effect)));
        parts.join(" | ")
    }

    fn frame(&self, json: &Value, said: &dyn Fn(&str) -> String) -> String {
        let text = |key: &str| json[key].as_str().unwrap_or_default();
        let turn = self.name(text("turn"));
        let mut words = vec![json["seq"].to_string(), text("type").to_owned()];
        match text("type") {
            "ack" => {
                let cmd: Uuid = text("cmd").parse().expect("a UUID");
                words.extend([format!("c{}", cmd.as_u128()), turn]);
            }
            "route" => words.push(turn),
            "done" => {
                words.extend([turn, text("status").to_owned()]);
                let more = ["source", "code"].map(text).into_iter().filter(|word| !word.is_empty());
                words.extend(more.map(str::to_owned));
                words.extend((json["truncated"] == true).then(|| "truncated".to_owned()));
                return format!("{}: {}", words.join(" "), said(text("text")));
            }
            other => panic!("unknown frame {other:?}"),
        }
        words.join(" ")
    }

    fn effect(&self, effect: &Effect) -> Option<String> {
        let name = |turn: &TurnId| self.name(&turn.to_string());
        Some(match effect {
            Effect::Token { .. } => return None,
            Effect::CallModel { turn, attempt, guard: None, .. } => {
                format!("call {}#{attempt}", name(turn))
            }
            Effect::CallModel { turn, attempt, guard: Some(_), .. } => {
                format!("guarded call {}#{attempt}", name(turn))
            }
            Effect::Answer { turn, attempt, .. } => format!("answer {}#{attempt}", name(turn)),
            Effect::SayWithin { turn, .. } => format!("say {}", name(turn)),
            Effect::StopModel { turn } => format!("stop {}", name(turn)),
            Effect::Attached { slot, slot_epoch, .. } => format!("attached {slot}/{slot_epoch}"),
            Effect::Repeated { command, seq } => {
                format!("repeated c{} at {seq}", command.as_uuid().as_u128())
            }
            Effect::Refused { command, code, detail, retry_ms } => {
                assert!(!detail.is_empty(), "a refusal says why");
                let retry = retry_ms.map_or_else(String::new, |ms| format!(" retry {ms}"));
                format!("refused c{} {code}{retry}", command.as_uuid().as_u128())
            }
            Effect::Abandoned { turn } => format!("abandoned {}", name(turn)),
        })
    }
}

fn completion((turn, attempt): (TurnId, i16), line: &str) -> Input {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (word, rest) {
        ("say", text) => Input::Piece { turn, attempt, text: text.to_owned() },
        ("end", how) => {
            let reason = match how {
                "length" => FinishReason::Length,
                "filter" => FinishReason::ContentFilter,
                _ => FinishReason::Stop,
            };
            Input::Finished { turn, attempt, reason, usage: None, source: AnswerSource::Model }
        }
        ("fail", why) => {
            let error = match why {
                "down" => ModelError::Unreachable,
                "slow" => ModelError::FirstContentTimeout,
                "silent" => ModelError::IdleTimeout,
                "refused" => ModelError::Refused(401),
                _ => ModelError::Cut,
            };
            Input::Failed { turn, attempt, error }
        }
        ("leak", _) => Input::Guarded { turn, attempt, reason: LeakReason::Solution },
        _ => panic!("unknown completion {line:?}"),
    }
}

/// `c17` as an id.
pub(crate) fn command_id(name: &str) -> CommandId {
    let number = name.strip_prefix('c').map_or(0, number);
    CommandId::new(Uuid::from_u128(u128::try_from(number).expect("commands count from 0")))
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is a number"))
}
