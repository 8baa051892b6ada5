//! The breaker of one model: when most calls fail, the next ones fail at once instead of waiting.
//!
//! A pure state machine: `now` is handed in. Closed, it counts outcomes by the second; at enough
//! failures it opens; after a while it lets one probe through and closes when that succeeds.
//! Results of calls that began before the last change of state are ignored.

use std::time::Duration;

use tokio::time::Instant;

use super::config::Config;

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How far back outcomes count, in whole seconds.
    pub window_s: u64,
    /// Fewer outcomes than this decide nothing.
    pub calls_min: u32,
    /// This share of failures opens.
    pub failed_pct: u32,
    /// How long it stays open.
    pub open_for: Duration,
}

impl From<&Config> for Rules {
    fn from(config: &Config) -> Self {
        Self {
            window_s: config.breaker_window_s,
            calls_min: config.breaker_calls_min,
            failed_pct: config.breaker_failed_pct,
            open_for: Duration::from_millis(config.breaker_open_ms),
        }
    }
}

/// How a call went, as far as the model's health is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered, be it with a refusal.
    Answered,
    /// It didn't.
    Failed,
}

/// Leave to call; hand it back with [`Breaker::record`] or [`Breaker::release`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Pass {
    epoch: u64,
}

/// What the breaker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It lets everything through.
    Closed,
    /// It lets nothing through.
    Open,
    /// It lets one probe through.
    HalfOpen,
}

/// The breaker.
#[derive(Debug)]
pub struct Breaker {
    rules: Rules,
    started: Instant,
    epoch: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed(Vec<Second>),
    Open { until: Instant },
    HalfOpen(Probe),
}

#[derive(Debug, PartialEq, Eq)]
enum Probe {
    Free,
    Out,
}

#[derive(Debug, Clone, Copy)]
struct Second {
    number: u64,
    answered: u32,
    failed: u32,
}

impl Breaker {
    /// A closed breaker.
    pub const fn new(rules: Rules, now: Instant) -> Self {
        Self { rules, started: now, epoch: 0, state: State::Closed(Vec::new()) }
    }

    /// What it does now.
    pub fn position(&self, now: Instant) -> Position {
        match &self.state {
            State::Closed(_) => Position::Closed,
            State::Open { until } if now < *until => Position::Open,
            State::Open { .. } | State::HalfOpen(Probe::Free) => Position::HalfOpen,
            State::HalfOpen(Probe::Out) => Position::Open,
        }
    }

    /// Asks for leave to call.
    pub fn admit(&mut self, now: Instant) -> Option<Pass> {
        match self.position(now) {
            Position::Closed => Some(Pass { epoch: self.epoch }),
            Position::Open => None,
            Position::HalfOpen => {
                self.change(State::HalfOpen(Probe::Out));
                Some(Pass { epoch: self.epoch })
            }
        }
    }

    /// Says how a call went.
    pub fn record(&mut self, pass: Pass, outcome: Outcome, now: Instant) {
        if pass.epoch != self.epoch {
            return;
        }
        let second = now.saturating_duration_since(self.started).as_secs();
        match (&mut self.state, outcome) {
            (State::Closed(seconds), _) => {
                count(seconds, second, self.rules.window_s, outcome);
                if trips(seconds, self.rules) {
                    self.open(now);
                }
            }
            (State::HalfOpen(_), Outcome::Answered) => self.change(State::Closed(Vec::new())),
            (State::HalfOpen(_), Outcome::Failed) => self.open(now),
            (State::Open { .. }, Outcome::Answered | Outcome::Failed) => {}
        }
    }

    /// Gives leave back without a result: the call was given up.
    pub fn release(&mut self, pass: Pass) {
        if pass.epoch == self.epoch && matches!(self.state, State::HalfOpen(Probe::Out)) {
            self.change(State::HalfOpen(Probe::Free));
        }
    }

    fn open(&mut self, now: Instant) {
        self.change(State::Open { until: now + self.rules.open_for });
    }

    fn change(&mut self, state: State) {
        self.epoch += 1;
        self.state = state;
    }
}

