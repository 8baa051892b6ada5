//! One WebSocket of a student, without the manners of a good client: it says what it is told to,
//! and every wait of it has a deadline.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use learnflow_bench::client::Account;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::{HeaderMap, Uri};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::server::Server;

/// What a frame may take to come. A server whose database is new first reads, from the shared
/// topics, what earlier tests have left there.
const FRAME_LIMIT: Duration = Duration::from_mins(1);

/// Something from the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// A frame.
    Frame(Value),
    /// The end, with its code; 1006 without a word.
    Closed(u16),
}

/// What is shown at the door.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door<'a> {
    pub(crate) ticket: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
}

/// An open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The answer's headers.
    pub(crate) headers: HeaderMap,
}

impl Socket {
    /// Opens a socket; the HTTP status when the upgrade is refused.
    pub(crate) async fn knock(server: &Server, door: &Door<'_>) -> Result<Self, u16> {
        let uri: Uri = format!("ws://{}/v1/socket", server.address()).parse().expect("an address");
        let mut request = ClientRequestBuilder::new(uri).with_sub_protocol("learnflow.v1");
        if let Some(ticket) = door.ticket {
            request = request.with_sub_protocol(format!("ticket.{ticket}"));
        }
        if let Some(origin) = door.origin {
            request = request.with_header("Origin", origin);
        }
        match tokio::time::timeout(FRAME_LIMIT, connect_async(request)).await.expect("an answer") {
            Ok((stream, answer)) => Ok(Self { stream, headers: answer.headers().clone() }),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(error) => panic!("no upgrade: {error}"),
        }
    }

    /// Opens a socket of a student with a fresh ticket.
    pub(crate) async fn open(server: &Server, student: &Account) -> Self {
        let ticket = server.api().ticket(&student.token).await;
        let door = Door { ticket: Some(&ticket), origin: None };
        Self::knock(server, &door).await.expect("an open door")
    }

    /// The same, and says hello. Answers what was said until the welcome too.
    pub(crate) async fn greeted(server: &Server, student: &Account, after_seq: u64) -> Self {
        let mut socket = Self::open(server, student).await;
        let welcome = socket.hello(after_seq).await;
        assert_eq!(welcome["student"], student.student_id.to_string(), "{welcome}");
        socket
    }

    /// Says hello; answers the welcome, which comes before anything else.
    pub(crate) async fn hello(&mut self, after_seq: u64) -> Value {
        self.say(&json!({"type": "hello", "v": 1, "after_seq": after_seq})).await;
        let welcome = self.frame().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        welcome
    }

    /// Sends a frame.
    pub(crate) async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    /// Sends a text as it is.
    pub(crate) async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// Sends a message. A server that has closed already is no failure: what it said is read next.
    pub(crate) async fn send(&mut self, message: Message) {
        let sent = tokio::time::timeout(FRAME_LIMIT, self.stream.send(message)).await;
        drop(sent.expect("it can be sent"));
    }

    /// Asks; answers the command's id.
    pub(crate) async fn ask(&mut self, text: &str) -> Uuid {
        let cmd = Uuid::now_v7();
        self.say(&json!({"type": "ask", "cmd": cmd, "text": text})).await;
        cmd
    }

    /// Cancels a turn; answers the command's id.
    pub(crate) async fn cancel(&mut self, turn: Uuid) -> Uuid {
        let cmd = Uuid::now_v7();
        self.say(&json!({"type": "cancel", "cmd": cmd, "turn": turn})).await;
        cmd
    }

    /// The next thing that comes.
    pub(crate) async fn hear(&mut self) -> Heard {
        self.hear_within(FRAME_LIMIT).await
    }

