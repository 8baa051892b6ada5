//! What goes over the wire: the request as OpenAI documents it, the chunks as servers send them.
//!
//! Format: "Create chat completion" and "Streaming" of the OpenAI API reference. Every field of a
//! chunk may be missing; what makes no sense at all is unreadable.

use learnflow_engine::port::model::{FinishReason, ModelError, ModelRequest, Usage};
use learnflow_engine::tutor::prompt::Role;
use serde::{Deserialize, Serialize};

use super::TokenLimit;

/// The body of a request.
#[derive(Debug, Serialize)]
pub(super) struct Request {
    model: String,
    messages: Vec<WireMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    safety_identifier: String,
    store: Never,
    stream: Always,
    stream_options: StreamOptions,
}

#[derive(Debug, Serialize)]
struct WireMessage {
    role: &'static str,
    content: String,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: Always,
}

/// `false`, whatever happens.
#[derive(Debug)]
struct Never;

/// `true`, whatever happens.
#[derive(Debug)]
struct Always;

impl Serialize for Never {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl Serialize for Always {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

/// The body that asks `model` this.
pub(super) fn request(model: &str, limit: TokenLimit, request: &ModelRequest) -> Request {
    let (max_completion_tokens, max_tokens) = match limit {
        TokenLimit::MaxCompletionTokens => (Some(request.max_tokens), None),
        TokenLimit::MaxTokens => (None, Some(request.max_tokens)),
    };
    let messages = request.messages.iter().map(|message| WireMessage {
        role: match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        },
        content: message.content.clone(),
    });
    Request {
        model: model.to_owned(),
        messages: messages.collect(),
        max_completion_tokens,
        max_tokens,
        safety_identifier: request.safety_identifier.clone(),
        store: Never,
        stream: Always,
        stream_options: StreamOptions { include_usage: Always },
    }
}

/// One chunk of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<WireUsage>,
    error: Option<WireError>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct WireUsage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

/// An error object, in a stream or as a response's body.
#[derive(Debug, Deserialize)]
pub(super) struct WireError {
    code: Option<serde_json::Value>,
    r#type: Option<String>,
}

/// The body of an error response.
#[derive(Debug, Deserialize)]
pub(super) struct WireErrorBody {
    pub(super) error: WireError,
}

impl WireError {
    /// Whether the account is out of money: waiting doesn't help.
    pub(super) fn is_quota(&self) -> bool {
        const QUOTA: &str = "insufficient_quota";
        self.r#type.as_deref() == Some(QUOTA)
            || self.code.as_ref().and_then(serde_json::Value::as_str) == Some(QUOTA)
    }

    fn in_stream(&self) -> ModelError {
        if self.is_quota() {
            return ModelError::Refused(429);
        }
        let code = self.code.as_ref().and_then(serde_json::Value::as_u64);
        let status = code.and_then(|code| u16::try_from(code).ok());
        ModelError::ServerFailed(status.filter(|code| (500..600).contains(code)).unwrap_or(500))
    }
}

/// What a chunk says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) finished: Option<FinishReason>,
}

impl Chunk {
    /// What the call has cost, where the chunk says so.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.usage.map(|WireUsage { prompt_tokens, completion_tokens }| Usage {
            prompt_tokens,
            completion_tokens,
        })
    }

    /// What the first choice says.
    pub(super) fn read(self) -> Result<Said, ModelError> {
        if let Some(error) = self.error {
            return Err(error.in_stream());
        }
        if self.choices.is_none() && self.usage.is_none() {
            return Err(ModelError::Unreadable);
        }
        let choices = self.choices.unwrap_or_default();
        let Some(choice) = choices.into_iter().find(|choice| choice.index == 0) else {
            return Ok(Said { text: String::new(), finished: None });
        };
        let delta = choice.delta.unwrap_or_default();
        // The model itself declines: withheld, as by a filter.
        if delta.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            return Err(ModelError::Filtered);
        }
        let finished = choice.finish_reason.as_deref().map(finish_reason).transpose()?;
        Ok(Said { text: delta.content.unwrap_or_default(), finished })
    }
}

