//! Whole answers, by key, bounded by their weight and each with a lifetime of its scope's.
//!
//! Only an answer that ended with [`FinishReason::Stop`], that says something and that is not
//! larger than [`ANSWER_MAX_BYTES`] comes in here: neither a cut, a truncated, a filtered nor a
//! failed answer is ever given to a second person.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use learnflow_engine::port::model::FinishReason;
use moka::Expiry;
use moka::future::Cache;

use super::config::{ANSWER_MAX_BYTES, Config};
use super::key::CacheKey;
use super::metrics;
use super::scope::ScopeKind;

/// What an entry weighs besides its text.
const ENTRY_OVERHEAD_BYTES: usize = 200;

/// The stored answers of one process.
#[derive(Clone)]
pub struct AnswerCache {
    entries: Cache<CacheKey, Stored>,
    lifetimes: Lifetimes,
}

/// Shows no answers: what is printed may end in a log.
impl fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache").field("lifetimes", &self.lifetimes).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Stored {
    text: Arc<str>,
    lifetime: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Lifetimes {
    session: Duration,
    student: Duration,
    shared: Duration,
}

impl AnswerCache {
    /// An empty cache.
    pub fn new(config: &Config) -> Self {
        let entries = Cache::builder()
            .max_capacity(config.cache_max_bytes)
            .weigher(|_, stored: &Stored| weight(&stored.text))
            .expire_after(OwnLifetime)
            .build();
        let lifetimes = Lifetimes {
            session: Duration::from_secs(config.cache_session_ttl_s),
            student: Duration::from_secs(config.cache_student_ttl_s),
            shared: Duration::from_secs(config.cache_shared_ttl_s),
        };
        Self { entries, lifetimes }
    }

    /// The stored answer, if there is one.
    pub async fn get(&self, key: &CacheKey) -> Option<Arc<str>> {
        self.entries.get(key).await.map(|stored| stored.text)
    }

    /// Stores an answer, if it may be stored.
    pub async fn offer(&self, key: CacheKey, kind: ScopeKind, reason: FinishReason, text: &str) {
        let verdict = verdict(reason, text);
        metrics::offered(verdict);
        let Some(lifetime) = self.lifetimes.of(kind) else { return };
        if verdict == Verdict::Stored {
            let lifetime = spread(lifetime, key.spread());
            self.entries.insert(key, Stored { text: Arc::from(text), lifetime }).await;
        }
    }
}

/// What became of an answer that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Whole: stored.
    Stored,
    /// Ended otherwise than by being said in full.
    Truncated,
    /// Says nothing.
    Empty,
    /// Larger than an answer may be.
    TooLarge,
}

/// Whether an answer may be stored.
pub fn verdict(reason: FinishReason, text: &str) -> Verdict {
    match reason {
        FinishReason::Length | FinishReason::ContentFilter => Verdict::Truncated,
        FinishReason::Stop if text.trim().is_empty() => Verdict::Empty,
        FinishReason::Stop if text.len() > ANSWER_MAX_BYTES => Verdict::TooLarge,
        FinishReason::Stop => Verdict::Stored,
    }
}

fn weight(text: &str) -> u32 {
    u32::try_from(text.len().saturating_add(ENTRY_OVERHEAD_BYTES)).unwrap_or(u32::MAX)
}

impl Lifetimes {
    const fn of(&self, kind: ScopeKind) -> Option<Duration> {
        match kind {
            ScopeKind::NoStore => None,
            ScopeKind::Session => Some(self.session),
            ScopeKind::Student => Some(self.student),
            ScopeKind::Course | ScopeKind::Public => Some(self.shared),
        }
    }
}

/// 90 % to 110 % of a lifetime, by the key: what was stored together doesn't expire together.
fn spread(lifetime: Duration, by: u8) -> Duration {
    lifetime * (900 + u32::from(by) * 200 / 255) / 1_000
}

struct OwnLifetime;

impl Expiry<CacheKey, Stored> for OwnLifetime {
    fn expire_after_create(&self, _: &CacheKey, value: &Stored, _: Instant) -> Option<Duration> {
        Some(value.lifetime)
    }

    fn expire_after_update(
        &self,
        _: &CacheKey,
        value: &Stored,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::key::ModelIdentity;
    use learnflow_engine::tutor::prompt::Scope;

    fn key(number: u32) -> CacheKey {
        let model = ModelIdentity { name: "m".to_owned(), endpoint: "e".to_owned() };
        CacheKey::of(&Scope::Public, &model, &[], number).unwrap()
    }

    #[test]
    fn only_whole_answers_of_a_bounded_size_are_stored() {
        let large = "x".repeat(ANSWER_MAX_BYTES);
        let larger = "x".repeat(ANSWER_MAX_BYTES + 1);
        for (reason, text, expected) in [
            (FinishReason::Stop, "A loop repeats.", Verdict::Stored),
            (FinishReason::Stop, large.as_str(), Verdict::Stored),
            (FinishReason::Stop, larger.as_str(), Verdict::TooLarge),
            (FinishReason::Stop, "", Verdict::Empty),
            (FinishReason::Stop, " \n", Verdict::Empty),
            (FinishReason::Length, "A loop rep", Verdict::Truncated),
            (FinishReason::ContentFilter, "A loop rep", Verdict::Truncated),
        ] {
            assert_eq!(verdict(reason, text), expected, "{reason:?}, {} bytes", text.len());
        }
    }

    #[tokio::test]
    async fn a_stored_answer_is_found_and_a_refused_one_is_not() {
        let cache = AnswerCache::new(&Config::default());
        cache.offer(key(1), ScopeKind::Course, FinishReason::Stop, "whole").await;
        cache.offer(key(2), ScopeKind::Course, FinishReason::Length, "cut").await;
        cache.offer(key(3), ScopeKind::NoStore, FinishReason::Stop, "private").await;
        assert_eq!(cache.get(&key(1)).await.as_deref(), Some("whole"));
        assert_eq!(cache.get(&key(2)).await, None);
        assert_eq!(cache.get(&key(3)).await, None);
        assert!(!format!("{cache:?}").contains("whole"), "a printed cache shows no answer");
    }

    #[tokio::test]
    async fn weight_is_bounded() {
        let cache = AnswerCache::new(&Config { cache_max_bytes: 10_000, ..Config::default() });
        for number in 0..100 {
            cache
                .offer(key(number), ScopeKind::Course, FinishReason::Stop, &"x".repeat(1_000))
                .await;
        }
        cache.entries.run_pending_tasks().await;
        assert!(cache.entries.weighted_size() <= 10_000, "{}", cache.entries.weighted_size());
        assert!(cache.entries.entry_count() > 0);
    }

    #[test]
    fn lifetimes_are_spread_by_a_tenth() {
        let hour = Duration::from_hours(1);
        assert_eq!(spread(hour, 0), Duration::from_mins(54));
        assert_eq!(spread(hour, 255), Duration::from_mins(66));
    }
}
