//! Sections and class lists: what their instructor sees, page by page.

use learnflow_storage::account::Role;
use learnflow_storage::section::Policy;
use serde_json::json;

use crate::turns::answered;
use crate::world::{NOW, World};

#[tokio::test]
async fn an_instructor_sees_their_own_sections() {
    let world = World::new().await;
    let teacher = world.person(Role::Instructor, "teacher@x.example", None).await;
    let other = world.person(Role::Instructor, "other@x.example", None).await;
    let section = world.section("9b", Policy::default(), &[&teacher]).await;
    world.section("9c", Policy::default(), &[&other]).await;
    world.person(Role::Student, "maya@x.example", Some(&section)).await;
    let body = world.get(Some(&teacher), "/v1/sections").await.json();
    assert_eq!(body["items"].as_array().unwrap().len(), 1);
    assert_eq!(body["items"][0]["id"], section.id.to_string());
    assert_eq!(body["items"][0]["name"], "9b");
    assert_eq!(body["items"][0]["students_total"], 1);
    assert!(body["next_cursor"].is_null());
    let one = world.get(Some(&teacher), &format!("/v1/sections/{}", section.id)).await;
    assert_eq!(one.json(), body["items"][0]);
    let me = world.get(Some(&teacher), "/v1/me").await.json();
    assert_eq!(me["sections"], json!([{"id": section.id, "name": "9b"}]));
    assert!(me.get("student_id").is_none());
    world.end().await;
}

#[tokio::test]
async fn a_class_list_comes_in_pages() {
    let world = World::new().await;
    let teacher = world.person(Role::Instructor, "teacher@x.example", None).await;
    let section = world.section("9b", Policy::default(), &[&teacher]).await;
    for number in 0..5 {
        let email = format!("student{number}@x.example");
        let student = world.person(Role::Student, &email, Some(&section)).await;
        if number == 0 {
            answered(&world, student.student.unwrap(), 0).await;
        }
    }
    let mut names = Vec::new();
    let mut path = format!("/v1/sections/{}/students?limit=2", section.id);
    loop {
        let page = world.get(Some(&teacher), &path).await.json();
        for item in page["items"].as_array().unwrap() {
            names.push(item["display_name"].as_str().unwrap().to_owned());
            if item["display_name"] == "student0" {
                assert_eq!(item["turns_total"], 1);
                assert_eq!(item["last_active_at"], NOW.to_string());
            }
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => {
                path = format!("/v1/sections/{}/students?limit=2&cursor={cursor}", section.id);
            }
            None => break,
        }
    }
    names.sort();
    assert_eq!(names, ["student0", "student1", "student2", "student3", "student4"]);
    world.end().await;
}

#[tokio::test]
async fn bad_limits_and_cursors_are_refused() {
    let world = World::new().await;
    let teacher = world.person(Role::Instructor, "teacher@x.example", None).await;
    for (query, code) in [
        ("limit=0", "LF0402"),
        ("limit=ten", "LF0402"),
        ("cursor=made-up", "LF0409"),
        ("cursor=", "LF0409"),
        ("limit=1&limit=2", "LF0402"),
    ] {
        let answer = world.get(Some(&teacher), &format!("/v1/sections?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{query}");
    }
    assert_eq!(world.get(Some(&teacher), "/v1/sections?limit=100000").await.status, 200);
    world.end().await;
}
