//! Keeps librdkafka's own words from filling the log: one line a client and facility in a second,
//! with the number of those that were left out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The same facility of the same client speaks at most once in so long.
const PAUSE: Duration = Duration::from_secs(1);
/// Facilities that are kept; librdkafka has a few dozen.
const FACILITIES: usize = 256;

/// Who spoke when.
#[derive(Debug)]
pub(super) struct Chatter(Mutex<BTreeMap<(&'static str, String), Spoken>>);

#[derive(Debug)]
struct Spoken {
    at: Instant,
    silenced: u64,
}

impl Chatter {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether a line may pass: with how many were left out before it.
    pub(super) fn pass(&self, client: &'static str, facility: &str) -> Option<u64> {
        self.pass_at(client, facility, Instant::now())
    }

    fn pass_at(&self, client: &'static str, facility: &str, now: Instant) -> Option<u64> {
        let mut spoken = self.0.lock();
        let key = (client, facility.to_owned());
        if let Some(known) = spoken.get_mut(&key) {
            if now.duration_since(known.at) < PAUSE {
                known.silenced += 1;
                return None;
            }
            known.at = now;
            return Some(std::mem::take(&mut known.silenced));
        }
        if spoken.len() < FACILITIES {
            spoken.insert(key, Spoken { at: now, silenced: 0 });
        }
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facility_speaks_once_a_second_and_says_what_was_left_out() {
        let chatter = Chatter::new();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let cases = [
            ("reader", "FAIL", 0, Some(0)),
            ("reader", "FAIL", 10, None),
            ("reader", "FAIL", 999, None),
            ("producer", "FAIL", 999, Some(0)),
            ("reader", "ERROR", 999, Some(0)),
            ("reader", "FAIL", 1_000, Some(2)),
            ("reader", "FAIL", 1_001, None),
            ("reader", "FAIL", 2_000, Some(1)),
        ];
        for (client, facility, ms, expected) in cases {
            assert_eq!(chatter.pass_at(client, facility, at(ms)), expected, "{facility} {ms}");
        }
    }
}
