//! What protocol `learnflow.v1` asks of a client, as a state machine without socket and clock.
//!
//! Whoever drives it tells what happened and when, carries out the [`Action`]s, and hands the
//! [`Update`]s on. Everything is recorded in the [`StudentHistory`].

mod frames;
mod pending;
mod seen;
mod times;
mod turns;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::history::{CommandKind, Entry, Sharing, StudentHistory, What};
use pending::Commands;
pub use seen::{Action, Seen, StopReason, Update};
pub use times::Times;
use turns::Turns;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting { until: Instant },
    Connecting,
    Greeting,
    Live,
    Stopped,
}

/// The command is one too many: wait for answers first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} commands await an answer already", pending::MAX_PENDING)]
pub struct TooManyCommands;

/// The state machine.
#[derive(Debug)]
pub struct Rules {
    times: Times,
    began: Instant,
    phase: Phase,
    phase_since: Instant,
    failures: u32,
    goaway: Option<Duration>,
    /// Counts `welcome`s.
    welcomes: u32,
    seq: u64,
    is_behind: bool,
    /// The newest frame that a test threw away.
    lost_seq: u64,
    hello_at: Instant,
    ping_at: Instant,
    active_at: Instant,
    heard_at: Instant,
    turn_heard_at: Instant,
    commands: Commands,
    turns: Turns,
    history: StudentHistory,
    actions: VecDeque<Action>,
    updates: VecDeque<Update>,
}

