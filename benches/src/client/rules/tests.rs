//! The client's rules against a server that exists only as lines of text.

use std::fmt::Write;

use super::*;
use crate::history::{Assembled, ViolationKind, check};

const STUDENT: Uuid = Uuid::from_u128(0x11);
const CMD: Uuid = Uuid::from_u128(0x21);
const TURN: Uuid = Uuid::from_u128(0x31);

/// A client and its clock.
struct Scene {
    rules: Rules,
    now: Instant,
}

impl Scene {
    fn new() -> Self {
        let now = Instant::now();
        Self { rules: Rules::new(STUDENT, Sharing::Sole, 0, Times::default(), now), now }
    }

    /// Connected and welcome.
    fn live() -> Self {
        let mut scene = Self::new();
        scene.does("connect");
        scene.open();
        scene
    }

    fn open(&mut self) {
        self.rules.opened(self.now);
        let seq = self.rules.seq();
        self.does(&format!("hello {seq}"));
        self.gets(&format!(r#"{{"type":"welcome","v":1,"student":"{STUDENT}","seq":{seq}}}"#));
    }

    fn gets(&mut self, frame: &str) {
        self.rules.frame(frame, self.now);
    }

    fn later(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
        self.rules.tick(self.now);
    }

    fn ask(&mut self) {
        let frame = json!({"type": "ask", "cmd": CMD, "text": "why"}).to_string();
        self.rules.command(CMD, CommandKind::Ask, frame, self.now).expect("there is room");
    }

    /// Checks what the client does now: `connect`, `close`, or the type of what it sends.
    #[track_caller]
    fn does(&mut self, expected: &str) {
        let mut done = String::new();
        while let Some(action) = self.rules.next_action() {
            match action {
                Action::Connect => done += "connect ",
                Action::Close => done += "close ",
                Action::Send(text) => {
                    let frame: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                    write!(done, "{} ", frame["type"].as_str().expect("a type")).expect("memory");
                    if let Some(after_seq) = frame["after_seq"].as_u64() {
                        write!(done, "{after_seq} ").expect("memory");
                    }
                }
            }
        }
        assert_eq!(done.trim_end(), expected);
    }

    fn sees(&mut self) -> Vec<Seen> {
        std::iter::from_fn(|| self.rules.next_update()).map(|update| update.what).collect()
    }

    fn violations(&self) -> Vec<ViolationKind> {
        check(std::slice::from_ref(self.rules.history())).iter().map(|v| v.kind).collect()
    }
}

fn ack(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"type":"ack","cmd":"{CMD}","turn":"{TURN}"}}"#)
}

fn route(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"type":"route","turn":"{TURN}","agent":"debug","confidence":0.9}}"#)
}

fn token(attempt: u32, from: usize, text: &str) -> String {
    format!(
        r#"{{"type":"token","turn":"{TURN}","attempt":{attempt},"from":{from},"text":"{text}"}}"#
    )
}

fn done(seq: u64, text: &str) -> String {
    format!(
        r#"{{"seq":{seq},"type":"done","turn":"{TURN}","status":"complete","text":"{text}","ms":1}}"#
    )
}

#[test]
fn a_whole_turn_is_seen_in_its_order_and_leaves_a_clean_history() {
    let mut scene = Scene::live();
    scene.ask();
    scene.does("ask");
    for frame in [ack(1), route(2), token(1, 0, "ab"), token(1, 2, "c"), done(3, "abc")] {
        scene.gets(&frame);
    }
    let seen = scene.sees();
    assert!(matches!(seen[0], Seen::Welcome { seq: 0, running: None }));
    assert_eq!(seen[1], Seen::Acked { cmd: CMD, turn: Some(TURN) });
    assert_eq!(seen[2], Seen::Routed { turn: TURN });
    assert_eq!(seen[3], Seen::FirstToken { turn: TURN, attempt: 1 });
    assert!(matches!(&seen[4], Seen::Done(done) if done.text.as_deref() == Some("abc")));
    assert_eq!(seen.len(), 5);
    assert_eq!(scene.violations(), []);
    scene.does("");
}

