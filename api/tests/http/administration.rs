//! What administrators make: sections and accounts.

use learnflow_storage::account::Role;
use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn an_administrator_sets_a_class_up() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let body = json!({"name": " 9b ", "highest_rung": 3, "transcripts": "closed"});
    let section = world.post(Some(&admin), "/v1/sections", &body).await;
    assert_eq!(section.status, 201, "{}", section.text);
    let section = section.json();
    assert_eq!((&section["name"], &section["highest_rung"]), (&json!("9b"), &json!(3)));
    let body = json!({"role": "instructor", "email": "t@x.example", "display_name": "T",
        "password": PASSWORD, "section_ids": [section["id"]]});
    let teacher = world.post(Some(&admin), "/v1/users", &body).await;
    assert_eq!(teacher.status, 201, "{}", teacher.text);
    assert!(!teacher.text.contains(PASSWORD) && teacher.json().get("student_id").is_none());

    let body = json!({"email": "t@x.example", "password": PASSWORD});
    let signed_in = world.post(None, "/v1/auth/sign-in", &body).await.json();
    assert_eq!(signed_in["user"]["role"], "instructor");
    assert_eq!(signed_in["user"]["sections"][0]["id"], section["id"]);
    let all = world.get(Some(&admin), "/v1/sections").await.json();
    assert_eq!(all["items"][0]["id"], section["id"]);

    let body = json!({"name": "9c", "instructor_ids": [teacher.json()["user_id"]]});
    assert_eq!(world.post(Some(&admin), "/v1/sections", &body).await.status, 201);
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_made_is_said_and_nothing_is_made() {
    let world = World::new().await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let nobody = "0192f0c1-2345-7abc-8def-0123456789ab";
    let user = |change: serde_json::Value| {
        let mut body = json!({"role": "instructor", "email": "t@x.example", "display_name": "T",
            "password": PASSWORD});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("/v1/sections", json!({"name": ""}), "/name"),
        ("/v1/sections", json!({"name": "9b", "highest_rung": 6}), "/highest_rung"),
        ("/v1/sections", json!({"name": "9b", "transcripts": "maybe"}), "/transcripts"),
        ("/v1/sections", json!({"name": "9b", "instructor_ids": [nobody]}), "/instructor_ids/0"),
        ("/v1/sections", json!({"name": "9b", "instructor_ids": ["x"]}), "/instructor_ids/0"),
        ("/v1/users", user(json!({"role": "root"})), "/role"),
        ("/v1/users", user(json!({"password": "short"})), "/password"),
        ("/v1/users", user(json!({"section_ids": [nobody]})), "/section_ids/0"),
        ("/v1/users", user(json!({"role": "admin", "section_ids": [nobody]})), "/section_ids"),
        ("/v1/users", user(json!({"class_code": "ABCDEFGH"})), "/class_code"),
    ];
    for (path, body, pointer) in cases {
        let answer = world.post(Some(&admin), path, &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}: {}", answer.text);
    }
    let sections = world.get(Some(&admin), "/v1/sections").await.json();
    assert_eq!(sections["items"], json!([]));
    let again = world.post(Some(&admin), "/v1/users", &user(json!({}))).await;
    assert_eq!(again.status, 201, "the e-mail must still be free: {}", again.text);
    world.end().await;
}
