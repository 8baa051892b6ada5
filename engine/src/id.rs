//! Identifiers: UUID newtypes, parsed at the edge, and the partition a student belongs to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;

/// The text is not a UUID; it names the kind of id that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0} id: expected a UUID such as 0192f0c1-2345-7abc-8def-0123456789ab")]
pub struct InvalidId(pub &'static str);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is already known to name this kind of thing.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Makes a UUIDv7 from a time and a seed: the same two give the same id.
            pub fn from_seed(at: Timestamp, seed: u128) -> Self {
                let bytes = seed.to_be_bytes();
                let mut random = [0_u8; 10];
                random.copy_from_slice(&bytes[..10]);
                let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The UUID itself, for storage.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the hyphenated form: ids are Kafka keys and must have one spelling.
                if text.len() != 36 {
                    return Err(InvalidId($kind));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId($kind))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($kind, ":{}"), self.0.hyphenated())
            }
        }
    };
}

uuid_id!(
    /// A student; the key of everything that is kept about them.
    StudentId, "student"
);
uuid_id!(
    /// An account that can sign in: student, instructor or admin.
    UserId, "user"
);
uuid_id!(
    /// A section: students who are taught together.
    SectionId, "section"
);
uuid_id!(
    /// One question and its answer.
    TurnId, "turn"
);
uuid_id!(
    /// A client's own id of a command; a repeated one changes nothing.
    CommandId, "command"
);
uuid_id!(
    /// One WebSocket on one gateway.
    SocketId, "socket"
);
uuid_id!(
    /// A write by REST that waits for a session to apply it.
    IntentId, "intent"
);

/// A partition of the command log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartitionId(pub i32);

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The partition of a student's commands among `partition_count`.
///
/// Kafka's own rule (murmur2 of the key, as its Java producer and librdkafka's `murmur2_random`
/// have it) over the 36-character lower-case UUID, so that both logs place a student alike.
pub fn partition_of(student: StudentId, partition_count: u32) -> PartitionId {
    let mut key = [0_u8; 36];
    let text = student.as_uuid().hyphenated().encode_lower(&mut key).as_bytes();
    let positive = murmur2(text) & 0x7fff_ffff;
    let index = positive % partition_count.max(1);
    PartitionId(i32::try_from(index).unwrap_or(0))
}

/// Murmur2 with Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`).
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        k = k.wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_agrees_with_apache_kafka() {
        // The vectors of Apache Kafka's own UtilsTest.
        let cases: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (text, expected) in cases {
            assert_eq!(murmur2(text.as_bytes()).cast_signed(), expected, "{text}");
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let text = "0192f0c1-2345-7abc-8def-0123456789ab";
        assert_eq!(text.parse::<StudentId>().unwrap().to_string(), text);
        for wrong in
            ["", "0192f0c123457abc8def0123456789ab", "{0192f0c1-2345-7abc-8def-0123456789ab}"]
        {
            assert_eq!(wrong.parse::<StudentId>(), Err(InvalidId("student")), "{wrong}");
        }
    }

    #[test]
    fn seeded_ids_repeat_and_are_version_7() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let id = TurnId::from_seed(at, 42 << 100);
        assert_eq!(id, TurnId::from_seed(at, 42 << 100));
        assert_eq!(id.as_uuid().get_version_num(), 7);
        assert_ne!(id, TurnId::from_seed(at, 43 << 100));
    }
}
