//! A dead letter as a record: what it was, and in four more headers where it stood and why it is
//! here.

use bytes::Bytes;
use learnflow_engine::port::log::DeadLetter;

use crate::record::RawRecord;

/// Header with the topic that the record stood in.
pub const HEADER_TOPIC: &str = "lf-dlq-topic";
/// Header with its partition there.
pub const HEADER_PARTITION: &str = "lf-dlq-partition";
/// Header with its offset there.
pub const HEADER_OFFSET: &str = "lf-dlq-offset";
/// Header that says why, without any of the record's content.
pub const HEADER_REASON: &str = "lf-dlq-reason";

/// Writes a dead letter; key, headers and value stay as they were.
pub fn encode(letter: DeadLetter, topic: &str) -> RawRecord {
    let mut headers = letter.headers;
    headers.extend([
        (HEADER_TOPIC.to_owned(), Bytes::from(topic.to_owned())),
        (HEADER_PARTITION.to_owned(), Bytes::from(letter.partition.to_string())),
        (HEADER_OFFSET.to_owned(), Bytes::from(letter.offset.to_string())),
        (HEADER_REASON.to_owned(), Bytes::from_static(letter.reason.as_bytes())),
    ]);
    RawRecord { key: letter.key, headers, value: letter.value }
}
