//! The outcome of a COMMIT is unknown: the connection was cut around it, on real PostgreSQL.

use learnflow_engine::port::store::{Batch, Committed, Store, StoreError};
use learnflow_storage::config::Config;
use learnflow_storage::pool::Database;

use crate::proxy::{Cut, Proxy};
use crate::world::{World, snapshot};

/// The server's address, and the same database's URL through another port.
fn through(url: &str, port: u16) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, server) = authority.rsplit_once('@').map_or(("", authority), |(u, s)| (u, s));
    let at = if user.is_empty() { "" } else { "@" };
    let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
    (server, format!("{scheme}://{user}{at}127.0.0.1:{port}/{path}"))
}

/// Repeats a batch, as the committer does, until its outcome is known.
async fn repeat(store: &dyn Store, batch: &Batch) -> (u32, Committed) {
    for tries in 1..=5 {
        match store.commit(batch).await {
            Ok(committed) => return (tries, committed),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
    panic!("the store stays away");
}

async fn check(cut: Cut, applied_at_first: usize) {
    let world = World::postgres().await;
    let url = &world.scratch.config().url;
    let proxy = Proxy::start(through(url, 0).0).await;
    let cut_off = Database::open(&Config::new(through(url, proxy.port).1)).await.unwrap();
    let maya = world.student(1).await;
    let mut writer = world.claim(4).await;
    let steps = vec![writer.step(maya, 1, 0)];
    assert_eq!(cut_off.commit(&writer.batch(steps)).await.unwrap(), Committed::default());

    let mut step = writer.step(maya, 2, 1);
    step.snapshot = Some(snapshot(2));
    let batch = writer.batch(vec![step]);
    proxy.arm(cut);
    let outcome = cut_off.commit(&batch).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(!proxy.is_armed(), "the connection was cut");
    assert_eq!(world.outbox(4).await.len(), 1 + applied_at_first);

    let (tries, committed) = repeat(&cut_off, &batch).await;
    assert_eq!(committed, Committed::default());
    assert!(tries <= 2, "{tries} tries");
    assert_eq!(world.outbox(4).await.len(), 2);
    let session = world.store.restore(maya).await.unwrap().unwrap();
    assert_eq!(session.snapshot, Some(snapshot(2)));
    // The next batch follows without a gap.
    let steps = vec![writer.step(maya, 3, 2)];
    assert_eq!(cut_off.commit(&writer.batch(steps)).await.unwrap(), Committed::default());
    assert_eq!(world.claim(4).await.owner.next_offset, 3);
    cut_off.close().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_was_lost_is_recognised() {
    check(Cut::BeforeAnswer, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_is_applied_by_the_repeat() {
    check(Cut::BeforeCommit, 0).await;
}

#[tokio::test]
async fn a_commit_that_was_given_up_is_repeated_on_another_connection() {
    let world = World::postgres().await;
    let Database::Postgres(db) = world.db() else { panic!("not PostgreSQL") };
    let maya = world.student(1).await;
    let mut writer = world.claim(4).await;
    let mut lock = db.pool().begin().await.unwrap();
    let statement = "SELECT epoch FROM owner WHERE partition = 4 FOR UPDATE";
    sqlx::query(statement).execute(&mut *lock).await.unwrap();
    let steps = vec![writer.step(maya, 1, 0)];
    let batch = writer.batch(steps);
    // Time runs whenever nothing else does: the deadline passes while the server waits.
    tokio::time::pause();
    let outcome = world.store.commit(&batch).await;
    tokio::time::resume();
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    lock.rollback().await.unwrap();
    let (_, committed) = repeat(&*world.store, &batch).await;
    assert_eq!(committed, Committed::default());
    assert_eq!(world.outbox(4).await.len(), 1);
    let steps = vec![writer.step(maya, 2, 1)];
    world.commit(&writer.batch(steps)).await;
    world.end().await;
}
