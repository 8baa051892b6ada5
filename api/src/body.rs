//! Request bodies: JSON, or a problem that says where it is wrong without repeating it.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use learnflow_engine::error_code::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::problem::Problem;

/// The largest body that a request may have.
pub(crate) const BODY_LIMIT_BYTES: usize = 64 * 1_024;
/// Characters of an unknown field's name that are shown.
const NAME_CHARACTERS_MAX: usize = 64;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(ErrorCode::UnsupportedMediaType)
                .with_detail("send Content-Type: application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|r| unreadable(&r))?;
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || essence.strip_prefix("application/").is_some_and(|rest| rest.ends_with("+json"))
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(ErrorCode::BodyTooLarge)
            .with_detail(format!("a body has at most {BODY_LIMIT_BYTES} bytes"));
    }
    Problem::new(ErrorCode::MalformedBody).with_detail("the body ended early")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = || Problem::new(ErrorCode::MalformedBody);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        match error.inner().classify() {
            Category::Data => wrong_field(error.path(), &error.inner().to_string()),
            Category::Syntax | Category::Eof | Category::Io => malformed(),
        }
    })?;
    reader.end().map_err(|_| malformed())?;
    Ok(value)
}

/// Names the field; serde's own words would repeat its value.
fn wrong_field(path: &Path, message: &str) -> Problem {
    let parent = pointer(path);
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        return Problem::field(format!("{parent}/{}", escaped(quoted())), "is missing");
    }
    if message.starts_with("unknown field") {
        let name: String = quoted().chars().take(NAME_CHARACTERS_MAX).collect();
        // The path ends with the unknown field itself where serde has read its name.
        let parent = parent.strip_suffix(&format!("/{}", escaped(quoted()))).unwrap_or(&parent);
        return Problem::field(format!("{parent}/{}", escaped(&name)), "is not a known field");
    }
    if message.starts_with("duplicate field") {
        return Problem::field(format!("{parent}/{}", escaped(quoted())), "stands twice");
    }
    Problem::field(parent, "has the wrong type, or is not one of the values that are known")
}

fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { variant } => Some(format!("/{}", escaped(variant))),
            Segment::Unknown => None,
        })
        .collect()
}

/// RFC 6901 §3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only read by serde")]
        name: String,
        #[expect(dead_code, reason = "only read by serde")]
        numbers: Vec<u8>,
    }

    #[test]
    fn what_is_wrong_is_named_and_not_repeated() {
        let cases = [
            (r#"{"name":"x","numbers":[]"#, 400, ""),
            (r#"{"name":"x","numbers":[]} {}"#, 400, ""),
            ("", 400, ""),
            ("\"\u{7f}", 400, ""),
            (r#"{"name":"x"}"#, 422, "/numbers"),
            (r#"{"name":"x","numbers":[],"sec/ret~":1}"#, 422, "/sec~1ret~0"),
            (r#"{"name":{"secret":1},"numbers":[]}"#, 422, "/name"),
            (r#"{"name":"x","numbers":[1,"secret"]}"#, 422, "/numbers/1"),
            (r#"{"name":"x","name":"y","numbers":[]}"#, 422, "/name"),
            (r"[]", 422, ""),
        ];
        for (body, status, pointer) in cases {
            let problem = parse::<Sample>(body.as_bytes()).unwrap_err();
            let shown = format!("{problem:?}");
            assert!(
                shown.contains(&format!("pointer: {pointer:?}")) || pointer.is_empty(),
                "{shown}"
            );
            assert!(!shown.contains("secret"), "{shown}");
            assert_eq!(problem.into_response().status(), status, "{body}");
        }
        assert!(parse::<Sample>(br#"{"name":"x","numbers":[1]}"#).is_ok());
    }

    #[test]
    fn only_json_is_read() {
        let cases = [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ];
        for (text, json) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            assert_eq!(is_json(&headers), json, "{text}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
