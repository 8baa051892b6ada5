//! Kafka and PostgreSQL go away and come back, under load: no acknowledged command is lost,
//! students are served again on their own, and `/readyz` names the cause meanwhile.

use std::future::Future;
use std::time::Duration;

use futures_util::future::join_all;
use learnflow_bench::client::StudentClient;
use learnflow_bench::history::check;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::crash::patient;
use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup, ticks};
use crate::services::{OwnServices, shared};

/// Students who ask all the time.
const STUDENTS: usize = 6;
/// After the fault has healed, everybody is served within so long.
const HEALED_LIMIT: Duration = Duration::from_mins(1);
/// A service stays away so long.
const AWAY_S: u64 = 10;

/// Asks until told to stop, and once more after that; answers how many questions were answered.
async fn keep_asking(client: &mut StudentClient, stop: watch::Receiver<bool>) -> usize {
    let mut answered = 0;
    loop {
        let is_last = *stop.borrow();
        let ask = client.ask(&question()).expect("room for a command");
        // The fault lasts, then everybody is served within the limit.
        let until = Instant::now() + HEALED_LIMIT * 2;
        let done = client.answer(ask, until).await.expect("an answer after the fault");
        assert_eq!(done.status.as_deref(), Some("complete"), "{done:?}");
        answered += 1;
        if is_last {
            return answered;
        }
    }
}

/// Waits until readiness names a component, or none at all.
async fn readiness_names(server: &Server, component: Option<&str>, limit: Duration) {
    let until = Instant::now() + limit;
    let mut clock = ticks(100);
    loop {
        let named = server.api().unready_components().await;
        let is_it = match component {
            Some(component) => named.iter().any(|name| name == component),
            None => matches!(server.api().readiness().await, Some((200, _))),
        };
        if is_it {
            return;
        }
        assert!(Instant::now() < until, "readiness names {named:?}, not {component:?}");
        clock.tick().await;
    }
}

/// Everybody asks while `fault` happens; it ends when the fault has healed.
async fn under_load(
    server: &Server,
    clients: &mut [StudentClient],
    fault: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(false);
    let load = join_all(clients.iter_mut().map(|client| keep_asking(client, stopped.clone())));
    let fault = async {
        fault.await;
        readiness_names(server, None, HEALED_LIMIT).await;
        stop.send(true).expect("somebody asks");
    };
    let (answered, ()) = tokio::join!(load, fault);
    assert!(answered.iter().all(|count| *count > 1), "{answered:?}");
}

async fn take_away(server: &Server, own: &OwnServices, stop: &[&str], start: &str, cause: &str) {
    own.tell(stop).await;
    readiness_names(server, Some(cause), Duration::from_secs(20)).await;
    let mut clock = ticks(1_000);
    for _ in 0..AWAY_S {
        clock.tick().await;
    }
    own.tell(&[start]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_and_postgresql_may_go_away_and_come_back_under_load() {
    // Whether services are to be had at all is decided as for the others.
    let Some((_shared, turn)) = shared().await else { return };
    let own = OwnServices::up("services-spine").await;
    drop(turn);
    let provider = provider(Pace::Quick).await;
    let server = Setup::serve(&own.services).await.model(&provider).start().await;
    let accounts = server.students(STUDENTS).await;
    let mut clients: Vec<StudentClient> =
        accounts.iter().map(|account| patient(server.http(), account)).collect();

    let kafka = take_away(&server, &own, &["stop-kafka"], "start-kafka", "log");
    under_load(&server, &mut clients, kafka).await;
    let immediate = ["stop-postgres", "--mode", "immediate"];
    let postgres = take_away(&server, &own, &immediate, "start-postgres", "store");
    under_load(&server, &mut clients, postgres).await;

    let histories = join_all(clients.into_iter().map(StudentClient::finish)).await;
    assert_eq!(check(&histories), []);
    for account in &accounts {
        let turns = server.api().transcript(&account.token).await;
        assert!(turns.iter().all(|turn| turn["status"] == "complete"), "{turns:?}");
    }
}
