//! Frames of the client, and the passing frames that a gateway makes itself.
//!
//! Source: protocol `learnflow.v1`. Durable frames are made by `learnflow_engine::event::frame`.

use learnflow_engine::course::model::{Course, ExerciseId, ItemId, TopicId};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::{CommandId, StudentId, TurnId};
use learnflow_engine::session::command::{Command, Rating};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Characters of a question.
pub const TEXT_LIMIT_CHARS: usize = 10_000;
/// Bytes of code that still fit beside the rest of a message.
pub const CODE_LIMIT_BYTES: usize = 60_000;

/// Why a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// In order.
    Normal,
    /// Not UTF-8.
    NotUtf8,
    /// A message above 64 KiB.
    TooLarge,
    /// Restarting: resume.
    Restarting,
    /// Reading too slowly: resume.
    TooSlow,
    /// Five unreadable frames in a minute.
    Unreadable,
    /// Ticket bad, signed out, revoked or erased.
    NotSignedIn,
    /// Not allowed.
    NotAllowed,
    /// No hello, or idle.
    Idle,
    /// More than five sockets of one student.
    TooManySockets,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn as_u16(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
            Self::Restarting => 1012,
            Self::TooSlow => 1013,
            Self::Unreadable => 4400,
            Self::NotSignedIn => 4401,
            Self::NotAllowed => 4403,
            Self::Idle => 4408,
            Self::TooManySockets => 4429,
        }
    }

    /// For people who read a trace.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "bye",
            Self::NotUtf8 => "not UTF-8",
            Self::TooLarge => "message above 64 KiB",
            Self::Restarting => "restarting, resume",
            Self::TooSlow => "reading too slowly, resume",
            Self::Unreadable => "too many unreadable frames",
            Self::NotSignedIn => "not signed in",
            Self::NotAllowed => "not allowed",
            Self::Idle => "idle",
            Self::TooManySockets => "more than five sockets",
        }
    }
}

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// I am here and have seen so much.
    Hello {
        /// The newest durable frame that it has seen.
        after_seq: i64,
    },
    /// A command for the student's session.
    Command {
        /// The client's id of it.
        id: CommandId,
        /// What is wanted.
        command: Command,
    },
    /// The page is in use.
    Active,
    /// Are you there?
    Ping,
}

/// A frame that can't be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameError {
    /// The command's id, where one could be read.
    pub command: Option<CommandId>,
    /// What is wrong.
    pub code: ErrorCode,
    /// Which field, in words that never repeat what was sent.
    pub detail: String,
    /// When to try again.
    pub retry_ms: Option<u64>,
}

impl FrameError {
    /// An error about a frame.
    pub fn new(command: Option<CommandId>, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { command, code, detail: detail.into(), retry_ms: None }
    }

    /// The `error` frame.
    pub fn to_json(&self) -> String {
        let mut frame = json!({
            "type": "error",
            "code": self.code.as_str(),
            "title": self.code.title(),
            "detail": self.detail,
            "retryable": self.code.is_retryable(),
        });
        if let Some(object) = frame.as_object_mut() {
            if let Some(command) = self.command {
                object.insert("cmd".to_owned(), json!(command));
            }
            if let Some(retry_ms) = self.retry_ms {
                object.insert("retry_ms".to_owned(), json!(retry_ms));
            }
        }
        frame.to_string()
    }
}

/// Reads a client's frame.
///
/// # Errors
/// [`FrameError`]: the connection lives on.
pub fn parse(text: &str, course: &Course) -> Result<ClientFrame, FrameError> {
    let unreadable =
        || FrameError::new(None, ErrorCode::UnreadableFrame, "send one JSON object a text frame");
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else {
        return Err(unreadable());
    };
    let fields = Fields { command: command_id(&object), object };
    match fields.object.get("type").and_then(Value::as_str) {
        Some("hello") => hello(&fields),
        Some("ping") => Ok(ClientFrame::Ping),
        Some("active") => Ok(ClientFrame::Active),
        Some("ask") => fields.command(ask(&fields, course)?),
        Some("cancel") => fields.command(Command::Cancel { turn: fields.turn()? }),
        Some("feedback") => fields.command(feedback(&fields)?),
        Some("hint") => fields.command(Command::Hint { exercise: practised(&fields, course)? }),
        Some("submit") => fields.command(submit(&fields, course)?),
        Some("quiz") => fields.command(quiz(&fields, course)?),
        Some("run") => {
            fields.id()?;
            Err(fields.error(ErrorCode::NotOffered, "this server can't run code yet"))
        }
        Some(_) => Err(fields.error(ErrorCode::UnknownFrame, "`type` is not known")),
        None => Err(fields.error(ErrorCode::UnknownFrame, "`type` is missing")),
    }
}

