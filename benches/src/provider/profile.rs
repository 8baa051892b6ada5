//! How the simulated provider behaves: its pace, the size of its answers and its faults.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A way in which a model provider lets its callers down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Answers as it should.
    #[default]
    None,
    /// Drops the connection before a byte of the answer.
    Refuse,
    /// Takes the request and says nothing.
    HangFirst,
    /// Falls silent in the middle of the answer.
    HangInside,
    /// Answers 500.
    #[serde(rename = "500")]
    #[value(name = "500")]
    InternalError,
    /// Answers 503.
    #[serde(rename = "503")]
    #[value(name = "503")]
    Unavailable,
    /// Answers 429 with `Retry-After: 1`.
    #[serde(rename = "429")]
    #[value(name = "429")]
    RateLimited,
    /// Breaks the connection in the middle of the answer.
    Cut,
    /// Ends the answer in the middle, cleanly, without `finish_reason` and without `[DONE]`.
    CutClean,
    /// Sends bytes that are not JSON in the middle of the answer.
    Garbage,
    /// Stops half-way with `finish_reason` `length`.
    Length,
    /// Stops half-way with `finish_reason` `content_filter`.
    Filter,
}

/// What can be changed while the provider runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// From the request's arrival to the first content, in milliseconds.
    pub first_token_ms: u64,
    /// Tokens a second after the first; 0 sends all of them at once.
    pub tokens_per_s: u32,
    /// Tokens of an answer.
    pub answer_tokens: u32,
    /// The fault that calls meet.
    pub fault: Fault,
    /// The share of calls that meet the fault, 0 to 1.
    pub fault_rate: f64,
    /// How many more calls may meet the fault; absent: any number.
    pub fault_calls: Option<u64>,
    /// What the next calls are answered, one text a call; after them, answers follow from the
    /// prompt again.
    #[serde(default)]
    pub answers: VecDeque<String>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            first_token_ms: 200,
            tokens_per_s: 50,
            answer_tokens: 60,
            fault: Fault::None,
            fault_rate: 1.0,
            fault_calls: None,
            answers: VecDeque::new(),
        }
    }
}

/// A change of the profile: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileChange {
    /// See [`Profile::first_token_ms`].
    pub first_token_ms: Option<u64>,
    /// See [`Profile::tokens_per_s`].
    pub tokens_per_s: Option<u32>,
    /// See [`Profile::answer_tokens`].
    pub answer_tokens: Option<u32>,
    /// See [`Profile::fault`]. Changing it lifts an earlier limit of calls.
    pub fault: Option<Fault>,
    /// See [`Profile::fault_rate`].
    pub fault_rate: Option<f64>,
    /// See [`Profile::fault_calls`].
    pub fault_calls: Option<u64>,
    /// See [`Profile::answers`]: takes the place of those that are left.
    pub answers: Option<VecDeque<String>>,
}

impl From<Fault> for ProfileChange {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

impl Profile {
    /// Applies a change.
    pub fn change(&mut self, change: &ProfileChange) {
        self.first_token_ms = change.first_token_ms.unwrap_or(self.first_token_ms);
        self.tokens_per_s = change.tokens_per_s.unwrap_or(self.tokens_per_s);
        self.answer_tokens = change.answer_tokens.unwrap_or(self.answer_tokens);
        self.fault_rate = change.fault_rate.unwrap_or(self.fault_rate).clamp(0.0, 1.0);
        if let Some(fault) = change.fault {
            self.fault = fault;
            self.fault_calls = None;
        }
        self.fault_calls = change.fault_calls.or(self.fault_calls);
        if let Some(answers) = &change.answers {
            self.answers.clone_from(answers);
        }
    }

    /// The fault of the next call, which `chance` (0 to 1) decides; it counts against the limit.
    pub fn draw(&mut self, chance: f64) -> Fault {
        if self.fault == Fault::None || chance >= self.fault_rate {
            return Fault::None;
        }
        match &mut self.fault_calls {
            None => self.fault,
            Some(0) => Fault::None,
            Some(left) => {
                *left -= 1;
                self.fault
            }
        }
    }

    /// When the token with this index is due, counted from the request's arrival.
    pub fn due(&self, token: u32) -> Duration {
        let first = Duration::from_millis(self.first_token_ms);
        if self.tokens_per_s == 0 {
            return first;
        }
        first + Duration::from_secs(1) * token / self.tokens_per_s
    }
}

/// What a provider is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How it behaves at first.
    pub profile: Profile,
    /// Whether whole request bodies are kept for `GET /calls`.
    pub bodies: Bodies,
    /// A file to which a line of JSON is appended whenever a call ends.
    pub ledger_file: Option<PathBuf>,
    /// How long a hanging call hangs at most.
    pub hang_ms: u64,
}

/// Whether the ledger keeps request bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bodies {
    /// Only sizes and digests.
    #[default]
    Forget,
    /// The whole text too.
    Keep,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            profile: Profile::default(),
            bodies: Bodies::Forget,
            ledger_file: None,
            hang_ms: 120_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_drawn_by_rate_and_by_count() {
        let mut profile = Profile { fault: Fault::Cut, fault_rate: 0.5, ..Profile::default() };
        assert_eq!(profile.draw(0.49), Fault::Cut);
        assert_eq!(profile.draw(0.5), Fault::None);
        profile.change(&ProfileChange { fault_calls: Some(1), ..Fault::Refuse.into() });
        assert_eq!([profile.draw(0.0), profile.draw(0.0)], [Fault::Refuse, Fault::None]);
        profile.change(&Fault::HangFirst.into());
        assert_eq!([profile.draw(0.0), profile.draw(0.0)], [Fault::HangFirst; 2]);
    }

    #[test]
    fn tokens_are_due_at_an_even_pace() {
        let profile = Profile { first_token_ms: 100, tokens_per_s: 40, ..Profile::default() };
        let due = [0, 1, 4].map(|token| profile.due(token).as_millis());
        assert_eq!(due, [100, 125, 200]);
        let at_once = Profile { tokens_per_s: 0, ..profile };
        assert_eq!(at_once.due(9).as_millis(), 100);
    }

    #[test]
    fn a_change_names_faults_as_the_command_line_does() {
        for fault in Fault::value_variants() {
            let name = fault.to_possible_value().expect("no variant is hidden");
            let text = format!("{{\"fault\":\"{}\"}}", name.get_name());
            let change: ProfileChange = serde_json::from_str(&text).expect("the same name");
            assert_eq!(change.fault, Some(*fault));
        }
    }
}
