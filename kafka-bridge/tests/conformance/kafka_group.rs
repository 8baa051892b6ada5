//! What only Kafka can show: two readers of one group, late starts, a broker that goes away, the
//! classic protocol, replies and events as others see them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, partition_of};
use learnflow_engine::port::log::{
    Assignment, EventTopic, Log, LogError, Outgoing, PublicEvent, Record, Reply, ReplyHeader,
};
use learnflow_kafka_bridge::config::{GroupProtocol, KafkaConfig, ReplyPath};
use learnflow_kafka_bridge::kafka::KafkaLog;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use uuid::Uuid;

use crate::kafka::{Cluster, Kafka, Mock, broker, client, config, on_broker, on_mock};
use crate::kit::{Harness, PARTITIONS, Reader, command, content, eventually, soon, student_in};

/// More than queue and carry-over of a partition hold together.
const MORE_THAN_FITS: usize = 700;

/// Runs a rule on the mock cluster and on the real broker.
macro_rules! on_both {
    ($($rule:ident,)*) => {
        mod mocked {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $rule() {
                    if let Some(harness) = super::on_mock().await {
                        super::$rule(harness).await;
                    }
                }
            )*
        }
        mod real {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $rule() {
                    if let Some(harness) = super::on_broker().await {
                        super::$rule(harness).await;
                    }
                }
            )*
        }
    };
}

on_both!(
    two_readers_share_and_what_moves_goes_on_at_the_stores_offset,
    a_paused_partition_that_goes_and_comes_back_is_read,
    a_start_that_comes_late_is_exact,
    a_start_outside_the_log_reads_nothing_and_says_so,
    replies_reach_another_process,
    an_event_is_a_cloud_event_in_the_students_partition,
    settled_offsets_are_no_place_to_start,
);

async fn two_readers_share_and_what_moves_goes_on_at_the_stores_offset(harness: Kafka) {
    let first = harness.log.clone();
    for partition in 0..4 {
        let student = student_in(partition);
        for number in 0..6 {
            first.append(command(student, format!("{number}"))).await.unwrap();
        }
    }
    let mut one = Reader::start_all(&*first, 0).await;
    // The store has settled four of each.
    for partition in 0..4 {
        assert_eq!(one.records(PartitionId(partition), 4).await.len(), 4);
    }
    let second = harness.second().await;
    let mut two = Reader::join(&*second);
    let half = PARTITIONS as usize / 2;
    futures_util::join!(one.take_until(half, |_| 4), two.take_until(half, |_| 4));
    let of_one: BTreeSet<PartitionId> = one.streams.keys().copied().collect();
    let of_two: BTreeSet<PartitionId> = two.streams.keys().copied().collect();
    assert!(of_one.is_disjoint(&of_two), "{of_one:?} and {of_two:?}");
    for partition in &of_two {
        assert_eq!(two.record(*partition).await.offset, 4);
    }
    // What stayed was not disturbed.
    for partition in &of_one {
        assert_eq!(one.record(*partition).await.offset, 4);
    }
    second.stop().await;
    one.take_until(PARTITIONS as usize, |_| 5).await;
    for partition in 0..4 {
        assert_eq!(one.record(PartitionId(partition)).await.offset, 5);
    }
    harness.finish().await;
}

async fn a_paused_partition_that_goes_and_comes_back_is_read(harness: Kafka) {
    let first = harness.log.clone();
    for partition in 0..4 {
        fill(&first, partition).await;
    }
    let mut one = Reader::start_all(&*first, 0).await;
    eventually("every partition is paused", || async {
        (first.paused().len() == PARTITIONS as usize).then_some(())
    })
    .await;
    let second = harness.second().await;
    let mut two = Reader::join(&*second);
    let half = PARTITIONS as usize / 2;
    futures_util::join!(one.take_until(half, |_| 0), two.take_until(half, |_| 0));
    let moved: Vec<PartitionId> = two.streams.keys().copied().collect();
    second.stop().await;
    one.take_until(PARTITIONS as usize, |_| 0).await;
    for partition in moved {
        let records = one.records(partition, MORE_THAN_FITS).await;
        assert!(records.iter().map(|record| record.offset).eq(0..700));
    }
    harness.finish().await;
}

