//! What a connection does with replies of the engine.

use std::sync::Arc;

use actix::prelude::{AsyncContext, Context};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::CommandId;
use learnflow_engine::port::log::{Reply, ReplyHeader};
use learnflow_engine::port::vault::Place;
use serde::Deserialize;

use super::connection::{Attached, CatchUp, Connection, Phase, Told};
use super::frame::CloseCode;
use super::resume;

/// Bytes that are held back for a client that catches up; above, its durable frames are read from
/// the store instead.
const HELD_LIMIT_BYTES: usize = 256 * 1_024;

impl Connection {
    pub(super) fn reply(&mut self, context: &mut Context<Self>, reply: Arc<Reply>) {
        if let ReplyHeader::Attached { socket, .. } = &reply.header {
            if *socket == self.socket {
                self.attached(context, &reply);
            }
            return;
        }
        match &mut self.phase {
            Phase::NoHello => {}
            Phase::CatchingUp(catch_up) => {
                catch_up.held_bytes += reply.body.len();
                if catch_up.held_bytes > HELD_LIMIT_BYTES {
                    // What is dropped here is found missing by its seq and read again.
                    catch_up.held.clear();
                    catch_up.held_bytes = reply.body.len();
                }
                catch_up.held.push_back(reply);
            }
            Phase::Live => self.live(context, &reply),
        }
    }

    fn live(&mut self, context: &mut Context<Self>, reply: &Arc<Reply>) {
        match &reply.header {
            ReplyHeader::Frames { first_seq, last_seq } => {
                self.newest = self.newest.max(*last_seq);
                if *last_seq <= self.delivered {
                    return;
                }
                if *first_seq > self.delivered + 1 {
                    return self.found_gap(context, reply);
                }
                let Some(body) = self.open(reply) else { return };
                for (seq, line) in (*first_seq..).zip(body.lines()) {
                    self.deliver(context, seq, line.to_owned());
                }
            }
            ReplyHeader::Passing => {
                if let Some(body) = self.open(reply)
                    && self.heard.lets_pass(&body)
                {
                    self.outbox.push_passing(body);
                }
            }
            ReplyHeader::Repeated { command, seq } => self.repeated(context, *command, *seq),
            ReplyHeader::Refused { command } => {
                if self.take_waiting(*command)
                    && let Some(body) = self.open(reply)
                {
                    self.refused(context, body);
                }
            }
            ReplyHeader::Attached { .. } => {}
        }
    }

    /// Sends a durable frame if it is the next; an older one was seen already.
    pub(super) fn deliver(&mut self, context: &mut Context<Self>, seq: i64, line: String) {
        if seq != self.delivered + 1 {
            return;
        }
        self.delivered = seq;
        self.newest = self.newest.max(seq);
        if !self.waiting.is_empty()
            && let Some(command) = acknowledged(&line)
        {
            self.take_waiting(command);
        }
        self.heard.note(&line);
        self.say(context, line);
    }

    /// A frame is missing between: it is read from the store, and this reply waits for it.
    fn found_gap(&mut self, context: &mut Context<Self>, reply: &Arc<Reply>) {
        let held = [Arc::clone(reply)].into();
        let catch_up = CatchUp { held, durable_only: true, ..CatchUp::default() };
        self.phase = Phase::CatchingUp(catch_up);
        self.read_gap(context);
    }

    fn attached(&mut self, context: &mut Context<Self>, reply: &Reply) {
        let text = self.open(reply).unwrap_or_default();
        let ReplyHeader::Attached { seq, turn, attempt, .. } = &reply.header else { return };
        self.newest = self.newest.max(*seq);
        if let Phase::CatchingUp(catch_up) = &mut self.phase {
            let turn = turn.map(|turn| (turn, *attempt));
            catch_up.attached = Some(Attached { seq: *seq, turn, text });
            self.advance(context);
        }
    }

    /// The same frame for the socket that waits, outside the order.
    fn repeated(&mut self, context: &mut Context<Self>, command: CommandId, seq: i64) {
        if !self.take_waiting(command) {
            return;
        }
        let (gateway, key) = (Arc::clone(&self.gateway), self.key.clone());
        let address = context.address();
        self.gateway.tasks.spawn(async move {
            let frame = resume::frame_at(&gateway, &key, seq).await;
            drop(address.try_send(Told::Repeated(frame.ok().flatten())));
        });
    }

    fn refused(&self, context: &mut Context<Self>, frame: String) {
        let consent = frame.contains(ErrorCode::ConsentMissing.as_str());
        self.say(context, frame);
        if consent {
            self.close(context, CloseCode::NotAllowed);
        }
    }

    fn take_waiting(&mut self, command: CommandId) -> bool {
        match self.waiting.iter().position(|waiting| *waiting == command) {
            Some(place) => self.waiting.remove(place).is_some(),
            None => false,
        }
    }

    fn open(&self, reply: &Reply) -> Option<String> {
        let opened = self.gateway.vault.open(&self.key, Place::Reply, &reply.body).ok()?;
        String::from_utf8(opened).ok()
    }
}

/// The command that an `ack` frame acknowledges.
fn acknowledged(line: &str) -> Option<CommandId> {
    #[derive(Deserialize)]
    struct Ack {
        #[serde(rename = "type")]
        kind: String,
        cmd: Option<CommandId>,
    }
    if !line.contains("\"ack\"") {
        return None;
    }
    serde_json::from_str::<Ack>(line).ok().filter(|ack| ack.kind == "ack").and_then(|ack| ack.cmd)
}
