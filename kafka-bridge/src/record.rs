//! How a command stands in the log: key, clear headers, opaque sealed value. Pure, and the same
//! for both logs.
//!
//! | part | what |
//! |---|---|
//! | key | the student's id, 36 lower-case characters |
//! | `lf-command-id` | the command's UUID |
//! | `lf-kind` | [`CommandKind::as_str`] |
//! | `lf-schema` | version of the sealed body |
//! | `traceparent` | W3C trace context, optional |
//! | value | the sealed body, 1 byte to 1 MiB |

use bytes::Bytes;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{CommandId, PartitionId, StudentId, partition_of};
use learnflow_engine::port::log::{
    COMMAND_SCHEMA, CommandKind, DeadLetter, NewCommand, Record, RecordContent, digest,
};

/// The largest body of a command or a reply, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Header with the command's id.
pub const HEADER_COMMAND_ID: &str = "lf-command-id";
/// Header with the kind of command.
pub const HEADER_KIND: &str = "lf-kind";
/// Header with the version of the sealed body.
pub const HEADER_SCHEMA: &str = "lf-schema";
/// Header with the W3C trace context.
pub const HEADER_TRACEPARENT: &str = "traceparent";

/// A trace context longer than this is not one of ours and is left out.
const MAX_TRACEPARENT_BYTES: usize = 128;

/// Key, headers and value as a log stores them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawRecord {
    /// Whose it is.
    pub key: Option<Bytes>,
    /// Clear headers, in order.
    pub headers: Vec<(String, Bytes)>,
    /// The opaque body.
    pub value: Option<Bytes>,
}

impl RawRecord {
    /// What the record weighs in a queue: all its bytes.
    pub fn weight_bytes(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.as_ref().map_or(0, Bytes::len)
            + headers
            + self.value.as_ref().map_or(0, Bytes::len)
    }
}

/// Where a record stands and when it came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The partition it was read from.
    pub partition: PartitionId,
    /// Its offset there.
    pub offset: i64,
    /// When it was appended, by the log's clock.
    pub at: Timestamp,
    /// How many partitions the log has.
    pub partition_count: u32,
}

/// A body that the log doesn't take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// A command without a body cannot be told from a deletion mark.
    #[error("the body is empty")]
    Empty,
    /// Larger than [`MAX_BODY_BYTES`].
    #[error("the body has {bytes} bytes, at most {MAX_BODY_BYTES} fit")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

/// Checks a body's upper bound.
///
/// # Errors
/// [`BodyError::TooLarge`]; the same body never fits.
pub fn check_size(body: &Bytes) -> Result<(), BodyError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(BodyError::TooLarge { bytes: body.len() });
    }
    Ok(())
}

/// Writes a command as the log stores it.
///
/// # Errors
/// [`BodyError`]; the same command is never taken.
pub fn encode(command: &NewCommand) -> Result<RawRecord, BodyError> {
    if command.body.is_empty() {
        return Err(BodyError::Empty);
    }
    check_size(&command.body)?;
    let mut headers = vec![
        (HEADER_COMMAND_ID.to_owned(), Bytes::from(command.command.to_string())),
        (HEADER_KIND.to_owned(), Bytes::from_static(command.kind.as_str().as_bytes())),
        (HEADER_SCHEMA.to_owned(), Bytes::from(COMMAND_SCHEMA.to_string())),
    ];
    if let Some(context) = &command.traceparent
        && context.len() <= MAX_TRACEPARENT_BYTES
    {
        headers.push((HEADER_TRACEPARENT.to_owned(), Bytes::from(context.clone())));
    }
    Ok(RawRecord {
        key: Some(Bytes::from(command.student.to_string())),
        headers,
        value: Some(command.body.clone()),
    })
}

