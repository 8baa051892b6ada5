//! One socket: an actix actor on an arbiter.
//!
//! - **Owns** what its client has seen, and the frames that are held back while it catches up.
//! - **Receives** the client's frames, its student's replies, what the store said.
//! - **Sends** to the client by the outbox; commands to the append task, in order.
//! - **Mailbox**: [`MAILBOX`]; whoever finds it full closes the socket with 1013.
//! - **Failure**: dies with its socket; the client resumes.
//! - **Observable state**: `learnflow_api_sockets_open`.
//!
//! Handlers never wait: what takes time runs on the main runtime and comes back as a message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::{Actor, ActorContext, AsyncContext, Context, Handler, Message};
use learnflow_engine::clock::Timestamp;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::{CommandId, SocketId, TurnId};
use learnflow_engine::port::log::{NewCommand, Reply};
use learnflow_engine::port::vault::StudentKey;
use tokio::sync::mpsc;

use super::client;
use super::frame::{self, CloseCode, FrameError};
use super::gateway::Gateway;
use super::heard_turns::HeardTurns;
use super::outbox::{Outbox, TooSlow};
use super::resume::Answer;

/// Messages that may wait for one connection.
pub const MAILBOX: usize = 512;
/// `hello` must come within so long.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// A socket on which nothing is said is closed after so long.
const IDLE_LIMIT: Duration = Duration::from_mins(10);
/// A socket that doesn't even answer pings is dropped after so long.
const SILENT_LIMIT: Duration = Duration::from_secs(75);
/// Pause between looks at the clock.
const TICK: Duration = Duration::from_secs(5);
/// Ticks between pings.
const PING_TICKS: u32 = 5;

/// What a connection is told. One enum, so that one mailbox keeps the order.
#[derive(Debug)]
pub enum Told {
    /// The client said something.
    Text(String),
    /// The client said something that isn't text.
    Binary,
    /// The client answered a ping.
    Heard,
    /// The socket ended; with a code if there is still somebody to tell.
    Ended(Option<CloseCode>),
    /// The engine says something to our student at our slot.
    Reply(Arc<Reply>),
    /// The store answered a `hello`.
    Answered(u64, Result<Answer, ErrorCode>),
    /// The store answered with the frames of a gap.
    Gap(u64, Result<Vec<(i64, String)>, ErrorCode>),
    /// The frame of a repeated command.
    Repeated(Option<String>),
    /// No `attached` came in time.
    AttachOverdue(u64),
    /// A command could not be appended.
    NotAppended(CommandId),
    /// What the store says of our student: newest frame, whether the sign-in still stands, and
    /// until when the session rests.
    Standing(i64, SignIn, Option<Timestamp>),
    /// Close; with a delay for the client if it shall resume.
    Shut(CloseCode, Option<u64>),
}

/// Whether a socket's sign-in still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// It does.
    Stands,
    /// Signed out, revoked, or erased.
    Gone,
}

impl Message for Told {
    type Result = ();
}

/// What a connection is started with.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) gateway: Arc<Gateway>,
    pub(super) socket: SocketId,
    pub(super) key: StudentKey,
    pub(super) outbox: Outbox,
    pub(super) append: mpsc::Sender<NewCommand>,
}

/// One socket.
#[derive(Debug)]
pub struct Connection {
    pub(super) gateway: Arc<Gateway>,
    pub(super) socket: SocketId,
    pub(super) key: StudentKey,
    pub(super) outbox: Outbox,
    pub(super) append: mpsc::Sender<NewCommand>,
    pub(super) phase: Phase,
    /// Raised by each `hello`: answers to an older one are ignored.
    pub(super) hello: u64,
    /// The newest durable frame that the client was sent.
    pub(super) delivered: i64,
    /// Turns that the client was told of.
    pub(super) heard: HeardTurns,
    /// The newest that is known to exist.
    pub(super) newest: i64,
    /// The student's session rests until then.
    pub(super) rests_until: Option<Timestamp>,
    /// Commands whose `ack` or refusal is awaited here.
    pub(super) waiting: VecDeque<CommandId>,
    opened_at: Instant,
    heard_at: Instant,
    spoken_at: Instant,
    pub(super) active_at: Option<Instant>,
    pub(super) unreadable: VecDeque<Instant>,
    pub(super) credit: f64,
    pub(super) credit_at: Instant,
    ticks: u32,
}

/// How far a connection has come.
#[derive(Debug)]
pub(super) enum Phase {
    /// `hello` hasn't come.
    NoHello,
    /// The client catches up; what is live waits.
    CatchingUp(CatchUp),
    /// Everything goes through as it comes.
    Live,
}

