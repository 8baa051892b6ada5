//! Timers of a session are durable: they fire in a process that was started after they were set,
//! in the time that has passed meanwhile. The clock of that process is ahead by libfaketime.

use std::path::PathBuf;

use learnflow_bench::client::Account;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::{Server, Setup};
use crate::services;
use crate::socket::Socket;

const EXERCISE: &str = "control_flow.for_loops.last_round";
const TOPIC: &str = "control_flow.for_loops";
/// A lapse comes back after so long.
const AGAIN_MINUTES: u64 = 10;

/// Where libfaketime is; without it the test is left out, but not under CI.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").expect("the system's libraries");
    let libraries = folders.filter_map(Result::ok).map(|folder| folder.path());
    let found = libraries
        .map(|folder| folder.join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.exists());
    if found.is_none() {
        #[expect(clippy::disallowed_methods, reason = "how a test learns that it is in CI")]
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!ci, "libfaketime is not installed");
        eprintln!("left out: libfaketime is not installed");
    }
    found
}

/// Lets time pass while no process runs.
async fn sleep_through(server: &mut Server, library: &std::path::Path, seconds: u64) {
    server.kill().await;
    server.set("LD_PRELOAD", &library.display().to_string());
    server.set("FAKETIME", &format!("+{seconds}s"));
    // Timeouts go on as they are.
    server.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    server.start().await;
}

async fn a_review_becomes_due(server: &mut Server, student: &Account, library: &std::path::Path) {
    let mut socket = Socket::greeted(server, student, 0).await;
    // The first mistake makes the card of a topic that is new, the second is a lapse.
    for _ in 0..2 {
        let submit = json!({"type": "submit", "cmd": Uuid::now_v7(), "exercise": EXERCISE,
            "answer": "nothing"});
        socket.say(&submit).await;
        let graded = socket.first("graded").await;
        assert_eq!(graded["correct"], false, "{graded}");
    }
    let frames = socket.rest().await;
    assert!(!frames.iter().any(|frame| frame["type"] == "review_due"), "{frames:?}");
    drop(socket);

    sleep_through(server, library, (AGAIN_MINUTES + 1) * 60).await;
    // Nobody asks for anything: the session that rests is woken by its timer.
    let mut socket = Socket::greeted(server, student, 0).await;
    let due = socket.first("review_due").await;
    assert_eq!(due["topics"], json!([TOPIC]), "{due}");
    let (status, reviews) = server.api().get("/v1/students/me/reviews", &student.token).await;
    assert_eq!((status, &reviews["items"][0]["topic"]), (200, &TOPIC.into()), "{reviews}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_becomes_due_while_no_process_runs() {
    let Some(library) = faketime() else { return };
    let mut server = Setup::demo().start().await;
    let student = server.student().await;
    a_review_becomes_due(&mut server, &student, &library).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_becomes_due_while_no_process_runs_on_postgresql() {
    let Some(library) = faketime() else { return };
    let Some((services, _turn)) = services::shared().await else { return };
    // Kafka's client waits by the wall clock, which libfaketime does not follow there.
    let log = tempfile::tempdir().expect("a scratch folder");
    let file = log.path().join("log.sqlite").display().to_string();
    let setup = Setup::serve(&services).await.set("LEARNFLOW__LOG__KIND", "embedded");
    let mut server = setup.set("LEARNFLOW__LOG__PATH", &file).start().await;
    let student = server.student().await;
    a_review_becomes_due(&mut server, &student, &library).await;
}

/// Ten minutes of active time over many processes; a long pause in between counts three minutes.
#[tokio::test(flavor = "multi_thread")]
async fn who_works_on_an_exercise_for_long_is_noticed_over_restarts() {
    let Some(library) = faketime() else { return };
    let mut server = Setup::demo().start().await;
    let student = server.student().await;
    let mut socket = Socket::greeted(&server, &student, 0).await;
    let hint = json!({"type": "hint", "cmd": Uuid::now_v7(), "exercise": EXERCISE});
    socket.say(&hint).await;
    socket.first("done").await;
    drop(socket);
    // An hour away is no hour of work.
    let mut raised = Vec::new();
    for seconds in [150, 300, 3_900, 3_990, 4_100] {
        sleep_through(&mut server, &library, seconds).await;
        let mut socket = Socket::greeted(&server, &student, 0).await;
        socket.say(&json!({"type": "active"})).await;
        // A command behind it says that it was applied, and that the timer was looked at.
        let rate = json!({"type": "cancel", "cmd": Uuid::now_v7(), "turn": Uuid::now_v7()});
        socket.say(&rate).await;
        let acked = |frame: &Value| frame["type"] == "ack" && frame["cmd"] == rate["cmd"];
        let mut frames = socket.until(acked).await;
        frames.extend(socket.rest().await);
        raised.push(frames.iter().any(|frame| frame["type"] == "alert"));
    }
    assert_eq!(raised, [false, false, false, false, true]);
}
