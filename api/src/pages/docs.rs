//! `GET /docs`: the reference of the API, by an embedded Swagger UI. It needs no internet.

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use learnflow_engine::error_code::ErrorCode;
use rust_embed::RustEmbed;

use super::embedded;
use crate::problem::Problem;

/// Swagger UI as it is released, with its licence.
#[derive(RustEmbed)]
#[folder = "assets/swagger-ui"]
struct SwaggerUi;

/// Our page around it.
#[derive(RustEmbed)]
#[folder = "assets/docs"]
struct Reference;

/// As every page's, but that Swagger UI writes styles into its elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page.
pub(crate) async fn page(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

/// Its script, its style, and those of Swagger UI.
pub(crate) async fn file(Path(file): Path<String>, headers: HeaderMap) -> Response {
    serve(&file, &headers)
}

fn serve(name: &str, headers: &HeaderMap) -> Response {
    match Reference::get(name).or_else(|| SwaggerUi::get(name)) {
        Some(found) => {
            let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
            (policy, embedded::answer(name, found, headers)).into_response()
        }
        None => Problem::new(ErrorCode::NoSuchPath).into_response(),
    }
}
