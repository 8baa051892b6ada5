//! Students' records in the hands of others: own sections, by policy, noted each time.

use learnflow_engine::id::StudentId;
use learnflow_storage::account::Role;
use learnflow_storage::audit::{self, Action, Ground};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::section::{Policy, Transcripts};

use crate::turns::{QUESTION, answered};
use crate::world::{Person, World};

async fn entries(world: &World, student: StudentId) -> Vec<(Action, Ground)> {
    let page = audit::list(&world.db, student, &PageRequest::first(50)).await.unwrap();
    page.items.iter().rev().map(|entry| (entry.what.action, entry.what.ground)).collect()
}

/// An instructor and a student of theirs, with a question.
async fn class(world: &World, transcripts: Transcripts) -> (Person, StudentId) {
    let teacher = world.person(Role::Instructor, "teacher@x.example", None).await;
    let policy = Policy { transcripts, ..Policy::default() };
    let section = world.section("9b", policy, &[&teacher]).await;
    let maya = world.person(Role::Student, "maya@x.example", Some(&section)).await;
    let student = maya.student.unwrap();
    answered(world, student, 0).await;
    (teacher, student)
}

#[tokio::test]
async fn every_reading_by_an_instructor_is_noted() {
    let world = World::new().await;
    let (teacher, student) = class(&world, Transcripts::Readable).await;
    for below in ["", "/progress", "/transcript", "/events"] {
        let answer = world.get(Some(&teacher), &format!("/v1/students/{student}{below}")).await;
        assert_eq!(answer.status, 200, "{below}: {}", answer.text);
        assert_eq!(answer.text.contains(QUESTION), below == "/transcript");
    }
    let noted =
        [Action::ReadOverview, Action::ReadProgress, Action::ReadTranscript, Action::ReadEvents];
    assert_eq!(entries(&world, student).await, noted.map(|action| (action, Ground::Teaches)));
    world.end().await;
}

#[tokio::test]
async fn a_closed_transcript_stays_closed() {
    let world = World::new().await;
    let (teacher, student) = class(&world, Transcripts::Closed).await;
    let transcript = format!("/v1/students/{student}/transcript");
    let answer = world.get(Some(&teacher), &transcript).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "LF0301"));
    let progress = format!("/v1/students/{student}/progress");
    assert_eq!(world.get(Some(&teacher), &progress).await.status, 200);
    // A section that is open to somebody else opens nothing to this instructor.
    let other = world.person(Role::Instructor, "other@x.example", None).await;
    let open = world.section("9c", Policy::default(), &[&other]).await;
    let answer = world.get(Some(&other), &transcript).await;
    assert_eq!(answer.status, 403);
    assert!(open.closed_at.is_none());
    world.end().await;
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_yours_look_the_same() {
    let world = World::new().await;
    let (_, student) = class(&world, Transcripts::Readable).await;
    let other = world.person(Role::Instructor, "other@x.example", None).await;
    let james = world.person(Role::Student, "james@x.example", None).await;
    let nobody = "0192f0c1-2345-7abc-8def-0123456789ab";
    for person in [&other, &james] {
        let mut bodies = Vec::new();
        for id in [student.to_string().as_str(), nobody] {
            let answer = world.get(Some(person), &format!("/v1/students/{id}/transcript")).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "LF0301"));
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("trace_id");
            bodies.push(body);
        }
        assert_eq!(bodies[0], bodies[1]);
    }
    // A colleague's attempt is noted, a student's isn't worth a line.
    assert_eq!(entries(&world, student).await, [(Action::Refused, Ground::None)]);
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_answered() {
    use sqlx::Executor as _;
    let world = World::new().await;
    let (teacher, student) = class(&world, Transcripts::Readable).await;
    let mut connection = world.sqlite_connection().await;
    connection.execute("DROP TABLE audit_head").await.unwrap();
    for below in ["", "/progress", "/transcript", "/events"] {
        let answer = world.get(Some(&teacher), &format!("/v1/students/{student}{below}")).await;
        assert!(answer.status.is_server_error(), "{below}: {}", answer.text);
        assert!(!answer.text.contains(QUESTION));
    }
    world.end().await;
}
