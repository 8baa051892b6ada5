//! Frames as a client reads them. What the server may add later is let pass.

use serde::Deserialize;
use uuid::Uuid;

use crate::history::{Digest, TurnState};

/// A frame of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// Whom the server took the client for.
        student: Uuid,
        /// The student's newest frame.
        seq: u64,
        /// The turn that runs.
        running: Option<Uuid>,
    },
    /// A piece of an answer.
    Token(TokenFrame),
    /// The newest turns, in the place of a replay.
    Resync {
        /// Where the durable frames go on.
        seq: u64,
        /// The turns, oldest first.
        turns: Vec<ResyncTurn>,
    },
    /// A refusal.
    Error {
        /// The command that is refused; none when it is about no command.
        cmd: Option<Uuid>,
        /// The error's code.
        code: String,
        /// Whether the same command may be sent again.
        is_retryable: bool,
        /// When it may be.
        retry_ms: Option<u64>,
    },
    /// The answer to `ping`.
    Pong {
        /// The student's newest committed frame.
        seq: u64,
    },
    /// The server is about to close.
    GoAway {
        /// How long to wait before coming back.
        resume_after_ms: u64,
    },
    /// A frame with a number.
    Durable(DurableFrame),
    /// A passing frame that this client does not know.
    Unknown,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFrame {
    /// The turn.
    pub turn: Uuid,
    /// The attempt that it belongs to.
    pub attempt: u32,
    /// Code points of the attempt's text before it.
    pub from: usize,
    /// The piece.
    pub text: String,
}

/// A turn that `resync` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResyncTurn {
    /// The turn.
    pub turn: Uuid,
    /// How far it is.
    pub state: TurnState,
    /// Its text so far.
    pub text: String,
}

/// A frame with a number.
#[derive(Clone, Debug, PartialEq)]
pub struct DurableFrame {
    /// Gapless per student from 1.
    pub seq: u64,
    /// Its type.
    pub kind: String,
    /// The command that it answers.
    pub cmd: Option<Uuid>,
    /// The turn that it is about.
    pub turn: Option<Uuid>,
    /// How the turn ended, on `done`.
    pub status: Option<String>,
    /// The whole answer, on `done`.
    pub text: Option<String>,
    /// Where the answer came from, on `done`.
    pub source: Option<String>,
    /// The specialist, on `route` and `done`.
    pub agent: Option<String>,
    /// Why the turn failed, on `done`.
    pub code: Option<String>,
    /// Digest of the frame as it was sent.
    pub digest: Digest,
}

#[derive(Debug, Deserialize)]
struct RawFrame {
    #[serde(rename = "type")]
    kind: String,
    seq: Option<u64>,
    cmd: Option<Uuid>,
    turn: Option<Uuid>,
    student: Option<Uuid>,
    running: Option<Uuid>,
    attempt: Option<u32>,
    from: Option<usize>,
    status: Option<String>,
    text: Option<String>,
    source: Option<String>,
    agent: Option<String>,
    code: Option<String>,
    #[serde(default)]
    retryable: bool,
    retry_ms: Option<u64>,
    resume_after_ms: Option<u64>,
    #[serde(default)]
    turns: Vec<RawTurn>,
}

#[derive(Debug, Deserialize)]
struct RawTurn {
    turn: Uuid,
    status: String,
    text: Option<String>,
}

impl ServerFrame {
    /// Reads a text frame; none when it is not what the contract promises.
    pub fn parse(text: &str) -> Option<Self> {
        let raw: RawFrame = serde_json::from_str(text).ok()?;
        Some(match raw.kind.as_str() {
            "welcome" => {
                Self::Welcome { student: raw.student?, seq: raw.seq?, running: raw.running }
            }
            "token" => Self::Token(TokenFrame {
                turn: raw.turn?,
                attempt: raw.attempt?,
                from: raw.from?,
                text: raw.text?,
            }),
            "resync" => Self::Resync {
                seq: raw.seq?,
                turns: raw.turns.into_iter().map(ResyncTurn::read).collect::<Option<_>>()?,
            },
            "error" => Self::Error {
                cmd: raw.cmd,
                code: raw.code?,
                is_retryable: raw.retryable,
                retry_ms: raw.retry_ms,
            },
            "pong" => Self::Pong { seq: raw.seq? },
            "goaway" => Self::GoAway { resume_after_ms: raw.resume_after_ms? },
            "ack" | "route" | "done" => Self::Durable(DurableFrame::read(raw, text)?),
            _ if raw.seq.is_some() => Self::Durable(DurableFrame::read(raw, text)?),
            _ => Self::Unknown,
        })
    }
}

impl ResyncTurn {
    fn read(raw: RawTurn) -> Option<Self> {
        let state = match raw.status.as_str() {
            "queued" => TurnState::Queued,
            "running" => TurnState::Running,
            "complete" | "cancelled" | "failed" => TurnState::Ended,
            _ => return None,
        };
        Some(Self { turn: raw.turn, state, text: raw.text.unwrap_or_default() })
    }
}

impl DurableFrame {
    fn read(raw: RawFrame, text: &str) -> Option<Self> {
        let is_whole = match raw.kind.as_str() {
            "ack" => raw.cmd.is_some(),
            "route" => raw.turn.is_some() && raw.agent.is_some(),
            "done" => raw.turn.is_some() && raw.status.is_some() && raw.text.is_some(),
            _ => true,
        };
        is_whole.then_some(())?;
        Some(Self {
            seq: raw.seq?,
            kind: raw.kind,
            cmd: raw.cmd,
            turn: raw.turn,
            status: raw.status,
            text: raw.text,
            source: raw.source,
            agent: raw.agent,
            code: raw.code,
            digest: Digest::of(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

    fn parse(text: &str) -> Option<ServerFrame> {
        ServerFrame::parse(&text.replace('@', ID))
    }

    #[test]
    fn whole_frames_are_read() {
        let turn: Uuid = ID.parse().expect("a UUID");
        let token = parse(r#"{"type":"token","turn":"@","attempt":1,"from":3,"text":"a"}"#);
        let expected = TokenFrame { turn, attempt: 1, from: 3, text: "a".into() };
        assert_eq!(token, Some(ServerFrame::Token(expected)));
        let done = r#"{"seq":3,"type":"done","turn":"@","status":"complete","text":"b","x":{}}"#;
        let Some(ServerFrame::Durable(done)) = parse(done) else { panic!("done is durable") };
        assert_eq!((done.seq, done.text.as_deref()), (3, Some("b")));
        assert_eq!(parse(r#"{"type":"pong","seq":57}"#), Some(ServerFrame::Pong { seq: 57 }));
        assert_eq!(parse(r#"{"type":"novelty"}"#), Some(ServerFrame::Unknown));
        assert!(matches!(parse(r#"{"type":"graded","seq":5}"#), Some(ServerFrame::Durable(_))));
    }

    #[test]
    fn half_frames_are_unreadable() {
        for text in [
            "",
            "[]",
            r#"{"seq":1}"#,
            r#"{"type":"ack","seq":1}"#,
            r#"{"type":"ack","cmd":"@"}"#,
            r#"{"type":"ack","seq":1,"cmd":"not a UUID"}"#,
            r#"{"type":"done","seq":1,"turn":"@","status":"complete"}"#,
            r#"{"type":"welcome","student":"@"}"#,
            r#"{"type":"token","turn":"@","attempt":1,"text":"a"}"#,
            r#"{"type":"resync","seq":1,"turns":[{"turn":"@","status":"odd"}]}"#,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
