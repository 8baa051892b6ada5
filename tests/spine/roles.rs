//! Who may do what: a wrong role and a foreign id get the documented answer.

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::http::said;
use crate::server::Setup;
use crate::socket::Socket;

/// The problem without what differs from answer to answer.
fn timeless(mut problem: Value) -> Value {
    if let Some(fields) = problem.as_object_mut() {
        fields.remove("trace_id");
    }
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_role_gets_403_and_nobody_gets_401() {
    let server = Setup::demo().start().await;
    let api = server.api();
    let instructor = server.token_of("instructor").await;
    let student = server.token_of("student").await;
    let (status, problem) = api.post("/v1/ws-tickets", &instructor, &Value::Null).await;
    assert_eq!((status, &problem["code"]), (403, &"LF0302".into()), "tickets are for students");
    for path in ["/v1/sections", "/v1/sections/00000000-0000-7000-8000-000000000000/students"] {
        let (status, problem) = api.get(path, &student).await;
        assert_eq!(status, 403, "{path}: {problem}");
        assert_eq!(problem["status"], 403, "{problem}");
    }
    for path in ["/v1/me", "/v1/course", "/v1/students/me/transcript", "/v1/sections"] {
        let (status, problem) = said(api.request(Method::GET, path)).await;
        assert_eq!((status, &problem["code"]), (401, &"LF0202".into()), "{path}");
        assert_eq!(api.get(path, "no such token").await.0, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_student_cannot_be_told_from_one_that_does_not_exist() {
    let server = Setup::demo().start().await;
    let api = server.api();
    let students = server.students(2).await;
    let mut owner = Socket::greeted(&server, &students[0], 0).await;
    owner.converse("What is a while loop?").await;
    let (foreign, nobody) = (students[0].student_id, Uuid::now_v7());
    for path in ["", "/transcript", "/progress", "/events"] {
        let of = |id: Uuid| format!("/v1/students/{id}{path}");
        let (status, problem) = api.get(&of(foreign), &students[1].token).await;
        assert_eq!((status, &problem["code"]), (403, &"LF0301".into()), "{path}");
        let (_, unknown) = api.get(&of(nobody), &students[1].token).await;
        let same = timeless(problem).to_string().replace(&foreign.to_string(), "ID");
        assert_eq!(same, timeless(unknown).to_string().replace(&nobody.to_string(), "ID"));
        assert_eq!(api.get(&of(foreign), &students[0].token).await.0, 200, "{path}");
    }
    let instructor = server.token_of("instructor").await;
    let (status, _) = api.get(&format!("/v1/students/{foreign}/transcript"), &instructor).await;
    assert_eq!(status, 403, "a student of no section of theirs");
    let frames = owner.converse("What is a for loop?").await;
    assert_eq!(frames.last().expect("done")["status"], "complete", "the session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instructor_reads_the_transcript_of_a_student_of_their_own() {
    let server = Setup::demo().start().await;
    let api = server.api();
    let maya = server.samples().into_iter().find(|one| one.student_id.is_some()).expect("Maya");
    let account = server.http().sign_in(&maya.email, &maya.password).await.expect("Maya");
    let mut socket = Socket::greeted(&server, &account, 0).await;
    let asked = "What is a list in Python?";
    socket.converse(asked).await;
    let instructor = server.token_of("instructor").await;
    let path = format!("/v1/students/{}/transcript", account.student_id);
    let (status, page) = api.get(&path, &instructor).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["items"][0]["question"], asked);
}
