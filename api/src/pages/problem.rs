//! `GET /problems/{slug}`: what an error means and what to do.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use rust_embed::RustEmbed;

use super::{POLICY, markdown};
use crate::problem::Problem;

/// One page a code, `LFnnnn.md`.
#[derive(RustEmbed)]
#[folder = "../docs/errors"]
struct ErrorPages;

/// The page of an error.
pub(crate) async fn page(Path(slug): Path<String>) -> Response {
    let code = ErrorCode::all().find(|code| code.slug() == slug || code.as_str() == slug);
    let text = code.and_then(|code| ErrorPages::get(&format!("{}.md", code.as_str())));
    let (Some(code), Some(text)) = (code, text) else {
        return Problem::new(ErrorCode::NoSuchPath).into_response();
    };
    let title = markdown::escape(code.title());
    let body = markdown::render(&String::from_utf8_lossy(&text.data));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}: {title}</title>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        code.as_str(),
    );
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], kind, html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_code_has_its_page() {
        for code in ErrorCode::all() {
            let response = page(Path(code.slug().to_owned())).await;
            assert_eq!(response.status(), 200, "{code}");
        }
        assert_eq!(page(Path("made-up".to_owned())).await.status(), 404);
    }
}
