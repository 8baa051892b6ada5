//! The client's rules over real sockets.

use std::sync::atomic::Ordering;
use std::time::Duration;

use learnflow_bench::client::{Account, NoAnswer, Seen, StopReason, StudentClient, Times};
use learnflow_bench::history::{CommandKind, Sharing, StudentHistory, What, check};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::PATIENCE;
use crate::fake_server::{FakeServer, Script};

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// A client that does not hesitate.
fn client(server: &FakeServer, account: &Account, sharing: Sharing) -> StudentClient {
    let times = Times {
        hello_gap: Duration::ZERO,
        first_pause: Duration::from_millis(1),
        ..Times::default()
    };
    StudentClient::resuming(server.http(), account, sharing, 0, times)
}

async fn asked(client: &mut StudentClient, text: &str) -> String {
    let ask = client.ask(text).expect("there is room");
    let done = client.answer(ask, soon()).await.expect("an answer");
    done.text.expect("a text")
}

#[track_caller]
fn clean(histories: &[StudentHistory]) {
    assert_eq!(check(histories), []);
}

#[tokio::test]
async fn a_question_is_answered_and_leaves_a_clean_history() {
    let server = FakeServer::start(Script::default()).await;
    let account = server.account().await;
    let mut client = StudentClient::new(server.http(), &account);
    assert_eq!(asked(&mut client, "why?").await, "You asked: why?");
    assert_eq!(asked(&mut client, "how?").await, "You asked: how?");
    assert_eq!(client.rules().seq(), 6);
    clean(&[client.finish().await]);
}

#[tokio::test]
async fn a_broken_connection_loses_and_doubles_nothing() {
    let server = FakeServer::start(Script { gate_at: 2, ..Script::default() }).await;
    let account = server.account().await;
    let mut first = client(&server, &account, Sharing::Sole);
    first.welcomed(soon()).await.expect("welcome");
    let ask = first.ask("why?").expect("there is room");
    // The question is on its way when the line breaks; the answer comes while it is broken.
    assert!(first.next_update(Instant::now()).await.is_none());
    crate::eventually("the ask", || server.inside.asks.load(Ordering::Relaxed) == 1).await;
    first.cut();
    let mut second = StudentClient::new(server.http(), &server.account().await);
    asked(&mut second, "open the gate").await;
    let done = first.answer(ask, soon()).await.expect("an answer");
    assert_eq!(done.text.as_deref(), Some("You asked: why?"));
    assert_eq!(server.inside.turns.load(Ordering::Relaxed), 2);
    clean(&[first.finish().await, second.finish().await]);
}

#[tokio::test]
async fn a_lost_last_frame_is_noticed_by_pong_and_fetched() {
    let server = FakeServer::start(Script::default()).await;
    let account = server.account().await;
    let mut deaf = client(&server, &account, Sharing::Shared);
    deaf.welcomed(soon()).await.expect("welcome");
    deaf.lose_frames(1);
    let mut other = client(&server, &account, Sharing::Shared);
    other.cancel(Uuid::now_v7()).expect("there is room");
    while other.rules().seq() < 1 {
        other.next_update(soon()).await.expect("the ack");
    }
    let has_lost = |deaf: &StudentClient| {
        let entries = &deaf.rules().history().entries;
        entries.iter().any(|entry| entry.what == What::LostOnPurpose { seq: 1 })
    };
    while !has_lost(&deaf) {
        assert!(deaf.next_update(Instant::now() + Duration::from_millis(5)).await.is_none());
    }
    assert_eq!(deaf.rules().seq(), 0);
    deaf.ping();
    while deaf.rules().seq() < 1 {
        deaf.next_update(soon()).await.expect("the ack");
    }
    clean(&[deaf.finish().await, other.finish().await]);
}

#[tokio::test]
async fn a_lost_route_is_fetched_again_and_blames_nobody() {
    let server = FakeServer::start(Script::default()).await;
    let account = server.account().await;
    let mut client = client(&server, &account, Sharing::Sole);
    client.welcomed(soon()).await.expect("welcome");
    let ask = client.ask("why?").expect("there is room");
    client.lose_frames(2);
    client.answer(ask, soon()).await.expect("an answer");
    assert_eq!(client.rules().seq(), 3);
    clean(&[client.finish().await]);
}