async fn a_start_that_comes_late_is_exact(harness: Kafka) {
    let log = harness.log.clone();
    for partition in 0..4 {
        let student = student_in(partition);
        for number in 0..10 {
            log.append(command(student, format!("{number}"))).await.unwrap();
        }
    }
    let mut reader = Reader::join(&*log);
    let Assignment::Assigned(assigned) = reader.next().await else { panic!("nobody leaves") };
    assert_eq!(assigned.partitions.len(), PARTITIONS as usize);
    // That a second member gets its share shows that the callback has given up waiting.
    let second = harness.second().await;
    let mut two = Reader::join(&*second);
    two.take_until(PARTITIONS as usize / 2, |_| 0).await;
    let taken: Vec<PartitionId> = two.streams.keys().copied().collect();
    reader.start(assigned, |_| 7);
    for partition in (0..4).map(PartitionId).filter(|partition| !taken.contains(partition)) {
        assert_eq!(reader.record(partition).await.offset, 7);
    }
    second.stop().await;
    reader.streams.retain(|partition, _| !taken.contains(partition));
    // Its own revocation may still wait to be taken.
    while !taken.iter().all(|partition| reader.streams.contains_key(partition)) {
        match reader.next().await {
            Assignment::Assigned(assigned) => reader.start(assigned, |_| 8),
            Assignment::Revoked(revoked) => (revoked.done)(),
        }
    }
    for partition in taken {
        assert_eq!(reader.record(partition).await.offset, 8);
    }
    harness.finish().await;
}

async fn a_start_outside_the_log_reads_nothing_and_says_so(harness: Kafka) {
    let log = harness.log.clone();
    let student = student_in(2);
    log.append(command(student, "x")).await.unwrap();
    let mut reader = Reader::join(&*log);
    reader.take_until(4, |partition| if partition == PartitionId(2) { 1_000 } else { 0 }).await;
    let why = eventually("readiness names it", || async { log.health().await.err() }).await;
    assert!(matches!(&why, LogError::Unavailable(why) if why.contains("outside the log")), "{why}");
    log.append(command(student, "y")).await.unwrap();
    log.append(command(student_in(0), "z")).await.unwrap();
    assert_eq!(reader.record(PartitionId(0)).await.offset, 0);
    assert!(reader.at_once(PartitionId(2)).is_none());
    // With a start inside the log it goes on.
    log.reopen(PartitionId(2));
    let Assignment::Assigned(again) = reader.next().await else { panic!("nobody leaves") };
    reader.start(again, |_| 1);
    assert_eq!(content(reader.record(PartitionId(2)).await).body, Bytes::from("y"));
    eventually("readiness is back", || async { log.health().await.ok() }).await;
    harness.finish().await;
}

async fn replies_reach_another_process(harness: Kafka) {
    let gateway = harness.second().await;
    let mut replies = gateway.replies(4).await.unwrap();
    let student = student_in(0);
    let sent: Vec<Reply> = (0..30)
        .map(|number| Reply {
            slot: 4,
            slot_epoch: 2,
            student,
            header: ReplyHeader::Frames { first_seq: number, last_seq: number },
            body: Bytes::from(format!("{number}")),
        })
        .collect();
    harness.log.publish(sent.iter().cloned().map(Outgoing::Reply).collect()).await.unwrap();
    let received: Vec<Reply> = soon("the replies", replies.by_ref().take(30).collect()).await;
    assert_eq!(received, sent);
    gateway.stop().await;
    harness.finish().await;
}

