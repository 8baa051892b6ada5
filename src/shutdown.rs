//! How the process ends: told by a signal, in order, within a deadline.

use tokio::signal::unix::{SignalKind, signal};

use crate::commands::Failure;

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// When the handlers can't be installed.
pub(crate) async fn asked_to_stop() -> Result<&'static str, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::because)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::because)?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