fn finish_reason(word: &str) -> Result<FinishReason, ModelError> {
    match word {
        "stop" => Ok(FinishReason::Stop),
        "length" => Ok(FinishReason::Length),
        "content_filter" => Ok(FinishReason::ContentFilter),
        // vLLM's word for a call that was given up.
        "abort" => Err(ModelError::Cut),
        // We offer no tools, so a call of one is no answer.
        _ => Err(ModelError::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use learnflow_engine::tutor::prompt::{Brief, Message};
    use learnflow_engine::tutor::triage::{Agent, Route};

    fn check(json: &str, expected: Result<(&str, Option<FinishReason>), ModelError>) {
        let chunk: Chunk = serde_json::from_str(json).unwrap();
        let expected = expected.map(|(text, finished)| Said { text: text.to_owned(), finished });
        assert_eq!(chunk.read(), expected, "{json}");
    }

    #[test]
    fn a_chunk_says_what_it_says() {
        let stop = Some(FinishReason::Stop);
        check(r#"{"choices":[{"index":0,"delta":{"role":"assistant"}}]}"#, Ok(("", None)));
        check(r#"{"choices":[{"index":0,"delta":{"content":"hi"}}]}"#, Ok(("hi", None)));
        check(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, Ok(("", stop)));
        check(r#"{"choices":[{"delta":{"content":"."},"finish_reason":"stop"}]}"#, Ok((".", stop)));
        check(r#"{"choices":[{"finish_reason":"length"}]}"#, Ok(("", Some(FinishReason::Length))));
        check(r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, Ok(("", None)));
        check(r#"{"choices":[{"index":1,"delta":{"content":"other"}}]}"#, Ok(("", None)));
    }

    #[test]
    fn a_chunk_that_is_no_answer_says_why() {
        check(r#"{"error":{"message":"x"}}"#, Err(ModelError::ServerFailed(500)));
        check(r#"{"error":{"code":503}}"#, Err(ModelError::ServerFailed(503)));
        check(r#"{"error":{"code":400}}"#, Err(ModelError::ServerFailed(500)));
        check(r#"{"error":{"type":"insufficient_quota"}}"#, Err(ModelError::Refused(429)));
        check(r#"{"hello":"world"}"#, Err(ModelError::Unreadable));
        check(r#"{"choices":[{"finish_reason":"tool_calls"}]}"#, Err(ModelError::Unreadable));
        check(r#"{"choices":[{"finish_reason":"abort"}]}"#, Err(ModelError::Cut));
        check(r#"{"choices":[{"delta":{"refusal":"no"}}]}"#, Err(ModelError::Filtered));
    }

    #[test]
    fn the_request_asks_for_a_stream_that_nobody_keeps() {
        let route =
            Route { agent: Agent::Concepts, topic: None, confidence_pct: 90, options: vec![] };
        let asked = ModelRequest {
            messages: vec![Message { role: Role::User, content: "hi".to_owned() }],
            brief: Brief {
                route,
                text: "hi".to_owned(),
                code: None,
                previous: None,
                level: learnflow_engine::course::model::Level::Beginner,
            },
            max_tokens: 7,
            safety_identifier: "pseudonym".to_owned(),
            traceparent: None,
        };
        let json = serde_json::to_value(request("m", TokenLimit::default(), &asked)).unwrap();
        let expected = serde_json::json!({
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "max_completion_tokens": 7,
            "safety_identifier": "pseudonym",
            "store": false,
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        assert_eq!(json, expected);
        let older = serde_json::to_value(request("m", TokenLimit::MaxTokens, &asked)).unwrap();
        assert_eq!(older["max_tokens"], 7);
        assert!(older.get("max_completion_tokens").is_none());
    }
}
