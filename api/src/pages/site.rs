//! The web pages: whatever no row of the table takes and that is a file of theirs.
//!
//! The pages keep their own addresses behind `#`; who types another address and wants a page gets
//! the first one.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use rust_embed::RustEmbed;

use super::{POLICY, embedded};
use crate::problem::Problem;

/// The pages' build; empty in a tree where nobody has built them.
#[derive(RustEmbed)]
#[folder = "ui/dist"]
struct Site;

/// Shown while there is no build.
const NO_BUILD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>LearnFlow</title></head><body><main><h1>LearnFlow</h1>\
    <p>The server runs, but its pages were not built into it: run <code>make ui</code> and build \
    the server again.</p><p><a href=\"/docs\">The API</a> is here all the same.</p></main></body>\
    </html>";
const FIRST_PAGE: &str = "index.html";

/// Answers with a file of the pages, with the first page, or with 404.
pub(crate) async fn file(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return missing();
    }
    let path = request.uri().path().trim_start_matches('/');
    let headers = request.headers();
    if let Some(found) = Site::get(path) {
        return page(path, found, headers);
    }
    if path.is_empty() || (wants_page(headers) && is_address(path)) {
        let Some(found) = Site::get(FIRST_PAGE) else {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            return ([(header::CONTENT_SECURITY_POLICY, POLICY)], kind, NO_BUILD).into_response();
        };
        return page(FIRST_PAGE, found, headers);
    }
    missing()
}

fn page(path: &str, found: rust_embed::EmbeddedFile, headers: &HeaderMap) -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
    (policy, embedded::answer(path, found, headers)).into_response()
}

fn missing() -> Response {
    Problem::new(ErrorCode::NoSuchPath).into_response()
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

/// What a person may have typed: not a part of the API, and not the name of a file.
fn is_address(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    !matches!(first, "v1" | "docs" | "problems" | "assets") && !path.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_people_lead_to_the_first_page() {
        for address in ["sections", "sections/7", "chat"] {
            assert!(is_address(address), "{address}");
        }
        for other in ["v1/unknown", "v1", "docs/x", "assets/app", "favicon.ico", "openapi.json"] {
            assert!(!is_address(other), "{other}");
        }
    }
}
