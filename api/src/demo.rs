//! The demo's sample accounts, which whoever sits at the machine may use with one click.
//!
//! The guard lets only loopback peers in, and only while there are such accounts.

pub(crate) mod accounts;
pub(crate) mod sign_in;

use learnflow_storage::account::Role;

/// An account that is offered for one-click sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAccount {
    /// What it may do.
    pub role: Role,
    /// Its e-mail.
    pub email: String,
    /// How it is shown.
    pub display_name: String,
}
