//! One call upstream: admission, the one retry layer, and every deadline.
//!
//! ```text
//! breaker ─► place (≤ queue_ms) ─► call ─► first content ─► more … ─► finish
//!    ▲                                          │ failed before it: wait, retry, within budget
//!    └──────────────────────────────────────────┘
//! ```
//! The first content must come within `first_content_ms` of the first place, whatever was retried
//! in between; headers, empty pieces and role markers don't count. After it nothing is retried: a
//! student has seen the beginning.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use learnflow_engine::clock::Clock;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{
    FinishReason, Model, ModelError, ModelPiece, ModelRequest, Usage,
};
use learnflow_engine::tutor::prompt::estimated_tokens;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use super::admission::{Admission, Permit};
use super::breaker::{self, Breaker, Outcome, Pass};
use super::config::Config;
use super::flight::{Append, End, FlightLog};
use super::limiter;
use super::metrics;
use super::retry::{Backoff, RetryBudget, is_retryable, retry_after};

/// A call to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whose turn among the waiting it uses.
    pub student: StudentId,
    /// What to ask.
    pub request: ModelRequest,
}

impl Job {
    /// Tokens to reserve: the prompt's, estimated, and all that the answer may have.
    fn reserved_tokens(&self) -> u32 {
        self.prompt_tokens().saturating_add(self.request.max_tokens)
    }

    fn prompt_tokens(&self) -> u32 {
        self.request
            .messages
            .iter()
            .fold(0, |sum: u32, message| sum.saturating_add(estimated_tokens(&message.content)))
    }
}

/// A model with its places, its breaker and its retry budget.
#[derive(Debug)]
pub struct Upstream {
    model: Arc<dyn Model>,
    clock: Arc<dyn Clock>,
    config: Config,
    admission: Admission,
    breaker: Mutex<Breaker>,
    budget: Mutex<RetryBudget>,
}

/// When the parts of a call must have happened.
#[derive(Debug, Clone, Copy)]
struct Deadlines {
    total: Instant,
    first_content: Option<Instant>,
}

impl Deadlines {
    /// The first content's deadline; it starts to run with the first place.
    fn first_content(&mut self, within: Duration) -> Instant {
        let total = self.total;
        *self.first_content.get_or_insert_with(|| (Instant::now() + within).min(total))
    }

    fn place(&self, within: Duration) -> Instant {
        let wait = Instant::now() + within;
        wait.min(self.first_content.unwrap_or(self.total))
    }
}

impl Upstream {
    /// A model that nobody calls yet.
    pub fn new(model: Arc<dyn Model>, clock: Arc<dyn Clock>, config: &Config) -> Self {
        let now = Instant::now();
        Self {
            model,
            clock,
            admission: Admission::new(limiter::Rules::from(config)),
            breaker: Mutex::new(Breaker::new(breaker::Rules::from(config), now)),
            budget: Mutex::new(RetryBudget::new(config.retry_budget_pct, now)),
            config: config.clone(),
        }
    }

    /// Who answers.
    pub fn model(&self) -> &dyn Model {
        self.model.as_ref()
    }

    /// Makes the call and appends what is said to the log; the end is returned, not logged.
    ///
    /// # Cancellation
    /// Dropping the future ends the call upstream and gives its place back.
    pub async fn run(&self, job: &Job, log: &FlightLog) -> End {
        let began = Instant::now();
        self.budget.lock().count_call(began);
        let total = began + self.config.total();
        let mut deadlines = Deadlines { total, first_content: None };
        let mut retries = 0;
        loop {
            let error = match self.attempt(job, log, &mut deadlines).await {
                Ok(end) => return end,
                Err(error) => error,
            };
            let Some(delay) = self.retry_delay(error, retries, &deadlines) else {
                return End::Failed(error);
            };
            metrics::retried(error);
            retries += 1;
            sleep(delay).await;
        }
    }

    /// How long to wait before the next attempt, if there may be one: the error is of the kind,
    /// the wait ends before the deadline, the budget has it.
    fn retry_delay(
        &self,
        error: ModelError,
        retries: u32,
        deadlines: &Deadlines,
    ) -> Option<Duration> {
        if !is_retryable(error) || retries >= self.config.retries_max {
            return None;
        }
        let backoff = Backoff {
            base: Duration::from_millis(self.config.retry_base_ms),
            cap: Duration::from_millis(self.config.retry_cap_ms),
        };
        let random = u64::try_from(self.clock.seed() >> 64).unwrap_or(0);
        let delay = backoff.delay(retries, random, retry_after(error));
        let now = Instant::now();
        let in_time = now.checked_add(delay)? < deadlines.first_content.unwrap_or(deadlines.total);
        (in_time && self.budget.lock().try_spend(now)).then_some(delay)
    }

    /// Whether the breaker holds calls back.
    pub(super) fn is_held_back(&self) -> bool {
        self.breaker.lock().position(Instant::now()) != breaker::Position::Closed
    }

