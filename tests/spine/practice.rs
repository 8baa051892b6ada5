//! Hints, quizzes and what a student is known to know: durable, explained, and bounded by policy.

use learnflow_bench::client::Account;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::said;
use crate::provider::{Pace, provider};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::Socket;

/// An exercise whose answer is what a program prints.
const EXERCISE: &str = "control_flow.for_loops.last_round";
const TOPIC: &str = "control_flow.for_loops";

/// Takes a hint: its `done`.
async fn hint(socket: &mut Socket) -> Value {
    socket.say(&json!({"type": "hint", "cmd": Uuid::now_v7(), "exercise": EXERCISE})).await;
    socket.first("done").await
}

/// Hands in a wrong answer: its grade.
async fn wrong_answer(socket: &mut Socket) -> Value {
    let cmd = Uuid::now_v7();
    let submit = json!({"type": "submit", "cmd": cmd, "exercise": EXERCISE, "answer": "nothing"});
    socket.say(&submit).await;
    socket.first("graded").await
}

/// Reads something of one's own.
async fn own(server: &Server, student: &Account, path: &str) -> Value {
    let path = format!("/v1/students/me/{path}");
    let (status, body) = server.api().get(&path, &student.token).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Follows all that `why` lists, over its pages, and gives the score that it ends with. Between two
/// graded items nothing moves a score but the streak.
async fn explained(server: &Server, student: &Account) -> i64 {
    let (mut changes, mut path) = (Vec::new(), format!("mastery/{TOPIC}/why?limit=2"));
    loop {
        let page = own(server, student, &path).await;
        changes.extend(page["items"].as_array().expect("items").iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("mastery/{TOPIC}/why?limit=2&cursor={cursor}");
    }
    assert_eq!(changes.len(), 6, "an exercise and five quiz items: {changes:?}");
    let (mut score, mut streak) = (0, 0);
    for change in changes.iter().rev() {
        let deltas = &change["deltas"];
        let by_streak = (hundredths(&deltas["streak"][0]) - streak) / 10;
        assert_eq!(hundredths(&deltas["score"][0]), score + by_streak, "{change}");
        score = hundredths(&deltas["score"][1]);
        streak = hundredths(&deltas["streak"][1]);
    }
    score
}

#[expect(clippy::cast_possible_truncation, reason = "points are at most 100")]
fn hundredths(points: &Value) -> i64 {
    // A component without evidence is null, and counts nothing.
    (points.as_f64().unwrap_or_default() * 100.0).round() as i64
}

async fn a_student_practises(server: &mut Server) {
    let student = server.student().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    let first = hint(&mut socket).await;
    assert_eq!((&first["hint_rung"], &first["repeated"]), (&1.into(), &false.into()), "{first}");
    let again = hint(&mut socket).await;
    assert_eq!((&again["hint_rung"], &again["repeated"]), (&1.into(), &true.into()), "{again}");
    assert!(again["next_rung_ms"].as_u64().is_some_and(|wait| wait <= 60_000), "{again}");
    let graded = wrong_answer(&mut socket).await;
    assert_eq!((&graded["correct"], &graded["score"]), (&false.into(), &json!(0.0)), "{graded}");
    let second = hint(&mut socket).await;
    assert_eq!(second["hint_rung"], 2, "an attempt opens the next rung: {second}");

    for _ in 0..5 {
        let item = own(server, &student, &format!("quiz?topic={TOPIC}")).await;
        assert!(item["options"].as_array().is_some_and(|options| options.len() > 1), "{item}");
        for secret in ["correct", "why", "answer", "misconception"] {
            assert!(!item.to_string().contains(&format!("\"{secret}\"")), "{secret}: {item}");
        }
        let answer =
            json!({"type": "quiz", "cmd": Uuid::now_v7(), "item": item["id"], "answer": 0});
        socket.say(&answer).await;
        let graded = socket.first("graded").await;
        assert_eq!(graded["item"], item["id"]);
        assert!(graded["correct"].is_boolean() && graded["answer"].is_u64(), "{graded}");
    }
    let last = socket.first("mastery").await;
    socket.rest().await;

    let before = own(server, &student, "mastery").await;
    let known = before["items"].as_array().expect("items");
    let known = known.iter().find(|topic| topic["topic"] == TOPIC).expect("the topic");
    assert_eq!(known["score"], last["score"], "what was said last is what is read");
    assert_eq!(explained(server, &student).await, hundredths(&known["score"]));
    let timeline = own(server, &student, "timeline?limit=50").await;

    server.kill().await;
    server.start().await;
    assert_eq!(own(server, &student, "mastery").await, before);
    assert_eq!(own(server, &student, "timeline?limit=50").await, timeline);
    let seq = last["seq"].as_u64().expect("a number");
    let mut socket = Socket::greeted(server, &student, seq).await;
    let after = hint(&mut socket).await;
    assert_eq!((&after["hint_rung"], &after["repeated"]), (&2.into(), &true.into()), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_is_graded_explained_and_survives_a_crash() {
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::demo().model(&provider).start().await;
    a_student_practises(&mut server).await;
    assert_eq!(provider.ledger().items.len(), 0, "none of it asks a model");
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_is_graded_explained_and_survives_a_crash_on_kafka_and_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::serve(&services).await.model(&provider).start().await;
    a_student_practises(&mut server).await;
    assert_eq!(provider.ledger().items.len(), 0, "none of it asks a model");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_s_policy_reaches_the_sessions_of_its_students() {
    let server = Setup::demo().start().await;
    let (api, instructor) = (server.api(), server.token_of("instructor").await);
    let student = server.student().await;
    let (status, sections) = api.get("/v1/sections", &instructor).await;
    assert_eq!(status, 200, "{sections}");
    let section = &sections["items"][0];
    let code = json!({"class_code": section["class_code"]});
    let (status, joined) = api.post("/v1/me/sections", &student.token, &code).await;
    assert_eq!((status, &joined["progress"]), (200, &"applied".into()), "{joined}");

    let path = format!("/v1/sections/{}/policy", section["id"].as_str().expect("an id"));
    let allow = async |highest_rung: u8| {
        let policy = json!({"highest_rung": highest_rung, "transcripts": "readable"});
        let change = async || {
            let request = server.api().request(Method::PUT, &path).bearer_auth(&instructor);
            let (status, body) = said(request.json(&policy)).await;
            assert_eq!(body["section"]["highest_rung"], highest_rung, "{body}");
            (status, body["progress"].as_str().expect("how far it is").to_owned())
        };
        // On a busy machine the sessions may take longer than the request waits: asked again, it
        // waits for a command that comes after the first.
        for _ in 0..10 {
            match change().await {
                (200, progress) => return assert_eq!(progress, "applied"),
                (status, progress) => assert_eq!((status, progress.as_str()), (202, "accepted")),
            }
        }
        panic!("the sessions have not applied it");
    };
    let mut socket = Socket::greeted(&server, &student, 0).await;
    allow(1).await;
    let mut reached = Vec::new();
    for _ in 0..4 {
        reached.push(hint(&mut socket).await["hint_rung"].as_u64().expect("a rung"));
        wrong_answer(&mut socket).await;
    }
    assert_eq!(reached, [1, 1, 1, 1], "the section's highest rung");
    allow(5).await;
    assert_eq!(hint(&mut socket).await["hint_rung"], 2, "and no longer");
}
