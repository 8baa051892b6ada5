//! The HTTP side against a real database: what each endpoint answers, and to whom.
#![cfg(test)]

#[path = "http/administration.rs"]
mod administration;
#[path = "http/course.rs"]
mod course;
#[path = "http/demo.rs"]
mod demo;
#[path = "http/health.rs"]
mod health;
#[path = "http/idempotency.rs"]
mod idempotency;
#[path = "http/lists.rs"]
mod lists;
#[path = "http/pages.rs"]
mod pages;
#[path = "http/protocol.rs"]
mod protocol;
#[path = "http/records.rs"]
mod records;
#[path = "http/sign_in.rs"]
mod sign_in;
#[path = "http/sweeper.rs"]
mod sweeper;
#[path = "http/turns.rs"]
mod turns;
#[path = "http/world.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod world;
