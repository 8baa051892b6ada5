//! What a session says: durable frames of a step, and passing frames that wait for a commit.

use bytes::Bytes;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::frame::DurableFrame;
use learnflow_engine::id::{CommandId, SocketId, TurnId};
use learnflow_engine::port::log::{Outgoing, Reply, ReplyHeader};
use learnflow_engine::port::vault::{Place, VaultError};
use serde_json::json;

use super::Active;

/// A refusal, for the socket that waits.
pub(super) struct Refusal {
    pub(super) command: CommandId,
    pub(super) code: ErrorCode,
    pub(super) detail: &'static str,
    pub(super) retry_ms: Option<u64>,
}

/// Whom an `attached` answers.
pub(super) struct Asker {
    pub(super) slot: i32,
    pub(super) slot_epoch: i64,
    pub(super) socket: SocketId,
}

impl Active {
    /// The replies that carry a step's frames: one a route.
    pub(super) fn durable_frames(
        &self,
        frames: &[DurableFrame],
    ) -> Result<Vec<Outgoing>, VaultError> {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Ok(Vec::new());
        };
        let lines: Vec<&str> = frames.iter().map(|frame| frame.json.as_str()).collect();
        let header = ReplyHeader::Frames { first_seq: first.seq, last_seq: last.seq };
        self.to_routes(&header, lines.join("\n").as_bytes())
    }

    /// Says a piece of the running answer.
    pub(super) fn say_token(
        &mut self,
        turn: TurnId,
        attempt: i16,
        from: usize,
        text: &str,
    ) -> Result<(), VaultError> {
        let replies = self.token((turn, attempt), from, text)?;
        self.hold(replies);
        Ok(())
    }

    /// A piece of an answer for all routes.
    pub(super) fn token(
        &self,
        (turn, attempt): (TurnId, i16),
        from: usize,
        text: &str,
    ) -> Result<Vec<Outgoing>, VaultError> {
        let frame =
            json!({"type": "token", "turn": turn, "attempt": attempt, "from": from, "text": text});
        self.to_routes(&ReplyHeader::Passing, frame.to_string().as_bytes())
    }

    /// Answers an `attach` with the text so far.
    pub(super) fn say_attached(&mut self, asker: &Asker) -> Result<(), VaultError> {
        let running = self.durable.running.as_ref();
        let header = ReplyHeader::Attached {
            socket: asker.socket,
            seq: self.durable.last_frame,
            turn: running.map(|running| running.turn),
            attempt: running.map_or(0, |running| running.attempt),
        };
        let text = if running.is_some() { self.texts.streamed() } else { "" };
        let body = self.sealed(text.as_bytes())?;
        let reply = Reply {
            slot: asker.slot,
            slot_epoch: asker.slot_epoch,
            student: self.student,
            header,
            body,
        };
        self.hold(vec![Outgoing::Reply(reply)]);
        Ok(())
    }

    /// Says that a command came again.
    pub(super) fn say_repeated(&mut self, command: CommandId, seq: i64) -> Result<(), VaultError> {
        let replies = self.to_routes(&ReplyHeader::Repeated { command, seq }, b"")?;
        self.hold(replies);
        Ok(())
    }

    /// Says that a command was refused.
    pub(super) fn say_refused(&mut self, refusal: &Refusal) -> Result<(), VaultError> {
        let frame = json!({
            "type": "error",
            "cmd": refusal.command,
            "code": refusal.code.as_str(),
            "title": refusal.code.title(),
            "detail": refusal.detail,
            "retryable": refusal.code.is_retryable(),
            "retry_ms": refusal.retry_ms,
        });
        let header = ReplyHeader::Refused { command: refusal.command };
        let replies = self.to_routes(&header, frame.to_string().as_bytes())?;
        self.hold(replies);
        Ok(())
    }

    /// Sends what waited for the commit that has come.
    pub(super) fn release(&mut self) {
        let mut free = Vec::new();
        while self.held.front().is_some_and(|(rev, _)| *rev <= self.committed_rev) {
            free.extend(self.held.pop_front().map(|(_, outgoing)| outgoing));
        }
        if !free.is_empty() {
            self.publisher.passing(free);
        }
    }

    fn hold(&mut self, outgoing: Vec<Outgoing>) {
        let rev = self.durable.rev;
        self.held.extend(outgoing.into_iter().map(|one| (rev, one)));
        self.release();
    }

    fn to_routes(&self, header: &ReplyHeader, body: &[u8]) -> Result<Vec<Outgoing>, VaultError> {
        if self.durable.routes.is_empty() {
            return Ok(Vec::new());
        }
        let body = self.sealed(body)?;
        let reply = |route: &learnflow_engine::session::state::Route| {
            Outgoing::Reply(Reply {
                slot: route.slot,
                slot_epoch: route.slot_epoch,
                student: self.student,
                header: header.clone(),
                body: body.clone(),
            })
        };
        Ok(self.durable.routes.iter().map(reply).collect())
    }

    fn sealed(&self, plain: &[u8]) -> Result<Bytes, VaultError> {
        self.world.vault.seal(&self.key, Place::Reply, plain).map(Bytes::from)
    }
}
