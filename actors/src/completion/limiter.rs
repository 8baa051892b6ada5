//! Who may call now: places, requests a minute, tokens a minute, and fair turns between students.
//!
//! A pure state machine: `now` is handed in. Waiting calls are served by deficit round robin
//! (Shreedhar and Varghese, 1995) over students, weighed in tokens, so one student with long
//! questions doesn't hold up the others. Requests and tokens are reserved when a call is admitted
//! and settled when it ends.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use learnflow_engine::id::StudentId;
use tokio::time::Instant;

use super::config::Config;

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Calls at once.
    pub concurrency_max: usize,
    /// Waiting calls.
    pub queue_max: usize,
    /// Waiting calls of one student.
    pub queue_per_student_max: usize,
    /// 0: unlimited.
    pub requests_per_minute: u32,
    /// 0: unlimited.
    pub tokens_per_minute: u32,
}

impl From<&Config> for Rules {
    fn from(config: &Config) -> Self {
        Self {
            concurrency_max: config.concurrency_max,
            queue_max: config.queue_max,
            queue_per_student_max: config.queue_per_student_max,
            requests_per_minute: config.requests_per_minute,
            tokens_per_minute: config.tokens_per_minute,
        }
    }
}

/// The number of a call that asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// The answer to a call that asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Go.
    Admitted,
    /// Wait until [`Limiter::admit_ready`] names the ticket.
    Queued,
    /// The queue is full.
    Refused,
}

/// Tokens that a student's turn is worth.
const QUANTUM_TOKENS: u64 = 2_000;

/// The limiter.
#[derive(Debug)]
pub struct Limiter {
    rules: Rules,
    running: usize,
    queued: usize,
    /// Students with waiting calls, the one whose turn it is first.
    ring: VecDeque<StudentId>,
    lines: HashMap<StudentId, Line>,
    requests: Bucket,
    tokens: Bucket,
}

#[derive(Debug, Default)]
struct Line {
    deficit: u64,
    waiting: VecDeque<(Ticket, u32)>,
}

impl Limiter {
    /// A limiter with all places free.
    pub fn new(rules: Rules, now: Instant) -> Self {
        Self {
            rules,
            running: 0,
            queued: 0,
            ring: VecDeque::new(),
            lines: HashMap::new(),
            requests: Bucket::new(rules.requests_per_minute, now),
            tokens: Bucket::new(rules.tokens_per_minute, now),
        }
    }

    /// Asks for a place and `tokens`.
    pub fn offer(
        &mut self,
        ticket: Ticket,
        student: StudentId,
        tokens: u32,
        now: Instant,
    ) -> Offer {
        if self.queued == 0 && self.try_take(tokens, now) {
            return Offer::Admitted;
        }
        let line = self.lines.entry(student).or_default();
        if self.queued >= self.rules.queue_max
            || line.waiting.len() >= self.rules.queue_per_student_max
        {
            if line.waiting.is_empty() {
                self.lines.remove(&student);
            }
            return Offer::Refused;
        }
        if line.waiting.is_empty() {
            self.ring.push_back(student);
        }
        line.waiting.push_back((ticket, tokens));
        self.queued += 1;
        Offer::Queued
    }

    /// Admits whoever may go now, in fair order.
    pub fn admit_ready(&mut self, now: Instant) -> Vec<Ticket> {
        let mut admitted = Vec::new();
        while let Some((student, tokens)) = self.next_in_turn() {
            if !self.try_take(tokens, now) {
                break;
            }
            admitted.extend(self.serve(student));
        }
        admitted
    }

    /// Takes a waiting call out of the queue; false when it isn't there (it was admitted).
    pub fn forget(&mut self, ticket: Ticket, student: StudentId) -> bool {
        let Some(line) = self.lines.get_mut(&student) else { return false };
        let before = line.waiting.len();
        line.waiting.retain(|(waiting, _)| *waiting != ticket);
        let found = line.waiting.len() < before;
        if found {
            self.queued -= 1;
            self.leave_if_empty(student);
        }
        found
    }

    /// Gives a place back, with the tokens that were reserved and those that were used.
    pub fn release(&mut self, reserved_tokens: u32, used_tokens: u32, now: Instant) {
        self.running = self.running.saturating_sub(1);
        self.tokens.settle(reserved_tokens, used_tokens, now);
    }