#[tokio::test]
async fn all_sockets_of_a_student_see_the_same_frames_once_and_in_order() {
    let server = FakeServer::start(Script { gate_at: 2, ..Script::default() }).await;
    let account = server.account().await;
    let mut one = client(&server, &account, Sharing::Shared);
    let mut two = client(&server, &account, Sharing::Shared);
    one.welcomed(soon()).await.expect("welcome");
    two.welcomed(soon()).await.expect("welcome");
    let ask = one.ask("why?").expect("there is room");
    assert!(one.next_update(Instant::now()).await.is_none());
    // A third joins while the turn waits, and asks too, which opens the gate.
    let mut three = client(&server, &account, Sharing::Shared);
    three.welcomed(soon()).await.expect("welcome");
    let other = three.ask("how?").expect("there is room");
    assert!(three.next_update(Instant::now()).await.is_none());
    one.answer(ask, soon()).await.expect("an answer");
    three.answer(other, soon()).await.expect("an answer");
    let mut histories = Vec::new();
    for mut client in [one, two, three] {
        while client.rules().seq() < 6 {
            client.next_update(soon()).await.expect("all frames");
        }
        histories.push(client.finish().await);
    }
    clean(&histories);
}

#[tokio::test]
async fn a_repeated_command_runs_once_and_gets_the_same_frame() {
    let server = FakeServer::start(Script::default()).await;
    let account = server.account().await;
    let mut client = client(&server, &account, Sharing::Sole);
    let cmd = Uuid::now_v7();
    let ask = json!({"type": "ask", "text": "why?"});
    client.command_as(cmd, CommandKind::Ask, ask.clone()).expect("there is room");
    client.answer(cmd, soon()).await.expect("an answer");
    client.command_as(cmd, CommandKind::Ask, ask).expect("there is room");
    while client.rules().pending_commands() > 0 {
        client.next_update(soon()).await.expect("the ack again");
    }
    assert_eq!(server.inside.turns.load(Ordering::Relaxed), 1);
    assert_eq!(client.rules().seq(), 3);
    clean(&[client.finish().await]);
}

#[tokio::test]
async fn a_restarting_server_and_a_bad_ticket_are_survived() {
    let server = FakeServer::start(Script { bad_tickets: 1, ..Script::default() }).await;
    let account = server.account().await;
    let mut client = client(&server, &account, Sharing::Sole);
    assert_eq!(asked(&mut client, "why?").await, "You asked: why?");
    server.kick(1012);
    let ask = client.ask("how?").expect("there is room");
    let mut codes = Vec::new();
    loop {
        let update = client.next_update(soon()).await.expect("an update");
        if let Seen::Lost { code } = update.what {
            codes.push(code);
        } else if matches!(update.what, Seen::Done(done) if done.seq == 6) {
            break;
        }
    }
    assert_eq!(codes, [1012]);
    client.answer(ask, soon()).await.expect("it is there already");
    clean(&[client.finish().await]);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_one_that_forbids_is_left() {
    let server = FakeServer::start(Script { busy: 2, ..Script::default() }).await;
    let account = server.account().await;
    let mut client = client(&server, &account, Sharing::Sole);
    assert_eq!(asked(&mut client, "why?").await, "You asked: why?");
    server.kick(4403);
    let stopped = loop {
        let update = client.next_update(soon()).await.expect("an update");
        if let Seen::Stopped(reason) = update.what {
            break reason;
        }
    };
    assert_eq!(stopped, StopReason::Forbidden);
    clean(&[client.finish().await]);
}

#[tokio::test]
async fn a_signed_out_student_is_told_and_nothing_waits_for_ever() {
    let server = FakeServer::start(Script::default()).await;
    let mut account = server.account().await;
    account.token = "another".to_owned();
    let mut client = StudentClient::new(server.http(), &account);
    let ask = client.ask("why?").expect("there is room");
    loop {
        let update = client.next_update(soon()).await.expect("an update");
        if update.what == Seen::Stopped(StopReason::SignedOut) {
            break;
        }
    }
    assert_eq!(client.answer(ask, Instant::now()).await, Err(NoAnswer::Late));
}
