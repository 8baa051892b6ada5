//! A reply as a record of `learnflow.replies`: ids and numbers in headers, the sealed body as the
//! value. The partition is the slot.

use bytes::Bytes;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::log::{Reply, ReplyHeader};

use crate::record::RawRecord;

const HEADER_SLOT_EPOCH: &str = "lf-slot-epoch";
const HEADER_REPLY: &str = "lf-reply";

/// A record of `learnflow.replies` that isn't a reply of ours; it is counted and skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reply: {0}")]
pub struct NotAReply(&'static str);

/// Writes a reply.
///
/// # Errors
/// When the header cannot be written as JSON, which its types rule out.
pub fn encode(reply: &Reply) -> Result<RawRecord, serde_json::Error> {
    Ok(RawRecord {
        key: Some(Bytes::from(reply.student.to_string())),
        headers: vec![
            (HEADER_SLOT_EPOCH.to_owned(), Bytes::from(reply.slot_epoch.to_string())),
            (HEADER_REPLY.to_owned(), Bytes::from(serde_json::to_vec(&reply.header)?)),
        ],
        value: Some(reply.body.clone()),
    })
}

/// Reads a reply that stood in the partition `slot`.
///
/// # Errors
/// [`NotAReply`]; the record stays what it is.
pub fn decode(raw: RawRecord, slot: i32) -> Result<Reply, NotAReply> {
    let key = raw.key.as_deref().and_then(|key| str::from_utf8(key).ok());
    let student: StudentId =
        key.and_then(|text| text.parse().ok()).ok_or(NotAReply("the key is no student's id"))?;
    let slot_epoch = header(&raw, HEADER_SLOT_EPOCH)
        .and_then(|value| str::from_utf8(value).ok())
        .and_then(|text| text.parse().ok())
        .ok_or(NotAReply("the header lf-slot-epoch is missing or no number"))?;
    let header: ReplyHeader = header(&raw, HEADER_REPLY)
        .and_then(|value| serde_json::from_slice(value).ok())
        .ok_or(NotAReply("the header lf-reply is missing or unknown"))?;
    Ok(Reply { slot, slot_epoch, student, header, body: raw.value.unwrap_or_default() })
}

/// What a reply weighs in a queue, in bytes.
pub(crate) fn weight_bytes(reply: &Reply) -> usize {
    const FIXED_BYTES: usize = 128;
    FIXED_BYTES + reply.body.len()
}

fn header<'a>(raw: &'a RawRecord, name: &str) -> Option<&'a Bytes> {
    raw.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use learnflow_engine::id::{CommandId, SocketId};
    use uuid::Uuid;

    fn reply(header: ReplyHeader, body: &'static [u8]) -> Reply {
        Reply {
            slot: 3,
            slot_epoch: 9,
            student: StudentId::new(Uuid::from_u128(5)),
            header,
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn every_kind_of_reply_survives_the_log() {
        let command = CommandId::new(Uuid::from_u128(6));
        let socket = SocketId::new(Uuid::from_u128(7));
        let headers = [
            ReplyHeader::Frames { first_seq: 4, last_seq: 6 },
            ReplyHeader::Passing,
            ReplyHeader::Attached { socket, seq: 41, turn: None, attempt: 0 },
            ReplyHeader::Repeated { command, seq: 40 },
            ReplyHeader::Refused { command },
        ];
        for header in headers {
            let sent = reply(header, b"sealed");
            assert_eq!(decode(encode(&sent).unwrap(), 3), Ok(sent));
        }
        let empty = reply(ReplyHeader::Repeated { command, seq: 1 }, b"");
        assert_eq!(decode(encode(&empty).unwrap(), 3), Ok(empty));
    }

    #[test]
    fn a_foreign_record_is_no_reply() {
        let good = encode(&reply(ReplyHeader::Passing, b"x")).unwrap();
        let no_key = RawRecord { key: None, ..good.clone() };
        let no_headers = RawRecord { headers: Vec::new(), ..good };
        assert!(decode(no_key, 3).is_err());
        assert!(decode(no_headers, 3).is_err());
    }
}
