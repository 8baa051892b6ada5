//! A student's client over a real WebSocket: carries out what the [`Rules`] decide.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use uuid::Uuid;

use super::http::{Account, Http};
use super::rules::{Action, Rules, Seen, Times, TooManyCommands, Update};
use super::socket::{NotConnected, Socket, open};
use super::{DurableFrame, ServerFrame};
use crate::history::{CommandKind, Sharing, StudentHistory};

/// How often the rules look at the clock.
const TICK: Duration = Duration::from_millis(250);

/// The longest that sending one frame may take.
const SEND_LIMIT: Duration = Duration::from_secs(10);

type Connecting = Pin<Box<dyn Future<Output = Result<Socket, NotConnected>> + Send>>;

/// A student at a page. It lives only while [`StudentClient::next_update`] is awaited.
///
/// # Cancellation
///
/// All methods may be dropped at any await; nothing that came is lost.
pub struct StudentClient {
    http: Http,
    token: String,
    times: Times,
    rules: Rules,
    socket: Option<Socket>,
    connecting: Option<Connecting>,
    next_tick: Instant,
    to_lose: u32,
    /// Turns of asks, and what ended, for [`StudentClient::answer`].
    turns: HashMap<Uuid, Uuid>,
    ended: HashMap<Uuid, DurableFrame>,
}

impl std::fmt::Debug for StudentClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StudentClient").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// What did not happen in time, or at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The deadline passed.
    #[error("no answer within the deadline")]
    Late,
    /// The server refused the command for good.
    #[error("the command was refused")]
    Refused,
}

impl StudentClient {
    /// A client that has seen nothing yet. It connects when it is first driven.
    pub fn new(http: Http, account: &Account) -> Self {
        Self::resuming(http, account, Sharing::Sole, 0, Times::default())
    }

    /// A client that has seen the frames up to `after_seq`.
    pub fn resuming(
        http: Http,
        account: &Account,
        sharing: Sharing,
        after_seq: u64,
        times: Times,
    ) -> Self {
        let now = Instant::now();
        Self {
            http,
            token: account.token.clone(),
            times,
            rules: Rules::new(account.student_id, sharing, after_seq, times, now),
            socket: None,
            connecting: None,
            next_tick: now + TICK,
            to_lose: 0,
            turns: HashMap::new(),
            ended: HashMap::new(),
        }
    }

