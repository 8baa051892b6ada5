//! Claims: the fence, claiming again, handing over, draining, and a log that was replaced.

use std::time::Duration;

use learnflow_actors::completion::scripted::Step;
use learnflow_actors::supervisor::status::PartitionStatus;
use learnflow_engine::event::v1::AttemptCause;
use learnflow_engine::id::PartitionId;
use tokio::time::{Instant, timeout};

use crate::world::{P0, Universe, pass, until};

fn answer() -> Vec<Step> {
    vec![Step::say("Lists begin at zero."), Step::stop()]
}

#[tokio::test(start_paused = true)]
async fn a_fenced_owner_claims_again_and_nothing_is_lost_or_said_twice() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    universe.tables.claim_from_outside(P0);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    assert_eq!(anna.order(), ["attached", "ack", "route", "token", "done"]);
    assert_eq!(*process.log.reopened.lock(), [P0]);
    assert_eq!(universe.tables.owner(P0).epoch, 3);
    let epochs: Vec<i64> = universe.tables.journal(anna.id).iter().map(|row| row.epoch).collect();
    assert_eq!(epochs, [0, 1, 3, 3], "nothing was written under the lost claim");
    universe.settles(2).await;
}

#[tokio::test(start_paused = true)]
async fn a_fenced_partition_takes_no_other_with_it() {
    let universe = Universe::with_partitions(2, &answer());
    let pupils: Vec<_> = (1..=8).map(|number| universe.student(number)).collect();
    let partition_of =
        |pupil: &&crate::world::Pupil<'_>| universe.tables.session(pupil.id).partition;
    let lost = pupils.iter().find(|pupil| partition_of(pupil) == P0).expect("somebody there");
    let other = PartitionId(1);
    let kept = pupils.iter().find(|pupil| partition_of(pupil) == other).expect("somebody here");
    let process = universe.boot().await;
    process.log.assign(other);
    process.serves(other).await;
    for pupil in [lost, kept] {
        pupil.attach(1, 1);
        pupil.hears(1, "attached").await;
    }
    universe.tables.claim_from_outside(P0);
    // Both steps wait while one commit is stalled: they go in one batch.
    universe.tables.stall_commits(true);
    lost.ask(2, "now");
    kept.ask(2, "now");
    pass(Duration::from_secs(1)).await;
    universe.tables.stall_commits(false);
    for pupil in [lost, kept] {
        pupil.hears(1, "done").await;
    }
    assert_eq!(*process.log.reopened.lock(), [P0]);
    assert_eq!(universe.tables.owner(other).epoch, 1);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_partition_is_handed_over_in_time_and_cleanly() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let first = universe.boot().await;
    let holders = first.holders();
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "token").await;
    let begun = Instant::now();
    first.log.revoke(P0).await.expect("it says that it is done");
    assert!(begun.elapsed() <= Duration::from_millis(250), "{:?}", begun.elapsed());
    let owner = universe.tables.owner(P0);
    assert!(owner.clean && owner.next_offset == 2, "{owner:?}");
    assert!(universe.tables.session(anna.id).snapshot.is_some());
    until("the old owner's stream is dropped", || universe.model.open_streams() == 0).await;
    until("the old owner's actors are gone", || first.holders() < holders).await;

    universe.model.then(answer());
    let second = universe.start().await;
    second.log.assign(P0);
    let done = anna.hears(1, "done").await;
    assert_eq!(done[0]["text"], "Lists begin at zero.");
    assert_eq!(anna.raised(), [AttemptCause::HandOver]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_a_partition_is_handed_over_is_the_next_owners() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.hears(1, "attached").await;
    // Its dead letter is settled only after the last commit is on its way.
    universe.topic.away.store(true, std::sync::atomic::Ordering::SeqCst);
    universe.topic.put_garbage(P0);
    pass(Duration::from_secs(1)).await;
    universe.tables.stall_commits(true);
    let done = first.log.revoke(P0);
    anna.ask(2, "now");
    pass(Duration::from_millis(500)).await;
    universe.topic.away.store(false, std::sync::atomic::Ordering::SeqCst);
    pass(Duration::from_secs(3)).await;
    universe.tables.stall_commits(false);
    done.await.expect("it says that it is done");
    pass(Duration::from_secs(3)).await;
    assert!(universe.tables.owner(P0).clean, "no commit came after the last");
    universe.boot().await;
    anna.hears(1, "done").await;
    assert_eq!(anna.raised(), []);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_holds_a_revocation_up_for_a_bounded_time() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "token").await;
    universe.tables.away.store(true, std::sync::atomic::Ordering::SeqCst);
    let done = process.log.revoke(P0);
    timeout(Duration::from_secs(6), done).await.expect("in time").expect("it says so");
    until("its stream is dropped", || universe.model.open_streams() == 0).await;
    assert!(!universe.tables.owner(P0).clean);
}

#[tokio::test(start_paused = true)]
async fn a_drain_hands_everything_over_and_leaves_no_task_behind() {
    let universe = Universe::new(&[Step::say("Lists"), Step::Hang]);
    let anna = universe.student(1);
    let process = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "token").await;
    timeout(Duration::from_secs(6), process.engine.drain()).await.expect("in time");
    assert!(universe.tables.owner(P0).clean);
    assert!(!process.engine.status().causes().is_empty(), "it isn't ready any more");
    learnflow_engine::port::log::Log::stop(process.log.as_ref()).await;
    process.tasks.close();
    timeout(Duration::from_secs(5), process.tasks.wait()).await.expect("no task is left");
    assert_eq!(universe.model.open_streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_in_time_while_a_claim_waits_for_the_store() {
    let universe = Universe::new(&answer());
    universe.tables.away.store(true, std::sync::atomic::Ordering::SeqCst);
    let process = universe.start().await;
    process.log.assign(P0);
    pass(Duration::from_secs(2)).await;
    let causes = process.engine.status().causes();
    assert!(causes.iter().any(|cause| cause.contains("simulated")), "{causes:?}");
    timeout(Duration::from_secs(6), process.engine.drain()).await.expect("in time");
    learnflow_engine::port::log::Log::stop(process.log.as_ref()).await;
    process.tasks.close();
    timeout(Duration::from_secs(5), process.tasks.wait()).await.expect("no task is left");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_was_replaced_is_served_by_nobody_and_named() {
    let universe = Universe::new(&answer());
    let anna = universe.student(1);
    let first = universe.boot().await;
    anna.attach(1, 1);
    anna.ask(2, "now");
    anna.hears(1, "done").await;
    first.die();
    universe.topic.replace("another");
    let second = universe.start().await;
    second.log.assign(P0);
    until("the partition is refused", || {
        matches!(
            second.engine.status().partitions().get(&P0),
            Some(PartitionStatus::Refused(cause)) if cause.contains("LF0703")
        )
    })
    .await;
    anna.ask(3, "later");
    pass(Duration::from_mins(5)).await;
    assert_eq!(anna.heard_of("ack").len(), 1, "nobody served the other log");
    let causes = second.engine.status().causes();
    assert!(causes.iter().any(|cause| cause.contains("LF0703")), "{causes:?}");
}
