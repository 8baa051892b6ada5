//! Slows guessing down: failed attempts are counted by e-mail and by address.
//!
//! A token bucket a key, in the form of the generic cell rate algorithm: one number, the moment at
//! which the bucket is full again. An attempt takes a token at once, so that parallel guesses
//! count too, and gives it back when it succeeds. Keys are kept as keyed hashes, at most
//! [`ENTRIES_MAX`] of them: when there are more, the one that is full again first goes.

use std::collections::HashMap;
use std::net::IpAddr;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::error_code::ErrorCode;
use parking_lot::Mutex;

use crate::problem::Problem;

/// Keys that are remembered at once.
const ENTRIES_MAX: usize = 20_000;

/// How much may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Failures in a row.
    pub burst: u32,
    /// After so long one more.
    pub refill_ms: u32,
}

type Key = [u8; 16];

/// Failed attempts by e-mail and by address.
#[derive(Debug)]
pub(crate) struct Throttle {
    per_email: Limit,
    per_address: Limit,
    secret: [u8; 32],
    full_again_at: Mutex<HashMap<Key, Timestamp>>,
}

/// An attempt that counts as failed until it is forgiven.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt {
    taken: Vec<(Key, Limit)>,
}

impl Throttle {
    pub(crate) fn new(per_email: Limit, per_address: Limit, seed: u128) -> Self {
        let secret = blake3::derive_key("learnflow api 2026-11 throttle", &seed.to_be_bytes());
        Self { per_email, per_address, secret, full_again_at: Mutex::new(HashMap::new()) }
    }

    /// Begins an attempt to sign in.
    ///
    /// # Errors
    /// 429 with the time after which one more is allowed.
    pub(crate) fn attempt(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Attempt, Problem> {
        let email = email.trim().to_lowercase();
        let mut wanted = vec![(self.key(b"email", email.as_bytes()), self.per_email)];
        if let Some(address) = address {
            wanted.push((self.key(b"address", &network(address)), self.per_address));
        }
        let mut buckets = self.full_again_at.lock();
        let wait_ms = wanted.iter().map(|(key, limit)| wait_ms(&buckets, key, *limit, now)).max();
        if let Some(wait_ms @ 1..) = wait_ms {
            return Err(Problem::new(ErrorCode::SignInThrottled)
                .with_retry_ms(u64::try_from(wait_ms).unwrap_or(1_000)));
        }
        for (key, limit) in &wanted {
            make_room(&mut buckets, key, now);
            let full_again_at = buckets.entry(*key).or_insert(now);
            *full_again_at = (*full_again_at).max(now).plus_millis(i64::from(limit.refill_ms));
        }
        Ok(Attempt { taken: wanted })
    }

    /// The attempt succeeded: it doesn't count.
    pub(crate) fn forgive(&self, attempt: Attempt) {
        let mut buckets = self.full_again_at.lock();
        for (key, limit) in attempt.taken {
            if let Some(full_again_at) = buckets.get_mut(&key) {
                *full_again_at = full_again_at.plus_millis(-i64::from(limit.refill_ms));
            }
        }
    }

    fn key(&self, kind: &[u8], value: &[u8]) -> Key {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(kind).update(&[0]).update(value);
        let mut key = Key::default();
        hasher.finalize_xof().fill(&mut key);
        key
    }
}

/// How long until another token is there; 0 when one is.
fn wait_ms(buckets: &HashMap<Key, Timestamp>, key: &Key, limit: Limit, now: Timestamp) -> i64 {
    let missing_ms = buckets.get(key).map_or(0, |full_again_at| full_again_at.millis_since(now));
    let capacity_ms = i64::from(limit.burst) * i64::from(limit.refill_ms);
    (missing_ms + i64::from(limit.refill_ms) - capacity_ms).max(0)
}

fn make_room(buckets: &mut HashMap<Key, Timestamp>, key: &Key, now: Timestamp) {
    if buckets.len() < ENTRIES_MAX || buckets.contains_key(key) {
        return;
    }
    buckets.retain(|_, full_again_at| *full_again_at > now);
    if buckets.len() >= ENTRIES_MAX {
        let first = buckets.iter().min_by_key(|(_, full_again_at)| **full_again_at);
        if let Some(key) = first.map(|(key, _)| *key) {
            buckets.remove(&key);
        }
    }
}

/// Who has an IPv6 address usually has a whole /64 of them.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    fn throttle() -> Throttle {
        let (per_email, per_address) =
            (Limit { burst: 3, refill_ms: 10_000 }, Limit { burst: 5, refill_ms: 1_000 });
        Throttle::new(per_email, per_address, 7)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let throttle = throttle();
        for _ in 0..3 {
            assert!(throttle.attempt("maya@x", None, START).is_ok());
        }
        let refused = throttle.attempt(" MAYA@x ", None, START).unwrap_err();
        assert_eq!(refused.status(), 429);
        assert!(throttle.attempt("maya@x", None, START.plus_millis(9_999)).is_err());
        assert!(throttle.attempt("maya@x", None, START.plus_millis(10_000)).is_ok());
        assert!(throttle.attempt("james@x", None, START).is_ok());
    }

    #[test]
    fn success_is_not_counted() {
        let throttle = throttle();
        for _ in 0..100 {
            let attempt = throttle.attempt("maya@x", Some(address("10.0.0.1")), START).unwrap();
            throttle.forgive(attempt);
        }
    }

    #[test]
    fn an_address_is_held_back_whatever_it_asks_for() {
        let throttle = throttle();
        for person in 0..5 {
            let email = format!("{person}@x");
            assert!(throttle.attempt(&email, Some(address("2001:db8::1")), START).is_ok());
        }
        assert!(throttle.attempt("6@x", Some(address("2001:db8::ffff")), START).is_err());
        assert!(throttle.attempt("6@x", Some(address("2001:db8:1::1")), START).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = throttle();
        for person in 0..ENTRIES_MAX + 10 {
            drop(throttle.attempt(&format!("{person}@x"), None, START));
        }
        assert_eq!(throttle.full_again_at.lock().len(), ENTRIES_MAX);
    }
}
