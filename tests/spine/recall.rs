//! A question can refer to an earlier one: the prompt holds the conversation.

use learnflow_bench::provider::Provider;
use serde_json::{Value, json};

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::{Socket, turn_of};

/// What the newest call asked: its messages.
fn newest_messages(provider: &Provider) -> Vec<Value> {
    let ledger = provider.ledger();
    let body = ledger.items.last().and_then(|call| call.body.clone()).expect("a call's body");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["messages"].as_array().expect("messages").clone()
}

/// Where a message of this role stands that holds the text.
fn place(messages: &[Value], role: &str, text: &str) -> Option<usize> {
    let holds = |message: &Value| {
        message["role"] == role
            && message["content"].to_string().contains(json_inside(text).as_str())
    };
    messages.iter().position(holds)
}

fn json_inside(text: &str) -> String {
    json!(text).to_string().trim_matches('"').to_owned()
}

async fn the_prompt_holds_the_conversation(server: &mut Server, provider: &Provider) {
    let student = server.student().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    let first = question();
    let frames = socket.converse(&first).await;
    let done = frames.last().expect("done").clone();
    let answer = done["text"].as_str().expect("an answer").to_owned();

    let asked_again = "Can you explain that again?";
    let follow_up = socket.converse(asked_again).await;
    let done = follow_up.last().expect("done");
    assert_eq!((&done["status"], &done["source"]), (&"complete".into(), &"model".into()), "{done}");
    let messages = newest_messages(provider);
    let order = [
        place(&messages, "user", &first).expect("the first question"),
        place(&messages, "assistant", &answer).expect("its answer"),
        place(&messages, "user", asked_again).expect("the second question"),
    ];
    assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");

    server.kill().await;
    server.start().await;
    let seq = done["seq"].as_u64().expect("a number");
    let mut socket = Socket::greeted(server, &student, seq).await;
    let third = socket.converse("Please explain that again, more slowly.").await;
    let done = third.last().expect("done");
    assert_eq!((&done["status"], &done["source"]), (&"complete".into(), &"model".into()), "{done}");
    let messages = newest_messages(provider);
    assert!(place(&messages, "user", &first).is_some(), "after a crash too: {messages:?}");
    assert!(place(&messages, "user", asked_again).is_some(), "{messages:?}");
    let all = server.api().transcript(&student.token).await;
    assert_eq!(all.len(), 3);
    assert_eq!(all[2]["turn"], turn_of(done).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_that_again_finds_the_earlier_turn_also_after_a_crash() {
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::demo().model(&provider).start().await;
    the_prompt_holds_the_conversation(&mut server, &provider).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_that_again_finds_the_earlier_turn_on_kafka_and_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::serve(&services).await.model(&provider).start().await;
    the_prompt_holds_the_conversation(&mut server, &provider).await;
}