#[test]
fn a_text_that_differs_from_its_pieces_is_found() {
    let mut scene = Scene::live();
    scene.ask();
    for frame in [ack(1), route(2), token(1, 0, "ab"), done(3, "abc")] {
        scene.gets(&frame);
    }
    assert_eq!(scene.violations(), [ViolationKind::TextDiffers]);
}

#[test]
fn commands_wait_for_welcome_and_are_repeated_after_each_hello() {
    let mut scene = Scene::new();
    scene.ask();
    scene.does("connect");
    scene.open();
    scene.does("ask");
    scene.later(4_999);
    scene.does("");
    scene.later(1);
    scene.does("hello 0");
    scene.gets(&format!(r#"{{"type":"welcome","student":"{STUDENT}","seq":1}}"#));
    scene.does("ask");
    // The replay and the answer to the repeat are the same frame.
    for frame in [ack(1), ack(1), route(2), token(1, 0, "a"), done(3, "a")] {
        scene.gets(&frame);
    }
    assert_eq!(scene.violations(), []);
    assert_eq!(scene.rules.pending_commands(), 0);
}

#[test]
fn the_answer_to_a_repeated_command_comes_outside_the_order() {
    let mut scene = Scene::live();
    scene.ask();
    scene.later(5_000);
    scene.does("ask hello 0");
    scene.gets(&format!(r#"{{"type":"welcome","student":"{STUDENT}","seq":7}}"#));
    scene.does("ask");
    scene.gets(&ack(7));
    scene.later(2_000);
    scene.does("");
    assert_eq!(scene.rules.seq(), 0, "it is no gap, and nothing was applied");
    assert_eq!(scene.rules.pending_commands(), 0);
}

#[test]
fn a_gap_a_late_pong_and_a_missing_piece_make_it_say_hello_again() {
    let notice = r#"{"seq":2,"type":"notice"}"#;
    let pong = r#"{"type":"pong","seq":1}"#;
    for frame in [notice, pong] {
        let mut scene = Scene::live();
        scene.later(1_000);
        scene.gets(frame);
        scene.does("hello 0");
        assert!(!scene.rules.is_live());
    }
    let mut scene = Scene::live();
    scene.ask();
    scene.does("ask");
    scene.gets(&ack(1));
    scene.gets(&route(2));
    scene.gets(&token(1, 3, "late"));
    scene.does("");
    scene.later(1_000);
    scene.does("hello 2");
}

#[test]
fn a_silent_turn_makes_it_say_hello_again_and_an_idle_line_is_pinged() {
    let mut scene = Scene::live();
    scene.ask();
    scene.gets(&ack(1));
    scene.gets(&route(2));
    scene.does("ask");
    scene.later(14_999);
    scene.does("");
    scene.later(1);
    scene.does("hello 2");
    let mut idle = Scene::live();
    idle.later(20_000);
    idle.does("ping");
    idle.gets(r#"{"type":"pong","seq":0}"#);
    idle.later(20_000);
    idle.does("ping");
    idle.later(10_000);
    idle.does("close");
    assert!(matches!(idle.sees().last(), Some(Seen::Lost { code: 1006 })));
}

#[test]
fn it_tells_that_it_is_active_once_a_minute() {
    let mut scene = Scene::live();
    let mut active = 0;
    for _ in 0..180 {
        scene.later(1_000);
        scene.gets(r#"{"type":"pong","seq":0}"#);
        while let Some(action) = scene.rules.next_action() {
            active += usize::from(action == Action::Send(r#"{"type":"active"}"#.to_owned()));
        }
    }
    assert_eq!(active, 3);
}

#[test]
fn after_a_break_it_comes_back_later_each_time_and_resumes() {
    let mut scene = Scene::live();
    scene.gets(r#"{"seq":1,"type":"notice"}"#);
    scene.rules.closed(1006, scene.now);
    scene.later(150);
    scene.does("");
    scene.later(300);
    scene.does("connect");
    scene.rules.not_connected(None, None, scene.now);
    scene.later(300);
    scene.does("");
    scene.later(500);
    scene.does("connect");
    scene.open();
    assert_eq!(scene.violations(), []);
}

#[test]
fn a_server_that_goes_away_names_the_pause() {
    let mut scene = Scene::live();
    scene.gets(r#"{"type":"goaway","resume_after_ms":3000}"#);
    scene.rules.closed(1012, scene.now);
    scene.later(1_000);
    scene.does("");
    scene.later(2_000);
    scene.does("connect");
}

#[test]
fn some_close_codes_end_it_and_one_gets_a_fresh_ticket_at_once() {
    for (code, reason) in [
        (4400, StopReason::Misunderstood),
        (4403, StopReason::Forbidden),
        (4429, StopReason::TooManySockets),
    ] {
        let mut scene = Scene::live();
        scene.rules.closed(code, scene.now);
        scene.later(60_000);
        scene.does("");
        assert_eq!(scene.sees().last(), Some(&Seen::Stopped(reason)));
    }
    let mut scene = Scene::live();
    scene.rules.closed(4401, scene.now);
    scene.later(1);
    scene.does("connect");
    scene.rules.not_connected(Some(401), None, scene.now);
    assert_eq!(scene.sees().last(), Some(&Seen::Stopped(StopReason::SignedOut)));
}

#[test]
fn a_command_that_is_too_large_is_not_repeated() {
    let mut scene = Scene::live();
    scene.ask();
    scene.rules.closed(1009, scene.now);
    let refused = Seen::Refused { cmd: Some(CMD), code: "1009".into(), will_retry: false };
    assert!(scene.sees().contains(&refused));
    assert_eq!(scene.rules.pending_commands(), 0);
}

#[test]
fn a_busy_server_gets_the_same_command_again_and_a_refusal_is_final() {
    let error = |retryable: bool| {
        format!(
            r#"{{"type":"error","cmd":"{CMD}","code":"LF0501","retryable":{retryable},"retry_ms":700}}"#
        )
    };
    let mut scene = Scene::live();
    scene.ask();
    scene.does("ask");
    scene.gets(&error(true));
    scene.later(699);
    scene.does("");
    scene.later(1);
    scene.does("ask");
    scene.gets(&error(false));
    scene.later(1_000);
    scene.does("");
    assert_eq!(scene.rules.pending_commands(), 0);
}

#[test]
fn a_resync_replaces_the_replay() {
    let mut scene = Scene::live();
    scene.ask();
    scene.gets(&ack(1));
    scene.gets(&route(2));
    let turns = format!(r#"[{{"turn":"{TURN}","status":"complete","question":"why"}}]"#);
    scene.gets(&format!(r#"{{"type":"resync","seq":500,"turns":{turns}}}"#));
    assert_eq!(scene.rules.seq(), 500);
    assert!(scene.sees().contains(&Seen::DoneUnseen { turn: TURN }));
    scene.gets(r#"{"seq":501,"type":"notice"}"#);
    assert_eq!(scene.rules.seq(), 501);
    assert_eq!(scene.violations(), []);
}

#[test]
fn a_turn_that_was_interrupted_is_not_judged_by_its_pieces() {
    let mut scene = Scene::live();
    scene.ask();
    for frame in [ack(1), route(2), token(1, 0, "a")] {
        scene.gets(&frame);
    }
    scene.rules.closed(1006, scene.now);
    scene.later(1_000);
    scene.does("ask connect");
    scene.open();
    scene.gets(&token(1, 0, "ab"));
    scene.gets(&done(3, "abc"));
    assert_eq!(scene.violations(), []);
    let entries = &scene.rules.history().entries;
    let last = entries.last().map(|entry| &entry.what);
    assert!(matches!(last, Some(What::Durable(done)) if done.assembled == Assembled::Unknown));
}

#[test]
fn too_many_commands_are_refused_at_the_door() {
    let mut scene = Scene::live();
    let mut send = |n: u128| {
        let cmd = Uuid::from_u128(n);
        scene.rules.command(cmd, CommandKind::Ask, String::new(), scene.now)
    };
    assert!((0..32).all(|n| send(n).is_ok()));
    assert_eq!(send(32), Err(TooManyCommands));
}