    async fn hear_within(&mut self, limit: Duration) -> Heard {
        loop {
            let next = tokio::time::timeout(limit, self.stream.next()).await;
            match next.unwrap_or_else(|_| panic!("nothing came within {limit:?}")) {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Frame(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(close))) => {
                    return Heard::Closed(close.map_or(1005, |close| close.code.into()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("the server says no such thing: {other:?}"),
                Some(Err(_)) | None => return Heard::Closed(1006),
            }
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            Heard::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// All frames up to the first that is looked for.
    pub(crate) async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.until_within(FRAME_LIMIT, is_it).await
    }

    /// The same, all of it within so long.
    pub(crate) async fn until_within(
        &mut self,
        limit: Duration,
        is_it: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        let mut seen = Vec::new();
        let search = async {
            loop {
                let frame = match self.hear_within(limit).await {
                    Heard::Frame(frame) => frame,
                    Heard::Closed(code) => panic!("closed with {code} after {seen:?}"),
                };
                seen.push(frame);
                if seen.last().is_some_and(&is_it) {
                    break;
                }
            }
        };
        let found = tokio::time::timeout(limit, search).await;
        assert!(found.is_ok(), "not within {limit:?}, only {seen:?}");
        seen
    }

    /// The first frame of a type, and nothing of what came before it.
    pub(crate) async fn first(&mut self, kind: &str) -> Value {
        self.until(|frame| frame["type"] == kind).await.pop().expect("it ends with that frame")
    }

    /// All frames up to the end of a turn.
    pub(crate) async fn turn(&mut self, turn: Uuid) -> Vec<Value> {
        let id = turn.to_string();
        self.until(|frame| frame["type"] == "done" && frame["turn"] == id.as_str()).await
    }

    /// Asks and hears the whole turn: its acknowledgement, and all frames to its `done`.
    pub(crate) async fn converse(&mut self, text: &str) -> Vec<Value> {
        let cmd = self.ask(text).await.to_string();
        let acked = |frame: &Value| frame["type"] == "ack" && frame["cmd"] == cmd.as_str();
        let mut frames = self.until(acked).await;
        frames.extend(self.turn(turn_of(frames.last().expect("the ack"))).await);
        frames
    }

    /// Everything that is on the way: all frames that come before the answer to a ping.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        self.say(&json!({"type": "ping"})).await;
        let mut frames = self.until(|frame| frame["type"] == "pong").await;
        frames.pop();
        frames
    }

    /// The close code, whatever comes before it.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }
}

/// The turn that a frame names.
pub(crate) fn turn_of(frame: &Value) -> Uuid {
    frame["turn"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("{frame}"))
}

/// The frames of a type.
pub(crate) fn of_type<'a>(frames: &'a [Value], kind: &str) -> Vec<&'a Value> {
    frames.iter().filter(|frame| frame["type"] == kind).collect()
}

/// The numbers of the durable frames, in order.
pub(crate) fn seqs(frames: &[Value]) -> Vec<u64> {
    durable(frames).iter().filter_map(|frame| frame["seq"].as_u64()).collect()
}

/// The durable frames: those with a number that is their own.
pub(crate) fn durable(frames: &[Value]) -> Vec<Value> {
    let passing = ["welcome", "resync", "pong"];
    let is_durable = |frame: &&Value| {
        let kind = frame["type"].as_str().unwrap_or_default();
        frame["seq"].is_u64() && !passing.contains(&kind)
    };
    frames.iter().filter(is_durable).cloned().collect()
}

/// What the tokens of a turn come to, by the client's rule; none without a token.
pub(crate) fn assembled(frames: &[Value], turn: Uuid) -> Option<String> {
    let (turn, mut attempt, mut text) = (turn.to_string(), 0, None);
    for token in of_type(frames, "token") {
        if token["turn"] != turn.as_str() {
            continue;
        }
        let its_attempt = token["attempt"].as_u64().expect("an attempt");
        let so_far: String = match text {
            Some(text) if its_attempt == attempt => text,
            _ => String::new(),
        };
        assert!(its_attempt >= attempt, "an attempt came back: {token}");
        attempt = its_attempt;
        let from = usize::try_from(token["from"].as_u64().expect("from")).expect("small");
        assert!(from <= so_far.chars().count(), "a piece is missing before {token}");
        let kept: String = so_far.chars().take(from).collect();
        text = Some(kept + token["text"].as_str().expect("text"));
    }
    text
}
