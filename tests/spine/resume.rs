//! Several sockets of one student, and clients that come back: every durable frame once and in
//! order, or an explicit `resync`.

use std::time::Duration;

use learnflow_bench::client::{Seen, StudentClient};
use learnflow_bench::history::check;
use learnflow_bench::provider::ProfileChange;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::{Socket, assembled, durable, of_type, seqs, turn_of};

/// Frames of a replay; above, `resync`.
const REPLAY_FRAMES: u64 = 256;

async fn three_sockets_see_one_turn(server: &Server) {
    let student = server.student().await;
    let mut first = Socket::greeted(server, &student, 0).await;
    let mut second = Socket::greeted(server, &student, 0).await;
    first.ask(&question()).await;
    let mut by_first = first.until(|frame| frame["type"] == "token").await;
    let turn = turn_of(&by_first[0]);

    let mut third = Socket::open(server, &student).await;
    let welcome = third.hello(0).await;
    assert_eq!((&welcome["running"], &welcome["seq"]), (&turn.to_string().into(), &2.into()));
    let by_third = third.turn(turn).await;
    by_first.extend(first.turn(turn).await);
    let by_second = second.turn(turn).await;

    let done = by_first.last().expect("done");
    for (who, frames) in [("first", &by_first), ("second", &by_second), ("third", &by_third)] {
        assert_eq!(seqs(frames), [1, 2, 3], "{who}");
        assert_eq!(durable(frames), durable(&by_first), "{who}");
        assert_eq!(done["text"], assembled(frames, turn).expect("tokens").as_str(), "{who}");
    }
    let joined = of_type(&by_third, "token")[0];
    assert_eq!((&joined["from"], &joined["attempt"]), (&0.into(), &1.into()));
    assert!(
        joined["text"].as_str() >= by_first[2]["text"].as_str(),
        "the text so far comes as one piece: {joined}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sockets_and_a_third_that_joins_see_every_durable_frame_once() {
    let provider = provider(Pace::Second).await;
    let server = Setup::demo().model(&provider).start().await;
    three_sockets_see_one_turn(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sockets_and_a_third_see_the_same_on_kafka_and_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Second).await;
    let server = Setup::serve(&services).await.model(&provider).start().await;
    three_sockets_see_one_turn(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_lost_its_last_frame_notices_by_pong_and_recovers() {
    let provider = provider(Pace::Second).await;
    let server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let mut client = StudentClient::new(server.http(), &student);
    let until = Instant::now() + Duration::from_mins(1);
    let ask = client.ask(&question()).expect("room");
    while !matches!(client.next_update(until).await.expect("a token").what, Seen::FirstToken { .. })
    {
    }
    // The only durable frame that is still to come is `done`.
    client.lose_frames(1);
    let mut watching = Socket::greeted(&server, &student, 0).await;
    watching.until(|frame| frame["type"] == "done").await;
    client.ping();
    let done = client.answer(ask, until).await.expect("the answer after all");
    assert_eq!((done.seq, done.status.as_deref()), (3, Some("complete")));
    let history = client.finish().await;
    let lost = history.entries.iter().any(|entry| {
        matches!(entry.what, learnflow_bench::history::What::LostOnPurpose { seq: 3 })
    });
    assert!(lost, "the frame was lost on the way");
    assert_eq!(check(&[history]), []);
}

/// Turns of the storm below: each ends in the middle of a catching-up.
const STORM_TURNS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_in_the_middle_of_a_turn_brings_no_piece_after_its_end() {
    let provider = provider(Pace::Quick).await;
    let server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let mut socket = Socket::greeted(&server, &student, 0).await;
    let mut tokens = 0;
    for number in 0..STORM_TURNS {
        socket.ask(&question()).await;
        let last_seq = 3 * (number + 1);
        let mut is_over = false;
        let mut ended: Vec<Uuid> = Vec::new();
        while !is_over {
            let frame = socket.frame().await;
            match frame["type"].as_str().expect("a type") {
                "welcome" => ended.clear(),
                "done" => {
                    ended.push(turn_of(&frame));
                    is_over = frame["seq"] == last_seq;
                }
                "token" => {
                    assert!(!ended.contains(&turn_of(&frame)), "after its done: {frame}");
                    tokens += 1;
                    socket.say(&json!({"type": "hello", "v": 1})).await;
                }
                _ => {}
            }
        }
        for frame in socket.rest().await {
            match frame["type"].as_str().expect("a type") {
                "welcome" => ended.clear(),
                "done" => ended.push(turn_of(&frame)),
                "token" => assert!(!ended.contains(&turn_of(&frame)), "after its done: {frame}"),
                _ => {}
            }
        }
    }
    assert!(tokens >= STORM_TURNS, "only {tokens} pieces");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_gets_what_it_has_not_seen_and_an_impossible_one_a_resync() {
    let provider = provider(Pace::Quick).await;
    let server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let mut socket = Socket::greeted(&server, &student, 0).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(durable(&socket.converse(&question()).await));
    }
    for seen in [0_u64, 1, 4, 8, 9] {
        let mut again = Socket::open(&server, &student).await;
        let welcome = again.hello(seen).await;
        assert_eq!(welcome["seq"], 9);
        let mut missed = Vec::new();
        while missed.len() as u64 + seen < 9 {
            missed.push(again.frame().await);
        }
        assert_eq!(missed, all[usize::try_from(seen).expect("small")..], "after {seen}");
        // A second hello on the same socket starts over.
        again.hello(8).await;
        assert_eq!(again.frame().await, all[8]);
        drop(again);
    }
    let mut ahead = Socket::open(&server, &student).await;
    ahead.hello(10).await;
    let resync = ahead.frame().await;
    assert_eq!((&resync["type"], &resync["seq"]), (&"resync".into(), &9.into()));
    let turns = resync["turns"].as_array().expect("turns").clone();
    let told: Vec<_> = turns.iter().map(|turn| (&turn["status"], &turn["text"])).collect();
    let texts: Vec<_> = of_type(&all, "done").iter().map(|done| done["text"].clone()).collect();
    let complete = Value::from("complete");
    let expected: Vec<_> = texts.iter().map(|text| (&complete, text)).collect();
    assert_eq!(told, expected, "the newest turns, oldest first");
    assert!(turns.iter().all(|turn| turn["question"].is_string()), "{resync}");
    let next = ahead.converse(&question()).await;
    assert_eq!(seqs(&next), [10, 11, 12], "it goes on after the resync");
}

/// Rates a turn until the student has so many frames: an acknowledgement each.
async fn rate_until(socket: &mut Socket, turn: Uuid, seq: u64) {
    let mut at = 3;
    let mut refusals = 0;
    while at < seq {
        let feedback = json!({
            "type": "feedback", "cmd": Uuid::now_v7(), "turn": turn, "rating": "up",
        });
        socket.say(&feedback).await;
        let answer = socket.frame().await;
        if let Some(number) = answer["seq"].as_u64() {
            at = number;
        } else {
            // The limit of commands a second: the server says how long to wait.
            let retry_ms = answer["retry_ms"].as_u64().expect("when to try again");
            let mut clock = crate::server::ticks(retry_ms);
            clock.tick().await;
            clock.tick().await;
            refusals += 1;
        }
    }
    assert!(refusals < 100, "{refusals} refusals");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_256_frames_come_as_a_resync() {
    let provider = provider(Pace::Quick).await;
    let server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let mut socket = Socket::greeted(&server, &student, 0).await;
    let turn = turn_of(socket.converse(&question()).await.last().expect("done"));
    rate_until(&mut socket, turn, REPLAY_FRAMES + 1).await;

    let mut most = Socket::open(&server, &student).await;
    most.hello(1).await;
    let replay = most.until(|frame| frame["seq"] == REPLAY_FRAMES + 1).await;
    assert_eq!(seqs(&replay), (2..=REPLAY_FRAMES + 1).collect::<Vec<_>>());
    let mut more = Socket::open(&server, &student).await;
    more.hello(0).await;
    let resync = more.frame().await;
    assert_eq!((&resync["type"], &resync["seq"]), (&"resync".into(), &(REPLAY_FRAMES + 1).into()));
    assert_eq!(resync["turns"].as_array().map(Vec::len), Some(1));
    provider.control(&ProfileChange::default());
    assert_eq!(seqs(&more.converse(&question()).await), [258, 259, 260]);
}
