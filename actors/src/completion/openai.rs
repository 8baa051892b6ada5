//! The OpenAI-compatible model: Chat Completions, streamed, through async-openai.
//!
//! async-openai gives the client, the base URL and the tower seam; the transport below the seam is
//! ours (`transport`), so nothing is retried there, errors keep their status and `Retry-After`,
//! and a body is capped. Chunks are read into tolerant structs of our own (`chunk`): compatible
//! servers leave fields out that OpenAI always sends.
//!
//! An answer counts only with a terminal `finish_reason`: `[DONE]` or the end of the stream
//! without one is a cut. What is sent holds no name and no e-mail, `store` is false, and the
//! student is known to the provider by a pseudonym only.
//!
//! # Logs
//! On a chunk that isn't JSON, async-openai logs the chunk at `error` under the target
//! `async_openai`. The process's log filter must switch that target off, and the root package's
//! does. Error responses never reach async-openai, so their bodies are not logged.

mod chunk;
mod transport;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::Config as ClientConfig;
use async_openai::error::{OpenAIError, StreamError};
use async_openai::traits::RequestOptionsBuilder;
use futures_util::{StreamExt, stream};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{
    AnswerSource, FinishReason, Model, ModelError, ModelPiece, ModelRequest, Usage,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::timeout;

use chunk::{Chunk, Said};
use transport::{Fault, Transport};

/// How long a finished answer waits for its usage, which comes after the finish reason.
const USAGE_GRACE: Duration = Duration::from_millis(500);

/// Where the model answers, and as whom we ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiConfig {
    /// The base URL, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model's name.
    pub name: String,
    /// The key; empty for servers that want none.
    pub api_key: SecretString,
    /// How the answer's length is limited.
    #[serde(default)]
    pub token_limit: TokenLimit,
    /// The longest wait for a connection.
    #[serde(default = "default_connect_timeout_ms")]
    pub connect_timeout_ms: u64,
}

const fn default_connect_timeout_ms() -> u64 {
    2_000
}

