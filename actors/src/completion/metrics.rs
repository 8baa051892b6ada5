//! The request actor's metrics. Labels come from closed enums; there is never a student in them.

use std::time::Duration;

use learnflow_engine::port::model::{AnswerSource, ModelError};
use metrics::{counter, gauge, histogram};

use super::breaker::Position;
use super::cache::Verdict;
use super::scope::ScopeKind;

/// How a call ended for its caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Finished,
    Failed(ModelError),
    Left,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed(error) => cause(error),
            Self::Left => "left",
        }
    }
}

const fn cause(error: ModelError) -> &'static str {
    match error {
        ModelError::Unreachable => "unreachable",
        ModelError::ServerFailed(_) => "server_failed",
        ModelError::RateLimited { .. } => "rate_limited",
        ModelError::Refused(_) => "refused",
        ModelError::FirstContentTimeout => "first_content_timeout",
        ModelError::IdleTimeout => "idle_timeout",
        ModelError::TotalTimeout => "total_timeout",
        ModelError::Cut => "cut",
        ModelError::Unreadable => "unreadable",
        ModelError::Filtered => "filtered",
        ModelError::Overloaded => "overloaded",
    }
}

/// A call has ended for its caller.
pub(super) fn answered(scope: ScopeKind, source: AnswerSource, outcome: Outcome, took: Duration) {
    counter!(
        "learnflow_completion_requests_total",
        "scope" => scope.as_str(), "source" => source.as_str(), "outcome" => outcome.as_str()
    )
    .increment(1);
    histogram!("learnflow_completion_duration_seconds", "source" => source.as_str())
        .record(took.as_secs_f64());
}

/// The first content reached a caller, so long after they asked.
pub(super) fn first_content(source: AnswerSource, after: Duration) {
    histogram!("learnflow_completion_first_content_seconds", "source" => source.as_str())
        .record(after.as_secs_f64());
}

/// A request was sent to the model's server.
pub(super) fn called() {
    counter!("learnflow_completion_upstream_calls_total").increment(1);
}

/// A call is made again.
pub(super) fn retried(error: ModelError) {
    counter!("learnflow_completion_retries_total", "cause" => cause(error)).increment(1);
}

/// What a call cost.
pub(super) fn tokens(prompt: u32, completion: u32) {
    counter!("learnflow_completion_tokens_total", "direction" => "prompt")
        .increment(u64::from(prompt));
    counter!("learnflow_completion_tokens_total", "direction" => "completion")
        .increment(u64::from(completion));
}

/// A miss met a flight that was already under way.
pub(super) fn joined() {
    counter!("learnflow_completion_joined_total").increment(1);
}

/// Flights under way.
pub(super) fn flights(count: usize) {
    gauge!("learnflow_completion_flights").set(lossy(count));
}

/// Calls that run and that wait.
pub(super) fn places(running: usize, queued: usize) {
    gauge!("learnflow_completion_running").set(lossy(running));
    gauge!("learnflow_completion_queued").set(lossy(queued));
}

/// An answer was offered to the cache.
pub(super) fn offered(verdict: Verdict) {
    let verdict = match verdict {
        Verdict::Stored => "stored",
        Verdict::Truncated => "truncated",
        Verdict::Empty => "empty",
        Verdict::TooLarge => "too_large",
    };
    counter!("learnflow_completion_cache_offers_total", "verdict" => verdict).increment(1);
}

/// What the breaker does: 0 closed, 1 half open, 2 open.
pub(super) fn breaker(position: Position) {
    let value = match position {
        Position::Closed => 0.0,
        Position::HalfOpen => 1.0,
        Position::Open => 2.0,
    };
    gauge!("learnflow_completion_breaker_position").set(value);
}

fn lossy(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
