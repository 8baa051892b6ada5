//! A server of protocol `learnflow.v1` in a few lines: everything in memory, and it can be told to
//! misbehave.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use learnflow_bench::client::{Account, Http, Target};

/// How the server misbehaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// No ask is acknowledged before this many have come.
    pub(crate) gate_at: usize,
    /// The text of `done` is not what was streamed.
    pub(crate) differs: Option<String>,
    /// So many asks are refused as busy first.
    pub(crate) busy: usize,
    /// So many sockets are closed with 4401 first.
    pub(crate) bad_tickets: usize,
    /// Turns end as failed.
    pub(crate) fails: bool,
}

#[derive(Debug)]
struct Student {
    frames: Vec<String>,
    acks: HashMap<String, String>,
    live: broadcast::Sender<String>,
}

#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) script: Mutex<Script>,
    students: Mutex<HashMap<Uuid, Student>>,
    tokens: Mutex<HashMap<String, Uuid>>,
    tickets: Mutex<HashMap<String, Uuid>>,
    pub(crate) sign_ups: AtomicUsize,
    pub(crate) asks: AtomicUsize,
    pub(crate) turns: AtomicUsize,
    gate: watch::Sender<usize>,
    kick: broadcast::Sender<u16>,
    tasks: TaskTracker,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct FakeServer {
    pub(crate) inside: Arc<Inside>,
    addr: SocketAddr,
    _stop: DropGuard,
}

impl FakeServer {
    pub(crate) async fn start(script: Script) -> Self {
        let inside = Arc::new(Inside {
            script: Mutex::new(script),
            students: Mutex::default(),
            tokens: Mutex::default(),
            tickets: Mutex::default(),
            sign_ups: AtomicUsize::new(0),
            asks: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
            gate: watch::channel(0).0,
            kick: broadcast::channel(4).0,
            tasks: TaskTracker::new(),
        });
        let router = axum::Router::new()
            .route("/v1/auth/sign-up", post(sign_up))
            .route("/v1/me", get(me))
            .route("/v1/ws-tickets", post(ticket))
            .route("/v1/socket", get(socket))
            .with_state(Arc::clone(&inside));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("TCP"));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        inside.tasks.spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                served = axum::serve(listener, router) => served.expect("it serves"),
            }
        });
        Self { inside, addr, _stop: stop.drop_guard() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn http(&self) -> Http {
        Http::new(Target::parse(&self.url()).expect("a target")).expect("an HTTP client")
    }

    pub(crate) async fn account(&self) -> Account {
        self.http().sign_up("a@learnflow.test", "password", "A").await.expect("an account")
    }

    /// Closes every socket with this code.
    pub(crate) fn kick(&self, code: u16) {
        self.inside.kick.send(code).expect("somebody is connected");
    }
}

type Shared = State<Arc<Inside>>;

async fn sign_up(State(inside): Shared, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    inside.sign_ups.fetch_add(1, Ordering::Relaxed);
    let (student, token) = (Uuid::new_v4(), Uuid::new_v4().to_string());
    inside.tokens.lock().insert(token.clone(), student);
    let live = broadcast::channel(4_096).0;
    let record = Student { frames: Vec::new(), acks: HashMap::new(), live };
    inside.students.lock().insert(student, record);
    let user = json!({"email": body["email"], "role": "student", "student_id": student});
    (StatusCode::CREATED, Json(json!({"token": token, "expires_at": "2099", "user": user})))
}

fn signed_in(inside: &Inside, headers: &HeaderMap) -> Result<Uuid, StatusCode> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let student = token.and_then(|token| inside.tokens.lock().get(token).copied());
    student.ok_or(StatusCode::UNAUTHORIZED)
}

async fn me(State(inside): Shared, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    Ok(Json(json!({"student_id": signed_in(&inside, &headers)?})))
}

async fn ticket(
    State(inside): Shared,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let student = signed_in(&inside, &headers)?;
    let ticket = Uuid::new_v4().to_string();
    inside.tickets.lock().insert(ticket.clone(), student);
    Ok((StatusCode::CREATED, Json(json!({"ticket": ticket}))))
}

async fn socket(State(inside): Shared, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let protocols = headers["sec-websocket-protocol"].to_str().expect("ASCII").to_owned();
    assert!(protocols.starts_with("learnflow.v1, ticket."), "{protocols}");
    let ticket = protocols.split_once("ticket.").map(|(_, ticket)| ticket.to_owned());
    let student = ticket.and_then(|ticket| inside.tickets.lock().remove(&ticket));
    upgrade.protocols(["learnflow.v1"]).on_upgrade(move |socket| serve(inside, socket, student))
}

async fn close(mut socket: WebSocket, code: u16) {
    let frame = CloseFrame { code, reason: "".into() };
    // The other side may have gone first.
    drop(socket.send(Message::Close(Some(frame))).await);
}

