//! How a client catches up: `hello`, the store's answer, the engine's `attached`, then live.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{AsyncContext, Context};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::CommandId;
use learnflow_engine::session::command::Command;

use super::connection::{CatchUp, Connection, Phase, Told};
use super::frame::{self, CloseCode};
use super::heard_turns::HeardTurns;
use super::resume::{self, Answer};

/// Without `attached` within so long, the socket goes on with durable frames alone.
const ATTACHED_WITHIN: Duration = Duration::from_secs(5);

impl Connection {
    /// Every `hello` becomes an `attach`; welcome and replay come from the store at once.
    pub(super) fn hello(&mut self, context: &mut Context<Self>, after_seq: i64) {
        let Some(lease) = self.lease() else {
            return self.close(context, CloseCode::Restarting);
        };
        self.hello += 1;
        self.delivered = after_seq;
        self.heard = HeardTurns::default();
        self.phase = Phase::CatchingUp(CatchUp::default());
        let id = CommandId::from_seed(self.gateway.clock.now(), self.gateway.clock.seed());
        let attach =
            Command::Attach { slot: lease.slot, slot_epoch: lease.epoch, socket: self.socket };
        self.append(context, id, &attach);
        context.notify_later(Told::AttachOverdue(self.hello), ATTACHED_WITHIN);
        let (gateway, key, hello) = (Arc::clone(&self.gateway), self.key.clone(), self.hello);
        let address = context.address();
        self.gateway.tasks.spawn(async move {
            let answer = resume::answer(&gateway, &key, after_seq).await;
            drop(address.try_send(Told::Answered(hello, answer)));
        });
    }

    pub(super) fn answered(
        &mut self,
        context: &mut Context<Self>,
        answer: Result<Answer, ErrorCode>,
    ) {
        match answer {
            Ok(Answer { frames, delivered, newest, rests_until }) => {
                self.rests_until = rests_until;
                for text in frames {
                    self.heard.note(&text);
                    self.say(context, text);
                }
                self.delivered = delivered;
                self.newest = self.newest.max(newest);
                if let Phase::CatchingUp(catch_up) = &mut self.phase {
                    catch_up.answered = true;
                }
                self.advance(context);
            }
            // The store is away: the client says hello again, here or elsewhere.
            Err(_) => self.close(context, CloseCode::Restarting),
        }
    }

    pub(super) fn attach_overdue(&mut self, context: &mut Context<Self>) {
        if let Phase::CatchingUp(catch_up) = &mut self.phase {
            catch_up.durable_only = true;
            self.advance(context);
        }
    }

    pub(super) fn gap_read(
        &mut self,
        context: &mut Context<Self>,
        frames: Result<Vec<(i64, String)>, ErrorCode>,
    ) {
        let Ok(frames) = frames else {
            return self.close(context, CloseCode::Restarting);
        };
        for (seq, text) in frames {
            self.deliver(context, seq, text);
        }
        if let Phase::CatchingUp(catch_up) = &mut self.phase {
            catch_up.answered = true;
        }
        self.advance(context);
    }

    /// Begins to read what is missing; what is live waits meanwhile.
    pub(super) fn read_gap(&mut self, context: &mut Context<Self>) {
        let (gateway, key, hello) = (Arc::clone(&self.gateway), self.key.clone(), self.hello);
        let (address, after) = (context.address(), self.delivered);
        self.gateway.tasks.spawn(async move {
            let frames = resume::frames_after(&gateway, &key, after).await;
            drop(address.try_send(Told::Gap(hello, frames)));
        });
    }

    /// Goes live once the store and the engine have answered, and nothing is missing between.
    pub(super) fn advance(&mut self, context: &mut Context<Self>) {
        let Phase::CatchingUp(catch_up) = &mut self.phase else { return };
        if !catch_up.answered {
            return;
        }
        match &catch_up.attached {
            Some(attached) if attached.seq > self.delivered => {
                catch_up.answered = false;
                return self.read_gap(context);
            }
            Some(attached) => {
                // Its `route` is in what the client has, or in the replay.
                let running = attached.turn.filter(|(turn, _)| !self.heard.has_ended(*turn));
                if let Some((turn, _)) = running {
                    self.heard.route(turn);
                }
                if let Some((turn, attempt)) = running.filter(|_| !attached.text.is_empty()) {
                    let text = frame::token(turn, attempt, 0, &attached.text);
                    self.outbox.push_passing(text);
                }
            }
            None if catch_up.durable_only => {}
            None => return,
        }
        let held = std::mem::take(&mut catch_up.held);
        self.phase = Phase::Live;
        for reply in held {
            self.reply(context, reply);
        }
    }
}
