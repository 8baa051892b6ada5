//! The metrics of requests: by route template, so that their number is bounded.
#![cfg(test)]

use axum::http::Method;
use metrics_exporter_prometheus::PrometheusBuilder;

#[path = "http/world.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod world;

use world::{World, request};

#[tokio::test]
async fn durations_are_recorded_by_route() {
    let metrics = PrometheusBuilder::new().install_recorder().unwrap();
    let world = World::new().await;
    for id in ["7", "8"] {
        assert_eq!(world.get(None, &format!("/v1/students/{id}")).await.status, 401);
    }
    assert_eq!(world.get(None, "/made/up").await.status, 404);
    let odd = Method::from_bytes(b"BREW").unwrap();
    assert_eq!(world.send(request(odd, "/v1/me", None, None)).await.status, 405);
    let text = metrics.render();
    let counts: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("http_server_request_duration_seconds_count"))
        .collect();
    assert_eq!(counts.len(), 3, "{text}");
    let line = |part: &str| counts.iter().find(|line| line.contains(part)).copied().unwrap();
    assert!(line("/v1/students/{id}").contains("http_response_status_code=\"401\""));
    assert!(line("/v1/students/{id}").ends_with(" 2"));
    assert!(line("http_route=\"none\"").contains("http_request_method=\"GET\""));
    assert!(line("_OTHER").contains("http_route=\"/v1/me\""));
    world.end().await;
}