async fn an_event_is_a_cloud_event_in_the_students_partition(harness: Kafka) {
    let student = student_in(3);
    let event = PublicEvent {
        topic: EventTopic::LearningResponse,
        id: Uuid::new_v4(),
        student,
        at: Timestamp::from_millis(1_700_000_000_000),
        traceparent: None,
        data: Bytes::from_static(br#"{"seq":1}"#),
    };
    harness.log.publish(vec![Outgoing::Event(event.clone())]).await.unwrap();
    let seen = harness.records_of("learning.response", 1).await.pop().unwrap();
    assert_eq!(PartitionId(seen.partition), partition_of(student, PARTITIONS));
    assert_eq!(seen.key, student.to_string());
    assert_eq!(seen.value, event.data);
    let expected: BTreeMap<String, String> = [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", event.id.to_string()),
        ("ce_source", "urn:learnflow:engine".to_owned()),
        ("ce_type", "learnflow.learning.response.v1".to_owned()),
        ("ce_subject", student.to_string()),
        ("ce_time", "2023-11-14T22:13:20Z".to_owned()),
        ("content-type", "application/json".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    assert_eq!(seen.headers, expected);
    harness.finish().await;
}

async fn settled_offsets_are_no_place_to_start(harness: Kafka) {
    let first = harness.log.clone();
    for number in 0..5 {
        first.append(command(student_in(0), format!("{number}"))).await.unwrap();
    }
    let mut one = Reader::start_all(&*first, 0).await;
    one.records(PartitionId(0), 5).await;
    first.settled(PartitionId(0), 5).await;
    // Leaving commits the hint; the store says otherwise, and the store is right.
    first.stop().await;
    let second = harness.second().await;
    let mut two = Reader::join(&*second);
    two.take_until(4, |_| 2).await;
    assert_eq!(two.record(PartitionId(0)).await.offset, 2);
    second.stop().await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_was_away_is_found_again() {
    let harness = on_mock().await.unwrap();
    let log = harness.log.clone();
    let student = student_in(0);
    let mut reader = Reader::start_all(&*log, 0).await;
    log.append(command(student, "before")).await.unwrap();
    assert_eq!(reader.record(PartitionId(0)).await.offset, 0);
    let Cluster::Mock(mock) = &harness.cluster else { panic!("made on the mock") };
    mock.with(|cluster| cluster.broker_down(-1).unwrap());
    let why = eventually("readiness names it", || async { log.health().await.err() }).await;
    assert!(matches!(why, LogError::Unavailable(_)), "{why}");
    // An append in that time fails within its deadline, and its outcome is said to be unknown.
    let lost = soon("an answer", log.append(command(student, "meanwhile"))).await;
    assert!(matches!(lost, Err(LogError::Unavailable(_))), "{lost:?}");
    mock.with(|cluster| cluster.broker_up(-1).unwrap());
    eventually("readiness is back", || async { log.health().await.ok() }).await;
    let after = command(student, "after");
    eventually("appends are back", || async { log.append(after.clone()).await.ok() }).await;
    let found = eventually_record(&mut reader, &Bytes::from("after")).await;
    assert!(found.offset >= 1);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_classic_protocol_shares_too() {
    let Some(servers) = broker() else { return };
    let prefix = format!("test-{}.", Uuid::new_v4());
    let config = KafkaConfig {
        group_protocol: GroupProtocol::Classic,
        topic_prefix: prefix,
        ..config(&servers)
    };
    let log = KafkaLog::start(config.clone()).await.unwrap();
    let harness = Kafka { cluster: Cluster::Real, config, log };
    two_readers_share_and_what_moves_goes_on_at_the_stores_offset(harness).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_partition_count_is_refused_with_what_to_do() {
    let mock = Mock::start("");
    let wrong = KafkaConfig { partitions: PARTITIONS + 1, ..mock.config() };
    let refused = KafkaLog::start(wrong).await;
    assert!(
        matches!(&refused, Err(LogError::Refused(why))
            if why.contains("has 4 partitions") && why.contains("set kafka.partitions to 4")),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_not_there_is_unavailable() {
    let nobody = KafkaConfig { start_timeout_ms: 500, ..config("127.0.0.1:1") };
    let outcome = KafkaLog::start(nobody).await;
    assert!(matches!(&outcome, Err(LogError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_short_cut_of_replies_can_be_switched_off() {
    let mock = Mock::start("");
    let config = KafkaConfig { reply_path: ReplyPath::ThroughKafka, ..mock.config() };
    let log = KafkaLog::start(config.clone()).await.unwrap();
    let mut harness = Kafka { cluster: Cluster::Mock(mock), config, log };
    crate::rules::replies_are_seen_from_the_moment_they_were_asked_for(&mut harness).await;
    harness.finish().await;
}

async fn fill(log: &Arc<KafkaLog>, partition: i32) {
    let student = student_in(partition);
    let appends =
        (0..MORE_THAN_FITS).map(|number| log.append(command(student, format!("{number}"))));
    for outcome in futures_util::future::join_all(appends).await {
        outcome.unwrap();
    }
}

async fn eventually_record(reader: &mut Reader, body: &Bytes) -> Record {
    loop {
        let record = reader.record(PartitionId(0)).await;
        if content(record.clone()).body == *body {
            return record;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_trusts_its_senders_clocks_is_refused() {
    let Some(servers) = broker() else { return };
    let prefix = format!("test-{}.", Uuid::new_v4());
    let config = KafkaConfig { topic_prefix: prefix.clone(), ..config(&servers) };
    let admin: AdminClient<DefaultClientContext> = client(&servers).create().unwrap();
    let name = format!("{prefix}learnflow.commands");
    let count = i32::try_from(PARTITIONS).unwrap();
    let topic = NewTopic::new(&name, count, TopicReplication::Fixed(1))
        .set("message.timestamp.type", "CreateTime");
    admin.create_topics(&[topic], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let refused = KafkaLog::start(config).await.unwrap_err();
    assert!(refused.to_string().contains("message.timestamp.type=LogAppendTime"), "{refused}");
    admin.delete_topics(&[name.as_str()], &AdminOptions::new()).await.unwrap();
}
