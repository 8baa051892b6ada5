//! `Idempotency-Key`: twice the same is done once.

use axum::http::Method;
use learnflow_storage::account::Role;
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, Person, World, request};

async fn keyed(
    world: &World,
    person: Option<&Person>,
    path: &str,
    key: &str,
    body: &Value,
) -> Answer {
    let mut wanted = request(Method::POST, path, person, Some(body));
    wanted.headers_mut().insert("idempotency-key", key.parse().unwrap());
    world.send(wanted).await
}

#[tokio::test]
async fn a_section_is_made_once() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let path = "/v1/sections";
    let first = keyed(&world, Some(&admin), path, "k1", &json!({"name": "9b"})).await;
    let again = keyed(&world, Some(&admin), path, "k1", &json!({"name": "9b"})).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = keyed(&world, Some(&admin), path, "k1", &json!({"name": "9c"})).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "LF0407"));
    let sections = world.get(Some(&admin), path).await.json();
    assert_eq!(sections["items"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_with_the_same_key() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let path = "/v1/sections";
    let refused = keyed(&world, Some(&admin), path, "k1", &json!({"name": " "})).await;
    assert_eq!(refused.status, 422);
    let made = keyed(&world, Some(&admin), path, "k1", &json!({"name": "9b"})).await;
    assert_eq!(made.status, 201);
    world.end().await;
}

#[tokio::test]
async fn keys_of_two_people_have_nothing_to_do_with_each_other() {
    let world = World::new().await;
    let one = world.person(Role::Admin, "one@x.example", None).await;
    let two = world.person(Role::Admin, "two@x.example", None).await;
    let first = keyed(&world, Some(&one), "/v1/sections", "k", &json!({"name": "9b"})).await;
    let second = keyed(&world, Some(&two), "/v1/sections", "k", &json!({"name": "9c"})).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.json()["id"], second.json()["id"]);
    world.end().await;
}

#[tokio::test]
async fn a_sign_up_whose_answer_was_lost_is_repeated() {
    let world = World::new().await;
    let body = json!({"email": "maya@x.example", "password": PASSWORD, "display_name": "Maya"});
    let path = "/v1/auth/sign-up";
    let first = keyed(&world, None, path, "k1", &body).await;
    let again = keyed(&world, None, path, "k1", &body).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json()["user"], again.json()["user"]);
    assert_ne!(first.json()["token"], again.json()["token"]);
    for (key, field, value, status) in [
        ("k1", "password", "another correct horse battery", 422),
        ("k1", "display_name", "James", 422),
        ("k2", "password", PASSWORD, 409),
    ] {
        let mut other = body.clone();
        other[field] = json!(value);
        let answer = keyed(&world, None, path, key, &other).await;
        assert_eq!(answer.status, status, "{field}: {}", answer.text);
    }
    world.end().await;
}

#[tokio::test]
async fn an_account_is_made_once() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let body = json!({"role": "instructor", "email": "t@x.example", "display_name": "T",
        "password": PASSWORD});
    let first = keyed(&world, Some(&admin), "/v1/users", "k1", &body).await;
    let again = keyed(&world, Some(&admin), "/v1/users", "k1", &body).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201), "{}", first.text);
    assert_eq!(first.json(), again.json());
    let mut other = body.clone();
    other["password"] = json!("another correct horse battery");
    let refused = keyed(&world, Some(&admin), "/v1/users", "k1", &other).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "LF0407"));
    world.end().await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    for key in [String::new(), "k".repeat(256)] {
        let answer =
            keyed(&world, Some(&admin), "/v1/sections", &key, &json!({"name": "9b"})).await;
        assert_eq!(answer.status, 422);
    }
    world.end().await;
}