impl Rules {
    /// A client of this student that has seen the frames up to `seq`. It connects at once.
    pub fn new(student: Uuid, sharing: Sharing, seq: u64, times: Times, now: Instant) -> Self {
        Self {
            times,
            began: now,
            phase: Phase::Connecting,
            phase_since: now,
            failures: 0,
            goaway: None,
            welcomes: 0,
            seq,
            is_behind: false,
            lost_seq: 0,
            hello_at: now,
            ping_at: now,
            active_at: now,
            heard_at: now,
            turn_heard_at: now,
            commands: Commands::default(),
            turns: Turns::default(),
            history: StudentHistory { student, sharing, entries: Vec::new() },
            actions: VecDeque::from([Action::Connect]),
            updates: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The next thing to know.
    pub fn next_update(&mut self) -> Option<Update> {
        self.updates.pop_front()
    }

    /// The newest durable frame that was applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Commands that await an answer.
    pub fn pending_commands(&self) -> usize {
        self.commands.len()
    }

    /// Whether the server has said welcome and the socket stands.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// What was sent and seen so far.
    pub fn history(&self) -> &StudentHistory {
        &self.history
    }

    /// What was sent and seen.
    pub fn into_history(self) -> StudentHistory {
        self.history
    }

    /// Gives a command to send; `frame` is its JSON with this `cmd`.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn command(
        &mut self,
        cmd: Uuid,
        kind: CommandKind,
        frame: String,
        now: Instant,
    ) -> Result<(), TooManyCommands> {
        if !self.commands.add(cmd, kind, frame) {
            return Err(TooManyCommands);
        }
        self.send_due(now);
        Ok(())
    }

    /// The socket is open.
    pub fn opened(&mut self, now: Instant) {
        if self.phase == Phase::Connecting {
            self.heard_at = now;
            self.hello(now);
        }
    }

    /// No socket could be had. `status` is that of a refused ticket.
    pub fn not_connected(&mut self, status: Option<u16>, retry_ms: Option<u64>, now: Instant) {
        if self.phase != Phase::Connecting {
            return;
        }
        self.tell(now, Seen::NotConnected { status });
        match status {
            Some(401) => self.stop(StopReason::SignedOut, now),
            Some(403) => self.stop(StopReason::Forbidden, now),
            Some(_) | None => self.come_back(retry_ms.map(Duration::from_millis), now),
        }
    }

    /// The socket was closed, or broke (1006).
    pub fn closed(&mut self, code: u16, now: Instant) {
        if matches!(self.phase, Phase::Waiting { .. } | Phase::Stopped) {
            return;
        }
        self.record(now, What::Closed { code });
        self.tell(now, Seen::Lost { code });
        match code {
            4400 => return self.stop(StopReason::Misunderstood, now),
            4403 => return self.stop(StopReason::Forbidden, now),
            4429 => return self.stop(StopReason::TooManySockets, now),
            1009 => {
                if let Some(largest) = self.commands.settle_largest() {
                    let (cmd, code) = (Some(largest.cmd), "1009".to_owned());
                    self.tell(now, Seen::Refused { cmd, code, will_retry: false });
                }
            }
            _ => {}
        }
        // A ticket may have run out on the way: a fresh one is tried at once, but only once.
        let pause = if code == 4401 && self.failures == 0 {
            Some(Duration::ZERO)
        } else {
            self.goaway.take()
        };
        self.come_back(pause, now);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Instant) {
        match self.phase {
            Phase::Waiting { until } => {
                if now >= until {
                    self.enter(Phase::Connecting, now);
                    self.actions.push_back(Action::Connect);
                }
            }
            Phase::Connecting => {
                // The ticket and the upgrade, one after the other.
                if now - self.phase_since >= self.times.open * 2 {
                    self.give_up_socket(now);
                }
            }
            Phase::Greeting => {
                if now - self.phase_since >= self.times.open {
                    self.give_up_socket(now);
                }
            }
            Phase::Live => self.tick_live(now),
            Phase::Stopped => {}
        }
    }

    fn tick_live(&mut self, now: Instant) {
        let is_pong_due = self.ping_at > self.heard_at;
        if is_pong_due && now - self.ping_at >= self.times.pong {
            return self.give_up_socket(now);
        }
        let turn_heard_at = self.turn_heard_at.max(self.hello_at);
        let is_turn_silent =
            self.turns.is_one_running() && now - turn_heard_at >= self.times.silent_turn;
        let is_command_late = self.commands.is_one_late(now, self.times.command);
        if self.is_behind || is_turn_silent || is_command_late {
            return self.hello(now);
        }
        self.send_due(now);
        if now - self.ping_at.max(self.hello_at) >= self.times.ping {
            self.ping(now);
        }
        if now - self.active_at >= self.times.active {
            self.active_at = now;
            self.actions.push_back(Action::Send(json!({"type": "active"}).to_string()));
        }
    }

    /// Asks for the newest number.
    pub fn ping(&mut self, now: Instant) {
        if self.phase == Phase::Live {
            self.ping_at = now;
            self.actions.push_back(Action::Send(json!({"type": "ping"}).to_string()));
        }
    }

    /// Says hello: the server answers with `welcome` and what comes after our number.
    fn hello(&mut self, now: Instant) {
        self.enter(Phase::Greeting, now);
        self.hello_at = now;
        self.is_behind = false;
        self.commands.unsend();
        self.record(now, What::Hello { after_seq: self.seq });
        let hello = json!({"type": "hello", "v": 1, "after_seq": self.seq});
        self.actions.push_back(Action::Send(hello.to_string()));
    }

    /// Something was missed: hello again, unless that was done just now.
    fn missed(&mut self, now: Instant) {
        if self.phase != Phase::Live {
            return;
        }
        if now - self.hello_at < self.times.hello_gap {
            self.is_behind = true;
        } else {
            self.hello(now);
        }
    }

    fn send_due(&mut self, now: Instant) {
        if self.phase != Phase::Live {
            return;
        }
        for due in self.commands.take_due(now) {
            self.record(now, What::Sent { cmd: due.cmd, kind: due.kind });
            self.actions.push_back(Action::Send(due.frame));
        }
    }

    fn give_up_socket(&mut self, now: Instant) {
        self.actions.push_back(Action::Close);
        self.closed(1006, now);
    }

    fn come_back(&mut self, pause: Option<Duration>, now: Instant) {
        let doubled = self.times.first_pause * 2_u32.pow(self.failures.min(10));
        let pause = pause.unwrap_or(doubled.min(self.times.longest_pause));
        // Each student by a share of its own, so that a class doesn't come back in one instant.
        let share = u32::from(self.history.student.as_bytes()[15]);
        let until = now + pause / 2 + pause * share / 512;
        self.failures += 1;
        self.commands.unsend();
        self.enter(Phase::Waiting { until }, now);
    }

    fn stop(&mut self, reason: StopReason, now: Instant) {
        self.enter(Phase::Stopped, now);
        self.tell(now, Seen::Stopped(reason));
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        (self.phase, self.phase_since) = (phase, now);
    }

    fn record(&mut self, now: Instant, what: What) {
        let at_us = u64::try_from((now - self.began).as_micros()).unwrap_or(u64::MAX);
        self.history.entries.push(Entry { at_us, what });
    }

    fn tell(&mut self, at: Instant, what: Seen) {
        self.updates.push_back(Update { at, what });
    }
}

#[cfg(test)]
mod tests;