    /// Asks a question. Answers the command's id.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn ask(&mut self, text: &str) -> Result<Uuid, TooManyCommands> {
        self.command(CommandKind::Ask, json!({"type": "ask", "text": text}))
    }

    /// Cancels a turn. Answers the command's id.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn cancel(&mut self, turn: Uuid) -> Result<Uuid, TooManyCommands> {
        self.command(CommandKind::Other, json!({"type": "cancel", "turn": turn}))
    }

    /// Rates a turn `up` or `down`. Answers the command's id.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn rate(&mut self, turn: Uuid, rating: &str) -> Result<Uuid, TooManyCommands> {
        let feedback = json!({"type": "feedback", "turn": turn, "rating": rating});
        self.command(CommandKind::Other, feedback)
    }

    /// Sends any command; its `cmd` is made here. Answers it.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn command(&mut self, kind: CommandKind, frame: Value) -> Result<Uuid, TooManyCommands> {
        let cmd = Uuid::now_v7();
        self.command_as(cmd, kind, frame)?;
        Ok(cmd)
    }

    /// Sends a command under a given id, such as one that was sent before.
    ///
    /// # Errors
    ///
    /// [`TooManyCommands`]: wait for answers.
    pub fn command_as(
        &mut self,
        cmd: Uuid,
        kind: CommandKind,
        mut frame: Value,
    ) -> Result<(), TooManyCommands> {
        frame["cmd"] = Value::String(cmd.to_string());
        self.rules.command(cmd, kind, frame.to_string(), Instant::now())
    }

    /// Asks the server for its newest number now.
    pub fn ping(&mut self) {
        self.rules.ping(Instant::now());
    }

    /// Throws the next durable frames away unseen, as a fault on the way would.
    pub fn lose_frames(&mut self, count: u32) {
        self.to_lose = count;
    }

    /// Breaks the connection without a word. The client comes back by itself.
    pub fn cut(&mut self) {
        self.socket = None;
        self.connecting = None;
        self.rules.closed(1006, Instant::now());
    }

    /// The rules' state.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Closes the socket and answers what was seen.
    pub async fn finish(mut self) -> StudentHistory {
        if let Some(mut socket) = self.socket.take() {
            // The history is complete; whether the goodbye arrives does not matter.
            let _goodbye = tokio::time::timeout(Duration::from_secs(1), socket.close(None)).await;
        }
        self.rules.into_history()
    }

    /// Drives the client until it is connected and welcome.
    ///
    /// # Errors
    ///
    /// [`NoAnswer::Late`] at the deadline.
    pub async fn welcomed(&mut self, until: Instant) -> Result<(), NoAnswer> {
        while !self.rules.is_live() {
            self.next_update(until).await.ok_or(NoAnswer::Late)?;
        }
        Ok(())
    }

    /// Drives the client until this ask has its `done`.
    ///
    /// # Errors
    ///
    /// [`NoAnswer::Late`] at the deadline, [`NoAnswer::Refused`] when it is refused for good.
    pub async fn answer(&mut self, ask: Uuid, until: Instant) -> Result<DurableFrame, NoAnswer> {
        loop {
            let turn = self.turns.get(&ask);
            if let Some(done) = turn.and_then(|turn| self.ended.get(turn)) {
                return Ok(done.clone());
            }
            let update = self.next_update(until).await.ok_or(NoAnswer::Late)?;
            if let Seen::Refused { cmd: Some(cmd), will_retry: false, .. } = update.what
                && cmd == ask
            {
                return Err(NoAnswer::Refused);
            }
        }
    }

    /// Drives the client to its next update, or to the deadline.
    pub async fn next_update(&mut self, until: Instant) -> Option<Update> {
        loop {
            self.carry_out().await;
            if let Some(update) = self.rules.next_update() {
                self.remember(&update.what);
                return Some(update);
            }
            if Instant::now() >= until {
                return None;
            }
            self.wait(until).await;
        }
    }

    fn remember(&mut self, seen: &Seen) {
        match seen {
            Seen::Acked { cmd, turn: Some(turn) } => {
                self.turns.insert(*cmd, *turn);
            }
            Seen::Done(done) => {
                if let Some(turn) = done.turn {
                    self.ended.insert(turn, (**done).clone());
                }
            }
            Seen::Acked { .. }
            | Seen::Welcome { .. }
            | Seen::Routed { .. }
            | Seen::FirstToken { .. }
            | Seen::DoneUnseen { .. }
            | Seen::Durable(_)
            | Seen::Refused { .. }
            | Seen::Lost { .. }
            | Seen::NotConnected { .. }
            | Seen::Stopped(_) => {}
        }
    }

    async fn carry_out(&mut self) {
        while let Some(action) = self.rules.next_action() {
            match action {
                Action::Connect => {
                    let connecting = open(self.http.clone(), self.token.clone(), self.times.open);
                    self.connecting = Some(Box::pin(connecting));
                }
                Action::Close => {
                    self.socket = None;
                    self.connecting = None;
                }
                Action::Send(text) => self.send(text).await,
            }
        }
    }

    async fn send(&mut self, text: String) {
        let Some(socket) = &mut self.socket else { return };
        let sent = tokio::time::timeout(SEND_LIMIT, socket.send(Message::text(text))).await;
        // A peer that closed may still have said why: that is read before the break counts.
        let is_broken = match sent {
            Ok(Ok(())) => false,
            Ok(Err(SocketError::ConnectionClosed | SocketError::AlreadyClosed)) | Err(_) => true,
            Ok(Err(_)) => return self.read_farewell().await,
        };
        if is_broken {
            self.socket = None;
            self.rules.closed(1006, Instant::now());
        }
    }

    /// Reads what the peer sent before it closed.
    async fn read_farewell(&mut self) {
        let until = Instant::now() + Duration::from_secs(1);
        while let Some(socket) = &mut self.socket {
            match tokio::time::timeout_at(until, socket.next()).await {
                Ok(message) => self.received(message),
                Err(_) => self.received(None),
            }
        }
    }

    async fn wait(&mut self, until: Instant) {
        let wake = self.next_tick.min(until);
        if let Some(connecting) = &mut self.connecting {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(wake) => {}
                opened = connecting.as_mut() => return self.connected(opened),
            }
        } else if let Some(socket) = &mut self.socket {
            // Frames that are here already come before the clock: a deadline loses nothing.
            if let Some(message) = socket.next().now_or_never() {
                return self.received(message);
            }
            tokio::select! {
                biased;
                message = socket.next() => return self.received(message),
                () = tokio::time::sleep_until(wake) => {}
            }
        } else {
            tokio::time::sleep_until(wake).await;
        }
        self.tick();
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if now >= self.next_tick {
            self.next_tick = now + TICK;
            self.rules.tick(now);
        }
    }

    fn connected(&mut self, opened: Result<Socket, NotConnected>) {
        self.connecting = None;
        match opened {
            Ok(socket) => {
                self.socket = Some(socket);
                self.rules.opened(Instant::now());
            }
            Err(NotConnected { status, retry_ms }) => {
                self.rules.not_connected(status, retry_ms, Instant::now());
            }
        }
    }

    fn received(&mut self, message: Option<Result<Message, SocketError>>) {
        let now = Instant::now();
        let code = match message {
            Some(Ok(Message::Text(text))) => return self.text(&text, now),
            Some(Ok(Message::Close(close))) => close.map_or(1005, |close| close.code.into()),
            Some(Ok(
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
            )) => return,
            Some(Err(_)) | None => 1006,
        };
        self.socket = None;
        self.rules.closed(code, now);
    }

    fn text(&mut self, text: &str, now: Instant) {
        if self.to_lose > 0
            && let Some(ServerFrame::Durable(frame)) = ServerFrame::parse(text)
        {
            self.to_lose -= 1;
            return self.rules.lost_on_purpose(frame.seq, now);
        }
        self.rules.frame(text, now);
    }
}
