//! An embedded file as an answer: with its type, and an `ETag` of its content.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use rust_embed::EmbeddedFile;

/// Names are stable, so a browser asks each time whether its copy is still the right one.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// Bytes of the hash that stand in the tag.
const TAG_BYTES: usize = 16;

/// Answers with a file, or with 304 when the client has it.
pub(crate) fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    // Weak: the same content goes out compressed or not.
    let mut tag = String::from("W/\"");
    for byte in &file.metadata.sha256_hash()[..TAG_BYTES] {
        // Writing into a string has no way to fail.
        write!(tag, "{byte:02x}").ok();
    }
    tag.push('"');
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| matches!(candidate.trim(), "*") || same(candidate.trim(), &tag));
    let caching = [(header::CACHE_CONTROL, REVALIDATE)];
    let etag = [(header::ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, caching, etag).into_response();
    }
    let content = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    (caching, etag, [(header::CONTENT_TYPE, media_type(path))], content).into_response()
}

/// RFC 9110 §8.8.3.2, weak comparison.
fn same(candidate: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    opaque(candidate) == opaque(tag)
}

fn media_type(path: &str) -> String {
    let guessed = mime_guess::from_path(path).first_or_octet_stream();
    let text = matches!(guessed.type_().as_str(), "text" | "application")
        && guessed.subtype() != "octet-stream";
    if text { format!("{guessed}; charset=utf-8") } else { guessed.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_the_name() {
        for (path, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
            ("unknown", "application/octet-stream"),
        ] {
            assert_eq!(media_type(path), expected);
        }
    }

    #[test]
    fn tags_are_compared_weakly() {
        assert!(same("W/\"a\"", "W/\"a\"") && same("\"a\"", "W/\"a\""));
        assert!(!same("W/\"b\"", "W/\"a\""));
    }
}
