//! What all handlers share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Clock;
use learnflow_engine::course::Course;
use learnflow_engine::port::log::Log;
use learnflow_storage::account::password::PasswordPool;
use learnflow_storage::keys::StoreVault;
use learnflow_storage::pool::Database;

use crate::demo::DemoAccount;
use crate::health::HealthHandle;
use crate::throttle::{Limit, Throttle};

/// Settings of the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The origin that browsers use, such as `https://learn.school.example`; `None`: the host of
    /// each request.
    pub public_origin: Option<String>,
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// Failed sign-ins of one e-mail.
    pub per_email: Limit,
    /// Failed sign-ins from one address: a school may have one for all.
    pub per_address: Limit,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_origin: None,
            request_timeout: Duration::from_secs(30),
            per_email: Limit { burst: 10, refill_ms: 30_000 },
            per_address: Limit { burst: 200, refill_ms: 1_000 },
        }
    }
}

impl Config {
    /// Everything that is wrong with it, one line a fault.
    pub fn validate(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(origin) = &self.public_origin {
            let authority =
                origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let plain = |authority: &str| {
                !authority.is_empty() && !authority.contains(['/', '?', '#', '@', ' '])
            };
            if !authority.is_some_and(plain) {
                faults.push(
                    "server.public_origin must be scheme and host, such as \
                     https://learn.school.example, without a path"
                        .to_owned(),
                );
            }
        }
        if self.request_timeout.is_zero() {
            faults.push("the request timeout must be above 0".to_owned());
        }
        faults
    }
}

/// What the edge is made of.
#[derive(Debug)]
pub struct Parts {
    /// Accounts, sections, read models.
    pub db: Database,
    /// Opens transcripts; its master keys sign the audit trail.
    pub vault: Arc<StoreVault>,
    /// Asked for its health and its number of partitions.
    pub log: Arc<dyn Log>,
    /// The course.
    pub course: Arc<Course>,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// Settings.
    pub config: Config,
    /// What the process knows of its health.
    pub health: HealthHandle,
    /// Accounts that anybody on this machine may use; empty but in the demo.
    pub demo_accounts: Vec<DemoAccount>,
    /// Wakes what carries writes to the sessions that own them.
    pub ring_relay: RingRelay,
}

/// Wakes the relay of intents, where this process has one.
#[derive(Clone)]
pub struct RingRelay(Arc<dyn Fn() + Send + Sync>);

impl RingRelay {
    /// Wakes by this function.
    pub fn new(ring: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(ring))
    }

    /// Wakes it.
    pub(crate) fn ring(&self) {
        (self.0)();
    }
}

impl fmt::Debug for RingRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RingRelay")
    }
}

/// What all handlers share; cheap to clone.
#[derive(Debug, Clone)]
pub struct State(Arc<Inner>);

/// The parts, and what is made of them once.
#[derive(Debug)]
pub struct Inner {
    parts: Parts,
    /// Hashes passwords.
    pub(crate) passwords: PasswordPool,
    /// Slows guessing down.
    pub(crate) throttle: Throttle,
}

impl State {
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        let throttle =
            Throttle::new(parts.config.per_email, parts.config.per_address, parts.clock.seed());
        Self(Arc::new(Inner { parts, passwords: PasswordPool::new(), throttle }))
    }
}

impl Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_origin_is_scheme_and_host() {
        let cases = [
            ("https://learn.school.example", true),
            ("http://localhost:8080", true),
            ("https://learn.school.example/", false),
            ("learn.school.example", false),
            ("https://", false),
            ("https://user@host", false),
        ];
        for (origin, good) in cases {
            let config = Config { public_origin: Some(origin.to_owned()), ..Config::default() };
            assert_eq!(config.validate().is_empty(), good, "{origin}");
        }
    }
}
