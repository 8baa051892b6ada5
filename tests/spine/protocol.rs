//! What the protocol refuses, and how: the documented code, and everybody else goes on.

use learnflow_bench::client::Account;
use learnflow_bench::provider::Provider;
use serde_json::{Value, json};
use sqlx::Connection as _;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use uuid::Uuid;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::socket::{Door, Heard, Socket, assembled, durable, of_type, turn_of};

/// A server, its provider, and somebody whose answer runs all the time.
struct World {
    server: Server,
    provider: Provider,
    student: Account,
    bystander: Socket,
}

impl World {
    async fn new(pace: Pace) -> Self {
        let provider = provider(pace).await;
        let server = Setup::demo().model(&provider).start().await;
        let mut students = server.students(2).await;
        let other = students.remove(1);
        let bystander = Socket::greeted(&server, &other, 0).await;
        Self { server, provider, student: students.remove(0), bystander }
    }

    async fn socket(&self) -> Socket {
        Socket::greeted(&self.server, &self.student, 0).await
    }

    /// Somebody else is served as if nothing had happened.
    async fn others_go_on(mut self) {
        self.provider.control(&learnflow_bench::provider::ProfileChange {
            tokens_per_s: Some(400),
            answer_tokens: Some(12),
            ..Default::default()
        });
        let frames = self.bystander.converse(&question()).await;
        assert_eq!(frames.last().expect("done")["status"], "complete");
    }
}

