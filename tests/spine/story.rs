//! A lesson: Maya works and gets stuck, James who teaches her sees it, and nothing of what she
//! wrote reaches him by the way.

use std::time::Instant;

use learnflow_bench::client::Account;
use learnflow_bench::provider::{Fault, ProfileChange};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::provider::{Pace, provider};
use crate::server::{Server, Setup};
use crate::socket::{Socket, of_type, turn_of};

const TOPIC: &str = "control_flow.for_loops";
const EXERCISE: &str = "control_flow.for_loops.last_round";
/// What Maya's program says, again and again.
const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"maya_homework.py\", line 3, in \
                         <module>\n    for plum in plums:\nNameError: name 'plums' is not defined";

/// A student of the demo's section, and the instructor's token.
async fn maya_and_james(server: &Server) -> (Account, String) {
    let (api, james) = (server.api(), server.token_of("instructor").await);
    let maya = server.student().await;
    let (status, sections) = api.get("/v1/sections", &james).await;
    assert_eq!(status, 200, "{sections}");
    let code = json!({"class_code": sections["items"][0]["class_code"]});
    let (status, joined) = api.post("/v1/me/sections", &maya.token, &code).await;
    assert_eq!(status, 200, "{joined}");
    (maya, james)
}

async fn asks(socket: &mut Socket, text: &str) -> Vec<Value> {
    let cmd = Uuid::now_v7();
    let ask = json!({"type": "ask", "cmd": cmd, "text": text, "topic": TOPIC});
    socket.say(&ask).await;
    let acked = |frame: &Value| frame["type"] == "ack" && frame["cmd"] == ask["cmd"];
    let mut frames = socket.until(acked).await;
    frames.extend(socket.turn(turn_of(frames.last().expect("the ack"))).await);
    frames
}

/// What James may read of what happened to Maya.
async fn events(server: &Server, maya: &Account, james: &str) -> Vec<Value> {
    let path = format!("/v1/students/{}/events?limit=200", maya.student_id);
    let (status, events) = server.api().get(&path, james).await;
    assert_eq!(status, 200, "{events}");
    events["items"].as_array().expect("items").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn maya_gets_stuck_and_james_sees_it_at_once() {
    let provider = provider(Pace::Quick).await;
    let server = Setup::demo().model(&provider).start().await;
    let (maya, james) = maya_and_james(&server).await;
    let mut socket = Socket::greeted(&server, &maya, 0).await;

    let mut alerts = Vec::new();
    let begin = loop {
        let begin = Instant::now();
        let frames = asks(&mut socket, &format!("what is wrong here?\n\n{TRACEBACK}")).await;
        let debug = of_type(&frames, "route").iter().all(|route| route["agent"] == "debug");
        assert!(debug, "{frames:?}");
        alerts.push(of_type(&frames, "alert").len());
        if alerts.len() == 3 {
            break begin;
        }
    };
    assert_eq!(alerts, [0, 0, 1], "the third time is one too many");
    let seen = events(&server, &maya, &james).await;
    println!("from the third question to James's screen: {} ms", begin.elapsed().as_millis());
    let alert = seen.iter().find(|event| event["data"]["trigger"] == "repeated_error");
    let alert = alert.unwrap_or_else(|| panic!("no alert in {seen:?}"));
    assert_eq!(alert["data"]["severity"], "high", "{alert}");
    // It is a fact of the very step in which its cause became durable.
    let cause = seen.iter().rfind(|event| event["type"] == "asked").expect("a question");
    assert_eq!(alert["at"], cause["at"], "{alert} {cause}");
    for word in ["plum", "maya_homework"] {
        assert!(!json!(seen).to_string().contains(word), "{word} reached James");
    }

    // She takes a hint, and gets it right.
    socket.say(&json!({"type": "hint", "cmd": Uuid::now_v7(), "exercise": EXERCISE})).await;
    let hint = socket.first("done").await;
    assert_eq!((&hint["hint_rung"], &hint["source"]), (&1.into(), &"authored".into()), "{hint}");
    let submit = json!({"type": "submit", "cmd": Uuid::now_v7(), "exercise": EXERCISE,
        "answer": "0 0\n1 1\n2 3\nend 3"});
    socket.say(&submit).await;
    let graded = socket.first("graded").await;
    assert_eq!((&graded["correct"], &graded["score"]), (&true.into(), &json!(100.0)), "{graded}");
    let mastery = socket.first("mastery").await;
    // 0.4 of 100 for exercises and 0.1 of 10 for the first day of a streak.
    assert_eq!((&mastery["score"], &mastery["level"]), (&json!(41.0), &"learning".into()));

    let path = format!("/v1/students/{}/mastery/{TOPIC}/why", maya.student_id);
    let (status, why) = server.api().get(&path, &james).await;
    assert_eq!(status, 200, "{why}");
    assert_eq!(why["items"][0]["deltas"]["score"][1], json!(41.0), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_the_first_hint_comes_as_quickly_and_nothing_pretends() {
    let provider = provider(Pace::Quick).await;
    provider.control(&ProfileChange::from(Fault::Refuse));
    let server = Setup::demo().model(&provider).start().await;
    let maya = server.student().await;
    let mut socket = Socket::greeted(&server, &maya, 0).await;
    let frames = asks(&mut socket, "what does range do in a for loop?").await;
    let told = frames.last().expect("done");
    assert_eq!((&told["source"], &told["status"]), (&"authored".into(), &"complete".into()));
    assert!(told["code"].as_str().is_some_and(|code| code.starts_with("LF06")), "{told}");
    assert!(
        told["text"].as_str().is_some_and(|text| text.contains("AI can't be reached")),
        "it says so: {told}"
    );

    let begin = Instant::now();
    socket.say(&json!({"type": "hint", "cmd": Uuid::now_v7(), "exercise": EXERCISE})).await;
    let hint = socket.first("done").await;
    println!("the first hint without a model: {} ms", begin.elapsed().as_millis());
    assert_eq!((&hint["hint_rung"], &hint["source"]), (&1.into(), &"authored".into()), "{hint}");
    let quiz = format!("/v1/students/me/quiz?topic={TOPIC}");
    let (status, item) = server.api().get(&quiz, &maya.token).await;
    assert_eq!(status, 200, "{item}");
    let answer = json!({"type": "quiz", "cmd": Uuid::now_v7(), "item": item["id"], "answer": 0});
    socket.say(&answer).await;
    assert_eq!(socket.first("graded").await["item"], item["id"]);
}
