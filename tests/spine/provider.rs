//! The simulated model provider of a test, and questions that cost a call each.

use learnflow_bench::provider::{Bodies, Config, Profile, Provider};
use uuid::Uuid;

/// The paces of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// An answer takes a few hundredths of a second.
    Quick,
    /// An answer takes about a second.
    Second,
    /// An answer takes longer than any test waits.
    Endless,
}

impl Pace {
    /// The profile without faults.
    pub(crate) fn profile(self) -> Profile {
        let (first_token_ms, tokens_per_s, answer_tokens) = match self {
            Self::Quick => (20, 400, 12),
            Self::Second => (100, 50, 45),
            Self::Endless => (100, 20, 4_000),
        };
        Profile { first_token_ms, tokens_per_s, answer_tokens, ..Profile::default() }
    }
}

/// Starts a provider that keeps what it is asked.
pub(crate) async fn provider(pace: Pace) -> Provider {
    let config = Config { profile: pace.profile(), bodies: Bodies::Keep, ..Config::default() };
    Provider::start(config).await.expect("a provider")
}

/// A question that nobody has asked before, so that no cache knows its answer.
pub(crate) fn question() -> String {
    learnflow_bench::question::question(&Uuid::new_v4().simple().to_string(), 1, 1)
}
