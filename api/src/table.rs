//! Every route of the server, and who may use it: the only place where a route comes to be.
//!
//! The router is built from these rows and from nothing else; what no row takes is answered by the
//! pages (files that anybody may read) or by 404. A test walks the rows with every role.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, on};
use learnflow_storage::audit::Action;

use crate::auth::{me, sign_in, sign_out, sign_up, ws_ticket};
use crate::state::State;
use crate::{course, demo, health, openapi, pages, sections, students, users};

/// Who may use a route. What the caller isn't is refused before the handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// Who sits at this machine, while the sample accounts are offered; 404 for others.
    DemoVisitor,
    /// Who is signed in.
    SignedIn,
    /// Students.
    Student,
    /// Instructors and administrators.
    Staff,
    /// Administrators.
    Admin,
    /// Instructors of the section in the path, and administrators.
    OwnSection,
    /// The same, to see its students: noted in the audit trail.
    OwnClass,
    /// The student in the path, and instructors of an open section of theirs, whose reading is
    /// noted in the audit trail as this action.
    OwnRecord(Action),
}

/// A route and its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The method; a GET answers HEAD too.
    pub method: Method,
    /// The template of the path.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
}

/// A row and what answers it.
pub(crate) struct Endpoint {
    pub(crate) row: Row,
    pub(crate) handler: MethodRouter<State>,
}

/// Every row.
pub fn rows() -> Vec<Row> {
    let socket = axum::routing::get(async || ());
    endpoints(socket).into_iter().map(|endpoint| endpoint.row).collect()
}

/// Every row with its handler; the socket's comes from outside.
pub(crate) fn endpoints(socket: MethodRouter<State>) -> Vec<Endpoint> {
    let row = Row { method: Method::GET, path: "/v1/socket", who: Who::Anyone };
    let mut all = vec![Endpoint { row, handler: socket }];
    all.extend(accounts());
    all.extend(classroom());
    all.extend(people());
    all.extend(operations());
    all.extend(documents());
    all
}

fn accounts() -> Vec<Endpoint> {
    vec![
        post("/v1/auth/sign-up", Who::Anyone, sign_up::sign_up),
        post("/v1/auth/sign-in", Who::Anyone, sign_in::sign_in),
        post("/v1/auth/sign-out", Who::SignedIn, sign_out::sign_out),
        get("/v1/me", Who::SignedIn, me::me),
        post("/v1/me/sections", Who::Student, sections::join::join),
        post("/v1/ws-tickets", Who::Student, ws_ticket::issue),
        post("/v1/users", Who::Admin, users::create::create),
        get("/v1/demo/accounts", Who::DemoVisitor, demo::accounts::list),
        post("/v1/demo/sign-in", Who::DemoVisitor, demo::sign_in::sign_in),
    ]
}

fn classroom() -> Vec<Endpoint> {
    vec![
        get("/v1/course", Who::SignedIn, course::outline::read),
        get("/v1/exercises/{id}", Who::SignedIn, course::exercise::read),
        get("/v1/sections", Who::Staff, sections::list::list),
        post("/v1/sections", Who::Admin, sections::create::create),
        get("/v1/sections/{id}", Who::OwnSection, sections::one::read),
        put("/v1/sections/{id}/policy", Who::OwnSection, sections::policy::change),
        get("/v1/sections/{id}/students", Who::OwnClass, sections::students::list),
    ]
}

fn people() -> Vec<Endpoint> {
    let of = Who::OwnRecord;
    vec![
        get("/v1/students/{id}", of(Action::ReadOverview), students::overview::read),
        get("/v1/students/{id}/progress", of(Action::ReadProgress), students::progress::read),
        get("/v1/students/{id}/mastery", of(Action::ReadProgress), students::mastery::list),
        get("/v1/students/{id}/mastery/{topic}/why", of(Action::ReadProgress), students::why::read),
        get("/v1/students/{id}/reviews", of(Action::ReadProgress), students::reviews::list),
        get("/v1/students/{id}/timeline", of(Action::ReadProgress), students::timeline::list),
        get("/v1/students/{id}/exercises", of(Action::ReadProgress), students::exercises::list),
        get("/v1/students/{id}/quiz", of(Action::ReadProgress), students::quiz::next),
        get("/v1/students/{id}/transcript", of(Action::ReadTranscript), students::transcript::read),
        get("/v1/students/{id}/events", of(Action::ReadEvents), students::events::read),
    ]
}

fn operations() -> Vec<Endpoint> {
    vec![
        get("/livez", Who::Anyone, health::live::live),
        get("/healthz", Who::Anyone, health::live::healthz),
        get("/readyz", Who::Anyone, health::ready::ready),
        get("/startupz", Who::Anyone, health::startup::startup),
    ]
}

fn documents() -> Vec<Endpoint> {
    vec![
        get("/openapi.json", Who::Anyone, openapi::serve_openapi),
        get("/asyncapi.yaml", Who::Anyone, openapi::serve_asyncapi),
        get("/docs", Who::Anyone, pages::docs::page),
        get("/docs/{file}", Who::Anyone, pages::docs::file),
        get("/problems/{slug}", Who::Anyone, pages::problem::page),
    ]
}

fn get<H: Handler<T, State>, T: 'static>(path: &'static str, who: Who, handler: H) -> Endpoint {
    endpoint(Method::GET, path, who, handler)
}

fn post<H: Handler<T, State>, T: 'static>(path: &'static str, who: Who, handler: H) -> Endpoint {
    endpoint(Method::POST, path, who, handler)
}

fn put<H: Handler<T, State>, T: 'static>(path: &'static str, who: Who, handler: H) -> Endpoint {
    endpoint(Method::PUT, path, who, handler)
}

fn endpoint<H: Handler<T, State>, T: 'static>(
    method: Method,
    path: &'static str,
    who: Who,
    handler: H,
) -> Endpoint {
    use axum::routing::MethodFilter;
    let filter = match method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        _ => MethodFilter::GET,
    };
    Endpoint { row: Row { method, path, who }, handler: on(filter, handler) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_route_stands_twice() {
        let rows = rows();
        let names: BTreeSet<_> =
            rows.iter().map(|row| (row.path, row.method.to_string())).collect();
        assert_eq!(names.len(), rows.len());
    }

    #[test]
    fn routes_come_from_the_table_alone() {
        // The only file that adds routes loops over the rows.
        let router = include_str!("router.rs");
        assert_eq!(router.matches(".route(").count(), 1);
        assert!(router.contains("for Endpoint { row, handler } in endpoints(socket)"));
    }
}