/// A client that catches up.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// What is live meanwhile.
    pub(super) held: VecDeque<Arc<Reply>>,
    pub(super) held_bytes: usize,
    /// The store's answer to `hello` has been sent.
    pub(super) answered: bool,
    /// The engine's answer to `attach`.
    pub(super) attached: Option<Attached>,
    /// No `attached` is awaited: a gap, or one that came too late.
    pub(super) durable_only: bool,
}

/// The engine's answer to `attach`.
#[derive(Debug)]
pub(super) struct Attached {
    pub(super) seq: i64,
    pub(super) turn: Option<(TurnId, i16)>,
    pub(super) text: String,
}

impl Connection {
    pub(super) fn new(arguments: Arguments) -> Self {
        let Arguments { gateway, socket, key, outbox, append } = arguments;
        let now = Instant::now();
        Self {
            gateway,
            socket,
            key,
            outbox,
            append,
            phase: Phase::NoHello,
            hello: 0,
            delivered: 0,
            heard: HeardTurns::default(),
            newest: 0,
            rests_until: None,
            waiting: VecDeque::new(),
            opened_at: now,
            heard_at: now,
            spoken_at: now,
            active_at: None,
            unreadable: VecDeque::new(),
            credit: client::COMMAND_BURST,
            credit_at: now,
            ticks: 0,
        }
    }

    pub(super) fn close(&self, context: &mut Context<Self>, code: CloseCode) {
        self.outbox.close(code);
        context.stop();
    }

    /// Sends a frame that must arrive; a client that can't keep up is closed.
    pub(super) fn say(&self, context: &mut Context<Self>, text: String) {
        if self.outbox.push(text) == Err(TooSlow) {
            self.close(context, CloseCode::TooSlow);
        }
    }

    fn tick(&mut self, context: &mut Context<Self>) {
        self.ticks = self.ticks.wrapping_add(1);
        let now = Instant::now();
        let without_hello = self.phase.is_before_hello() && now - self.opened_at >= HELLO_WITHIN;
        if without_hello || now - self.spoken_at >= IDLE_LIMIT {
            self.close(context, CloseCode::Idle);
        } else if now - self.heard_at >= SILENT_LIMIT {
            // Nobody is there to read a close frame.
            context.stop();
        } else if self.ticks.is_multiple_of(PING_TICKS) {
            self.outbox.ping();
        }
    }
}

impl Phase {
    pub(super) const fn is_before_hello(&self) -> bool {
        matches!(self, Self::NoHello)
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        context.run_interval(TICK, Self::tick);
        ::metrics::gauge!(super::gateway::SOCKETS_OPEN).increment(1.0);
    }

    fn stopped(&mut self, _context: &mut Context<Self>) {
        ::metrics::gauge!(super::gateway::SOCKETS_OPEN).decrement(1.0);
        Gateway::left(&self.gateway, &self.key, self.socket);
    }
}

impl Handler<Told> for Connection {
    type Result = ();

    fn handle(&mut self, told: Told, context: &mut Context<Self>) {
        match told {
            Told::Text(text) => {
                self.heard_at = Instant::now();
                self.spoken_at = self.heard_at;
                self.text(context, &text);
            }
            Told::Binary => {
                self.heard_at = Instant::now();
                let detail = "send text frames, not binary ones";
                let error = FrameError::new(None, ErrorCode::UnreadableFrame, detail);
                self.refuse(context, Some(&error));
            }
            Told::Heard => self.heard_at = Instant::now(),
            Told::Ended(None) => context.stop(),
            Told::Ended(Some(code)) => self.close(context, code),
            Told::Reply(reply) => self.reply(context, reply),
            Told::Answered(hello, answer) if hello == self.hello => self.answered(context, answer),
            Told::Gap(hello, frames) if hello == self.hello => self.gap_read(context, frames),
            Told::AttachOverdue(hello) if hello == self.hello => self.attach_overdue(context),
            Told::Answered(..) | Told::Gap(..) | Told::AttachOverdue(_) => {}
            Told::Repeated(frame) => {
                if let Some(frame) = frame {
                    self.say(context, frame);
                }
            }
            Told::NotAppended(id) => {
                self.waiting.retain(|waiting| *waiting != id);
                self.say(context, client::not_appended(id).to_json());
            }
            Told::Standing(_, SignIn::Gone, _) => self.close(context, CloseCode::NotSignedIn),
            Told::Standing(newest, SignIn::Stands, rests_until) => {
                self.newest = self.newest.max(newest);
                self.rests_until = rests_until;
            }
            Told::Shut(code, resume_after_ms) => {
                if let Some(after_ms) = resume_after_ms {
                    self.say(context, frame::goaway(after_ms));
                }
                self.close(context, code);
            }
        }
    }
}
