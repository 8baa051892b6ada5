//! The demo's sample accounts, which whoever sits at the machine may use with one click.
//!
//! The guard lets only loopback peers in, and only while there are such accounts. The simulated
//! class asks here what its students are known to know, as a page would.

pub(crate) mod accounts;
pub(crate) mod sign_in;

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use learnflow_engine::progress::Learning;
use learnflow_storage::account::Role;
use learnflow_storage::pool::Database;

use crate::students::standing::Standing;

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

/// What the read models know of a student: what the next step is told from.
///
/// # Errors
/// [`StoreError`]: try again.
pub async fn learning(db: &Database, student: StudentId) -> Result<Learning, StoreError> {
    Ok(Standing::read(db, student).await?.learning)
}