/// Reads a stored record; what isn't a command of ours becomes a dead letter with its origin.
pub fn decode(raw: RawRecord, position: Position) -> Record {
    let Position { partition, offset, at, .. } = position;
    let digest = digest(raw.key.as_deref(), raw.value.as_deref(), at);
    let content = match command(&raw, position) {
        Ok(command) => RecordContent::Command(command),
        Err(reason) => RecordContent::Undecodable(DeadLetter {
            partition,
            offset,
            reason,
            key: raw.key,
            headers: raw.headers,
            value: raw.value,
        }),
    };
    Record { partition, offset, at, digest, content }
}

/// What a record weighs in a queue: all its bytes.
pub(crate) fn weight_bytes(record: &Record) -> usize {
    const FIXED_BYTES: usize = 128;
    FIXED_BYTES
        + match &record.content {
            RecordContent::Command(command) => command.body.len(),
            RecordContent::Undecodable(letter) => {
                let headers: usize = letter.headers.iter().map(|(n, v)| n.len() + v.len()).sum();
                headers + letter.value.as_ref().map_or(0, Bytes::len)
            }
        }
}

fn command(raw: &RawRecord, position: Position) -> Result<NewCommand, &'static str> {
    let student = student(raw)?;
    if partition_of(student, position.partition_count) != position.partition {
        return Err("the key belongs to another partition");
    }
    let command = text_header(raw, HEADER_COMMAND_ID)
        .ok_or("the header lf-command-id is missing")?
        .parse::<CommandId>()
        .map_err(|_| "the header lf-command-id is not a UUID")?;
    let kind = text_header(raw, HEADER_KIND).ok_or("the header lf-kind is missing")?;
    let kind = CommandKind::parse(kind).ok_or("the header lf-kind names an unknown kind")?;
    let schema = text_header(raw, HEADER_SCHEMA).ok_or("the header lf-schema is missing")?;
    if schema.parse() != Ok(COMMAND_SCHEMA) {
        return Err("the header lf-schema names an unknown version");
    }
    let traceparent = text_header(raw, HEADER_TRACEPARENT)
        .filter(|context| context.len() <= MAX_TRACEPARENT_BYTES)
        .map(str::to_owned);
    Ok(NewCommand { student, command, kind, traceparent, body: body(raw)? })
}

fn student(raw: &RawRecord) -> Result<StudentId, &'static str> {
    const BAD_KEY: &str = "the key is not a student's id";
    let key = raw.key.as_deref().ok_or("the key is missing")?;
    let text = str::from_utf8(key).map_err(|_| BAD_KEY)?;
    let student = text.parse::<StudentId>().map_err(|_| BAD_KEY)?;
    // One spelling only: another one would hash to another partition.
    if student.to_string() == text { Ok(student) } else { Err(BAD_KEY) }
}

fn body(raw: &RawRecord) -> Result<Bytes, &'static str> {
    match &raw.value {
        None => Err("the value is missing"),
        Some(value) if value.is_empty() => Err("the value is empty"),
        Some(value) if value.len() > MAX_BODY_BYTES => Err("the value is above 1 MiB"),
        Some(value) => Ok(value.clone()),
    }
}