    /// How long until the calls and tokens of the next in turn are there; none while it waits for
    /// a place or nobody waits.
    pub fn until_refilled(&mut self, now: Instant) -> Option<Duration> {
        if self.running >= self.rules.concurrency_max {
            return None;
        }
        let (_, tokens) = self.next_in_turn()?;
        Some(self.requests.until(1, now).max(self.tokens.until(tokens, now)))
    }

    /// Calls that run.
    pub const fn running(&self) -> usize {
        self.running
    }

    /// Calls that wait.
    pub const fn queued(&self) -> usize {
        self.queued
    }

    fn try_take(&mut self, tokens: u32, now: Instant) -> bool {
        let free = self.running < self.rules.concurrency_max
            && self.requests.has(1, now)
            && self.tokens.has(tokens, now);
        if free {
            self.running += 1;
            self.requests.take(1);
            self.tokens.take(tokens);
        }
        free
    }

    /// Turns the ring until its first student can pay for their oldest call.
    fn next_in_turn(&mut self) -> Option<(StudentId, u32)> {
        loop {
            let student = *self.ring.front()?;
            let line = self.lines.get_mut(&student)?;
            let tokens = line.waiting.front()?.1;
            if line.deficit >= u64::from(tokens) {
                return Some((student, tokens));
            }
            line.deficit += QUANTUM_TOKENS;
            self.ring.rotate_left(1);
        }
    }

    /// Takes the oldest call of the student whose turn it is.
    fn serve(&mut self, student: StudentId) -> Option<Ticket> {
        let line = self.lines.get_mut(&student)?;
        let (ticket, tokens) = line.waiting.pop_front()?;
        line.deficit = line.deficit.saturating_sub(u64::from(tokens));
        self.queued -= 1;
        self.leave_if_empty(student);
        Some(ticket)
    }

    /// A student with nothing waiting leaves the ring and saves nothing up.
    fn leave_if_empty(&mut self, student: StudentId) {
        if self.lines.get(&student).is_some_and(|line| line.waiting.is_empty()) {
            self.lines.remove(&student);
            self.ring.retain(|other| *other != student);
        }
    }
}

/// A token bucket that keeps every minute within its limit: a tenth of it may come at once, nine
/// tenths flow in, so that no 60 seconds see more than the whole. A call above the tenth is let
/// through when the bucket is full, and is paid off before the next.
#[derive(Debug)]
struct Bucket {
    limit: i64,
    level: i64,
    refilled: Instant,
}

impl Bucket {
    /// One unit of what is limited, as the level counts it: exact in whole milliseconds.
    const UNIT: i64 = 600_000;

    const fn new(per_minute: u32, now: Instant) -> Self {
        let limit = per_minute as i64;
        let mut bucket = Self { limit, level: 0, refilled: now };
        bucket.level = bucket.capacity();
        bucket
    }

    const fn capacity(&self) -> i64 {
        let tenth = self.limit * Self::UNIT / 10;
        if tenth < Self::UNIT { Self::UNIT } else { tenth }
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled).as_millis();
        let elapsed_ms = u32::try_from(elapsed).unwrap_or(u32::MAX);
        self.refilled += Duration::from_millis(u64::from(elapsed_ms));
        let inflow = self.limit.saturating_mul(9).saturating_mul(i64::from(elapsed_ms));
        self.level = self.level.saturating_add(inflow).min(self.capacity());
    }

    fn needed(&self, amount: u32) -> i64 {
        (i64::from(amount) * Self::UNIT).min(self.capacity())
    }

    fn has(&mut self, amount: u32, now: Instant) -> bool {
        self.refill(now);
        self.limit == 0 || self.level >= self.needed(amount)
    }

    fn take(&mut self, amount: u32) {
        if self.limit > 0 {
            self.level = self.level.saturating_sub(i64::from(amount) * Self::UNIT);
        }
    }

    fn settle(&mut self, reserved: u32, used: u32, now: Instant) {
        self.refill(now);
        if self.limit > 0 {
            let back = (i64::from(reserved) - i64::from(used)) * Self::UNIT;
            self.level = self.level.saturating_add(back).min(self.capacity());
        }
    }

    fn until(&mut self, amount: u32, now: Instant) -> Duration {
        if self.has(amount, now) {
            return Duration::ZERO;
        }
        let missing = self.needed(amount) - self.level;
        let wait_ms = missing.unsigned_abs().div_ceil(self.limit.unsigned_abs().max(1) * 9);
        Duration::from_millis(wait_ms)
    }
}

#[cfg(test)]
mod tests;
