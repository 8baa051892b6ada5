//! What a connection does with its client's frames: refuse, bound, seal, append.

use std::time::{Duration, Instant};

use actix::prelude::Context;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::CommandId;
use learnflow_engine::port::log::NewCommand;
use learnflow_engine::port::vault::Place;
use learnflow_engine::session::command::Command;

use super::connection::Connection;
use super::frame::{self, ClientFrame, CloseCode, FrameError};
use super::gateway::Lease;

/// Unreadable frames within [`UNREADABLE_WINDOW`] that close the socket.
const UNREADABLE_LIMIT: usize = 5;
/// See [`UNREADABLE_LIMIT`].
const UNREADABLE_WINDOW: Duration = Duration::from_mins(1);
/// `active` is passed on once in so long.
const ACTIVE_EVERY: Duration = Duration::from_mins(1);
/// Commands that may be sent at once, and how many come back a second.
pub(super) const COMMAND_BURST: f64 = 60.0;
/// See [`COMMAND_BURST`].
const COMMANDS_PER_SECOND: f64 = 10.0;
/// Commands whose answers are awaited.
const WAITING_LIMIT: usize = 64;

impl Connection {
    pub(super) fn text(&mut self, context: &mut Context<Self>, text: &str) {
        let parsed = frame::parse(text, &self.gateway.course);
        if self.phase.is_before_hello() && !matches!(parsed, Ok(ClientFrame::Hello { .. })) {
            let error = match parsed {
                // Bytes that nobody can read count, before hello too.
                Err(error) if error.code == ErrorCode::UnreadableFrame => error,
                Err(FrameError {
                    code: ErrorCode::InvalidAfterSeq | ErrorCode::UnsupportedVersion,
                    ..
                }) => {
                    return self.refuse(context, parsed.as_ref().err());
                }
                Ok(_) | Err(_) => {
                    FrameError::new(None, ErrorCode::HelloExpected, "send hello first")
                }
            };
            return self.refuse(context, Some(&error));
        }
        match parsed {
            Err(error) => self.refuse(context, Some(&error)),
            Ok(ClientFrame::Hello { after_seq }) => self.hello(context, after_seq),
            Ok(ClientFrame::Ping) => {
                let seq = self.newest.max(self.delivered);
                self.say(context, frame::pong(seq));
            }
            Ok(ClientFrame::Active) => self.active(context),
            Ok(ClientFrame::Command { id, command }) => self.command(context, id, &command),
        }
    }

    pub(super) fn refuse(&mut self, context: &mut Context<Self>, error: Option<&FrameError>) {
        let Some(error) = error else { return };
        self.say(context, error.to_json());
        if error.code == ErrorCode::UnreadableFrame {
            self.unreadable(context);
        }
    }

    fn unreadable(&mut self, context: &mut Context<Self>) {
        let now = Instant::now();
        self.unreadable.push_back(now);
        while self.unreadable.front().is_some_and(|at| now - *at > UNREADABLE_WINDOW) {
            self.unreadable.pop_front();
        }
        if self.unreadable.len() >= UNREADABLE_LIMIT {
            self.close(context, CloseCode::Unreadable);
        }
    }

    fn command(&mut self, context: &mut Context<Self>, id: CommandId, command: &Command) {
        if !self.take_credit() {
            let code = ErrorCode::TooManyFrames;
            let mut error = FrameError::new(Some(id), code, "send at most 10 commands a second");
            error.retry_ms = Some(1_000);
            return self.say(context, error.to_json());
        }
        if let Some(retry_ms) = self.rest_ms() {
            let code = ErrorCode::SessionQuarantined;
            let mut error = FrameError::new(Some(id), code, "send it again after retry_ms");
            error.retry_ms = Some(retry_ms);
            return self.say(context, error.to_json());
        }
        if self.waiting.len() == WAITING_LIMIT {
            self.waiting.pop_front();
        }
        self.waiting.push_back(id);
        self.append(context, id, command);
    }

    /// How long the student's session still rests. What came meanwhile would be settled unseen.
    fn rest_ms(&self) -> Option<u64> {
        let rest_ms = self.rests_until?.millis_since(self.gateway.clock.now());
        u64::try_from(rest_ms).ok().filter(|rest_ms| *rest_ms > 0)
    }

    fn take_credit(&mut self) -> bool {
        let now = Instant::now();
        let earned = (now - self.credit_at).as_secs_f64() * COMMANDS_PER_SECOND;
        self.credit = (self.credit + earned).min(COMMAND_BURST);
        self.credit_at = now;
        let enough = self.credit >= 1.0;
        if enough {
            self.credit -= 1.0;
        }
        enough
    }

    fn active(&mut self, context: &mut Context<Self>) {
        let now = Instant::now();
        if self.active_at.is_some_and(|at| now - at < ACTIVE_EVERY) {
            return;
        }
        self.active_at = Some(now);
        let id = CommandId::from_seed(self.gateway.clock.now(), self.gateway.clock.seed());
        self.append(context, id, &Command::Active);
    }

    /// Seals a command and queues it for the log, in order.
    pub(super) fn append(&self, context: &mut Context<Self>, id: CommandId, command: &Command) {
        let sealed = self.gateway.vault.seal(&self.key, Place::Command(id), &command.encode());
        let Ok(body) = sealed else {
            return self.say(context, not_appended(id).to_json());
        };
        let command = NewCommand {
            student: self.key.student(),
            command: id,
            kind: command.kind(),
            traceparent: Some(self.gateway.new_traceparent()),
            body: body.into(),
        };
        if self.append.try_send(command).is_err() {
            self.say(context, not_appended(id).to_json());
        }
    }

    /// The lease under which replies reach us.
    pub(super) fn lease(&self) -> Option<Lease> {
        self.gateway.lease()
    }
}

/// The log didn't take a command: nothing was acknowledged, and it may be sent again.
pub(super) fn not_appended(id: CommandId) -> FrameError {
    let mut error = FrameError::new(
        Some(id),
        ErrorCode::LogUnavailable,
        "the command was not taken; send it again with the same cmd",
    );
    error.retry_ms = Some(2_000);
    error
}
