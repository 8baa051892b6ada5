//! Walks the table of routes with every role: who is let in, who is sent away, and how.
#![cfg(test)]

use std::collections::BTreeMap;

use axum::http::Method;
use learnflow_api::table::{Who, rows};
use learnflow_storage::account::Role;
use learnflow_storage::section::Policy;

#[path = "http/world.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod world;

use world::{Person, World, request};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asker {
    Nobody,
    Student,
    OtherStudent,
    Instructor,
    OtherInstructor,
    Admin,
}

const ASKERS: [Asker; 6] = [
    Asker::Nobody,
    Asker::Student,
    Asker::OtherStudent,
    Asker::Instructor,
    Asker::OtherInstructor,
    Asker::Admin,
];

/// What the guard must say: 401, 403, 404, or nothing.
fn expected(who: Who, asker: Asker) -> Option<u16> {
    let let_in: &[Asker] = match who {
        Who::Anyone => return None,
        Who::DemoVisitor => return Some(404),
        Who::SignedIn => &ASKERS[1..],
        Who::Student => &[Asker::Student, Asker::OtherStudent],
        Who::Staff => &[Asker::Instructor, Asker::OtherInstructor, Asker::Admin],
        Who::Admin => &[Asker::Admin],
        Who::OwnSection | Who::OwnClass => &[Asker::Instructor, Asker::Admin],
        Who::OwnRecord(_) => &[Asker::Student, Asker::Instructor],
    };
    if asker == Asker::Nobody {
        return Some(401);
    }
    if let_in.contains(&asker) { None } else { Some(403) }
}

#[tokio::test]
async fn every_route_lets_in_whom_its_row_names_and_nobody_else() {
    let world = World::new().await;
    let instructor = world.person(Role::Instructor, "teacher@x.example", None).await;
    let other_instructor = world.person(Role::Instructor, "other@x.example", None).await;
    let section = world.section("9b", Policy::default(), &[&instructor]).await;
    let elsewhere = world.section("9c", Policy::default(), &[&other_instructor]).await;
    let student = world.person(Role::Student, "maya@x.example", Some(&section)).await;
    let other_student = world.person(Role::Student, "james@x.example", Some(&elsewhere)).await;
    let admin = world.person(Role::Admin, "admin@x.example", None).await;
    let student_id = student.student.unwrap().to_string();
    let people = BTreeMap::from([
        (Asker::Student, student),
        (Asker::OtherStudent, other_student),
        (Asker::Instructor, instructor),
        (Asker::OtherInstructor, other_instructor),
        (Asker::Admin, admin),
    ]);
    let mut refusals = 0;
    for row in rows() {
        let id = match row.path.split('/').nth(2) {
            Some("sections") => section.id.to_string(),
            Some("students") => student_id.clone(),
            _ => "basics.variables.no_such".to_owned(),
        };
        let path = row.path.replace("{id}", &id).replace("{file}", "start.js");
        let path = path.replace("{topic}", "basics.variables");
        let path = path.replace("{slug}", "not-yours");
        for asker in ASKERS {
            let person: Option<&Person> = people.get(&asker);
            if row.path == "/v1/auth/sign-out" && person.is_some() {
                continue; // It would end the sign-in that the other rows are asked with.
            }
            let answer = world.send(request(row.method.clone(), &path, person, None)).await;
            let status = answer.status.as_u16();
            let said = format!("{} {path} by {asker:?}: {status} {}", row.method, answer.text);
            match expected(row.who, asker) {
                Some(expected) => {
                    assert_eq!(status, expected, "{said}");
                    assert!(answer.code().starts_with("LF"), "{said}");
                    refusals += 1;
                }
                // Let in: whatever the handler says of a request without a body.
                None => assert!(!matches!(status, 401 | 403 | 405) && status < 500, "{said}"),
            }
        }
    }
    assert!(refusals > 50, "{refusals} refusals: the walk is broken");
    world.end().await;
}

/// What was decided, a second time and by hand: the walk above takes the table at its word.
const DECIDED: &str = "
GET /v1/socket Anyone
POST /v1/auth/sign-up Anyone
POST /v1/auth/sign-in Anyone
POST /v1/auth/sign-out SignedIn
GET /v1/me SignedIn
POST /v1/me/sections Student
POST /v1/ws-tickets Student
POST /v1/users Admin
GET /v1/demo/accounts DemoVisitor
POST /v1/demo/sign-in DemoVisitor
GET /v1/course SignedIn
GET /v1/exercises/{id} SignedIn
GET /v1/sections Staff
POST /v1/sections Admin
GET /v1/sections/{id} OwnSection
PUT /v1/sections/{id}/policy OwnSection
GET /v1/sections/{id}/students OwnClass
GET /v1/students/{id} OwnRecord(ReadOverview)
GET /v1/students/{id}/progress OwnRecord(ReadProgress)
GET /v1/students/{id}/mastery OwnRecord(ReadProgress)
GET /v1/students/{id}/mastery/{topic}/why OwnRecord(ReadProgress)
GET /v1/students/{id}/reviews OwnRecord(ReadProgress)
GET /v1/students/{id}/timeline OwnRecord(ReadProgress)
GET /v1/students/{id}/exercises OwnRecord(ReadProgress)
GET /v1/students/{id}/quiz OwnRecord(ReadProgress)
GET /v1/students/{id}/transcript OwnRecord(ReadTranscript)
GET /v1/students/{id}/events OwnRecord(ReadEvents)
GET /livez Anyone
GET /healthz Anyone
GET /readyz Anyone
GET /startupz Anyone
GET /openapi.json Anyone
GET /asyncapi.yaml Anyone
GET /docs Anyone
GET /docs/{file} Anyone
GET /problems/{slug} Anyone
";

#[test]
fn each_route_has_the_rule_that_was_decided() {
    let table: Vec<String> = rows()
        .into_iter()
        .map(|row| format!("{} {} {:?}", row.method, row.path, row.who))
        .collect();
    let decided: Vec<&str> = DECIDED.trim().lines().collect();
    assert_eq!(table, decided);
}

#[tokio::test]
async fn an_ended_sign_in_opens_nothing() {
    let world = World::new().await;
    let mut ghost = world.person(Role::Admin, "admin@x.example", None).await;
    for token in ["", "short", &"A".repeat(43), &format!("{}x", ghost.token)] {
        token.clone_into(&mut ghost.token);
        for row in rows().into_iter().filter(|row| row.who != Who::Anyone) {
            if row.who == Who::DemoVisitor {
                continue;
            }
            let path = row.path.replace("{id}", "me");
            let answer = world.send(request(row.method, &path, Some(&ghost), None)).await;
            assert_eq!(answer.status, 401, "{path}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_head_is_guarded_as_its_get_is() {
    let world = World::new().await;
    let answer = world.send(request(Method::HEAD, "/v1/me", None, None)).await;
    assert_eq!(answer.status, 401);
    world.end().await;
}
