//! The simulated model: the same messages always get the same answer.

use serde::Deserialize;
use serde_json::Value;

/// What answers are made of. Plain words, so that no filter of the tutor takes offence.
const WORDS: [&str; 24] = [
    "a",
    "loop",
    "repeats",
    "its",
    "body",
    "while",
    "the",
    "condition",
    "holds,",
    "so",
    "each",
    "value",
    "is",
    "visited",
    "once;",
    "think",
    "about",
    "what",
    "changes",
    "between",
    "two",
    "steps",
    "and",
    "why",
];

/// Characters of a token.
const TOKEN_CHARS: usize = 4;

/// The part of a chat-completion request that the simulator looks at.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ChatRequest {
    #[serde(default)]
    pub(super) model: String,
    #[serde(default)]
    pub(super) messages: Vec<ChatMessage>,
    #[serde(default)]
    pub(super) stream: bool,
    #[serde(default)]
    pub(super) stream_options: Option<StreamOptions>,
}

/// One message of the prompt.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ChatMessage {
    #[serde(default)]
    pub(super) role: String,
    #[serde(default)]
    pub(super) content: Value,
}

/// Whether the stream ends with a chunk of usage.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct StreamOptions {
    #[serde(default)]
    pub(super) include_usage: bool,
}

impl ChatRequest {
    /// A digest of all messages: two calls with the same one carried the same prompt.
    pub(super) fn digest(&self) -> String {
        digest_of(&self.messages)
    }

    /// A digest of the last message of the user: two calls with the same one asked the same.
    pub(super) fn question_digest(&self) -> String {
        let question = self.messages.iter().rfind(|message| message.role == "user");
        digest_of(question.map(std::slice::from_ref).unwrap_or_default())
    }

    /// Bytes of all contents.
    pub(super) fn prompt_bytes(&self) -> usize {
        self.messages.iter().map(|message| text_of(&message.content).len()).sum()
    }

    pub(super) fn wants_usage(&self) -> bool {
        self.stream_options.is_some_and(|options| options.include_usage)
    }
}

fn digest_of(messages: &[ChatMessage]) -> String {
    let mut hasher = blake3::Hasher::new();
    for message in messages {
        for part in [message.role.clone(), text_of(&message.content)] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// A message's text: the content is a string, or a list of parts with texts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

/// The tokens of the answer to the prompt with this digest.
pub(super) fn tokens(digest: &str, count: u32) -> Vec<String> {
    let mut bytes = blake3::Hasher::new().update(digest.as_bytes()).finalize_xof();
    let mut next_word = || {
        let mut byte = [0_u8; 1];
        bytes.fill(&mut byte);
        WORDS[usize::from(byte[0]) % WORDS.len()]
    };
    let first = format!("Simulated answer {}:", digest.get(..8).unwrap_or(digest));
    let rest = (1..count.max(1)).map(|_| format!(" {}", next_word()));
    std::iter::once(first).chain(rest).collect()
}

/// A text in pieces as long as a model's tokens are.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(TOKEN_CHARS).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> ChatRequest {
        serde_json::from_str(json).expect("a request")
    }

    #[test]
    fn the_same_messages_get_the_same_answer_and_others_another() {
        let one = request(r#"{"model":"m","messages":[{"role":"user","content":"why"}]}"#);
        let same = request(
            r#"{"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"why"}]}]}"#,
        );
        let other = request(r#"{"messages":[{"role":"user","content":"why?"}]}"#);
        assert_eq!(one.digest(), same.digest());
        assert_eq!(tokens(&one.digest(), 30), tokens(&same.digest(), 30));
        assert_ne!(tokens(&one.digest(), 30), tokens(&other.digest(), 30));
        assert_eq!(tokens(&one.digest(), 30).len(), 30);
    }

    #[test]
    fn the_question_is_the_last_message_of_the_user() {
        let long = request(
            r#"{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"why"}]}"#,
        );
        let short = request(r#"{"messages":[{"role":"user","content":"why"}]}"#);
        assert_ne!(long.digest(), short.digest());
        assert_eq!(long.question_digest(), short.question_digest());
        assert_eq!(long.prompt_bytes(), 10);
    }
}
