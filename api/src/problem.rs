//! Errors as clients see them: `application/problem+json` (RFC 9457).
//!
//! A problem never repeats what somebody sent: titles come from the code, details from us.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::VaultError;
use learnflow_storage::account::password::PasswordError;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::trace;

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// When to try again what names no time itself.
const RETRY_MS_DEFAULT: u64 = 1_000;

/// An error as a client sees it.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: ErrorCode,
    status: StatusCode,
    detail: Cow<'static, str>,
    retry_ms: Option<u64>,
    errors: Vec<FieldError>,
    extension: Option<(&'static str, Value)>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or the name of a query parameter behind a slash.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: Cow<'static, str>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of a page that explains the error.
    #[serde(rename = "type")]
    kind: String,
    /// One line for people.
    title: &'static str,
    /// The HTTP status again.
    status: u16,
    /// What is wrong this time.
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: Cow<'static, str>,
    /// The stable part: `LFnnnn`.
    code: &'static str,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_ms: Option<u64>,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// W3C trace id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// What some codes add.
    #[serde(flatten)]
    #[schema(ignore)]
    extension: Map<String, Value>,
}

impl Problem {
    /// A problem with the status that its code has.
    pub fn new(code: ErrorCode) -> Self {
        let status = code.status().and_then(|status| StatusCode::from_u16(status).ok());
        Self(Box::new(Parts {
            code,
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            detail: Cow::Borrowed(""),
            retry_ms: None,
            errors: Vec::new(),
            extension: None,
        }))
    }

    /// A field of the request is wrong (422).
    pub fn field(pointer: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidField).with_field(pointer, detail)
    }

    /// Says what is wrong this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Names a field that is wrong.
    #[must_use]
    pub fn with_field(
        mut self,
        pointer: impl Into<String>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_ms(mut self, retry_ms: u64) -> Self {
        self.0.retry_ms = Some(retry_ms);
        self
    }

    /// Answers with another status than the code's own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Adds a member of its own.
    #[must_use]
    pub fn with_extension(mut self, name: &'static str, value: Value) -> Self {
        self.0.extension = Some((name, value));
        self
    }

    /// The public code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    fn retry(&self) -> Option<u64> {
        let retryable = self.0.code.is_retryable() && self.0.code != ErrorCode::Internal;
        self.0.retry_ms.or(retryable.then_some(RETRY_MS_DEFAULT))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_ms = self.retry();
        let Parts { code, status, detail, retry_ms: _, errors, extension } = *self.0;
        let body = ProblemBody {
            kind: format!("/problems/{}", code.slug()),
            title: code.title(),
            status: status.as_u16(),
            detail,
            code: code.as_str(),
            retryable: code.is_retryable() || retry_ms.is_some(),
            retry_ms,
            errors,
            trace_id: trace::current(),
            extension: extension.into_iter().map(|(name, v)| (name.to_owned(), v)).collect(),
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(retry_ms) = retry_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_ms.div_ceil(1_000)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for Problem {
    /// Logs the cause, which no client gets to see.
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "a request failed");
                Self::new(ErrorCode::StoreUnavailable)
            }
            StoreError::Refused(_) | StoreError::Damaged(_) => {
                tracing::error!(%error, "a request failed");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

impl From<VaultError> for Problem {
    /// Logs the cause, which no client gets to see.
    fn from(error: VaultError) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(ErrorCode::Internal)
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy | PasswordError::Deadline => Self::new(ErrorCode::RateLimited)
                .with_detail("too many people sign in at this moment"),
            PasswordError::Damaged => {
                tracing::error!(%error, "a request failed");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_tried_again_says_when() {
        let cases = [
            (Problem::new(ErrorCode::StoreUnavailable), 503, Some("1")),
            (Problem::new(ErrorCode::SignInThrottled).with_retry_ms(2_001), 429, Some("3")),
            (Problem::new(ErrorCode::NotYours), 403, None),
            (Problem::new(ErrorCode::Internal), 500, None),
        ];
        for (problem, status, retry_after) in cases {
            let response = problem.into_response();
            assert_eq!(response.status(), status);
            let header = response.headers().get(header::RETRY_AFTER);
            assert_eq!(header.map(|value| value.to_str().unwrap()), retry_after);
            assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
        }
    }

    #[test]
    fn causes_stay_here() {
        let problem = Problem::from(StoreError::Unavailable("password=secret".to_owned()));
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
