//! What has ended is deleted, what hasn't is not.

use axum::http::Method;
use learnflow_api::sweeper::{Swept, sweep};
use learnflow_storage::account::Role;
use serde_json::json;

use crate::world::{World, request};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

#[tokio::test]
async fn only_what_has_ended_is_swept() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let maya = world.person(Role::Student, "maya@x.example", None).await;
    assert_eq!(world.post(Some(&maya), "/v1/ws-tickets", &json!({})).await.status, 201);
    let body = json!({"name": "9b"});
    let mut keyed = request(Method::POST, "/v1/sections", Some(&admin), Some(&body));
    keyed.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
    assert_eq!(world.send(keyed).await.status, 201);

    let swept = |session_tokens, tickets, idempotency_keys| Swept {
        intent_results: 0,
        session_tokens,
        tickets,
        idempotency_keys,
    };
    assert_eq!(sweep(&world.state).await.unwrap(), swept(0, 0, 0));
    world.clock.forward(60_000);
    assert_eq!(sweep(&world.state).await.unwrap(), swept(0, 1, 0));
    world.clock.forward(DAY_MS);
    assert_eq!(sweep(&world.state).await.unwrap(), swept(0, 0, 1));
    world.clock.forward(30 * DAY_MS);
    assert_eq!(world.get(Some(&maya), "/v1/me").await.status, 401);
    assert_eq!(sweep(&world.state).await.unwrap(), swept(2, 0, 0));
    world.end().await;
}