struct Fields {
    object: Map<String, Value>,
    command: Option<CommandId>,
}

fn command_id(object: &Map<String, Value>) -> Option<CommandId> {
    object.get("cmd").and_then(Value::as_str).and_then(|text| text.parse().ok())
}

impl Fields {
    fn error(&self, code: ErrorCode, detail: &str) -> FrameError {
        FrameError::new(self.command, code, detail)
    }

    fn id(&self) -> Result<CommandId, FrameError> {
        self.command.ok_or_else(|| {
            self.error(
                ErrorCode::InvalidCommandId,
                "`cmd` must be a UUID such as 0192f0c1-2345-7abc-8def-0123456789ab",
            )
        })
    }

    fn command(&self, command: Command) -> Result<ClientFrame, FrameError> {
        Ok(ClientFrame::Command { id: self.id()?, command })
    }

    fn text(&self, name: &str) -> Result<Option<&str>, FrameError> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => {
                Err(self.error(ErrorCode::InvalidFrame, &format!("`{name}` must be a string")))
            }
        }
    }

    fn turn(&self) -> Result<TurnId, FrameError> {
        self.id()?;
        self.text("turn")?
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.error(ErrorCode::InvalidFrame, "`turn` must be a turn's id"))
    }

    fn bounded(&self, name: &str) -> Result<Option<String>, FrameError> {
        let text = self.text(name)?;
        if text.is_some_and(|text| text.chars().count() > TEXT_LIMIT_CHARS) {
            let detail = format!("`{name}` may have {TEXT_LIMIT_CHARS} characters");
            return Err(self.error(ErrorCode::TextTooLong, &detail));
        }
        Ok(text.map(str::to_owned))
    }
}

fn hello(fields: &Fields) -> Result<ClientFrame, FrameError> {
    if fields.object.get("v").and_then(Value::as_i64) != Some(1) {
        return Err(fields.error(ErrorCode::UnsupportedVersion, "`v` must be 1"));
    }
    match fields.object.get("after_seq") {
        None | Some(Value::Null) => Ok(ClientFrame::Hello { after_seq: 0 }),
        Some(value) => match value.as_i64() {
            Some(after_seq) if after_seq >= 0 => Ok(ClientFrame::Hello { after_seq }),
            _ => Err(fields.error(ErrorCode::InvalidAfterSeq, "`after_seq` must be 0 or more")),
        },
    }
}

fn ask(fields: &Fields, course: &Course) -> Result<Command, FrameError> {
    fields.id()?;
    let text = fields
        .bounded("text")?
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| fields.error(ErrorCode::InvalidFrame, "`text` must not be empty"))?;
    let code = fields.text("code")?;
    if code.is_some_and(|code| code.len() > CODE_LIMIT_BYTES) {
        return Err(fields.error(ErrorCode::TextTooLong, "`code` is too long for one message"));
    }
    Ok(Command::Ask {
        text,
        code: code.filter(|code| !code.trim().is_empty()).map(str::to_owned),
        exercise: exercise(fields, course)?,
        topic: topic(fields, course)?,
    })
}

fn topic(fields: &Fields, course: &Course) -> Result<Option<TopicId>, FrameError> {
    let Some(text) = fields.text("topic")? else { return Ok(None) };
    text.parse::<TopicId>()
        .ok()
        .filter(|id| course.topic(id).is_some())
        .map(Some)
        .ok_or_else(|| fields.error(ErrorCode::UnknownTopic, "`topic` is not one of the course"))
}

fn exercise(fields: &Fields, course: &Course) -> Result<Option<ExerciseId>, FrameError> {
    let Some(text) = fields.text("exercise")? else { return Ok(None) };
    let unknown =
        || fields.error(ErrorCode::UnknownExercise, "`exercise` is not one of the course");
    text.parse::<ExerciseId>()
        .ok()
        .filter(|id| course.exercise(id).is_some())
        .map(Some)
        .ok_or_else(unknown)
}

