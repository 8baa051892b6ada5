//! The load tester over real sockets: the provider's faults, the client's rules against a server
//! of a few lines, and the program's exit codes.
#![cfg(test)]

#[path = "suite/client.rs"]
mod client;
#[path = "suite/command_line.rs"]
mod command_line;
#[path = "suite/fake_server.rs"]
mod fake_server;
#[path = "suite/load.rs"]
mod load;
#[path = "suite/provider.rs"]
mod provider;

use std::time::Duration;

/// The longest that any test waits for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something holds.
async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until_it_holds = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, until_it_holds).await;
    assert!(waited.is_ok(), "{what} did not come about");
}
