//! Signing up, in and out; tokens, cookies and tickets.

use axum::http::Method;
use learnflow_storage::account::Role;
use learnflow_storage::section::Policy;
use learnflow_storage::ticket;
use serde_json::json;

use crate::world::{Answer, PASSWORD, Person, World, request};

fn person(answer: &Answer) -> Person {
    let body = answer.json();
    Person {
        user: body["user"]["user_id"].as_str().unwrap().parse().unwrap(),
        student: body["user"]["student_id"].as_str().map(|id| id.parse().unwrap()),
        token: body["token"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_student_signs_up_and_gets_a_ticket() {
    let world = World::new().await;
    let section = world.section("9b", Policy::default(), &[]).await;
    let body = json!({"email": " Maya@School.example", "password": PASSWORD,
        "display_name": "Maya", "class_code": section.class_code.to_lowercase()});
    let made = world.post(None, "/v1/auth/sign-up", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let user = &made.json()["user"];
    assert_eq!(user["email"], "maya@school.example");
    assert_eq!(user["role"], "student");
    assert_eq!(user["sections"], json!([{"id": section.id, "name": "9b"}]));
    assert!(made.json()["expires_at"].as_str().unwrap().ends_with('Z'));

    let maya = person(&made);
    let me = world.get(Some(&maya), "/v1/me").await;
    assert_eq!((me.status.as_u16(), &me.json()), (200, user));

    let issued = world.post(Some(&maya), "/v1/ws-tickets", &json!({})).await;
    assert_eq!(issued.status, 201);
    let token = issued.json()["ticket"].as_str().unwrap().to_owned();
    let redeemed = ticket::redeem(&world.db, &token, crate::world::NOW).await.unwrap().unwrap();
    assert_eq!(Some(redeemed.student), maya.student);
    world.end().await;
}

#[tokio::test]
async fn sign_up_says_what_is_wrong() {
    let world = World::new().await;
    world.account(Role::Student, "taken@x.example", None, None).await;
    let good = json!({"email": "maya@x.example", "password": PASSWORD, "display_name": "Maya"});
    let cases = [
        (json!({"email": "taken@x.example"}), 409, "LF0204", ""),
        (json!({"email": "nobody"}), 422, "LF0402", "/email"),
        (json!({"password": "too short"}), 422, "LF0205", "/password"),
        (json!({"display_name": " "}), 422, "LF0402", "/display_name"),
        (json!({"birth_year": 1800}), 422, "LF0402", "/birth_year"),
        (json!({"class_code": "ABCDEFGH"}), 422, "LF0402", "/class_code"),
        (json!({"role": "admin"}), 422, "LF0402", "/role"),
        (json!({"email": 7}), 422, "LF0402", "/email"),
    ];
    for (change, status, code, pointer) in cases {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = world.post(None, "/v1/auth/sign-up", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{change}");
        let first = &answer.json()["errors"][0]["pointer"];
        assert_eq!(first.as_str().unwrap_or_default(), pointer, "{change}");
        assert!(!answer.text.contains("taken@"), "{}", answer.text);
    }
    world.end().await;
}

#[tokio::test]
async fn an_unknown_e_mail_and_a_wrong_password_look_the_same() {
    let world = World::new().await;
    world.account(Role::Student, "maya@x.example", Some(PASSWORD), None).await;
    world.account(Role::Student, "sso@x.example", None, None).await;
    let mut bodies = Vec::new();
    for email in ["maya@x.example", "sso@x.example", "unknown@x.example", "no mail"] {
        let body = json!({"email": email, "password": "not the password"});
        let answer = world.post(None, "/v1/auth/sign-in", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "LF0201"), "{email}");
        let mut body = answer.json();
        body["trace_id"] = json!("");
        bodies.push(body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    let body = json!({"email": "MAYA@x.example ", "password": PASSWORD});
    assert_eq!(world.post(None, "/v1/auth/sign-in", &body).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_patience_helps() {
    let world = World::new().await;
    world.account(Role::Student, "maya@x.example", Some(PASSWORD), None).await;
    let wrong = json!({"email": "maya@x.example", "password": "not the password"});
    let right = json!({"email": "maya@x.example", "password": PASSWORD});
    for _ in 0..10 {
        assert_eq!(world.post(None, "/v1/auth/sign-in", &wrong).await.status, 401);
    }
    let refused = world.post(None, "/v1/auth/sign-in", &right).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "LF0206"));
    assert_eq!(refused.headers["retry-after"], "30");
    world.clock.forward(30_000);
    assert_eq!(world.post(None, "/v1/auth/sign-in", &right).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn signing_out_ends_the_token_and_the_cookie() {
    let world = World::new().await;
    let account = world.account(Role::Student, "maya@x.example", None, None).await;
    let (here, elsewhere) = (world.sign_in(&account).await, world.sign_in(&account).await);
    let out = world.post(Some(&here), "/v1/auth/sign-out", &json!({})).await;
    assert_eq!((out.status.as_u16(), out.text.as_str()), (204, ""));
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let answer = world.get(Some(&here), "/v1/me").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "LF0202"));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert_eq!(world.get(Some(&elsewhere), "/v1/me").await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_cookie_changes_things_for_our_own_pages_alone() {
    let world = World::new().await;
    world.account(Role::Student, "maya@x.example", Some(PASSWORD), None).await;
    let body = json!({"email": "maya@x.example", "password": PASSWORD});
    let signed_in = world.post(None, "/v1/auth/sign-in", &body).await;
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("learnflow=") && cookie.contains("; HttpOnly; SameSite=Lax"));
    assert!(cookie.contains("Path=/") && !cookie.contains("Secure"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();

    let cases = [
        (Method::GET, "/v1/me", None, 200),
        (Method::GET, "/v1/me", Some("http://evil.example"), 200),
        (Method::POST, "/v1/ws-tickets", Some("http://127.0.0.1:8080"), 201),
        (Method::POST, "/v1/ws-tickets", Some("http://evil.example"), 403),
        (Method::POST, "/v1/ws-tickets", Some("http://127.0.0.1:9999"), 403),
        (Method::POST, "/v1/ws-tickets", Some("null"), 403),
        (Method::POST, "/v1/ws-tickets", None, 403),
    ];
    for (method, path, origin, status) in cases {
        let mut wanted = request(method, path, None, None);
        wanted.headers_mut().insert("cookie", pair.parse().unwrap());
        if let Some(origin) = origin {
            wanted.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let answer = world.send(wanted).await;
        assert_eq!(answer.status, status, "{path} {origin:?}: {}", answer.text);
        if status == 403 {
            assert_eq!(answer.code(), "LF0303");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_foreign_page_signs_nobody_in() {
    let world = World::new().await;
    world.account(Role::Student, "maya@x.example", Some(PASSWORD), None).await;
    let body = json!({"email": "maya@x.example", "password": PASSWORD});
    let mut wanted = request(Method::POST, "/v1/auth/sign-in", None, Some(&body));
    wanted.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    let answer = world.send(wanted).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "LF0303"));
    world.end().await;
}

#[tokio::test]
async fn over_the_network_the_cookie_needs_tls() {
    let world = World::new().await;
    world.account(Role::Student, "maya@x.example", Some(PASSWORD), None).await;
    let body = json!({"email": "maya@x.example", "password": PASSWORD});
    let mut wanted = request(Method::POST, "/v1/auth/sign-in", None, Some(&body));
    wanted.headers_mut().insert("host", "learn.example".parse().unwrap());
    let cookie = world.send(wanted).await.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-learnflow=") && cookie.ends_with("; Secure"), "{cookie}");
    world.end().await;
}
