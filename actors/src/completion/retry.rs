//! The one retry layer's arithmetic: how long to wait, and whether retries are still affordable.
//!
//! Full jitter as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); the budget is
//! Finagle's: retries are a share of calls, above a floor, so an outage can't multiply its load.

use std::time::Duration;

use learnflow_engine::port::model::ModelError;
use tokio::time::Instant;

/// How long a retry waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait is at most this.
    pub base: Duration,
    /// Every wait is at most this.
    pub cap: Duration,
}

impl Backoff {
    /// The wait before retry number `retry` (from 0), by a random number. What the server asked
    /// for is waited in any case, and jitter of one base on top: others were told the same.
    pub fn delay(&self, retry: u32, random: u64, retry_after: Option<Duration>) -> Duration {
        if let Some(asked) = retry_after {
            return asked.saturating_add(share(self.base, random));
        }
        share(self.base.saturating_mul(2_u32.saturating_pow(retry)).min(self.cap), random)
    }
}

/// A uniform share of a duration, in whole milliseconds, both ends included.
fn share(whole: Duration, random: u64) -> Duration {
    let whole_ms = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX - 1);
    Duration::from_millis(random % (whole_ms + 1))
}

/// What the server said about when to come again.
pub fn retry_after(error: ModelError) -> Option<Duration> {
    match error {
        ModelError::RateLimited { retry_after_ms } => retry_after_ms.map(Duration::from_millis),
        ModelError::Unreachable
        | ModelError::ServerFailed(_)
        | ModelError::Refused(_)
        | ModelError::FirstContentTimeout
        | ModelError::IdleTimeout
        | ModelError::TotalTimeout
        | ModelError::Cut
        | ModelError::Unreadable
        | ModelError::Filtered
        | ModelError::Overloaded => None,
    }
}

/// Whether a call that failed so, before its first content, may be made again.
///
/// Our own refusal is never retried (it would fill the queue that refused), nor is a used-up
/// deadline.
pub const fn is_retryable(error: ModelError) -> bool {
    match error {
        ModelError::Unreachable
        | ModelError::ServerFailed(_)
        | ModelError::RateLimited { .. }
        | ModelError::Cut => true,
        ModelError::Refused(_)
        | ModelError::FirstContentTimeout
        | ModelError::IdleTimeout
        | ModelError::TotalTimeout
        | ModelError::Unreadable
        | ModelError::Filtered
        | ModelError::Overloaded => false,
    }
}

/// What retries may cost: a share of the calls, and at least one a second.
#[derive(Debug, Clone)]
pub struct RetryBudget {
    share_pct: u64,
    hundredths: u64,
    refilled: Instant,
}

impl RetryBudget {
    /// A retry costs one hundred hundredths.
    const RETRY: u64 = 100;
    /// The floor doesn't fill the bucket above ten retries.
    const FLOOR_MAX: u64 = 10 * Self::RETRY;
    /// Nothing fills it above a hundred.
    const MAX: u64 = 100 * Self::RETRY;

    /// A budget of `share_pct` retries per hundred calls.
    pub fn new(share_pct: u32, now: Instant) -> Self {
        Self { share_pct: u64::from(share_pct), hundredths: Self::FLOOR_MAX, refilled: now }
    }

    /// Counts a first call.
    pub fn count_call(&mut self, now: Instant) {
        self.refill(now);
        self.hundredths = (self.hundredths + self.share_pct).min(Self::MAX);
    }

    /// Takes one retry out of the budget, if it is there.
    pub fn try_spend(&mut self, now: Instant) -> bool {
        self.refill(now);
        let affordable = self.hundredths >= Self::RETRY;
        if affordable {
            self.hundredths -= Self::RETRY;
        }
        affordable
    }

    fn refill(&mut self, now: Instant) {
        // One retry a second is a hundredth each 10 ms; the rest of a step is kept for later.
        let steps = u64::try_from(now.saturating_duration_since(self.refilled).as_millis() / 10)
            .unwrap_or(u64::MAX);
        self.refilled += Duration::from_millis(steps.min(1_000_000) * 10);
        if self.hundredths < Self::FLOOR_MAX {
            self.hundredths = self.hundredths.saturating_add(steps).min(Self::FLOOR_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff =
        Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(8) };

    #[test]
    fn a_wait_is_anything_up_to_a_doubling_ceiling() {
        for (retry, ceiling_ms) in [(0, 250), (1, 500), (2, 1_000), (5, 8_000), (40, 8_000)] {
            let shortest = BACKOFF.delay(retry, 0, None);
            let longest = BACKOFF.delay(retry, ceiling_ms, None);
            assert_eq!(shortest, Duration::ZERO, "retry {retry}");
            assert_eq!(longest, Duration::from_millis(ceiling_ms), "retry {retry}");
            assert_eq!(BACKOFF.delay(retry, ceiling_ms + 1, None), Duration::ZERO);
        }
    }

    #[test]
    fn what_the_server_asked_for_is_waited_and_spread() {
        let asked = Some(Duration::from_secs(2));
        assert_eq!(BACKOFF.delay(0, 0, asked), Duration::from_secs(2));
        assert_eq!(BACKOFF.delay(7, 250, asked), Duration::from_millis(2_250));
    }

    #[test]
    fn retries_are_a_tenth_of_the_calls_above_the_floor() {
        let now = Instant::now();
        let mut budget = RetryBudget::new(10, now);
        let floor = (0..1_000).filter(|_| budget.try_spend(now)).count();
        assert_eq!(floor, 10);
        for _ in 0..200 {
            budget.count_call(now);
        }
        let shared = (0..1_000).filter(|_| budget.try_spend(now)).count();
        assert_eq!(shared, 20);
    }

    #[test]
    fn the_floor_gives_one_retry_a_second() {
        let start = Instant::now();
        let mut budget = RetryBudget::new(0, start);
        while budget.try_spend(start) {}
        assert!(!budget.try_spend(start + Duration::from_millis(990)));
        assert!(budget.try_spend(start + Duration::from_secs(1)));
        assert!(!budget.try_spend(start + Duration::from_millis(1_500)));
        let spent = (0..100).filter(|_| budget.try_spend(start + Duration::from_mins(10))).count();
        assert_eq!(spent, 10, "the floor saves up at most ten");
    }
}
