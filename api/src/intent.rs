//! Writes that a student's session owns: they become commands, and their answer says whether the
//! sessions have applied them yet.

use std::time::Duration;

use axum::http::StatusCode;
use learnflow_engine::id::IntentId;
use learnflow_engine::port::store::StoreError;
use learnflow_storage::intent;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::state::State;

/// How long a request waits for the sessions.
const WAIT: Duration = Duration::from_secs(2);
/// Pause between looks at the results.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What became of a write so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Progress {
    /// Every session concerned has answered.
    Applied,
    /// It is certain to be applied, and wasn't within 2 s.
    Accepted,
}

impl Progress {
    /// 200 or 202.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Applied => StatusCode::OK,
            Self::Accepted => StatusCode::ACCEPTED,
        }
    }
}

/// Wakes the relay and waits, 2 s at most, until every intent is settled.
pub(crate) async fn settled(state: &State, intents: &[IntentId]) -> Progress {
    state.ring_relay.ring();
    let begun = Instant::now();
    let mut open = intents.to_vec();
    while !open.is_empty() {
        match still_open(state, &open).await {
            Ok(left) => open = left,
            Err(error) => tracing::debug!(%error, "results of intents can't be read"),
        }
        if !open.is_empty() && begun.elapsed() >= WAIT {
            return Progress::Accepted;
        }
        if !open.is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Progress::Applied
}

async fn still_open(state: &State, intents: &[IntentId]) -> Result<Vec<IntentId>, StoreError> {
    let settled = intent::settled(&state.db, intents).await?;
    Ok(intents.iter().copied().filter(|id| !settled.contains(id)).collect())
}