fn text_header<'a>(raw: &'a RawRecord, name: &str) -> Option<&'a str> {
    let (_, value) = raw.headers.iter().find(|(key, _)| key == name)?;
    str::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDENT: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
    const PARTITIONS: u32 = 12;

    fn sample() -> NewCommand {
        NewCommand {
            student: STUDENT.parse().unwrap(),
            command: "0192f0c1-2345-7abc-8def-0123456789ac".parse().unwrap(),
            kind: CommandKind::Ask,
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            body: Bytes::from_static(b"sealed"),
        }
    }

    fn here() -> Position {
        Position {
            partition: partition_of(STUDENT.parse().unwrap(), PARTITIONS),
            offset: 7,
            at: Timestamp::from_millis(1_700_000_000_000),
            partition_count: PARTITIONS,
        }
    }

    #[test]
    fn a_command_survives_the_log() {
        for kind in CommandKind::ALL {
            let command = NewCommand { kind, ..sample() };
            let record = decode(encode(&command).unwrap(), here());
            assert_eq!(record.content, RecordContent::Command(command));
            assert_eq!(record.offset, 7);
        }
    }

    #[test]
    fn what_is_no_command_becomes_a_dead_letter_that_says_why() {
        type Damage = fn(&mut RawRecord);
        let cases: [(&str, Damage); 11] = [
            ("the key is missing", |raw| raw.key = None),
            ("the key is not a student's id", |raw| raw.key = Some(Bytes::from_static(b"maya"))),
            ("the key is not a student's id", |raw| {
                raw.key = Some(Bytes::from(STUDENT.to_uppercase()));
            }),
            ("the key is not a student's id", |raw| raw.key = Some(Bytes::from(vec![0xff; 36]))),
            ("the header lf-command-id is missing", |raw| drop_header(raw, HEADER_COMMAND_ID)),
            ("the header lf-command-id is not a UUID", |raw| set(raw, HEADER_COMMAND_ID, "7")),
            ("the header lf-kind names an unknown kind", |raw| set(raw, HEADER_KIND, "sing")),
            ("the header lf-schema names an unknown version", |raw| set(raw, HEADER_SCHEMA, "9")),
            ("the value is missing", |raw| raw.value = None),
            ("the value is empty", |raw| raw.value = Some(Bytes::new())),
            ("the value is above 1 MiB", |raw| {
                raw.value = Some(Bytes::from(vec![0; MAX_BODY_BYTES + 1]));
            }),
        ];
        for (reason, damage) in cases {
            let mut raw = encode(&sample()).unwrap();
            damage(&mut raw);
            let expected = raw.clone();
            match decode(raw, here()).content {
                RecordContent::Undecodable(letter) => {
                    assert_eq!(letter.reason, reason);
                    assert_eq!((letter.partition, letter.offset), (here().partition, 7));
                    assert_eq!(letter.key, expected.key);
                    assert_eq!(letter.headers, expected.headers);
                    assert_eq!(letter.value, expected.value);
                }
                RecordContent::Command(_) => panic!("taken for a command: {reason}"),
            }
        }
    }

    #[test]
    fn a_key_in_a_foreign_partition_is_no_command() {
        let other = PartitionId((here().partition.0 + 1) % 12);
        let record = decode(encode(&sample()).unwrap(), Position { partition: other, ..here() });
        assert!(matches!(record.content, RecordContent::Undecodable(letter)
            if letter.reason == "the key belongs to another partition"));
    }

    #[test]
    fn a_body_of_one_mebibyte_fits_and_one_byte_more_does_not() {
        let fits = NewCommand { body: Bytes::from(vec![1; MAX_BODY_BYTES]), ..sample() };
        assert!(encode(&fits).is_ok());
        let larger = NewCommand { body: Bytes::from(vec![1; MAX_BODY_BYTES + 1]), ..sample() };
        assert_eq!(encode(&larger), Err(BodyError::TooLarge { bytes: MAX_BODY_BYTES + 1 }));
        let empty = NewCommand { body: Bytes::new(), ..sample() };
        assert_eq!(encode(&empty), Err(BodyError::Empty));
    }

    #[test]
    fn an_overlong_trace_context_is_left_out() {
        let command = NewCommand { traceparent: Some("x".repeat(200)), ..sample() };
        let raw = encode(&command).unwrap();
        assert!(!raw.headers.iter().any(|(name, _)| name == HEADER_TRACEPARENT));
    }

    fn drop_header(raw: &mut RawRecord, name: &str) {
        raw.headers.retain(|(key, _)| key != name);
    }

    fn set(raw: &mut RawRecord, name: &str, value: &'static str) {
        drop_header(raw, name);
        raw.headers.push((name.to_owned(), Bytes::from_static(value.as_bytes())));
    }
}
