//! The rules, each for one log with nothing in it.

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId, partition_of};
use learnflow_engine::port::log::{
    Assignment, EventTopic, LogError, NewCommand, Outgoing, PublicEvent, RecordContent, Reply,
    ReplyHeader, Start,
};
use learnflow_kafka_bridge::record::{self, MAX_BODY_BYTES, RawRecord};
use uuid::Uuid;

use crate::kit::{Harness, PARTITIONS, Reader, command, content, soon, student_in};

/// More than queue and carry-over of a partition hold together.
const MORE_THAN_FITS: usize = 1_200;

pub(crate) async fn order_and_partition_are_the_students(harness: &mut impl Harness) {
    let log = harness.log();
    let students: Vec<StudentId> = (0..8).map(|_| StudentId::new(Uuid::new_v4())).collect();
    let mut sent: Vec<NewCommand> = Vec::new();
    for turn in 0..5 {
        for student in &students {
            let next = command(*student, format!("{turn}"));
            log.append(next.clone()).await.unwrap();
            sent.push(next);
        }
    }
    let mut reader = Reader::start_all(&*log, 0).await;
    for partition in (0..4).map(PartitionId) {
        let of_partition = |c: &&NewCommand| partition_of(c.student, PARTITIONS) == partition;
        let expected: Vec<NewCommand> = sent.iter().filter(of_partition).cloned().collect();
        let records = reader.records(partition, expected.len()).await;
        let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
        let times: Vec<Timestamp> = records.iter().map(|record| record.at).collect();
        assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]), "{offsets:?}");
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
        let got: Vec<NewCommand> = records.into_iter().map(content).collect();
        assert_eq!(got, expected);
    }
}

pub(crate) async fn reading_starts_at_any_offset(harness: &mut impl Harness) {
    let log = harness.log();
    let student = student_in(2);
    for number in 0..10 {
        log.append(command(student, format!("{number}"))).await.unwrap();
    }
    let mut reader = Reader::join(&*log);
    let start = |partition| if partition == PartitionId(2) { 4 } else { 0 };
    reader.take_until(PARTITIONS as usize, start).await;
    let record = reader.record(PartitionId(2)).await;
    assert_eq!(record.offset, 4);
    assert_eq!(content(record).body, Bytes::from("4"));
    // A start at the end waits for what comes.
    log.append(command(student_in(1), "later")).await.unwrap();
    assert_eq!(content(reader.record(PartitionId(1)).await).body, Bytes::from("later"));
}

pub(crate) async fn a_slow_reader_holds_up_its_partition_alone(harness: &mut impl Harness) {
    let log = harness.log();
    let (slow, quick) = (student_in(0), student_in(1));
    let mut reader = Reader::start_all(&*log, 0).await;
    for chunk in 0..MORE_THAN_FITS / 100 {
        let appends = (0..100).map(|n| {
            let number = chunk * 100 + n;
            log.append(command(slow, format!("{number}")))
        });
        for outcome in futures_util::future::join_all(appends).await {
            outcome.unwrap();
        }
    }
    // Nobody takes from the slow partition; the other one goes on.
    for number in 0..50 {
        log.append(command(quick, format!("{number}"))).await.unwrap();
        let got = content(reader.record(PartitionId(1)).await);
        assert_eq!(got.body, Bytes::from(format!("{number}")));
    }
    // Afterwards nothing is lost or doubled.
    let records = reader.records(PartitionId(0), MORE_THAN_FITS).await;
    let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
    assert!(offsets.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    let mut numbers: Vec<usize> = records
        .into_iter()
        .map(|record| String::from_utf8(content(record).body.to_vec()).unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..MORE_THAN_FITS));
    assert!(reader.at_once(PartitionId(0)).is_none());
}

pub(crate) async fn an_undecodable_record_does_not_stop_the_partition(harness: &mut impl Harness) {
    let student = student_in(3);
    harness.log().append(command(student, "before")).await.unwrap();
    let foreign = RawRecord {
        key: Some(Bytes::from(student.to_string())),
        headers: vec![("content-type".to_owned(), Bytes::from("text/plain"))],
        value: Some(Bytes::from_static(b"hello")),
    };
    harness.plant(PartitionId(3), foreign.clone()).await;
    let log = harness.log();
    log.append(command(student, "after")).await.unwrap();
    let mut reader = Reader::start_all(&*log, 0).await;
    assert_eq!(content(reader.record(PartitionId(3)).await).body, Bytes::from("before"));
    let RecordContent::Undecodable(letter) = reader.record(PartitionId(3)).await.content else {
        panic!("a foreign record was taken for a command");
    };
    assert_eq!((letter.partition, letter.offset), (PartitionId(3), 1));
    assert_eq!((&letter.key, &letter.value), (&foreign.key, &foreign.value));
    assert_eq!(letter.headers, foreign.headers);
    assert_eq!(content(reader.record(PartitionId(3)).await).body, Bytes::from("after"));
    log.dead_letter(letter).await.unwrap();
    let origins = harness.dead_letters(1).await;
    assert_eq!(origins, [(3, 1, "the header lf-command-id is missing".to_owned())]);
}

