//! How often a failing session is restored before its student rests. Pure.

use std::collections::VecDeque;

/// Restarts that are tried within [`WINDOW_MS`].
const LIMIT: usize = 3;
/// The window in which restarts are counted.
const WINDOW_MS: i64 = 60_000;
/// The first rest.
const FIRST_REST_MS: i64 = 60_000;
/// The longest rest.
const LONGEST_REST_MS: i64 = 600_000;

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Restore it.
    Restart,
    /// Let the student rest for so long.
    Rest {
        /// How long.
        for_ms: i64,
    },
}

/// Failures of one student's session.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    failures_ms: VecDeque<i64>,
    rests: i16,
}

impl Restarts {
    /// Counts a failure and says what to do.
    pub(super) fn failed(&mut self, now_ms: i64) -> Verdict {
        while self.failures_ms.front().is_some_and(|at| now_ms - at >= WINDOW_MS) {
            self.failures_ms.pop_front();
        }
        self.failures_ms.push_back(now_ms);
        if self.failures_ms.len() <= LIMIT {
            return Verdict::Restart;
        }
        self.failures_ms.clear();
        let doubled = FIRST_REST_MS << self.rests.clamp(0, 10);
        self.rests = self.rests.saturating_add(1);
        Verdict::Rest { for_ms: doubled.min(LONGEST_REST_MS) }
    }

    /// Takes up what the store knows of earlier rests.
    pub(super) fn known(&mut self, rests: i16) {
        self.rests = self.rests.max(rests);
    }

    /// How often in a row the student had to rest.
    pub(super) const fn rests(&self) -> i16 {
        self.rests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failures_ms: &[i64], expected: &[Verdict]) {
        let mut restarts = Restarts::default();
        let verdicts: Vec<_> = failures_ms.iter().map(|at| restarts.failed(*at)).collect();
        assert_eq!(verdicts, expected, "{failures_ms:?}");
    }

    #[test]
    fn three_restarts_in_a_minute_then_rest() {
        use Verdict::{Rest, Restart};
        check(&[0, 1, 2, 3], &[Restart, Restart, Restart, Rest { for_ms: 60_000 }]);
        check(&[0, 1, 2, 60_000, 60_001], &[Restart, Restart, Restart, Restart, Restart]);
        let mut restarts = Restarts::default();
        let rests: Vec<_> = (0..24)
            .filter_map(|at| match restarts.failed(at) {
                Restart => None,
                Rest { for_ms } => Some(for_ms),
            })
            .collect();
        assert_eq!(rests, [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
    }
}
