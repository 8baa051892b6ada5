//! SIGTERM: clients are told to come back, the process ends in time, and nothing is lost.

use std::time::Duration;

use learnflow_bench::provider::ProfileChange;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::{Socket, assembled, of_type, seqs, turn_of};

/// The whole drain.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

async fn a_running_turn_outlives_the_process(
    server: &mut Server,
    provider: &learnflow_bench::provider::Provider,
) {
    let student = server.student().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    socket.ask(&question()).await;
    let mut before = socket.until(|frame| frame["type"] == "token").await;
    let turn = turn_of(&before[0]);
    socket.ask(&question()).await;
    before.extend(socket.until(|frame| frame["type"] == "ack").await);
    let queued = turn_of(before.last().expect("the second ack"));

    server.tell_to_stop();
    let farewell = socket.until(|frame| frame["type"] == "goaway").await;
    let goaway = farewell.last().expect("goaway");
    assert!(goaway["resume_after_ms"].as_u64().is_some(), "{goaway}");
    assert_eq!(socket.closed().await, 1012);
    before.extend(farewell);
    let status = server.ended(DRAIN_LIMIT).await;
    assert_eq!(status.code(), Some(0), "{status}");

    // Slow enough that the client is back before the answer is over.
    let pace = ProfileChange {
        first_token_ms: Some(1_000),
        tokens_per_s: Some(40),
        answer_tokens: Some(60),
        ..ProfileChange::default()
    };
    provider.control(&pace);
    server.start().await;
    let seen = seqs(&before).last().copied().unwrap_or_default();
    let mut socket = Socket::greeted(server, &student, seen).await;
    let mut after = socket.turn(turn).await;
    after.extend(socket.turn(queued).await);
    let done = of_type(&after, "done");
    assert!(done.iter().all(|done| done["status"] == "complete"), "{done:?}");
    assert_eq!(done[0]["text"], assembled(&after, turn).expect("tokens").as_str());
    let attempts = of_type(&after, "token");
    let attempt = attempts.iter().find(|token| turn_of(token) == turn).expect("a token");
    assert_eq!(attempt["attempt"], 2, "{attempt}");
    let all: Vec<u64> = seqs(&before).into_iter().chain(seqs(&after)).collect();
    assert_eq!(all, (1..=6).collect::<Vec<_>>(), "gapless, and nothing twice");
    assert_eq!(server.api().transcript(&student.token).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_says_goaway_closes_with_1012_exits_0_and_the_turn_goes_on_after() {
    let provider = provider(Pace::Endless).await;
    let mut server = Setup::demo().model(&provider).start().await;
    a_running_turn_outlives_the_process(&mut server, &provider).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_hands_the_turn_over_on_kafka_and_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Endless).await;
    let mut server = Setup::serve(&services).await.model(&provider).start().await;
    a_running_turn_outlives_the_process(&mut server, &provider).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_ends_with_0_too_and_frees_its_ports() {
    let mut server = Setup::demo().start().await;
    server.tell_to_stop();
    assert_eq!(server.ended(DRAIN_LIMIT).await.code(), Some(0));
    assert_eq!(server.api().readiness().await, None, "nobody listens any more");
    server.start().await;
    let metrics = reqwest::get(server.metrics_url()).await.expect("metrics");
    let text = metrics.text().await.expect("text");
    assert!(text.contains("learnflow_"), "{text:.200}");
}
