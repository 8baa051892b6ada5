//! The settings of the request actor.

use std::time::Duration;

use serde::Deserialize;

/// How calls are bounded, retried, shared and kept. Every wait has a bound in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Calls upstream at once.
    pub concurrency_max: usize,
    /// Calls that wait for a place; more are refused at once.
    pub queue_max: usize,
    /// Calls of one student that wait for a place.
    pub queue_per_student_max: usize,
    /// Requests a minute that the provider allows; 0: unlimited.
    pub requests_per_minute: u32,
    /// Tokens a minute that the provider allows; 0: unlimited.
    pub tokens_per_minute: u32,
    /// The longest wait for a place.
    pub queue_ms: u64,
    /// The longest wait for the first content, all retries together, from the first place on.
    pub first_content_ms: u64,
    /// The longest silence inside an answer.
    pub idle_ms: u64,
    /// The longest life of a call, its waiting included.
    pub total_ms: u64,
    /// Retries of a call before its first content.
    pub retries_max: u32,
    /// The first retry waits a random time up to this; each later one up to twice as long.
    pub retry_base_ms: u64,
    /// The longest of these waits.
    pub retry_cap_ms: u64,
    /// Retries per hundred calls, above a floor of one retry a second.
    pub retry_budget_pct: u32,
    /// The breaker looks at this many seconds (at most 60).
    pub breaker_window_s: u64,
    /// With fewer calls than this in the window the breaker stays closed.
    pub breaker_calls_min: u32,
    /// The share of failed calls that opens the breaker.
    pub breaker_failed_pct: u32,
    /// So long it stays open before one probe is let through.
    pub breaker_open_ms: u64,
    /// Weight of the stored answers together.
    pub cache_max_bytes: u64,
    /// Life of an answer that only its own turn may have again.
    pub cache_session_ttl_s: u64,
    /// Life of an answer that only its own student may have again.
    pub cache_student_ttl_s: u64,
    /// Life of an answer to the course's own words.
    pub cache_shared_ttl_s: u64,
    /// Misses on their way to the supervisor; more are refused at once.
    pub mailbox_max: usize,
}

/// The largest answer that is streamed on or stored.
pub const ANSWER_MAX_BYTES: usize = 256 * 1024;

impl Default for Config {
    fn default() -> Self {
        Self {
            concurrency_max: 256,
            queue_max: 2_000,
            queue_per_student_max: 2,
            requests_per_minute: 0,
            tokens_per_minute: 0,
            queue_ms: 2_000,
            first_content_ms: 6_000,
            idle_ms: 5_000,
            total_ms: 60_000,
            retries_max: 2,
            retry_base_ms: 250,
            retry_cap_ms: 8_000,
            retry_budget_pct: 10,
            breaker_window_s: 10,
            breaker_calls_min: 20,
            breaker_failed_pct: 50,
            breaker_open_ms: 5_000,
            cache_max_bytes: 64 * 1024 * 1024,
            cache_session_ttl_s: 900,
            cache_student_ttl_s: 3_600,
            cache_shared_ttl_s: 86_400,
            mailbox_max: 4_096,
        }
    }
}

/// Settings that make no sense, all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("completion settings: {}", .0.join("; "))]
pub struct InvalidConfig(pub Vec<&'static str>);

impl Config {
    /// Checks the settings against each other.
    ///
    /// # Errors
    /// Everything that is wrong, in one list.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let told_ms = self.queue_ms.saturating_add(self.first_content_ms);
        let checks = [
            (self.concurrency_max > 0, "concurrency_max must be at least 1"),
            (self.queue_per_student_max > 0, "queue_per_student_max must be at least 1"),
            (self.mailbox_max > 0, "mailbox_max must be at least 1"),
            (
                self.queue_ms > 0 && self.first_content_ms > 0 && self.idle_ms > 0,
                "queue_ms, first_content_ms and idle_ms must be at least 1",
            ),
            (
                told_ms <= 15_000,
                "queue_ms + first_content_ms must be at most 15000: so soon a student is told",
            ),
            (self.total_ms >= told_ms, "total_ms must be at least queue_ms + first_content_ms"),
            (self.retries_max <= 5, "retries_max must be at most 5"),
            (self.retry_base_ms > 0, "retry_base_ms must be at least 1"),
            (
                self.retry_cap_ms >= self.retry_base_ms,
                "retry_cap_ms must be at least retry_base_ms",
            ),
            (self.retry_budget_pct <= 100, "retry_budget_pct must be at most 100"),
            (
                (1..=60).contains(&self.breaker_window_s),
                "breaker_window_s must be between 1 and 60",
            ),
            (self.breaker_calls_min > 0, "breaker_calls_min must be at least 1"),
            (
                (1..=100).contains(&self.breaker_failed_pct),
                "breaker_failed_pct must be between 1 and 100",
            ),
        ];
        let wrong: Vec<_> = checks.into_iter().filter(|(ok, _)| !ok).map(|(_, why)| why).collect();
        if wrong.is_empty() { Ok(()) } else { Err(InvalidConfig(wrong)) }
    }

    /// The longest life of a call.
    pub(super) const fn total(&self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Config::default().validate(), Ok(()));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let config = Config {
            concurrency_max: 0,
            first_content_ms: 20_000,
            breaker_failed_pct: 0,
            ..Config::default()
        };
        let InvalidConfig(faults) = config.validate().unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("concurrency_max"));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let parsed = serde_json::from_str::<Config>(r#"{"concurency_max":3}"#);
        assert!(parsed.unwrap_err().to_string().contains("unknown field"));
    }
}