/// The only answer to a frame: an error with this code.
async fn refused(socket: &mut Socket, frame: &str, code: &str) -> Value {
    socket.say_text(frame).await;
    let error = socket.frame().await;
    assert_eq!(error["type"], "error", "{frame:.80}: {error}");
    assert_eq!(error["code"], code, "{frame:.80}: {error}");
    for field in ["title", "detail"] {
        assert!(error[field].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    }
    assert!(error["retryable"].is_boolean(), "{error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_ticket_closes_with_4401_and_a_foreign_page_is_refused() {
    let world = World::new(Pace::Quick).await;
    let (server, token) = (&world.server, &world.student.token);
    for ticket in [None, Some("no-such-ticket")] {
        let door = Door { ticket, origin: None };
        let mut stranger = Socket::knock(server, &door).await.expect("an upgrade");
        assert_eq!(stranger.hear().await, Heard::Closed(4401));
    }

    let ticket = server.api().ticket(token).await;
    for origin in ["http://evil.example", "null"] {
        let door = Door { ticket: Some(&ticket), origin: Some(origin) };
        assert_eq!(Socket::knock(server, &door).await.err(), Some(403), "{origin}");
    }
    let own = format!("http://{}", server.address());
    let door = Door { ticket: Some(&ticket), origin: Some(&own) };
    let mut first = Socket::knock(server, &door).await.expect("our own page");
    assert_eq!(first.headers["sec-websocket-protocol"], "learnflow.v1");
    first.hello(0).await;
    let mut second = Socket::knock(server, &door).await.expect("an upgrade");
    assert_eq!(second.hear().await, Heard::Closed(4401), "a ticket is good once");
    assert_eq!(first.rest().await, Vec::<Value>::new(), "the first one lives on");

    let (status, _) = server.api().post("/v1/auth/sign-out", token, &Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(server.api().get("/v1/me", token).await.0, 401);
    assert_eq!(first.closed().await, 4401, "signed out, the socket is closed");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_hello_everything_else_is_refused() {
    let world = World::new(Pace::Quick).await;
    let mut socket = Socket::open(&world.server, &world.student).await;
    let cmd = Uuid::now_v7();
    let ask = json!({"type": "ask", "cmd": cmd, "text": "What is a loop?"}).to_string();
    refused(&mut socket, &ask, "LF0104").await;
    refused(&mut socket, r#"{"type":"ping"}"#, "LF0104").await;
    refused(&mut socket, r#"{"type":"hello","v":1,"after_seq":-1}"#, "LF0108").await;
    refused(&mut socket, r#"{"type":"hello","v":2}"#, "LF0110").await;
    let welcome = socket.hello(0).await;
    assert_eq!((&welcome["v"], &welcome["seq"]), (&1.into(), &0.into()));
    assert!(welcome["limits"].is_object() && welcome["degraded"] == false, "{welcome}");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_cannot_be_carried_out_gets_its_code_and_the_socket_lives() {
    let world = World::new(Pace::Quick).await;
    let mut socket = world.socket().await;
    let cmd = Uuid::now_v7();
    let long = "é".repeat(10_001);
    let secret = "unlikely-words-of-a-student";
    let cases = [
        (json!({"type": "dance", "cmd": cmd, "text": secret}), "LF0102"),
        (json!({"text": secret}), "LF0102"),
        (json!({"type": "ask", "cmd": secret, "text": secret}), "LF0105"),
        (json!({"type": "ask", "text": secret}), "LF0105"),
        (json!({"type": "ask", "cmd": 7, "text": secret}), "LF0105"),
        (json!({"type": "ask", "cmd": cmd}), "LF0103"),
        (json!({"type": "ask", "cmd": cmd, "text": {"a": secret}}), "LF0103"),
        (json!({"type": "ask", "cmd": cmd, "text": long}), "LF0106"),
        (json!({"type": "ask", "cmd": cmd, "text": "x", "topic": secret}), "LF0404"),
        (json!({"type": "ask", "cmd": cmd, "text": "x", "exercise": secret}), "LF0405"),
        (json!({"type": "cancel", "cmd": cmd, "turn": secret}), "LF0103"),
        (json!({"type": "feedback", "cmd": cmd, "turn": cmd, "rating": secret}), "LF0103"),
        (json!({"type": "hello", "v": 1, "after_seq": -1}), "LF0108"),
    ];
    for (frame, code) in cases {
        let error = refused(&mut socket, &frame.to_string(), code).await;
        assert!(!error.to_string().contains(secret), "it repeats what was sent: {error}");
        if frame["cmd"] == cmd.to_string() {
            assert_eq!(error["cmd"], cmd.to_string(), "{error}");
        }
    }
    let longest = "é".repeat(10_000);
    let frames = socket.converse(&longest).await;
    assert_eq!(frames.last().expect("done")["status"], "complete", "10,000 characters fit");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_unreadable_frames_close_with_4400_and_four_do_not() {
    let world = World::new(Pace::Quick).await;
    let mut socket = world.socket().await;
    for frame in ["", "nonsense", "[1]", "{\"type\":"] {
        refused(&mut socket, frame, "LF0101").await;
    }
    assert_eq!(socket.rest().await, Vec::<Value>::new(), "it lives");
    socket.say_text("\"five\"").await;
    assert_eq!(socket.closed().await, 4400);
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_65536_bytes_is_read_and_one_more_closes_with_1009() {
    let world = World::new(Pace::Quick).await;
    let mut socket = world.socket().await;
    let padded = |bytes: usize| {
        let frame = json!({"type": "ping", "padding": ""}).to_string();
        let padding = "p".repeat(bytes - frame.len());
        frame.replace("\"padding\":\"\"", &format!("\"padding\":\"{padding}\""))
    };
    let most = padded(65_536);
    assert_eq!(most.len(), 65_536);
    socket.say_text(&most).await;
    assert_eq!(socket.frame().await["type"], "pong");
    socket.say_text(&padded(65_537)).await;
    assert_eq!(socket.closed().await, 1009);

    let mut binary = world.socket().await;
    binary.send(Message::binary(vec![0xff, 0xfe])).await;
    let heard = binary.hear().await;
    let is_refused = match &heard {
        Heard::Frame(frame) => frame["type"] == "error",
        Heard::Closed(code) => [1003, 1007].contains(code),
    };
    assert!(is_refused, "{heard:?}");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf_8_closes_with_1007() {
    let world = World::new(Pace::Quick).await;
    let mut socket = world.socket().await;
    let broken = Frame::message(vec![b'"', 0xc3, 0x28, b'"'], OpCode::Data(Data::Text), true);
    socket.send(Message::Frame(broken)).await;
    assert_eq!(socket.closed().await, 1007);
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_never_says_hello_is_closed_with_4408() {
    let world = World::new(Pace::Quick).await;
    let mut silent = Socket::open(&world.server, &world.student).await;
    assert_eq!(silent.hear().await, Heard::Closed(4408));
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sixth_socket_is_closed_with_4429_and_the_five_live_on() {
    let world = World::new(Pace::Quick).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(world.socket().await);
    }
    let mut sixth = Socket::open(&world.server, &world.student).await;
    assert_eq!(sixth.closed().await, 4429);
    let frames = sockets[0].converse(&question()).await;
    for other in &mut sockets[1..] {
        let seen = other.turn(turn_of(&frames[0])).await;
        assert_eq!(durable(&seen), durable(&frames));
    }
    drop(sockets.pop());
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_gets_the_same_ack_outside_the_order_and_runs_once() {
    let world = World::new(Pace::Quick).await;
    let (mut asking, mut watching) = (world.socket().await, world.socket().await);
    let frames = asking.converse(&question()).await;
    watching.turn(turn_of(&frames[0])).await;
    asking.converse(&question()).await;
    let calls = world.provider.ledger().calls;

    let cmd = frames[0]["cmd"].clone();
    asking.say(&json!({"type": "ask", "cmd": cmd, "text": "Something else entirely?"})).await;
    assert_eq!(asking.frame().await, frames[0], "the same frame with the same number");
    let later = asking.converse(&question()).await;
    assert_eq!(later[0]["seq"], 7, "the repeat took no number");
    let seen = watching.until(|frame| frame["type"] == "done" && frame["seq"] == 9).await;
    let acks = of_type(&seen, "ack");
    assert!(acks.iter().all(|ack| ack["cmd"] != cmd), "only the asking socket is told: {acks:?}");
    assert_eq!(world.provider.ledger().calls, calls + 1, "the repeat asked nobody");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_turn_runs_eight_wait_and_the_tenth_is_busy() {
    let world = World::new(Pace::Endless).await;
    let mut socket = world.socket().await;
    let mut asks = Vec::new();
    for _ in 0..10 {
        asks.push(socket.ask(&question()).await);
    }
    let frames = socket.until(|frame| frame["type"] == "error").await;
    assert_eq!(of_type(&frames, "ack").len(), 9, "{frames:?}");
    let error = frames.last().expect("the error");
    assert_eq!((&error["code"], &error["retryable"]), (&"LF0501".into(), &true.into()));
    assert_eq!(error["cmd"], asks[9].to_string());
    assert!(error["retry_ms"].as_u64().is_some_and(|ms| ms > 0), "{error}");

    let turn = turn_of(of_type(&frames, "ack")[8]);
    socket.cancel(turn).await;
    let cancelled = socket.turn(turn).await;
    assert_eq!(cancelled.last().expect("done")["status"], "cancelled");
    let again = json!({"type": "ask", "cmd": asks[9], "text": question()});
    socket.say(&again).await;
    let ack = socket.first("ack").await;
    assert_eq!(ack["cmd"], asks[9].to_string(), "a busy command may be sent again");
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_ends_what_runs_or_waits_and_of_the_rest_nothing() {
    let world = World::new(Pace::Endless).await;
    let mut socket = world.socket().await;
    let mut frames = Vec::new();
    let running = {
        socket.ask(&question()).await;
        frames.extend(socket.until(|frame| frame["type"] == "token").await);
        turn_of(&frames[0])
    };
    socket.ask(&question()).await;
    let queued = turn_of(&socket.first("ack").await);

    let cancel = socket.cancel(queued).await.to_string();
    let ended = socket.turn(queued).await;
    let its_own: Vec<Value> = durable(&ended);
    assert_eq!(its_own.len(), 2, "no route for what never ran: {its_own:?}");
    assert_eq!((&its_own[0]["type"], &its_own[0]["cmd"]), (&"ack".into(), &cancel.into()));
    assert_eq!((&its_own[1]["status"], &its_own[1]["text"]), (&"cancelled".into(), &"".into()));
    frames.extend(ended);

    socket.cancel(running).await;
    frames.extend(socket.turn(running).await);
    let done = frames.last().expect("done");
    assert_eq!(done["status"], "cancelled");
    let streamed = assembled(&frames, running).expect("tokens");
    assert_eq!(done["text"], streamed.as_str(), "what was streamed is kept");
    assert!(!streamed.is_empty());

    for gone in [running, queued, Uuid::now_v7()] {
        let cmd = socket.cancel(gone).await;
        let rest = socket.until(|frame| frame["cmd"] == cmd.to_string()).await;
        assert_eq!(durable(&rest).len(), 1, "an ack and nothing more: {rest:?}");
    }
    assert_eq!(durable(&socket.rest().await), Vec::<Value>::new());
    let kept = world.server.api().transcript(&world.student.token).await;
    let statuses: Vec<_> = kept.iter().map(|turn| turn["status"].clone()).collect();
    assert_eq!(statuses, ["cancelled", "cancelled"]);
    world.others_go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_session_rests_its_commands_are_refused_and_may_be_sent_again() {
    let world = World::new(Pace::Quick).await;
    let mut socket = world.socket().await;
    socket.converse(&question()).await;
    let (_, me) = world.server.api().get("/v1/me", &world.student.token).await;
    let student: Uuid = me["student_id"].as_str().expect("an id").parse().expect("a UUID");
    rest(&world, student, "9000000000000000").await;

    let seq = socket.hello(0).await["seq"].clone();
    let cmd = Uuid::new_v4();
    let ask = json!({"type": "ask", "cmd": cmd, "text": question()});
    let mut frames = socket.until(|frame| frame["seq"] == seq).await;
    socket.say(&ask).await;
    frames.extend(socket.until(|frame| frame["type"] == "error").await);
    let error = frames.last().expect("the error");
    assert_eq!((&error["code"], &error["retryable"]), (&"LF0804".into(), &true.into()));
    assert!(error["retry_ms"].as_u64().is_some_and(|ms| ms > 0), "{error}");
    assert_eq!(error["cmd"], cmd.to_string());

    rest(&world, student, "NULL").await;
    socket.hello(0).await;
    socket.until(|frame| frame["seq"] == seq).await;
    socket.say(&ask).await;
    assert_eq!(socket.first("ack").await["cmd"], cmd.to_string(), "it may be sent again");
    world.others_go_on().await;
}

/// Orders a rest behind the server's back, as another owner of the partition would.
async fn rest(world: &World, student: Uuid, until: &'static str) {
    let file = world.server.data_folder().join("store.sqlite");
    let url = format!("sqlite:{}", file.display());
    let mut store = sqlx::SqliteConnection::connect(&url).await.expect("the store");
    let order = format!(
        "INSERT INTO session (student_id, partition, rev, quarantined_until, quarantines)
         SELECT student_id, partition, -1, {until}, 1 FROM journal WHERE student_id = $1 AND rev = 0
         ON CONFLICT (student_id) DO UPDATE SET quarantined_until = excluded.quarantined_until"
    );
    let order = sqlx::query(sqlx::AssertSqlSafe(order)).bind(student).execute(&mut store).await;
    assert_eq!(order.expect("an order").rows_affected(), 1);
}
