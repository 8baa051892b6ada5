//! The model that answers: an OpenAI-compatible server, the offline tutor, a script.

use std::fmt;

use crate::port::log::BoxStream;
use crate::tutor::prompt::{Brief, Message};

/// What a model is asked.
#[derive(Debug, Clone)]
pub struct ModelRequest {
    /// The conversation, oldest first, the question last.
    pub messages: Vec<Message>,
    /// The same question for a tutor that has no model: what triage found and the words.
    pub brief: Brief,
    /// The most tokens that the answer may have.
    pub max_tokens: u32,
    /// A pseudonym of the student for the provider's abuse checks; never an id of ours.
    pub safety_identifier: String,
    /// W3C trace context of the frame that caused the call.
    pub traceparent: Option<String>,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelPiece {
    /// More text.
    Text(String),
    /// The answer has ended. Only this makes it whole; a stream that ends without it was cut.
    Finished {
        /// Why it ended.
        reason: FinishReason,
        /// What it cost, where the provider says so.
        usage: Option<Usage>,
    },
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum FinishReason {
    /// It was said in full.
    Stop,
    /// It reached the token limit: complete, marked.
    Length,
    /// The provider withheld it.
    ContentFilter,
}

/// Tokens of a call, as the provider counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
}

/// A call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nobody answers at the base URL.
    #[error("the model's server is unreachable")]
    Unreachable,
    /// The server said 5xx.
    #[error("the model's server failed with status {0}")]
    ServerFailed(u16),
    /// The server said 429; wait so long where it said how long.
    #[error("the model's server limits the rate")]
    RateLimited {
        /// From `Retry-After`.
        retry_after_ms: Option<u64>,
    },
    /// The server refuses this request or key: 4xx; don't repeat it.
    #[error("the model's server refused the request with status {0}")]
    Refused(u16),
    /// No content within the deadline.
    #[error("the model sent no content in time")]
    FirstContentTimeout,
    /// The stream fell silent.
    #[error("the model's stream fell silent")]
    IdleTimeout,
    /// The whole answer took too long.
    #[error("the model's answer took too long")]
    TotalTimeout,
    /// The stream ended, or broke, before its finish reason.
    #[error("the model's stream was cut")]
    Cut,
    /// The stream held something that isn't a completion.
    #[error("the model's stream was unreadable")]
    Unreadable,
    /// The provider withheld the answer.
    #[error("the provider's content filter withheld the answer")]
    Filtered,
    /// Too many calls are waiting, or the breaker is open: refused at once.
    #[error("the tutor's own limit on calls is reached")]
    Overloaded,
}

impl ModelError {
    /// Whether the same call may succeed when it is made again soon.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable
            | Self::ServerFailed(_)
            | Self::RateLimited { .. }
            | Self::FirstContentTimeout
            | Self::IdleTimeout
            | Self::TotalTimeout
            | Self::Cut
            | Self::Overloaded => true,
            Self::Refused(_) | Self::Unreadable | Self::Filtered => false,
        }
    }
}

/// Who answers, as `done.source` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// The model.
    Model,
    /// A stored answer of the model.
    Cache,
    /// The course's own text, because no model was needed or none was there.
    Authored,
    /// The offline tutor.
    Offline,
}

impl AnswerSource {
    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Cache => "cache",
            Self::Authored => "authored",
            Self::Offline => "offline",
        }
    }
}

/// One call, one stream. Implementations: OpenAI-compatible, offline tutor, scripted.
///
/// # Cancellation
/// Dropping the stream ends the call upstream.
pub trait Model: Send + Sync + fmt::Debug {
    /// How its answers are labelled.
    fn source(&self) -> AnswerSource;

    /// The model's name, for cache keys and metrics.
    fn name(&self) -> &str;

    /// Begins a call. The stream ends after [`ModelPiece::Finished`] or the first error.
    fn answer(&self, request: ModelRequest) -> BoxStream<Result<ModelPiece, ModelError>>;
}
