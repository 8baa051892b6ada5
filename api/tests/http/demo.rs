//! One-click sign-in: for the sample accounts, at this machine, in the demo.

use axum::http::Method;
use learnflow_api::demo::DemoAccount;
use learnflow_api::state::Config;
use learnflow_storage::account::Role;
use serde_json::json;

use crate::world::{World, request};

async fn demo() -> World {
    let maya = DemoAccount {
        role: Role::Student,
        email: "maya@demo.example".to_owned(),
        display_name: "Maya".to_owned(),
    };
    let world = World::with(Config::default(), vec![maya]).await;
    world.account(Role::Student, "maya@demo.example", None, None).await;
    world.account(Role::Student, "real@demo.example", None, None).await;
    world
}

#[tokio::test]
async fn a_sample_account_is_one_click_away() {
    let world = demo().await;
    let accounts = world.get(None, "/v1/demo/accounts").await.json();
    let shown = json!([{"role": "student", "email": "maya@demo.example", "display_name": "Maya"}]);
    assert_eq!(accounts["items"], shown);
    let body = json!({"email": "maya@demo.example"});
    let answer = world.post(None, "/v1/demo/sign-in", &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["user"]["display_name"], "maya");
    assert!(answer.headers.contains_key("set-cookie"));
    world.end().await;
}

#[tokio::test]
async fn nobody_else_is_and_for_nobody_else() {
    let world = demo().await;
    let ask = |email: &str| {
        request(Method::POST, "/v1/demo/sign-in", None, Some(&json!({ "email": email })))
    };
    let real = world.send(ask("real@demo.example")).await;
    assert_eq!((real.status.as_u16(), real.code().as_str()), (404, "LF0403"));
    let remote = world.send_from("192.0.2.7:4000", ask("maya@demo.example")).await;
    assert_eq!((remote.status.as_u16(), remote.code().as_str()), (404, "LF0403"));
    let mut rebound = ask("maya@demo.example");
    rebound.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(world.send(rebound).await.status, 404);
    let mut foreign = ask("maya@demo.example");
    foreign.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(world.send(foreign).await.status, 403);
    world.end().await;
}

#[tokio::test]
async fn outside_the_demo_there_is_nothing() {
    let world = World::new().await;
    assert_eq!(world.get(None, "/v1/demo/accounts").await.status, 404);
    let body = json!({"email": "maya@demo.example"});
    assert_eq!(world.post(None, "/v1/demo/sign-in", &body).await.status, 404);
    world.end().await;
}