/// The field that limits an answer's length. OpenAI refuses a request with both, its reasoning
/// models one with the older; some compatible servers know only the older and ignore the newer,
/// and then [`super::config::ANSWER_MAX_BYTES`] is the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimit {
    /// `max_completion_tokens`.
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`.
    MaxTokens,
}

/// The model can't be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenAiSetupError {
    /// The base URL is none.
    #[error("model.base_url is not an http or https URL")]
    BaseUrl,
    /// The name is empty.
    #[error("model.name is empty")]
    Name,
    /// The key can't be sent in a header.
    #[error("model.api_key holds characters that a header can't")]
    ApiKey,
    /// TLS or the connection pool could not be set up.
    #[error("the model's HTTP client could not be set up")]
    Client,
}

/// The model.
pub struct OpenAiModel {
    client: Client<Endpoint>,
    name: String,
    base_url: String,
    token_limit: TokenLimit,
}

impl fmt::Debug for OpenAiModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiModel")
            .field("name", &self.name)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl OpenAiModel {
    /// Sets the model up; connects to nothing.
    ///
    /// # Errors
    /// Settings that can't work, each by its name.
    pub fn new(config: &OpenAiConfig) -> Result<Self, OpenAiSetupError> {
        let url = reqwest::Url::parse(&config.base_url).map_err(|_| OpenAiSetupError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(OpenAiSetupError::BaseUrl);
        }
        if config.name.is_empty() {
            return Err(OpenAiSetupError::Name);
        }
        let base_url = config.base_url.trim_end_matches('/').to_owned();
        let http = http_client(&url, config)?;
        let endpoint = Endpoint::new(base_url.clone(), config.api_key.clone())?;
        let client = Client::build(http.clone(), endpoint).with_http_service(Transport::new(http));
        Ok(Self { client, name: config.name.clone(), base_url, token_limit: config.token_limit })
    }

    /// The base URL: what keeps apart the stored answers of different servers.
    pub fn endpoint(&self) -> &str {
        &self.base_url
    }
}

/// No redirects (the key would follow them), and no proxy between us and our own machine.
fn http_client(
    url: &reqwest::Url,
    config: &OpenAiConfig,
) -> Result<reqwest::Client, OpenAiSetupError> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .tcp_nodelay(true);
    let builder = if is_loopback(url) { builder.no_proxy() } else { builder };
    builder.build().map_err(|_| OpenAiSetupError::Client)
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// async-openai's own configuration reads the environment; this one doesn't.
#[derive(Clone)]
struct Endpoint {
    base_url: String,
    api_key: SecretString,
    headers: HeaderMap,
}

impl Endpoint {
    fn new(base_url: String, api_key: SecretString) -> Result<Self, OpenAiSetupError> {
        let mut headers = HeaderMap::new();
        if !api_key.expose_secret().is_empty() {
            let bearer = format!("Bearer {}", api_key.expose_secret());
            let mut value = HeaderValue::try_from(bearer).map_err(|_| OpenAiSetupError::ApiKey)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self { base_url, api_key, headers })
    }
}

impl ClientConfig for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.api_key
    }
}

type Chunks = BoxStream<Result<Chunk, OpenAIError>>;

impl Model for OpenAiModel {
    fn source(&self) -> AnswerSource {
        AnswerSource::Model
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn answer(&self, request: ModelRequest) -> BoxStream<Result<ModelPiece, ModelError>> {
        let client = self.client.clone();
        let body = chunk::request(&self.name, self.token_limit, &request);
        let traceparent = request.traceparent;
        stream::once(async move {
            match open(&client, &body, traceparent.as_deref()).await {
                Ok(chunks) => pieces(chunks),
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        })
        .flatten()
        .boxed()
    }
}

async fn open(
    client: &Client<Endpoint>,
    body: &chunk::Request,
    traceparent: Option<&str>,
) -> Result<Chunks, ModelError> {
    let chat = client.chat();
    let chat = match traceparent.map(HeaderValue::try_from) {
        Some(Ok(value)) => {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value);
            chat.headers(headers)
        }
        // A trace context that no header can hold is no trace context.
        Some(Err(_)) | None => chat,
    };
    chat.create_stream_byot(body).await.map_err(|error| model_error(&error))
}

/// What has been read of an answer.
struct Reading {
    chunks: Chunks,
    finished: Option<FinishReason>,
    usage: Option<Usage>,
}

fn pieces(chunks: Chunks) -> BoxStream<Result<ModelPiece, ModelError>> {
    let reading = Reading { chunks, finished: None, usage: None };
    stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        match reading.next().await {
            Ok(text @ ModelPiece::Text(_)) => Some((Ok(text), Some(reading))),
            end @ (Ok(ModelPiece::Finished { .. }) | Err(_)) => Some((end, None)),
        }
    })
    .boxed()
}

impl Reading {
    async fn next(&mut self) -> Result<ModelPiece, ModelError> {
        loop {
            if let Some(reason) = self.finished {
                return Ok(self.finish(reason).await);
            }
            let chunk = match self.chunks.next().await {
                None => return Err(ModelError::Cut),
                Some(Err(error)) => return Err(model_error(&error)),
                Some(Ok(chunk)) => chunk,
            };
            self.usage = chunk.usage().or(self.usage);
            let Said { text, finished } = chunk.read()?;
            self.finished = finished;
            if !text.is_empty() {
                return Ok(ModelPiece::Text(text));
            }
        }
    }

    /// The answer is whole; its usage may follow. Nothing that happens now makes it less whole.
    async fn finish(&mut self, reason: FinishReason) -> ModelPiece {
        let rest = async {
            while self.usage.is_none()
                && let Some(Ok(chunk)) = self.chunks.next().await
            {
                self.usage = chunk.usage();
            }
        };
        let waited = timeout(USAGE_GRACE, rest).await;
        if waited.is_err() {
            tracing::debug!("the model's server sent no usage after its answer");
        }
        ModelPiece::Finished { reason, usage: self.usage }
    }
}

fn model_error(error: &OpenAIError) -> ModelError {
    match error {
        OpenAIError::Boxed(inner) => {
            inner.downcast_ref::<Fault>().map_or(ModelError::Unreachable, |fault| fault.0)
        }
        OpenAIError::Reqwest(_) => ModelError::Unreachable,
        OpenAIError::ApiError(response) => ModelError::ServerFailed(response.status_code.as_u16()),
        OpenAIError::StreamError(inner) => match inner.as_ref() {
            StreamError::EventStream(text) if text.starts_with("Transport error") => {
                ModelError::Cut
            }
            StreamError::EventStream(_) | StreamError::UnknownEvent(_) => ModelError::Unreadable,
        },
        OpenAIError::JSONDeserialize(..)
        | OpenAIError::FileSaveError(_)
        | OpenAIError::FileReadError(_)
        | OpenAIError::InvalidArgument(_) => ModelError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base_url: &str) -> OpenAiConfig {
        OpenAiConfig {
            base_url: base_url.to_owned(),
            name: "m".to_owned(),
            api_key: SecretString::from("secret".to_owned()),
            token_limit: TokenLimit::default(),
            connect_timeout_ms: 100,
        }
    }

    #[test]
    fn loopback_is_recognised() {
        for (url, expected) in [
            ("http://127.0.0.1:9000/v1", true),
            ("http://127.8.0.1/v1", true),
            ("http://[::1]:9000/v1", true),
            ("http://localhost/v1", true),
            ("https://api.openai.com/v1", false),
            ("http://10.0.0.1/v1", false),
            ("http://localhost.example.com/v1", false),
        ] {
            assert_eq!(is_loopback(&reqwest::Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        for (url, expected) in [
            ("", OpenAiSetupError::BaseUrl),
            ("api.openai.com/v1", OpenAiSetupError::BaseUrl),
            ("ftp://example.com", OpenAiSetupError::BaseUrl),
        ] {
            assert_eq!(OpenAiModel::new(&config(url)).unwrap_err(), expected, "{url}");
        }
        let nameless = OpenAiConfig { name: String::new(), ..config("http://127.0.0.1:1/v1") };
        assert_eq!(OpenAiModel::new(&nameless).unwrap_err(), OpenAiSetupError::Name);
        let key = SecretString::from("a\nb".to_owned());
        let keyless = OpenAiConfig { api_key: key, ..config("http://127.0.0.1:1/v1") };
        assert_eq!(OpenAiModel::new(&keyless).unwrap_err(), OpenAiSetupError::ApiKey);
    }

    #[test]
    fn debug_shows_no_key() {
        let config = config("http://127.0.0.1:1/v1/");
        let model = OpenAiModel::new(&config).unwrap();
        assert!(!format!("{config:?} {model:?}").contains("secret"));
        assert_eq!(model.endpoint(), "http://127.0.0.1:1/v1");
    }
}
