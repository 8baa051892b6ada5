//! PostgreSQL and SQLite behind one crate: the store port, accounts, keys, read models.
//!
//! Read in this order: [`pool`] and [`migrate`]; [`store`] (the commit point); [`keys`] (sealing);
//! [`account`], [`section`], [`session_token`], [`ticket`]; [`read`] (what is shown); [`slot`],
//! [`intent`], [`adopt`].
//!
//! **Invariant:** the group commit is the only writer of a session's rows but for rev 0, and it
//! writes nothing for an owner whose epoch is stale. What a student wrote reaches disk sealed.

pub mod account;
pub mod adopt;
pub mod audit;
pub mod config;
pub mod idempotency;
pub mod intent;
pub mod keys;
pub mod migrate;
pub mod pool;
pub mod read;
pub mod retention;
pub mod section;
pub mod session_token;
pub mod slot;
mod statement;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod ticket;
