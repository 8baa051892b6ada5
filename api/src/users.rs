//! Accounts that administrators make.

pub(crate) mod create;
