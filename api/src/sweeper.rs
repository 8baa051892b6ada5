//! Deletes what has ended and nobody asks for again: sign-ins, tickets, idempotency keys, results
//! of intents.

use std::time::Duration;

use learnflow_engine::port::store::StoreError;
use learnflow_storage::{idempotency, intent, session_token, ticket};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::state::State;

/// Pause between two rounds.
const EVERY: Duration = Duration::from_mins(10);

/// How much a round deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Sign-ins.
    pub session_tokens: u64,
    /// Tickets.
    pub tickets: u64,
    /// Idempotency keys.
    pub idempotency_keys: u64,
    /// Results of intents.
    pub intent_results: u64,
}

/// Sweeps now and then until `stop`. One gateway is enough, several do no harm.
pub async fn run(state: State, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        match sweep(&state).await {
            Ok(swept) => tracing::debug!(?swept, "swept"),
            Err(error) => tracing::warn!(%error, "a sweep failed; the next round does its work"),
        }
    }
}

/// Sweeps once.
///
/// # Errors
/// [`StoreError`]; what was deleted before stays deleted.
pub async fn sweep(state: &State) -> Result<Swept, StoreError> {
    let now = state.clock.now();
    Ok(Swept {
        session_tokens: session_token::sweep(&state.db, now).await?,
        tickets: ticket::sweep(&state.db, now).await?,
        idempotency_keys: idempotency::sweep(&state.db, now).await?,
        intent_results: intent::sweep(&state.db, now).await?,
    })
}