pub(crate) async fn an_inspection_tells_what_the_log_holds(harness: &mut impl Harness) {
    let log = harness.log();
    let empty = log.inspect(PartitionId(0), 0).await.unwrap();
    assert_eq!((empty.start, empty.end, empty.digest), (0, 0, None));
    assert!(!empty.cluster_id.is_empty());
    let student = student_in(0);
    for number in 0..3 {
        log.append(command(student, format!("{number}"))).await.unwrap();
    }
    let mut reader = Reader::start_all(&*log, 0).await;
    let records = reader.records(PartitionId(0), 3).await;
    for (record, next_offset) in records.iter().zip(1..) {
        let seen = log.inspect(PartitionId(0), next_offset).await.unwrap();
        assert_eq!((seen.start, seen.end), (0, 3));
        assert_eq!(seen.digest, Some(record.digest));
        assert_eq!(seen.cluster_id, empty.cluster_id);
    }
    let beyond = log.inspect(PartitionId(0), 9).await.unwrap();
    assert_eq!((beyond.end, beyond.digest), (3, None));
    let nowhere = log.inspect(PartitionId(99), 0).await;
    assert!(matches!(nowhere, Err(LogError::Refused(_))), "{nowhere:?}");
}

pub(crate) async fn a_recreated_log_has_another_digest(harness: &mut impl Harness) {
    let student = student_in(0);
    harness.log().append(command(student, "one life")).await.unwrap();
    let before = harness.log().inspect(PartitionId(0), 1).await.unwrap();
    harness.recreate().await;
    let lost = harness.log().inspect(PartitionId(0), 1).await.unwrap();
    assert_eq!((lost.end, lost.digest), (0, None));
    harness.log().append(command(student, "another")).await.unwrap();
    let after = harness.log().inspect(PartitionId(0), 1).await.unwrap();
    assert!(before.digest.is_some() && after.digest.is_some());
    assert_ne!(before.digest, after.digest);
}

pub(crate) async fn replies_are_seen_from_the_moment_they_were_asked_for(
    harness: &mut impl Harness,
) {
    let log = harness.log();
    let student = student_in(0);
    log.publish(vec![reply(2, student, "too early")]).await.unwrap();
    let mut replies = log.replies(2).await.unwrap();
    let sent: Vec<Outgoing> =
        (0..20).map(|number| reply(2, student, &number.to_string())).collect();
    log.publish(sent.clone()).await.unwrap();
    for expected in sent {
        let got = soon("a reply", replies.next()).await.unwrap();
        assert_eq!(Outgoing::Reply(got), expected);
    }
}

pub(crate) async fn a_reply_to_an_unread_slot_is_dropped(harness: &mut impl Harness) {
    let log = harness.log();
    let student = student_in(0);
    log.publish(vec![reply(3, student, "nobody"), reply(9_999, student, "no such slot")])
        .await
        .unwrap();
    let mut replies = log.replies(3).await.unwrap();
    log.publish(vec![reply(3, student, "somebody")]).await.unwrap();
    let got = soon("a reply", replies.next()).await.unwrap();
    assert_eq!(got.body, Bytes::from("somebody"));
}

pub(crate) async fn settled_records_leave_the_last_one(harness: &mut impl Harness) {
    let log = harness.log();
    let student = student_in(1);
    for number in 0..20 {
        log.append(command(student, format!("{number}"))).await.unwrap();
    }
    log.settled(PartitionId(1), 10).await;
    // Whatever is trimmed is trimmed before what is appended behind it.
    log.append(command(student, "20")).await.unwrap();
    let seen = log.inspect(PartitionId(1), 10).await.unwrap();
    assert!(seen.start <= 9 && seen.end == 21, "{seen:?}");
    assert!(seen.digest.is_some());
    let mut reader = Reader::join(&*log);
    let start = |partition| if partition == PartitionId(1) { 10 } else { 0 };
    reader.take_until(PARTITIONS as usize, start).await;
    let bodies: Vec<Bytes> =
        reader.records(PartitionId(1), 11).await.into_iter().map(|r| content(r).body).collect();
    let expected: Vec<Bytes> = (10..=20).map(|n| Bytes::from(n.to_string())).collect();
    assert_eq!(bodies, expected);
}

pub(crate) async fn a_partition_left_out_of_the_starts_stays_silent(harness: &mut impl Harness) {
    let log = harness.log();
    for partition in 0..4 {
        log.append(command(student_in(partition), "first")).await.unwrap();
    }
    let mut reader = Reader::join(&*log);
    while reader.streams.len() < PARTITIONS as usize {
        let Assignment::Assigned(assigned) = reader.next().await else { panic!("nobody leaves") };
        let mut starts = Vec::new();
        for given in assigned.partitions {
            if given.partition != PartitionId(2) {
                starts.push(Start { partition: given.partition, next_offset: 0 });
            }
            reader.streams.insert(given.partition, given.records);
        }
        (assigned.start)(starts);
    }
    for partition in [0, 1, 3] {
        assert_eq!(reader.record(PartitionId(partition)).await.offset, 0);
    }
    log.append(command(student_in(0), "second")).await.unwrap();
    assert_eq!(reader.record(PartitionId(0)).await.offset, 1);
    assert!(reader.at_once(PartitionId(2)).is_none());
    // Until it is asked for anew.
    log.reopen(PartitionId(2));
    let Assignment::Assigned(again) = reader.next().await else { panic!("nobody leaves") };
    reader.start(again, |_| 0);
    assert_eq!(reader.record(PartitionId(2)).await.offset, 0);
}

