//! Live, ready, started.

use learnflow_api::health::Component;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_healthy_process_lists_its_parts_when_asked() {
    let world = World::new().await;
    assert_eq!(world.get(None, "/readyz").await.json(), json!({"status": "ready", "causes": []}));
    let verbose = world.get(None, "/readyz?verbose").await;
    assert_eq!(verbose.status, 200);
    assert_eq!(verbose.json()["components"].as_array().unwrap().len(), Component::ALL.len());
    world.end().await;
}

#[tokio::test]
async fn each_cause_is_named_and_live_does_not_care() {
    let world = World::new().await;
    *world.log.down.lock() = Some("no broker".to_owned());
    world.health.set(Component::Claim, Err("LF0703: another log".to_owned()));
    world.health.set(Component::Model, Err("refused".to_owned()));
    world.db.close().await;
    let ready = world.get(None, "/readyz?verbose").await;
    assert_eq!(ready.status, 503);
    assert!(ready.headers.contains_key("retry-after"));
    assert_eq!(ready.code(), "LF0701");
    let body = ready.json();
    let named: Vec<&str> = body["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| cause["component"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["log", "store", "claim", "model"]);
    for path in ["/livez", "/healthz", "/startupz"] {
        assert_eq!(world.get(None, path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn without_the_model_alone_it_goes_on() {
    let world = World::new().await;
    world.health.set(Component::Model, Err("refused".to_owned()));
    let ready = world.get(None, "/readyz").await;
    assert_eq!(ready.status, 200);
    let causes = json!([{"component": "model", "detail": "refused"}]);
    assert_eq!(ready.json(), json!({"status": "degraded", "causes": causes}));
    world.end().await;
}

#[tokio::test]
async fn who_drains_is_not_ready() {
    let world = World::new().await;
    world.health.set(Component::Process, Err("draining".to_owned()));
    assert_eq!(world.get(None, "/readyz").await.status, 503);
    // The start is over all the same.
    assert_eq!(world.get(None, "/startupz").await.status, 200);
    assert_eq!(world.get(None, "/livez").await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_process_that_has_not_started_says_so() {
    let world = World::starting().await;
    for path in ["/startupz", "/readyz"] {
        assert_eq!(world.get(None, path).await.status, 503, "{path}");
    }
    assert_eq!(world.get(None, "/livez").await.status, 200);
    world.health.set(Component::Process, Ok(()));
    for path in ["/startupz", "/readyz"] {
        assert_eq!(world.get(None, path).await.status, 200, "{path}");
    }
    world.end().await;
}
