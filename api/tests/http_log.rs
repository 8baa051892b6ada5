//! The log of requests: what it must hold, and what must never stand in it.
#![cfg(test)]

use std::io;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use learnflow_storage::account::Role;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

#[path = "http/world.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod world;

use world::{World, request};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn requests_are_logged_by_route_and_nothing_of_people_is() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .init();
    let world = World::new().await;
    let maya = world.person(Role::Student, "canary-mail@x.example", None).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut own = request(Method::GET, "/v1/students/me?limit=canary-query", Some(&maya), None);
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    own.headers_mut().insert("traceparent", parent.parse().unwrap());
    assert_eq!(world.send(own).await.status, 200);
    let wrong = json!({"email": "canary-mail@x.example", "password": "canary-password"});
    assert_eq!(world.post(None, "/v1/auth/sign-in", &wrong).await.status, 401);
    let new = json!({"email": "canary-new@x.example", "password": "canary-password-canary",
        "display_name": "canary-name"});
    assert_eq!(world.post(None, "/v1/auth/sign-up", &new).await.status, 201);
    let broken = json!({"email": {"canary-field": "canary-value"}});
    assert_eq!(world.post(None, "/v1/auth/sign-up", &broken).await.status, 422);
    assert_eq!(world.get(None, "/canary-path").await.status, 404);
    assert_eq!(world.get(Some(&maya), "/v1/exercises/canary-exercise").await.status, 404);
    world.db.close().await;
    assert_eq!(world.get(Some(&maya), "/v1/me").await.status, 503);

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for wanted in
        [trace, "/v1/students/{id}", "\"status\":401", "duration_ms", "\"level\":\"WARN\""]
    {
        assert!(text.contains(wanted), "{wanted} is missing in {text}");
    }
    for secret in ["canary", maya.token.as_str()] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}
