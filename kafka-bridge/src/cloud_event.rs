//! Public events as CloudEvents 1.0 in Kafka's binary mode: attributes in headers, JSON data as
//! the value.
//!
//! Source: CloudEvents 1.0.2, *Kafka Protocol Binding*, §3.2.

use bytes::Bytes;
use learnflow_engine::port::log::PublicEvent;

use crate::record::RawRecord;

/// Writes an event: `ce_type` is `learnflow.<topic>.v1`, `ce_source` says that it is ours.
pub fn encode(event: &PublicEvent, source: &str) -> RawRecord {
    let topic = event.topic.as_str();
    let mut headers = vec![
        header("ce_specversion", "1.0".to_owned()),
        header("ce_id", event.id.hyphenated().to_string()),
        header("ce_source", source.to_owned()),
        header("ce_type", format!("learnflow.{topic}.v1")),
        header("ce_subject", event.student.to_string()),
        header("ce_time", event.at.to_string()),
        header("content-type", "application/json".to_owned()),
    ];
    if let Some(context) = &event.traceparent {
        headers.push(header("traceparent", context.clone()));
    }
    RawRecord {
        key: Some(Bytes::from(event.student.to_string())),
        headers,
        value: Some(event.data.clone()),
    }
}

fn header(name: &str, value: String) -> (String, Bytes) {
    (name.to_owned(), Bytes::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use learnflow_engine::clock::Timestamp;
    use learnflow_engine::port::log::EventTopic;
    use uuid::Uuid;

    #[test]
    fn an_event_has_every_required_attribute() {
        let student = "0192f0c1-2345-7abc-8def-0123456789ab";
        let event = PublicEvent {
            topic: EventTopic::LearningQuery,
            id: Uuid::nil(),
            student: student.parse().unwrap(),
            at: Timestamp::from_micros(1_700_000_000_500_000),
            traceparent: None,
            data: Bytes::from_static(b"{}"),
        };
        let raw = encode(&event, "urn:learnflow:engine");
        let expected = [
            ("ce_specversion", "1.0"),
            ("ce_id", "00000000-0000-0000-0000-000000000000"),
            ("ce_source", "urn:learnflow:engine"),
            ("ce_type", "learnflow.learning.query.v1"),
            ("ce_subject", student),
            ("ce_time", "2023-11-14T22:13:20.5Z"),
            ("content-type", "application/json"),
        ];
        let got: Vec<(&str, &str)> = raw
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), str::from_utf8(value).unwrap()))
            .collect();
        assert_eq!(got, expected);
        assert_eq!(raw.key.as_deref(), Some(student.as_bytes()));
    }
}
