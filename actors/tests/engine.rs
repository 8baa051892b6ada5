//! The running tutor in a simulated world: log, store, vault and model that fail on demand, time
//! that is paused, processes that are cut off.
#![cfg(test)]

#[path = "engine/log.rs"]
mod log;
#[path = "engine/store.rs"]
mod store;
#[path = "engine/vault.rs"]
mod vault;
#[path = "engine/world.rs"]
mod world;

#[path = "engine/claims.rs"]
mod claims;
#[path = "engine/crashes.rs"]
mod crashes;
#[path = "engine/failures.rs"]
mod failures;
#[path = "engine/publishing.rs"]
mod publishing;
#[path = "engine/timers.rs"]
mod timers;
#[path = "engine/turns.rs"]
mod turns;
