//! The whole product from outside: real processes, real sockets, and where the settings name them
//! a real Kafka and a real PostgreSQL.
//!
//! Reading order: [`server`] (a process and its data), [`socket`] (a socket without manners),
//! [`services`] (what `serve` needs), then the rules, one file a subject. Rules that hold in both
//! modes are written once, over a [`server::Server`], and tested in each.
//!
//! `serve` is tested where `DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS` are set (`make test` sets
//! them); with `CI=true` their absence is a failure.
#![cfg(test)]

#[path = "spine/canary.rs"]
mod canary;
#[path = "spine/class.rs"]
mod class;
#[path = "spine/cli.rs"]
mod cli;
#[path = "spine/crash.rs"]
mod crash;
#[path = "spine/drain.rs"]
mod drain;
#[path = "spine/guard.rs"]
mod guard;
#[path = "spine/http.rs"]
mod http;
#[path = "spine/journey.rs"]
mod journey;
#[path = "spine/outage.rs"]
mod outage;
#[path = "spine/practice.rs"]
mod practice;
#[path = "spine/protocol.rs"]
mod protocol;
#[path = "spine/provider.rs"]
mod provider;
#[path = "spine/recall.rs"]
mod recall;
#[path = "spine/redelivery.rs"]
mod redelivery;
#[path = "spine/resume.rs"]
mod resume;
#[path = "spine/roles.rs"]
mod roles;
#[path = "spine/server.rs"]
mod server;
#[path = "spine/services.rs"]
mod services;
#[path = "spine/services_fault.rs"]
mod services_fault;
#[path = "spine/socket.rs"]
mod socket;
#[path = "spine/story.rs"]
mod story;
#[path = "spine/timers.rs"]
mod timers;
