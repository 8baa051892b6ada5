//! `kill -9` in the middle of streaming, again and again: whole answers, nothing twice, nothing
//! lost, and nobody sends again what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use learnflow_bench::client::{Account, DurableFrame, Http, Seen, StudentClient, Times};
use learnflow_bench::history::{Sharing, StudentHistory, What, check};
use learnflow_bench::provider::Provider;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup, ticks};
use crate::services;

/// Students at a time.
const STUDENTS: usize = 4;
/// The kills come at the same moments in every run.
const SEED: u64 = 20_260_101;
/// After a restart everybody is served within so long.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);
/// Steps between the first acknowledgement and the kill, of 20 ms each.
const STEPS: std::ops::Range<u32> = 0..45;

/// A client that comes back quickly.
pub(crate) fn patient(http: Http, account: &Account) -> StudentClient {
    let times = Times {
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_millis(500),
        ..Times::default()
    };
    StudentClient::resuming(http, account, Sharing::Sole, 0, times)
}

/// Asks, and drives the client to the turn's `done`; tells `acked` when the ask is safe.
async fn one_turn(client: &mut StudentClient, acked: mpsc::UnboundedSender<()>) -> DurableFrame {
    let until = Instant::now() + ANSWER_LIMIT;
    let ask = client.ask(&question()).expect("room for a command");
    let mut turn = None;
    loop {
        let update = client.next_update(until).await;
        let update = update.unwrap_or_else(|| panic!("no answer to {ask} ({turn:?})"));
        match update.what {
            Seen::Acked { cmd, turn: its_turn } if cmd == ask => {
                turn = its_turn;
                acked.send(()).expect("somebody listens");
            }
            Seen::Done(done) if done.turn == turn => return *done,
            Seen::Stopped(reason) => panic!("the client gave up: {reason:?}"),
            Seen::Welcome { .. }
            | Seen::Acked { .. }
            | Seen::Routed { .. }
            | Seen::FirstToken { .. }
            | Seen::Done(_)
            | Seen::DoneUnseen { .. }
            | Seen::Durable(_)
            | Seen::Refused { .. }
            | Seen::Lost { .. }
            | Seen::NotConnected { .. } => {}
        }
    }
}

/// One round: everybody asks, the process dies while they are answered, and everybody gets the
/// whole answer from the next one.
async fn one_round(server: &mut Server, clients: &mut [StudentClient], steps: u32) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let turns = join_all(clients.iter_mut().map(|client| one_turn(client, tell.clone())));
    let murder = async {
        told.recv().await.expect("an acknowledgement");
        let mut clock = ticks(20);
        for _ in 0..steps {
            clock.tick().await;
        }
        server.kill().await;
        server.start().await;
    };
    let (answers, ()) = tokio::join!(turns, murder);
    for done in answers {
        assert_eq!(done.status.as_deref(), Some("complete"), "{done:?}");
        assert_eq!(done.source.as_deref(), Some("model"), "{done:?}");
    }
}

/// No command goes out again after its acknowledgement was seen.
fn sent_after_ack(history: &StudentHistory) -> Vec<Uuid> {
    let (mut acked, mut again) = (BTreeSet::new(), Vec::new());
    for entry in &history.entries {
        if let What::Durable(frame) = &entry.what
            && frame.kind == "ack"
        {
            acked.extend(frame.cmd);
        }
        if let What::Sent { cmd, .. } = &entry.what
            && acked.contains(cmd)
        {
            again.push(*cmd);
        }
    }
    again
}

async fn nothing_is_lost(server: &mut Server, provider: &Provider, kills: u64) {
    let accounts = server.students(STUDENTS).await;
    let mut clients: Vec<StudentClient> =
        accounts.iter().map(|account| patient(server.http(), account)).collect();
    for client in &mut clients {
        client.welcomed(Instant::now() + ANSWER_LIMIT).await.expect("a welcome");
    }
    let mut moments = StdRng::seed_from_u64(SEED);
    for kill in 0..kills {
        if kill % 2 == 1 {
            // A group that Kafka knows nothing of: where reading goes on stands in the store alone,
            // and nobody waits until the dead member's session has timed out.
            server.set("LEARNFLOW__KAFKA__GROUP", &format!("spine-{}", Uuid::new_v4()));
        }
        one_round(server, &mut clients, moments.random_range(STEPS)).await;
    }

    let histories = join_all(clients.into_iter().map(StudentClient::finish)).await;
    assert_eq!(check(&histories), []);
    for history in &histories {
        assert_eq!(sent_after_ack(history), Vec::<Uuid>::new());
    }
    for account in &accounts {
        let turns = server.api().transcript(&account.token).await;
        assert_eq!(turns.len() as u64, kills, "one turn a question, none twice");
        assert!(turns.iter().all(|turn| turn["status"] == "complete"), "{turns:?}");
    }

    let ledger = provider.ledger();
    let mut calls: BTreeMap<&str, u64> = BTreeMap::new();
    for call in &ledger.items {
        *calls.entry(&call.question_digest).or_default() += 1;
    }
    assert_eq!(calls.len() as u64, kills * STUDENTS as u64, "every question was asked");
    let most = calls.values().max().copied();
    assert!(most <= Some(2), "one call, and one more for the change of owner: {most:?}");
    // The test's own teeth: the kills did hit answers that were on their way.
    assert!(ledger.aborted >= kills, "only {} calls were cut off", ledger.aborted);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_in_the_middle_of_streaming_lose_nothing() {
    let provider = provider(Pace::Second).await;
    let mut server = Setup::demo().model(&provider).start().await;
    nothing_is_lost(&mut server, &provider, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_on_kafka_and_postgresql_lose_nothing() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Second).await;
    let mut server = Setup::serve(&services).await.model(&provider).start().await;
    nothing_is_lost(&mut server, &provider, 20).await;
}
