//! Pages and documents: served without a network, revalidated, and under a strict policy.

use axum::http::{Method, Request};

use crate::world::{Answer, World, request};

fn policy(answer: &Answer) -> &str {
    answer.headers["content-security-policy"].to_str().unwrap()
}

async fn page(world: &World, path: &str) -> Answer {
    let mut wanted = request(Method::GET, path, None, None);
    wanted.headers_mut().insert("accept", "text/html,*/*;q=0.8".parse().unwrap());
    world.send(wanted).await
}

#[tokio::test]
async fn the_first_page_answers_addresses_of_people() {
    let world = World::new().await;
    let first = page(&world, "/").await;
    assert_eq!(first.status, 200);
    assert!(first.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(page(&world, "/sections/7").await.text, first.text);
    for (path, code) in [("/v1/nothing", "LF0403"), ("/assets/no.js", "LF0403"), ("/v1", "LF0403")]
    {
        let missing = page(&world, path).await;
        assert_eq!((missing.status.as_u16(), missing.code().as_str()), (404, code), "{path}");
    }
    let program = world.get(None, "/sections/7").await;
    assert_eq!(program.status, 404, "who wants no page gets none");
    world.end().await;
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let world = World::new().await;
    let first = world.get(None, "/docs/start.js").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.headers["cache-control"], "no-cache");
    let tag = first.headers["etag"].clone();
    let mut again = request(Method::GET, "/docs/start.js", None, None);
    again.headers_mut().insert("if-none-match", tag);
    let again = world.send(again).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    world.end().await;
}

#[tokio::test]
async fn big_files_are_compressed() {
    let world = World::new().await;
    let mut wanted = request(Method::GET, "/docs/swagger-ui.css", None, None);
    wanted.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let answer = world.send(wanted).await;
    assert_eq!(answer.headers["content-encoding"], "gzip");
    world.end().await;
}

#[tokio::test]
async fn no_page_allows_inline_scripts_or_frames() {
    let world = World::new().await;
    for path in ["/", "/docs", "/problems/not-yours", "/docs/swagger-ui-bundle.js", "/livez"] {
        let answer = page(&world, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(policy(&answer).contains("frame-ancestors 'none'"), "{path}");
        let scripts = policy(&answer).split(';').find(|part| part.contains("script-src"));
        assert!(scripts.is_none_or(|part| part.trim() == "script-src 'self'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        let kind = answer.headers["content-type"].to_str().unwrap();
        assert!(!kind.contains("html") || !answer.text.contains("<script>"), "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn documents_describe_the_api() {
    let world = World::new().await;
    let openapi = world.get(None, "/openapi.json").await;
    assert!(openapi.json()["openapi"].as_str().unwrap().starts_with("3.1"));
    let asyncapi = world.get(None, "/asyncapi.yaml").await;
    assert!(asyncapi.text.starts_with("asyncapi: 3.0.0"));
    let page = page(&world, "/problems/not-yours").await;
    assert!(page.text.contains("<h1>LF0301: Not yours to see</h1>"), "{}", page.text);
    assert_eq!(world.get(None, "/problems/made-up").await.code(), "LF0403");
    assert_eq!(world.get(None, "/docs/secret.txt").await.code(), "LF0403");
    world.end().await;
}

#[tokio::test]
async fn nothing_outside_the_embedded_files_is_reached() {
    let world = World::new().await;
    for path in ["/../Cargo.toml", "/docs/..%2f..%2fCargo.toml", "/%2e%2e/Cargo.toml"] {
        let wanted = Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
        assert_eq!(world.send(wanted).await.status, 404, "{path}");
    }
    world.end().await;
}
