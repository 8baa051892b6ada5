//! A question travels from the socket to its answer.

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::{Socket, assembled, durable, of_type, seqs, turn_of};

/// Asks twice on one socket, and looks at everything that comes of it.
async fn a_question_travels(server: &Server, questions: [&str; 2], sources: &[&str]) {
    let student = server.student().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    let mut all = Vec::new();
    for text in questions {
        let frames = socket.converse(text).await;
        let turn = turn_of(frames.last().expect("done"));
        let kinds: Vec<_> = frames.iter().map(|frame| frame["type"].clone()).collect();
        assert_eq!(kinds[..2], ["ack", "route"], "{frames:?}");
        assert!(kinds[2..kinds.len() - 1].iter().all(|kind| kind == "token"), "{kinds:?}");
        assert!(kinds.len() > 3, "no token came: {kinds:?}");
        assert!(frames.iter().all(|frame| turn_of(frame) == turn), "{frames:?}");

        let done = frames.last().expect("done");
        assert_eq!((&done["type"], &done["status"]), (&"done".into(), &"complete".into()));
        assert!(sources.iter().any(|source| done["source"] == *source), "{done}");
        let text_of_tokens = assembled(&frames, turn).expect("tokens");
        assert_eq!(done["text"], text_of_tokens.as_str());
        assert!(!text_of_tokens.trim().is_empty());
        assert_eq!(of_type(&frames, "route")[0]["agent"], done["agent"]);

        let kept = server.api().turn(&student.token, turn).await;
        assert_eq!((&kept["question"], &kept["answer"]), (&text.into(), &done["text"]));
        assert_eq!((&kept["status"], &kept["source"]), (&done["status"], &done["source"]));
        all.extend(frames);
    }
    assert_eq!(seqs(&all), [1, 2, 3, 4, 5, 6]);

    let mut again = Socket::greeted(server, &student, 0).await;
    let replayed = again.until(|frame| frame["seq"] == 6).await;
    assert_eq!(replayed, durable(&all), "a replay says the same frames");
}

const COURSE_QUESTIONS: [&str; 2] =
    ["What is a for loop in Python?", "How do if, elif and else work together?"];

#[tokio::test(flavor = "multi_thread")]
async fn a_question_gets_its_ack_route_tokens_and_done_from_the_offline_tutor() {
    let server = Setup::demo().start().await;
    a_question_travels(&server, COURSE_QUESTIONS, &["offline", "authored"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_gets_its_ack_route_tokens_and_done_from_a_model() {
    let provider = provider(Pace::Quick).await;
    let server = Setup::demo().model(&provider).start().await;
    let questions = [question(), question()];
    a_question_travels(&server, [&questions[0], &questions[1]], &["model"]).await;
    let ledger = provider.ledger();
    assert_eq!((ledger.calls, ledger.finished), (2, 2), "one call a turn");
    let bodies: Vec<serde_json::Value> = ledger
        .items
        .iter()
        .map(|call| serde_json::from_str(call.body.as_deref().expect("a body")).expect("JSON"))
        .collect();
    assert!(bodies.iter().all(|body| body["store"] == false), "{bodies:?}");
    assert!(provider.calls_containing("school.example").is_empty(), "an e-mail went out");
    assert!(provider.calls_containing("\"Sam\"").is_empty(), "a name went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_travels_over_kafka_and_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let server = Setup::serve(&services).await.model(&provider).start().await;
    let questions = [question(), question()];
    a_question_travels(&server, [&questions[0], &questions[1]], &["model"]).await;
    assert_eq!(provider.ledger().calls, 2, "one call a turn");
}