pub(crate) async fn a_reopened_partition_comes_anew(harness: &mut impl Harness) {
    let log = harness.log();
    let student = student_in(1);
    for number in 0..5 {
        log.append(command(student, format!("{number}"))).await.unwrap();
    }
    let mut reader = Reader::start_all(&*log, 0).await;
    assert_eq!(reader.records(PartitionId(1), 3).await.len(), 3);
    log.reopen(PartitionId(1));
    let mut old = reader.streams.remove(&PartitionId(1)).unwrap();
    let rest = soon("the old stream's end", async {
        let mut rest = 0;
        while old.next().await.is_some() {
            rest += 1;
        }
        rest
    })
    .await;
    assert!(rest <= 2, "{rest} records came after a reopen");
    let Assignment::Assigned(again) = reader.next().await else { panic!("nobody leaves") };
    let ids: Vec<PartitionId> = again.partitions.iter().map(|p| p.partition).collect();
    assert_eq!(ids, [PartitionId(1)]);
    reader.start(again, |_| 2);
    let offsets: Vec<i64> =
        reader.records(PartitionId(1), 3).await.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [2, 3, 4]);
    // The others never noticed.
    log.append(command(student_in(0), "x")).await.unwrap();
    assert_eq!(reader.record(PartitionId(0)).await.offset, 0);
}

pub(crate) async fn stop_ends_every_stream_and_refuses_the_rest(harness: &mut impl Harness) {
    let log = harness.log();
    let mut reader = Reader::start_all(&*log, 0).await;
    let mut replies = log.replies(1).await.unwrap();
    let (stopped, ()) = futures_util::join!(log.stop(), async {
        let mut revoked = 0;
        while let Some(assignment) = reader.next_or_end().await {
            if let Assignment::Revoked(gone) = assignment {
                revoked += gone.partitions.len();
                (gone.done)();
            }
        }
        assert_eq!(revoked, PARTITIONS as usize);
    });
    let () = stopped;
    for (partition, stream) in &mut reader.streams {
        assert!(soon("a stream's end", stream.next()).await.is_none(), "{partition}");
    }
    assert!(soon("the replies' end", replies.next()).await.is_none());
    let student = student_in(0);
    let refused = |outcome: Result<(), LogError>| matches!(outcome, Err(LogError::Refused(_)));
    assert!(refused(log.append(command(student, "late")).await));
    assert!(refused(log.publish(vec![reply(1, student, "late")]).await));
    assert!(refused(log.health().await));
    assert!(refused(log.inspect(PartitionId(0), 0).await.map(drop)));
    assert!(refused(log.replies(1).await.map(drop)));
    // A second stop changes nothing.
    log.stop().await;
}

pub(crate) async fn a_body_of_one_mebibyte_fits_and_more_is_refused(harness: &mut impl Harness) {
    let log = harness.log();
    let student = student_in(0);
    let body = Bytes::from(vec![7; MAX_BODY_BYTES]);
    log.append(command(student, body.clone())).await.unwrap();
    let larger = log.append(command(student, vec![7; MAX_BODY_BYTES + 1])).await;
    assert!(matches!(larger, Err(LogError::Refused(_))), "{larger:?}");
    let empty = log.append(command(student, Bytes::new())).await;
    assert!(matches!(empty, Err(LogError::Refused(_))), "{empty:?}");
    let mut reader = Reader::start_all(&*log, 0).await;
    let got = content(reader.record(PartitionId(0)).await);
    assert_eq!(record::encode(&got).unwrap().value, Some(body));
    assert!(reader.streams.get_mut(&PartitionId(0)).unwrap().next().now_or_never().is_none());
}

pub(crate) async fn public_events_are_taken(harness: &mut impl Harness) {
    let log = harness.log();
    let events = EventTopic::ALL.map(|topic| {
        Outgoing::Event(PublicEvent {
            topic,
            id: Uuid::new_v4(),
            student: student_in(0),
            at: Timestamp::from_millis(1_700_000_000_000),
            traceparent: None,
            data: Bytes::from_static(b"{}"),
        })
    });
    log.publish(events.to_vec()).await.unwrap();
    log.health().await.unwrap();
}

fn reply(slot: i32, student: StudentId, body: &str) -> Outgoing {
    Outgoing::Reply(Reply {
        slot,
        slot_epoch: 4,
        student,
        header: ReplyHeader::Frames { first_seq: 1, last_seq: 2 },
        body: Bytes::from(body.to_owned()),
    })
}
