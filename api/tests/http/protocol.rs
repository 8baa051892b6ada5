//! What HTTP itself asks for: methods, bodies, types, sizes, traces. Every error is a problem.

use axum::body::Body;
use axum::http::{Method, Request};
use learnflow_storage::account::Role;
use serde_json::json;

use crate::world::{World, request};

fn sign_in(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/v1/auth/sign-in")
        .header("host", "127.0.0.1:8080")
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_problem() {
    let world = World::new().await;
    let json = "application/json";
    let filler = format!("{{\"email\":\"{}\",\"password\":\"x\"}}", "a".repeat(70_000));
    let exact = 65_536 - "{\"email\":\"\",\"password\":\"x\"}".len();
    let fits = format!("{{\"email\":\"{}\",\"password\":\"x\"}}", "a".repeat(exact));
    let cases = [
        (sign_in(json, "{\"email\":"), 400, "LF0401"),
        (sign_in(json, ""), 400, "LF0401"),
        (sign_in(json, "{\"email\":\"\u{1}\"}"), 400, "LF0401"),
        (sign_in(json, vec![b'{', 0xff, b'}']), 400, "LF0401"),
        (sign_in("text/plain", "{}"), 415, "LF0408"),
        (sign_in("application/x-www-form-urlencoded", "email=a"), 415, "LF0408"),
        (sign_in(json, filler), 413, "LF0411"),
        (sign_in(json, fits), 401, "LF0201"),
        (sign_in(json, "{}"), 422, "LF0402"),
        (sign_in(json, "[]"), 422, "LF0402"),
        (sign_in(json, "{\"email\":\"a\",\"password\":\"b\",\"x\":1}"), 422, "LF0402"),
    ];
    for (wanted, status, code) in cases {
        let answer = world.send(wanted).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
    world.end().await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_problem() {
    let world = World::new().await;
    for (method, path) in
        [(Method::DELETE, "/v1/me"), (Method::GET, "/v1/auth/sign-in"), (Method::PUT, "/livez")]
    {
        let answer = world.send(request(method, path, None, None)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "LF0412"), "{path}");
        assert!(answer.headers.contains_key("allow"), "{path}");
    }
    let answer = world.send(request(Method::POST, "/nowhere", None, None)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "LF0403"));
    world.end().await;
}

#[tokio::test]
async fn later_parts_of_the_api_are_not_there_yet() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let id = "0192f0c1-2345-7abc-8def-0123456789ab";
    for path in [
        format!("/v1/sections/{id}/overview"),
        format!("/v1/students/{id}/export"),
        "/v1/models".to_owned(),
    ] {
        let answer = world.get(Some(&admin), &path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "LF0403"), "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_trace_goes_on_through_a_problem() {
    let world = World::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut wanted = request(Method::GET, "/v1/me", None, None);
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    wanted.headers_mut().insert("traceparent", parent.parse().unwrap());
    assert_eq!(world.send(wanted).await.json()["trace_id"], trace);
    let own = world.get(None, "/v1/me").await;
    assert_eq!(own.code(), "LF0202");
    assert_ne!(own.json()["trace_id"], trace);
    world.end().await;
}

#[tokio::test]
async fn an_id_that_is_none_is_said_to_whoever_may_ask() {
    let world = World::new().await;
    let teacher = world.person(Role::Instructor, "teacher@x.example", None).await;
    for path in ["/v1/students/7", "/v1/sections/%ff", "/v1/students/%ff/progress"] {
        let answer = world.get(Some(&teacher), path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "LF0402"), "{path}");
        assert_eq!(world.get(None, path).await.status, 401, "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_store_that_is_away_is_told_as_such() {
    let world = World::new().await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    world.db.close().await;
    let answer = world.get(Some(&maya), "/v1/me").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "LF0801"));
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(answer.json()["retryable"], json!(true));
}

#[tokio::test]
async fn what_is_private_is_not_kept_by_caches() {
    let world = World::new().await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    let answer = world.get(Some(&maya), "/v1/me").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    world.end().await;
}
