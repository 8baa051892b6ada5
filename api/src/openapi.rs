//! The documents that describe the API to programs: OpenAPI 3.1 and `AsyncAPI` 3.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Ref, Response, ResponseBuilder, SecurityRequirement, path::Operation,
};
use utoipa::{Modify, OpenApi};

use crate::problem::{MEDIA_TYPE, ProblemBody};
use crate::table::{self, Who};
use crate::{auth, course, demo, health, sections, students, users};

/// The public events, for `GET /asyncapi.yaml` and `learnflow asyncapi`.
pub const ASYNCAPI: &str = include_str!("../assets/asyncapi.yaml");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "LearnFlow",
        description = "The HTTP side of the tutor. A student's conversation runs over the \
            WebSocket `/v1/socket`, which docs/api.md describes.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        auth::sign_up::sign_up,
        auth::sign_in::sign_in,
        auth::sign_out::sign_out,
        auth::me::me,
        auth::ws_ticket::issue,
        users::create::create,
        demo::accounts::list,
        demo::sign_in::sign_in,
        course::outline::read,
        course::exercise::read,
        sections::list::list,
        sections::create::create,
        sections::one::read,
        sections::join::join,
        sections::policy::change,
        sections::students::list,
        students::overview::read,
        students::progress::read,
        students::mastery::list,
        students::why::read,
        students::reviews::list,
        students::timeline::list,
        students::exercises::list,
        students::quiz::next,
        students::transcript::read,
        students::events::read,
        health::live::live,
        health::live::healthz,
        health::ready::ready,
        health::startup::startup,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Refusals),
)]
struct Document;

/// Adds to each operation what its row of the table says, and that errors are problems.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("opaque").build(),
        );
        components.add_security_scheme("bearer", bearer);
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-learnflow")));
        components.add_security_scheme("cookie", cookie);
        for row in table::rows() {
            let Some(item) = document.paths.paths.get_mut(row.path) else { continue };
            for operation in [&mut item.get, &mut item.post, &mut item.put].into_iter().flatten() {
                describe(operation, row.who);
            }
        }
    }
}

fn describe(operation: &mut Operation, who: Who) {
    let responses = &mut operation.responses.responses;
    responses.insert("default".to_owned(), problem("Another error").into());
    if matches!(who, Who::Anyone | Who::DemoVisitor) {
        return;
    }
    responses.insert("401".to_owned(), problem("Not signed in").into());
    if who != Who::SignedIn {
        responses.insert("403".to_owned(), problem("Not yours, or there is no such thing").into());
    }
    let either = ["bearer", "cookie"].map(|name| SecurityRequirement::new(name, [""; 0]));
    operation.security = Some(either.to_vec());
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

/// The OpenAPI document, as JSON.
pub fn document() -> String {
    // Plain data into a string has no way to fail.
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /openapi.json`.
pub(crate) async fn serve_openapi() -> impl IntoResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(document);
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// `GET /asyncapi.yaml`.
pub(crate) async fn serve_asyncapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml; charset=utf-8")], ASYNCAPI)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use learnflow_engine::port::log::EventTopic;
    use serde_json::Value;

    use super::*;

    /// Pages and the socket: nothing that OpenAPI can describe.
    const UNDESCRIBED: [&str; 6] = [
        "/v1/socket",
        "/openapi.json",
        "/asyncapi.yaml",
        "/docs",
        "/docs/{file}",
        "/problems/{slug}",
    ];

    fn parsed() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    #[test]
    fn the_document_has_exactly_the_table_s_routes() {
        let document = parsed();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |m| (path.clone(), m.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<(String, String)> = table::rows()
            .into_iter()
            .filter(|row| !UNDESCRIBED.contains(&row.path))
            .map(|row| (row.path.to_owned(), row.method.to_string()))
            .collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = parsed();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let text = document.to_string();
        let references: BTreeSet<&str> = text
            .split("\"#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(references.contains("Problem"));
        for reference in references {
            assert!(document["components"]["schemas"][reference].is_object(), "{reference}");
        }
    }

    #[test]
    fn what_takes_a_body_says_which() {
        let document = parsed();
        for path in [
            "/v1/auth/sign-up",
            "/v1/auth/sign-in",
            "/v1/users",
            "/v1/sections",
            "/v1/demo/sign-in",
        ] {
            let body = &document["paths"][path]["post"]["requestBody"];
            let schema = &body["content"]["application/json"]["schema"]["$ref"];
            assert!(schema.is_string() && body["required"] == true, "{path}: {body}");
        }
    }

    #[test]
    fn names_of_operations_differ() {
        let document = parsed();
        let names: Vec<String> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn the_events_document_has_exactly_the_topics() {
        let addresses: BTreeSet<&str> =
            ASYNCAPI.lines().filter_map(|line| line.trim().strip_prefix("address: ")).collect();
        assert_eq!(addresses, EventTopic::ALL.iter().map(|topic| topic.as_str()).collect());
    }
}