    /// One attempt: an end, or an error from before the first content.
    async fn attempt(
        &self,
        job: &Job,
        log: &FlightLog,
        deadlines: &mut Deadlines,
    ) -> Result<End, ModelError> {
        if self.breaker.lock().position(Instant::now()) == breaker::Position::Open {
            return Err(ModelError::Overloaded);
        }
        let queue = deadlines.place(Duration::from_millis(self.config.queue_ms));
        let mut permit = self.admission.enter(job.student, job.reserved_tokens(), queue).await?;
        let until = deadlines.first_content(Duration::from_millis(self.config.first_content_ms));
        let Some(mut trial) = Trial::begin(&self.breaker) else {
            return Err(ModelError::Overloaded);
        };
        permit.sent();
        metrics::called();
        let mut stream = self.model.answer(job.request.clone());
        let first = match first_text(&mut stream, until).await {
            Ok(first) => first,
            Err(error) => {
                trial.end(Some(error));
                settle(&mut permit, job, log, None);
                return Err(error);
            }
        };
        let end = match log.append(&first) {
            Append::Kept => self.rest(&mut stream, log, deadlines.total).await,
            Append::Full => TOO_LONG,
        };
        let (error, usage) = match end {
            End::Finished { usage, .. } => (None, usage),
            End::Failed(error) => (Some(error), None),
        };
        trial.end(error);
        settle(&mut permit, job, log, usage);
        Ok(end)
    }

    /// Reads on after the first content, to the end.
    async fn rest(
        &self,
        stream: &mut BoxStream<Result<ModelPiece, ModelError>>,
        log: &FlightLog,
        total: Instant,
    ) -> End {
        let idle = Duration::from_millis(self.config.idle_ms);
        let mut spoke = Instant::now();
        loop {
            let until = (spoke + idle).min(total);
            let late =
                if until == total { ModelError::TotalTimeout } else { ModelError::IdleTimeout };
            match timeout_at(until, stream.next()).await {
                Err(_elapsed) => return End::Failed(late),
                Ok(None) => return End::Failed(ModelError::Cut),
                Ok(Some(Err(error))) => return End::Failed(error),
                Ok(Some(Ok(ModelPiece::Text(text)))) => {
                    if !text.is_empty() {
                        spoke = Instant::now();
                    }
                    if log.append(&text) == Append::Full {
                        return TOO_LONG;
                    }
                }
                Ok(Some(Ok(ModelPiece::Finished { reason, usage }))) => {
                    return ended(reason, usage);
                }
            }
        }
    }
}

/// An answer that reached our own limit: complete, marked, as if the provider had stopped it.
const TOO_LONG: End = End::Finished { reason: FinishReason::Length, usage: None };

const fn ended(reason: FinishReason, usage: Option<Usage>) -> End {
    match reason {
        FinishReason::Stop | FinishReason::Length => End::Finished { reason, usage },
        FinishReason::ContentFilter => End::Failed(ModelError::Filtered),
    }
}

/// Waits for the first piece that says something. An answer that ends before it says nothing, and
/// is none.
async fn first_text(
    stream: &mut BoxStream<Result<ModelPiece, ModelError>>,
    until: Instant,
) -> Result<String, ModelError> {
    loop {
        match timeout_at(until, stream.next()).await {
            Err(_elapsed) => return Err(ModelError::FirstContentTimeout),
            Ok(None) => return Err(ModelError::Cut),
            Ok(Some(Err(error))) => return Err(error),
            Ok(Some(Ok(ModelPiece::Text(text)))) if text.is_empty() => {}
            Ok(Some(Ok(ModelPiece::Text(text)))) => return Ok(text),
            Ok(Some(Ok(ModelPiece::Finished { reason, .. }))) => {
                return Err(match reason {
                    FinishReason::ContentFilter => ModelError::Filtered,
                    FinishReason::Stop | FinishReason::Length => ModelError::Unreadable,
                });
            }
        }
    }
}

/// Settles the tokens: as the provider counts them, or else by an estimate of what went through.
fn settle(permit: &mut Permit, job: &Job, log: &FlightLog, usage: Option<Usage>) {
    let used = match usage {
        Some(Usage { prompt_tokens, completion_tokens }) => {
            metrics::tokens(prompt_tokens, completion_tokens);
            prompt_tokens.saturating_add(completion_tokens)
        }
        None => job.prompt_tokens().saturating_add(estimated_tokens(&log.text())),
    };
    permit.settle(used);
}

/// Leave of the breaker, given back in any case.
struct Trial<'a> {
    breaker: &'a Mutex<Breaker>,
    pass: Option<Pass>,
}

impl<'a> Trial<'a> {
    fn begin(breaker: &'a Mutex<Breaker>) -> Option<Self> {
        let pass = breaker.lock().admit(Instant::now())?;
        Some(Self { breaker, pass: Some(pass) })
    }

    fn end(&mut self, error: Option<ModelError>) {
        let Some(pass) = self.pass.take() else { return };
        // A refusal or a filter is an answer of a server that lives.
        let failed =
            error.is_some_and(|error| error.is_transient() || error == ModelError::Unreadable);
        let outcome = if failed { Outcome::Failed } else { Outcome::Answered };
        let now = Instant::now();
        let mut breaker = self.breaker.lock();
        breaker.record(pass, outcome, now);
        metrics::breaker(breaker.position(now));
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.breaker.lock().release(pass);
        }
    }
}
