//! A record between our form and librdkafka's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use learnflow_engine::clock::Timestamp;
use rdkafka::Message;
use rdkafka::message::{BorrowedMessage, Header, Headers as _, OwnedHeaders};

use crate::record::RawRecord;

/// Copies a message out of the client's memory.
pub(super) fn raw(message: &BorrowedMessage<'_>) -> RawRecord {
    RawRecord {
        key: message.key().map(Bytes::copy_from_slice),
        headers: headers(message),
        value: message.payload().map(Bytes::copy_from_slice),
    }
}

/// When the broker appended it.
pub(super) fn appended_at(message: &BorrowedMessage<'_>) -> Timestamp {
    Timestamp::from_millis(message.timestamp().to_millis().unwrap_or(0))
}

/// Our headers as librdkafka's.
pub(super) fn native_headers(headers: &[(String, Bytes)]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |native, (name, value)| {
        native.insert(Header { key: name, value: Some(value.as_ref()) })
    })
}

/// The client library panics on a header name that isn't UTF-8, and anybody can send one: such a
/// record has no headers that we know, and is undecodable.
fn headers(message: &BorrowedMessage<'_>) -> Vec<(String, Bytes)> {
    let read = || {
        let Some(native) = message.headers() else { return Vec::new() };
        native
            .iter()
            .map(|header| {
                let value = header.value.map(Bytes::copy_from_slice).unwrap_or_default();
                (header.key.to_owned(), value)
            })
            .collect()
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}