/// The exercise that a hint or a submission names.
fn practised(fields: &Fields, course: &Course) -> Result<ExerciseId, FrameError> {
    fields.id()?;
    exercise(fields, course)?
        .ok_or_else(|| fields.error(ErrorCode::InvalidFrame, "`exercise` is missing"))
}

fn submit(fields: &Fields, course: &Course) -> Result<Command, FrameError> {
    let exercise = practised(fields, course)?;
    let (answer, code) = (fields.bounded("answer")?, fields.text("code")?);
    if code.is_some_and(|code| code.len() > CODE_LIMIT_BYTES) {
        return Err(fields.error(ErrorCode::TextTooLong, "`code` is too long for one message"));
    }
    if answer.is_some() == code.is_some() {
        let detail = "send either `answer` (what the program prints) or `code`";
        return Err(fields.error(ErrorCode::InvalidFrame, detail));
    }
    Ok(Command::Submit { exercise, answer, code: code.map(str::to_owned) })
}

/// The answer is the index of an option, or the text of one.
fn quiz(fields: &Fields, course: &Course) -> Result<Command, FrameError> {
    fields.id()?;
    let id = fields
        .text("item")?
        .ok_or_else(|| fields.error(ErrorCode::InvalidFrame, "`item` is missing"))?
        .parse::<ItemId>();
    let unknown = || fields.error(ErrorCode::UnknownItem, "`item` is not one of the course");
    let item = id.ok().and_then(|id| course.quiz_item(&id)).ok_or_else(unknown)?;
    let choice = match fields.object.get("answer") {
        Some(Value::String(text)) => {
            item.options.iter().position(|option| option.text.trim() == text.trim())
        }
        Some(value) => value.as_u64().and_then(|index| usize::try_from(index).ok()),
        None => None,
    };
    let choice = choice.filter(|choice| *choice < item.options.len());
    let choice = choice.and_then(|choice| u8::try_from(choice).ok()).ok_or_else(|| {
        let detail = "`answer` must be the index of one of the item's options, from 0";
        fields.error(ErrorCode::InvalidFrame, detail)
    })?;
    Ok(Command::Quiz { item: item.id.clone(), choice })
}

fn feedback(fields: &Fields) -> Result<Command, FrameError> {
    let turn = fields.turn()?;
    let rating = fields
        .object
        .get("rating")
        .and_then(|value| Rating::deserialize(value).ok())
        .ok_or_else(|| fields.error(ErrorCode::InvalidFrame, "`rating` must be up or down"))?;
    Ok(Command::Feedback { turn, rating, reason: fields.bounded("reason")? })
}

/// The first frame of the server.
pub fn welcome(
    student: StudentId,
    seq: i64,
    running: Option<TurnId>,
    health: ModelHealth,
) -> String {
    let mut frame = json!({
        "type": "welcome",
        "v": 1,
        "student": student,
        "seq": seq,
        "limits": {
            "text_chars": TEXT_LIMIT_CHARS,
            "message_bytes": super::MESSAGE_LIMIT_BYTES,
            "queued_asks": 8,
            "sockets": 5,
        },
        "degraded": health == ModelHealth::Degraded,
    });
    if let (Some(object), Some(turn)) = (frame.as_object_mut(), running) {
        object.insert("running".to_owned(), json!(turn));
    }
    frame.to_string()
}

/// Whether answers come from the model at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelHealth {
    /// They do.
    Good,
    /// The course's own text stands in.
    Degraded,
}

/// The text so far of a running turn, for a socket that joined.
pub fn token(turn: TurnId, attempt: i16, from: usize, text: &str) -> String {
    json!({"type": "token", "turn": turn, "attempt": attempt, "from": from, "text": text})
        .to_string()
}

/// The answer to `ping`.
pub fn pong(seq: i64) -> String {
    json!({"type": "pong", "seq": seq}).to_string()
}

/// The server is about to go: resume elsewhere after a while.
pub fn goaway(resume_after_ms: u64) -> String {
    json!({"type": "goaway", "resume_after_ms": resume_after_ms}).to_string()
}