async fn serve(inside: Arc<Inside>, mut socket: WebSocket, student: Option<Uuid>) {
    let is_refused = {
        let mut script = inside.script.lock();
        let is_refused = script.bad_tickets > 0;
        script.bad_tickets = script.bad_tickets.saturating_sub(1);
        is_refused
    };
    let Some(student) = student.filter(|_| !is_refused) else { return close(socket, 4401).await };
    let mut kicked = inside.kick.subscribe();
    let mut live = inside.students.lock()[&student].live.subscribe();
    let mut last = None;
    loop {
        let out = tokio::select! {
            code = kicked.recv() => return close(socket, code.expect("a code")).await,
            frame = live.recv() => frame.ok().into_iter().collect(),
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).expect("a client sends JSON");
                    received(&inside, student, &frame, &mut last)
                }
                Some(Ok(_)) => Vec::new(),
                Some(Err(_)) | None => return,
            },
        };
        for text in out {
            let is_due = is_due(&text, &mut last);
            if is_due && socket.send(Message::text(text.trim_start())).await.is_err() {
                return;
            }
        }
    }
}

/// Marks what goes to one socket outside the order.
const ASIDE: &str = " ";

/// Durable frames go to a socket once and in their order; `last` is none before `hello`.
fn is_due(text: &str, last: &mut Option<u64>) -> bool {
    let frame: Value = serde_json::from_str(text).expect("JSON");
    let Some(seen) = last else { return false };
    let is_durable = !["welcome", "pong", "error"].contains(&frame["type"].as_str().unwrap_or(""));
    match frame["seq"].as_u64().filter(|_| is_durable && !text.starts_with(ASIDE)) {
        Some(seq) if seq == *seen + 1 => {
            *seen = seq;
            true
        }
        Some(_) => false,
        None => true,
    }
}

fn received(
    inside: &Arc<Inside>,
    student: Uuid,
    frame: &Value,
    last: &mut Option<u64>,
) -> Vec<String> {
    let students = inside.students.lock();
    let record = &students[&student];
    let newest = record.frames.len() as u64;
    match frame["type"].as_str().expect("a type") {
        "hello" => {
            let after = frame["after_seq"].as_u64().expect("a number");
            *last = Some(after);
            let welcome = json!({"type": "welcome", "v": 1, "student": student, "seq": newest});
            let seen = usize::try_from(after).expect("small");
            let replay = record.frames.iter().skip(seen).cloned();
            std::iter::once(welcome.to_string()).chain(replay).collect()
        }
        "ping" => vec![json!({"type": "pong", "seq": newest}).to_string()],
        "active" => Vec::new(),
        "ask" | "cancel" | "feedback" => {
            let cmd = frame["cmd"].as_str().expect("a command").to_owned();
            if let Some(ack) = record.acks.get(&cmd) {
                return vec![format!("{ASIDE}{ack}")];
            }
            drop(students);
            command(inside, student, cmd, frame)
        }
        other => panic!("a client must not send {other}"),
    }
}

fn command(inside: &Arc<Inside>, student: Uuid, cmd: String, frame: &Value) -> Vec<String> {
    if frame["type"] != "ask" {
        inside.durable(student, json!({"type": "ack", "cmd": cmd, "turn": frame["turn"]}));
        return Vec::new();
    }
    let mut script = inside.script.lock();
    if script.busy > 0 {
        script.busy -= 1;
        let error = json!({"type": "error", "cmd": cmd, "code": "LF0501", "title": "Busy",
            "detail": "", "retryable": true, "retry_ms": 1});
        return vec![error.to_string()];
    }
    let asks = inside.asks.fetch_add(1, Ordering::Relaxed) + 1;
    inside.gate.send_replace(asks);
    let (inside, script) = (Arc::clone(inside), script.clone());
    let question = frame["text"].as_str().expect("a text").to_owned();
    inside.tasks.clone().spawn(async move {
        let mut gate = inside.gate.subscribe();
        gate.wait_for(|asks| *asks >= script.gate_at).await.expect("the server lives");
        inside.turn(student, &cmd, &question, &script);
    });
    Vec::new()
}

impl Inside {
    fn durable(&self, student: Uuid, mut frame: Value) {
        let mut students = self.students.lock();
        let record = students.get_mut(&student).expect("a student");
        frame["seq"] = json!(record.frames.len() + 1);
        let text = frame.to_string();
        if frame["type"] == "ack" {
            record.acks.insert(frame["cmd"].as_str().expect("an id").to_owned(), text.clone());
        }
        record.frames.push(text.clone());
        // Nobody may be connected; the replay has it.
        drop(record.live.send(text));
    }

    fn passing(&self, student: Uuid, frame: &Value) {
        drop(self.students.lock()[&student].live.send(frame.to_string()));
    }

    fn turn(&self, student: Uuid, cmd: &str, question: &str, script: &Script) {
        if self.students.lock()[&student].acks.contains_key(cmd) {
            return;
        }
        self.turns.fetch_add(1, Ordering::Relaxed);
        let turn = Uuid::now_v7();
        let text = format!("You asked: {question}");
        self.durable(student, json!({"type": "ack", "cmd": cmd, "turn": turn}));
        self.durable(
            student,
            json!({"type": "route", "turn": turn, "agent": "concepts", "confidence": 0.9}),
        );
        let (head, tail) = text.split_at(5);
        for (from, piece) in [(0, head), (5, tail)] {
            let token = json!({"type": "token", "turn": turn, "attempt": 1, "from": from,
                "text": piece});
            self.passing(student, &token);
        }
        let text = script.differs.clone().unwrap_or(text);
        let status = if script.fails { "failed" } else { "complete" };
        let mut done = json!({"type": "done", "turn": turn, "status": status, "text": text,
            "agent": "concepts", "source": "model", "ms": 1});
        if script.fails {
            done["code"] = json!("LF0601");
        }
        self.durable(student, done);
    }
}