fn count(seconds: &mut Vec<Second>, number: u64, window_s: u64, outcome: Outcome) {
    seconds.retain(|second| second.number + window_s > number);
    if seconds.last().is_none_or(|last| last.number != number) {
        seconds.push(Second { number, answered: 0, failed: 0 });
    }
    if let Some(last) = seconds.last_mut() {
        match outcome {
            Outcome::Answered => last.answered += 1,
            Outcome::Failed => last.failed += 1,
        }
    }
}

fn trips(seconds: &[Second], rules: Rules) -> bool {
    let failed: u32 = seconds.iter().map(|second| second.failed).sum();
    let calls: u32 = seconds.iter().map(|second| second.answered + second.failed).sum();
    calls >= rules.calls_min
        && u64::from(failed) * 100 >= u64::from(calls) * u64::from(rules.failed_pct)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { window_s: 10, calls_min: 20, failed_pct: 50, open_for: Duration::from_secs(5) };

    /// Plays (second, answered, failed) calls and says what the breaker does at `at_s`.
    fn check(calls: &[(u64, u32, u32)], at_s: u64, expected: Position) {
        let start = Instant::now();
        let mut breaker = Breaker::new(RULES, start);
        for &(second, answered, failed) in calls {
            let now = start + Duration::from_secs(second);
            for number in 0..answered + failed {
                let Some(pass) = breaker.admit(now) else { continue };
                let outcome = if number < answered { Outcome::Answered } else { Outcome::Failed };
                breaker.record(pass, outcome, now);
            }
        }
        let position = breaker.position(start + Duration::from_secs(at_s));
        assert_eq!(position, expected, "{calls:?} at {at_s} s");
    }

    #[test]
    fn it_opens_at_half_of_twenty_calls_within_ten_seconds() {
        check(&[], 0, Position::Closed);
        check(&[(0, 0, 19)], 1, Position::Closed);
        check(&[(0, 0, 20)], 1, Position::Open);
        check(&[(0, 10, 10)], 1, Position::Open);
        check(&[(0, 11, 9)], 1, Position::Closed);
        check(&[(0, 5, 5), (9, 5, 5)], 9, Position::Open);
        check(&[(0, 5, 5), (10, 5, 5)], 10, Position::Closed);
    }

    #[test]
    fn after_five_seconds_one_probe_decides() {
        check(&[(0, 0, 20)], 4, Position::Open);
        check(&[(0, 0, 20)], 5, Position::HalfOpen);
        check(&[(0, 0, 20), (5, 1, 0)], 5, Position::Closed);
        check(&[(0, 0, 20), (5, 0, 1)], 9, Position::Open);
        check(&[(0, 0, 20), (5, 0, 1)], 10, Position::HalfOpen);
        // The failures before the break are forgotten.
        check(&[(0, 0, 20), (5, 1, 0), (6, 0, 19)], 6, Position::Closed);
    }

    fn opened(start: Instant) -> Breaker {
        let mut breaker = Breaker::new(RULES, start);
        for _ in 0..20 {
            let pass = breaker.admit(start).unwrap();
            breaker.record(pass, Outcome::Failed, start);
        }
        breaker
    }

    #[test]
    fn while_the_probe_is_out_nobody_else_passes() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + RULES.open_for;
        let probe = breaker.admit(later).unwrap();
        assert_eq!(breaker.admit(later), None);
        breaker.record(probe, Outcome::Answered, later);
        assert!(breaker.admit(later).is_some());
    }

    #[test]
    fn a_probe_that_was_given_up_frees_its_place() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + RULES.open_for;
        let probe = breaker.admit(later).unwrap();
        breaker.release(probe);
        assert!(breaker.admit(later).is_some());
    }

    #[test]
    fn a_result_from_before_the_break_changes_nothing() {
        let start = Instant::now();
        let mut breaker = Breaker::new(RULES, start);
        let early = breaker.admit(start).unwrap();
        for _ in 0..20 {
            let pass = breaker.admit(start).unwrap();
            breaker.record(pass, Outcome::Failed, start);
        }
        breaker.record(early, Outcome::Answered, start);
        assert_eq!(breaker.position(start), Position::Open);
    }
}
