//! Records of Kafka that come again, in another order and over a restart, change nothing.

use std::time::{Duration, Instant};

use learnflow_bench::client::Account;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Message, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::Socket;

const COMMANDS: &str = "learnflow.commands";
/// What can be read of a student, but for the events, of which some are about connections.
const READ: [&str; 5] = ["progress", "mastery", "reviews", "timeline?limit=50", "transcript"];
const KAFKA_LIMIT: Duration = Duration::from_secs(30);

/// Every record of a student that Kafka holds, in order.
fn records(kafka: &str, student: &str) -> Vec<OwnedMessage> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", format!("test-{}", Uuid::new_v4()))
        .create()
        .expect("a consumer");
    let metadata = consumer.fetch_metadata(Some(COMMANDS), KAFKA_LIMIT).expect("metadata");
    let partitions = metadata.topics()[0].partitions().len();
    let mut left = 0;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..i32::try_from(partitions).expect("few partitions") {
        let (low, high) =
            consumer.fetch_watermarks(COMMANDS, partition, KAFKA_LIMIT).expect("watermarks");
        left += high - low;
        assignment
            .add_partition_offset(COMMANDS, partition, Offset::Beginning)
            .expect("a partition");
    }
    consumer.assign(&assignment).expect("an assignment");
    let mut found = Vec::new();
    let until = Instant::now() + KAFKA_LIMIT;
    while left > 0 && Instant::now() < until {
        let Some(message) = consumer.poll(Duration::from_secs(1)) else { continue };
        let message = message.expect("a record");
        left -= 1;
        if message.key() == Some(student.as_bytes()) {
            found.push(message.detach());
        }
    }
    assert_eq!(left, 0, "all of it was read");
    found
}

/// Appends the same records again: the same bytes, headers and times.
fn append<'a>(kafka: &str, records: impl Iterator<Item = &'a OwnedMessage>) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", kafka).create().expect("a producer");
    for record in records {
        let headers = record.headers().cloned().unwrap_or_else(OwnedHeaders::new);
        let again = BaseRecord::to(COMMANDS)
            .key(record.key().expect("a key"))
            .payload(record.payload().expect("a body"))
            .partition(record.partition())
            .timestamp(record.timestamp().to_millis().expect("a time"))
            .headers(headers);
        producer.send(again).map_err(|(error, _)| error).expect("it is taken");
    }
    producer.flush(KAFKA_LIMIT).expect("all of it is appended");
}

async fn standing(server: &Server, student: &Account) -> Value {
    let mut all = serde_json::Map::new();
    for path in READ.into_iter().chain(["events"]) {
        let (status, body) =
            server.api().get(&format!("/v1/students/me/{path}"), &student.token).await;
        assert_eq!(status, 200, "{path}: {body}");
        all.insert(path.to_owned(), body);
    }
    Value::Object(all)
}

async fn settled(server: &Server, student: &Account, turn: Uuid, rating: &str) {
    let mut socket = Socket::greeted(server, student, 0).await;
    let rate = json!({"type": "feedback", "cmd": Uuid::now_v7(), "turn": turn, "rating": rating});
    socket.say(&rate).await;
    let acked = |frame: &Value| frame["type"] == "ack" && frame["cmd"] == rate["cmd"];
    socket.until(acked).await;
}

/// A hint, two attempts and two quiz items.
async fn practises(socket: &mut Socket) {
    let exercise = "control_flow.for_loops.last_round";
    for _ in 0..2 {
        let cmd = Uuid::now_v7();
        socket.say(&json!({"type": "hint", "cmd": cmd, "exercise": exercise})).await;
        socket.first("done").await;
        let submit = json!({"type": "submit", "cmd": Uuid::now_v7(), "exercise": exercise,
            "answer": "nothing"});
        socket.say(&submit).await;
        socket.first("graded").await;
    }
    for item in ["range_numbers", "how_often"] {
        let item = format!("control_flow.for_loops.{item}");
        let quiz = json!({"type": "quiz", "cmd": Uuid::now_v7(), "item": item, "answer": 0});
        socket.say(&quiz).await;
        socket.until(|frame| frame["type"] == "graded" || frame["type"] == "error").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_come_three_times_in_any_order_change_nothing() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::serve(&services).await.model(&provider).start().await;
    let student = server.student().await;
    let mut socket = Socket::greeted(&server, &student, 0).await;
    let done = socket.converse(&question()).await.pop().expect("done");
    let turn: Uuid = done["turn"].as_str().expect("a turn").parse().expect("an id");
    practises(&mut socket).await;
    socket.say(&json!({"type": "active"})).await;
    socket.rest().await;
    drop(socket);
    settled(&server, &student, turn, "up").await;
    let before = standing(&server, &student).await;

    let id = student.student_id.to_string();
    let kafka = services.kafka.clone();
    let found = tokio::task::spawn_blocking(move || records(&kafka, &id)).await.expect("records");
    assert!(found.len() >= 8, "{} records", found.len());

    // Once more while nobody reads, the last first; and once more while the new owner reads.
    server.kill().await;
    let kafka = services.kafka.clone();
    let found = tokio::task::spawn_blocking(move || {
        append(&kafka, found.iter().rev());
        found
    });
    let found = found.await.expect("appended");
    server.start().await;
    let kafka = services.kafka.clone();
    let appended = tokio::task::spawn_blocking(move || {
        let (odd, even): (Vec<_>, Vec<_>) =
            found.iter().enumerate().partition(|(place, _)| place % 2 == 1);
        append(&kafka, odd.iter().chain(&even).map(|(_, record)| *record));
    });
    appended.await.expect("appended");

    // What comes behind them says that they were read; the rating is the same as before.
    settled(&server, &student, turn, "up").await;
    let after = standing(&server, &student).await;
    // Only that last rating, and what the page's own attaching and leaving adds, is new.
    let events = |all: &Value| -> Vec<Value> {
        let all = all["events"]["items"].as_array().expect("items").clone();
        let passing = ["route_added", "route_removed", "active_seen"];
        all.into_iter()
            .filter(|event| !passing.contains(&event["type"].as_str().unwrap_or_default()))
            .map(|mut event| {
                // Routes have numbers too.
                event.as_object_mut().expect("an object").remove("seq");
                event
            })
            .collect()
    };
    let (told_before, mut told_after) = (events(&before), events(&after));
    let rated = told_after.pop().expect("the last rating");
    assert_eq!(rated["type"], "rated", "{rated}");
    assert_eq!(told_after, told_before);
    for path in READ {
        let told = |all: &Value| {
            let mut told = all[path].clone();
            // The last rating is something that the student did.
            told.as_object_mut().expect("an object").remove("updated_at");
            told
        };
        assert_eq!(told(&after), told(&before), "{path}");
    }
    assert_eq!(provider.ledger().items.len(), 1, "no turn ran again");
}
