//! The simulated provider over real sockets, its faults above all.

use learnflow_bench::provider::{Bodies, Config, Fault, Outcome, Profile, ProfileChange, Provider};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{PATIENCE, eventually};

/// A provider that answers eight tokens at once.
async fn quick(bodies: Bodies) -> Provider {
    let profile =
        Profile { first_token_ms: 0, tokens_per_s: 0, answer_tokens: 8, ..Profile::default() };
    Provider::start(Config { profile, bodies, ..Config::default() }).await.expect("it starts")
}

fn prompt(text: &str) -> Value {
    json!({"model": "m", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": text}]})
}

/// The raw bytes of an answer, up to the end of the connection.
async fn raw(provider: &Provider, body: &Value) -> String {
    let mut socket = TcpStream::connect(provider.addr()).await.expect("a connection");
    let body = body.to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.expect("it is sent");
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut bytes)).await;
    // A reset after the last byte is one way to be cut off.
    drop(read.expect("it ends"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a whole chunked body ends with.
const WHOLE: &str = "\r\n0\r\n\r\n";

#[tokio::test]
async fn the_same_prompt_gets_the_same_stream_and_the_ledger_knows() {
    let provider = quick(Bodies::Forget).await;
    let [one, same, other] = ["why?", "why?", "how?"].map(prompt);
    let one = raw(&provider, &one).await;
    assert!(one.starts_with("HTTP/1.1 200 OK") && one.contains("text/event-stream"), "{one}");
    assert!(one.contains("\"finish_reason\":\"stop\"") && one.contains("[DONE]"), "{one}");
    assert!(one.contains("\"completion_tokens\":8") && one.ends_with(WHOLE), "{one}");
    let text_of = |answer: &str| -> String {
        let chunks = answer.lines().filter_map(|line| line.strip_prefix("data: {"));
        let parsed = chunks.map(|rest| serde_json::from_str(&format!("{{{rest}")).expect("JSON"));
        let content = |chunk: Value| chunk["choices"][0]["delta"]["content"].clone();
        parsed.map(content).filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    assert!(text_of(&one).starts_with("Simulated answer "));
    assert_eq!(text_of(&one), text_of(&raw(&provider, &same).await));
    assert_ne!(text_of(&one), text_of(&raw(&provider, &other).await));
    let ledger = provider.ledger();
    assert_eq!((ledger.calls, ledger.finished, ledger.distinct), (3, 3, 2));
    assert_eq!(ledger.repeated.values().copied().collect::<Vec<_>>(), [2]);
    assert!(ledger.items.iter().all(|call| call.messages == 2 && call.sent_tokens == 8));
    let whole = json!({"messages": [{"role": "user", "content": "why?"}]});
    let whole = raw(&provider, &whole).await;
    assert!(whole.contains("\"object\":\"chat.completion\"") && whole.contains("\"stop\""));
}

#[tokio::test]
async fn each_fault_looks_as_it_does_in_life() {
    let provider = quick(Bodies::Forget).await;
    let table: [(Fault, &str, &[&str], &[&str]); 9] = [
        (Fault::Refuse, "", &[], &["HTTP"]),
        (Fault::InternalError, "HTTP/1.1 500", &["\"error\""], &["data:"]),
        (Fault::Unavailable, "HTTP/1.1 503", &["\"error\""], &["data:"]),
        (Fault::RateLimited, "HTTP/1.1 429", &["retry-after: 1"], &["data:"]),
        (Fault::Cut, "HTTP/1.1 200", &["data:"], &["[DONE]", WHOLE]),
        (Fault::CutClean, "HTTP/1.1 200", &["data:", WHOLE], &["[DONE]", "\"stop\""]),
        (Fault::Garbage, "HTTP/1.1 200", &["\u{fffd}", WHOLE], &["[DONE]", "\"stop\""]),
        (Fault::Length, "HTTP/1.1 200", &["\"length\"", "[DONE]"], &["\"stop\""]),
        (Fault::Filter, "HTTP/1.1 200", &["\"content_filter\"", "[DONE]"], &["\"stop\""]),
    ];
    for (fault, start, with, without) in table {
        provider.control(&fault.into());
        let answer = raw(&provider, &prompt("why?")).await;
        assert!(answer.starts_with(start), "{fault:?}: {answer}");
        assert!(with.iter().all(|part| answer.contains(part)), "{fault:?}: {answer}");
        assert!(!without.iter().any(|part| answer.contains(part)), "{fault:?}: {answer}");
    }
    let ledger = provider.ledger();
    assert_eq!((ledger.calls, ledger.faulted, ledger.finished), (9, 7, 2));
    assert!(ledger.items.iter().all(|call| call.fault != Fault::None));
}

#[tokio::test]
async fn a_caller_that_goes_away_is_noticed() {
    let provider = quick(Bodies::Forget).await;
    for (fault, silent_after) in [(Fault::HangFirst, 0), (Fault::HangInside, 4)] {
        provider.reset();
        provider.control(&fault.into());
        let client = reqwest::Client::new();
        let call = client.post(format!("{}/chat/completions", provider.base_url()));
        let call = call.json(&prompt("why?")).send();
        let has_hung = || {
            let ledger = provider.ledger();
            ledger.running == 1
        };
        if silent_after == 0 {
            tokio::select! {
                _ = call => panic!("it must not answer"),
                () = eventually("the call", has_hung) => {}
            }
        } else {
            let mut answer = call.await.expect("an answer that begins");
            let mut text = String::new();
            while text.matches("\"content\":").count() < silent_after + 1 {
                let piece = answer.chunk().await.expect("a piece").expect("no end");
                text.push_str(&String::from_utf8_lossy(&piece));
            }
            assert!(has_hung() && !text.contains("[DONE]"));
        }
        eventually("the end of the call", || provider.ledger().aborted == 1).await;
        let call = &provider.ledger().items[0];
        assert_eq!(call.outcome, Outcome::Aborted);
        assert_eq!(call.sent_tokens as usize, silent_after);
    }
}

#[tokio::test]
async fn faults_are_steered_over_http_and_counted_down() {
    let provider = quick(Bodies::Keep).await;
    let root = provider.base_url().replace("/v1", "");
    let client = reqwest::Client::new();
    let control = |change: Value| client.post(format!("{root}/control")).json(&change).send();
    let set = control(json!({"fault": "503", "fault_calls": 1})).await.expect("an answer");
    assert_eq!(set.json::<Value>().await.expect("JSON")["fault"], "503");
    let bad = control(json!({"fault": "odd"})).await.expect("an answer");
    assert_eq!(bad.status(), 400);
    assert!(raw(&provider, &prompt("say \"one\"\n")).await.starts_with("HTTP/1.1 503"));
    assert!(raw(&provider, &prompt("two")).await.starts_with("HTTP/1.1 200"));
    let get = async |path: &str| {
        let answer = client.get(format!("{root}{path}")).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")
    };
    let found = get("/calls?contains=say%20%22one%22%0A").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    assert!(found["items"][0]["body"].as_str().is_some_and(|body| body.contains("be kind")));
    assert_eq!(provider.calls_containing("two").len(), 1);
    let ledger = get("/ledger").await;
    assert_eq!((&ledger["calls"], &ledger["faulted"]), (&json!(2), &json!(1)));
    let models = get("/v1/models").await;
    assert_eq!(models["object"], "list");
    let reset = client.post(format!("{root}/reset")).send().await.expect("an answer");
    assert_eq!((reset.status().as_u16(), provider.ledger().calls), (204, 0));
}

#[tokio::test]
async fn bodies_are_kept_only_when_asked_for() {
    let provider = quick(Bodies::Forget).await;
    raw(&provider, &prompt("a secret")).await;
    let root = provider.base_url().replace("/v1", "");
    let calls = reqwest::get(format!("{root}/calls?contains=secret")).await.expect("an answer");
    assert_eq!(calls.status(), 409);
    let ledger = reqwest::get(format!("{root}/ledger")).await.expect("an answer");
    assert!(!ledger.text().await.expect("a body").contains("secret"));
}

#[tokio::test]
async fn a_closed_port_refuses_and_an_opened_one_serves_again() {
    let provider = quick(Bodies::Forget).await;
    provider.control(&Fault::HangFirst.into());
    let mut hanging = TcpStream::connect(provider.addr()).await.expect("a connection");
    hanging.write_all(b"GET /ledger HTTP/1.1\r\nHost: p\r\n\r\n").await.expect("it is sent");
    let mut head = [0_u8; 15];
    hanging.read_exact(&mut head).await.expect("it is served");
    provider.close_port().await;
    assert!(TcpStream::connect(provider.addr()).await.is_err());
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, hanging.read_to_end(&mut rest)).await;
    // An end or a reset: either way, the connection is gone.
    drop(ended.expect("open connections are closed too"));
    provider.open_port().await.expect("the address is still free");
    provider.control(&ProfileChange::from(Fault::None));
    assert!(raw(&provider, &prompt("why?")).await.contains("[DONE]"));
}

#[tokio::test]
async fn the_ledger_file_has_a_line_for_each_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.jsonl");
    let profile = Profile { first_token_ms: 0, tokens_per_s: 0, ..Profile::default() };
    let config = Config { profile, ledger_file: Some(path.clone()), ..Config::default() };
    let provider = Provider::start(config).await.expect("it starts");
    for text in ["zebra", "okapi"] {
        raw(&provider, &prompt(text)).await;
    }
    let text = std::fs::read_to_string(path).expect("a file");
    let outcomes: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|call| call["outcome"] == "finished"));
    assert!(!text.contains("zebra"), "bodies are not kept");
}
