//! Waiting for a place: the [`Limiter`] behind a lock, and permits that give back what they hold.
//!
//! Whoever waits also watches the refill of the minute's calls and tokens, so no task of its own
//! is needed. The lock is held for the limiter's arithmetic only, never over an `await`.

use std::collections::HashMap;
use std::sync::Arc;

use learnflow_engine::id::StudentId;
use learnflow_engine::port::model::ModelError;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::limiter::{Limiter, Offer, Rules, Ticket};
use super::metrics;

/// The places of one model.
#[derive(Debug, Clone)]
pub struct Admission {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    limiter: Limiter,
    next: u64,
    waiting: HashMap<Ticket, oneshot::Sender<()>>,
}

impl Admission {
    /// All places free.
    pub fn new(rules: Rules) -> Self {
        let limiter = Limiter::new(rules, Instant::now());
        let inner = Inner { limiter, next: 0, waiting: HashMap::new() };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Waits for a place and `tokens`, at most until `deadline`.
    ///
    /// # Errors
    /// [`ModelError::Overloaded`] when the queue is full or the deadline has passed.
    ///
    /// # Cancellation
    /// A caller that stops waiting leaves the queue, or gives its place back.
    pub async fn enter(
        &self,
        student: StudentId,
        tokens: u32,
        deadline: Instant,
    ) -> Result<Permit, ModelError> {
        let (ticket, mut admitted) = match self.offer(student, tokens) {
            Entry::Admitted(permit) => return Ok(permit),
            Entry::Refused => return Err(ModelError::Overloaded),
            Entry::Queued(ticket, admitted) => (ticket, admitted),
        };
        let mut place = Waiting { admission: self.clone(), ticket, student, tokens, left: false };
        loop {
            let now = Instant::now();
            if now >= deadline {
                return Err(ModelError::Overloaded);
            }
            let refill = self.until_refilled(now).unwrap_or(deadline).min(deadline);
            tokio::select! {
                biased;
                _ = &mut admitted => return Ok(place.admitted()),
                () = sleep_until(refill) => self.pump(),
            }
        }
    }

    fn offer(&self, student: StudentId, tokens: u32) -> Entry {
        let mut inner = self.inner.lock();
        let ticket = Ticket(inner.next);
        inner.next += 1;
        let offer = inner.limiter.offer(ticket, student, tokens, Instant::now());
        let entry = match offer {
            Offer::Admitted => Entry::Admitted(self.permit(tokens)),
            Offer::Refused => Entry::Refused,
            Offer::Queued => {
                let (sender, receiver) = oneshot::channel();
                inner.waiting.insert(ticket, sender);
                Entry::Queued(ticket, receiver)
            }
        };
        inner.report();
        entry
    }

    fn permit(&self, tokens: u32) -> Permit {
        Permit { admission: self.clone(), reserved_tokens: tokens, used_tokens: 0 }
    }

    fn until_refilled(&self, now: Instant) -> Option<Instant> {
        // A millisecond at least: a refill in the past would spin.
        let wait = self.inner.lock().limiter.until_refilled(now)?;
        Some(now + wait.max(std::time::Duration::from_millis(1)))
    }

    /// Lets in whoever may go now.
    fn pump(&self) {
        self.inner.lock().pump();
    }
}

enum Entry {
    Admitted(Permit),
    Queued(Ticket, oneshot::Receiver<()>),
    Refused,
}

impl Inner {
    fn pump(&mut self) {
        for ticket in self.limiter.admit_ready(Instant::now()) {
            if let Some(sender) = self.waiting.remove(&ticket) {
                // A waiter that is leaving finds itself admitted and gives the place back.
                sender.send(()).unwrap_or(());
            }
        }
        self.report();
    }

    fn report(&self) {
        metrics::places(self.limiter.running(), self.limiter.queued());
    }
}

/// A place in the queue; dropping it leaves.
#[derive(Debug)]
struct Waiting {
    admission: Admission,
    ticket: Ticket,
    student: StudentId,
    tokens: u32,
    left: bool,
}

impl Waiting {
    fn admitted(&mut self) -> Permit {
        self.left = true;
        self.admission.permit(self.tokens)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let mut inner = self.admission.inner.lock();
        inner.waiting.remove(&self.ticket);
        if !inner.limiter.forget(self.ticket, self.student) {
            // It was admitted in the same moment: the place and the tokens go back unused.
            inner.limiter.release(self.tokens, 0, Instant::now());
        }
        inner.pump();
    }
}

/// A place, and the tokens reserved with it. Dropping it gives both back.
#[derive(Debug)]
pub struct Permit {
    admission: Admission,
    reserved_tokens: u32,
    used_tokens: u32,
}

impl Permit {
    /// The call is on its way: until it is settled, all that was reserved counts as used.
    pub const fn sent(&mut self) {
        self.used_tokens = self.reserved_tokens;
    }

    /// Says what the call has used.
    pub const fn settle(&mut self, used_tokens: u32) {
        self.used_tokens = used_tokens;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut inner = self.admission.inner.lock();
        inner.limiter.release(self.reserved_tokens, self.used_tokens, Instant::now());
        inner.pump();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::time::Duration;

    const RULES: Rules = Rules {
        concurrency_max: 1,
        queue_max: 10,
        queue_per_student_max: 2,
        requests_per_minute: 0,
        tokens_per_minute: 0,
    };

    fn student(number: u8) -> StudentId {
        StudentId::new(uuid::Uuid::from_bytes([number; 16]))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(2)
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_handed_on_when_it_is_given_back() {
        let admission = Admission::new(RULES);
        let first = admission.enter(student(1), 10, soon()).await.unwrap();
        let mut second = Box::pin(admission.enter(student(2), 10, soon()));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        let second = second.await.unwrap();
        assert_eq!(admission.inner.lock().limiter.running(), 1);
        drop(second);
        assert_eq!(admission.inner.lock().limiter.running(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_beyond_the_deadline() {
        let admission = Admission::new(RULES);
        let _first = admission.enter(student(1), 10, soon()).await.unwrap();
        let began = Instant::now();
        let refused = admission.enter(student(2), 10, soon()).await.map(|_| ());
        assert_eq!(refused, Err(ModelError::Overloaded));
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert_eq!(admission.inner.lock().limiter.queued(), 0);
        assert!(admission.inner.lock().waiting.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn leaving_the_queue_or_an_unused_place_gives_it_back() {
        let admission = Admission::new(RULES);
        let first = admission.enter(student(1), 10, soon()).await.unwrap();
        let mut queued = Box::pin(admission.enter(student(2), 10, soon()));
        let mut admitted = Box::pin(admission.enter(student(3), 10, soon()));
        assert!((&mut queued).now_or_never().is_none());
        assert!((&mut admitted).now_or_never().is_none());
        drop(queued);
        drop(first);
        // The third has its place but never looks.
        assert_eq!(admission.inner.lock().limiter.running(), 1);
        drop(admitted);
        assert_eq!(admission.inner.lock().limiter.running(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_wakes_when_the_tokens_have_flowed_in() {
        let admission = Admission::new(Rules { tokens_per_minute: 6_000, ..RULES });
        let mut first = admission.enter(student(1), 600, soon()).await.unwrap();
        first.sent();
        drop(first);
        let began = Instant::now();
        let second = admission.enter(student(2), 90, soon()).await;
        assert!(second.is_ok());
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }
}
