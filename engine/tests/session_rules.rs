//! The rules of a session as tables: what comes in, what must come of it.
#![cfg(test)]

#[path = "session_rules/script.rs"]
mod script;
#[path = "session_rules/world.rs"]
mod world;

#[path = "session_rules/accept.rs"]
mod accept;
#[path = "session_rules/conversation.rs"]
mod conversation;
#[path = "session_rules/end.rs"]
mod end;
#[path = "session_rules/guard.rs"]
mod guard;
#[path = "session_rules/recover.rs"]
mod recover;
#[path = "session_rules/routes.rs"]
mod routes;
