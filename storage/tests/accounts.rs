//! Accounts, sections, sign-ins, tickets, idempotency, the audit trail and the read models, each
//! case on SQLite and on PostgreSQL.
#![cfg(test)]

#[path = "accounts/audit.rs"]
mod audit;
#[path = "accounts/idempotency.rs"]
mod idempotency;
#[path = "accounts/key_row.rs"]
mod key_row;
#[path = "accounts/read.rs"]
mod read;
#[path = "accounts/section.rs"]
mod section;
#[path = "accounts/sign_in.rs"]
mod sign_in;
#[path = "accounts/sign_up.rs"]
mod sign_up;
#[path = "accounts/ticket.rs"]
mod ticket;
#[path = "accounts/world.rs"]
mod world;
