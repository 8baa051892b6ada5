//! A flight: one call upstream and everybody who waits for its answer.
//!
//! The flight runs in a task of its own, detached from every caller; no caller is its leader, so
//! none can hurt the others by leaving or by reading slowly. It appends to a log; each follower
//! reads the log at its own pace, a late one from the beginning. A slow follower costs nothing: it
//! gets what it has missed in one piece.
//!
//! **Ends:** with the model's last word, with an error, or when nobody is left who wants the
//! answer. Whatever happens to the task, a panic included, the log gets its end.

use std::fmt;
use std::sync::Arc;

use learnflow_engine::port::model::{AnswerSource, FinishReason, ModelError, Usage};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::config::ANSWER_MAX_BYTES;
use super::scope::WhenLeft;

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The model has said everything, or all that it was allowed to.
    Finished {
        /// Why it stopped.
        reason: FinishReason,
        /// What it cost.
        usage: Option<Usage>,
    },
    /// The call failed.
    Failed(ModelError),
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    /// All of it is in the log.
    Kept,
    /// The log holds as much as an answer may have; the rest is lost.
    Full,
}

/// The answer so far, append-only.
#[derive(Debug)]
pub struct FlightLog {
    source: AnswerSource,
    when_left: WhenLeft,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    deserted: watch::Sender<Desertion>,
}

#[derive(Default)]
struct State {
    text: String,
    end: Option<End>,
    followers: usize,
}

/// Shows no text: what is printed may end in a log.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("text_bytes", &self.text.len())
            .field("end", &self.end)
            .field("followers", &self.followers)
            .finish()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desertion {
    Wanted,
    Deserted,
}

impl FlightLog {
    /// An empty log. `source` is who speaks; `when_left` says what its last follower's leaving
    /// means.
    pub fn new(source: AnswerSource, when_left: WhenLeft) -> Arc<Self> {
        Arc::new(Self {
            source,
            when_left,
            state: Mutex::new(State::default()),
            changed: watch::Sender::new(()),
            deserted: watch::Sender::new(Desertion::Wanted),
        })
    }

    /// Who speaks.
    pub const fn source(&self) -> AnswerSource {
        self.source
    }

    /// Adds a piece, up to [`ANSWER_MAX_BYTES`] of all pieces.
    pub fn append(&self, piece: &str) -> Append {
        let outcome = {
            let mut state = self.state.lock();
            let room = ANSWER_MAX_BYTES - state.text.len();
            let fits = piece.floor_char_boundary(room);
            state.text.push_str(&piece[..fits]);
            if fits == piece.len() { Append::Kept } else { Append::Full }
        };
        self.changed.send_replace(());
        outcome
    }

    /// Ends the log; only the first end counts.
    pub fn end(&self, end: End) {
        self.state.lock().end.get_or_insert(end);
        self.changed.send_replace(());
    }

    /// All that was said.
    pub fn text(&self) -> String {
        self.state.lock().text.clone()
    }

    /// Joins, unless this flight has failed, was truncated, or is deserted: then the next who asks
    /// needs a flight of their own.
    pub fn join(self: &Arc<Self>) -> Option<Follower> {
        let mut state = self.state.lock();
        let joinable = match state.end {
            None => *self.deserted.borrow() == Desertion::Wanted,
            Some(End::Finished { reason: FinishReason::Stop, .. }) => true,
            Some(End::Finished { .. } | End::Failed(_)) => false,
        };
        if !joinable {
            return None;
        }
        state.followers += 1;
        Some(Follower { log: Arc::clone(self), at: 0, changed: self.changed.subscribe() })
    }

    /// Waits until nobody wants this answer; for ever where the next will.
    pub async fn deserted(&self) {
        let mut deserted = self.deserted.subscribe();
        // The sender lives as long as this log does, so the wait ends with the desertion.
        if deserted.wait_for(|state| *state == Desertion::Deserted).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn leave(&self) {
        let mut state = self.state.lock();
        state.followers = state.followers.saturating_sub(1);
        if state.followers == 0 && state.end.is_none() && self.when_left == WhenLeft::Cancel {
            self.deserted.send_replace(Desertion::Deserted);
        }
    }
}

/// What a follower reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// More of the answer.
    Text(String),
    /// Its end.
    End(End),
}

/// One reader of a flight. Dropping it leaves the flight.
#[derive(Debug)]
pub struct Follower {
    log: Arc<FlightLog>,
    at: usize,
    changed: watch::Receiver<()>,
}

impl Follower {
    /// Who speaks.
    pub fn source(&self) -> AnswerSource {
        self.log.source
    }

    /// Waits for more; after the end it says the end again.
    ///
    /// # Cancellation
    /// Loses nothing.
    pub async fn next(&mut self) -> Read {
        loop {
            // Seen before the look, so that a change after the look wakes.
            self.changed.borrow_and_update();
            if let Some(read) = self.look() {
                return read;
            }
            if self.changed.changed().await.is_err() {
                return Read::End(End::Failed(ModelError::Cut));
            }
        }
    }

    fn look(&mut self) -> Option<Read> {
        let state = self.log.state.lock();
        if self.at < state.text.len() {
            let unread = state.text[self.at..].to_owned();
            self.at = state.text.len();
            return Some(Read::Text(unread));
        }
        state.end.map(Read::End)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.log.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const STOP: End = End::Finished { reason: FinishReason::Stop, usage: None };

    fn log(when_left: WhenLeft) -> Arc<FlightLog> {
        FlightLog::new(AnswerSource::Model, when_left)
    }

    async fn read_all(mut follower: Follower) -> (String, End) {
        let mut text = String::new();
        loop {
            match follower.next().await {
                Read::Text(more) => text.push_str(&more),
                Read::End(end) => return (text, end),
            }
        }
    }

    #[tokio::test]
    async fn a_late_follower_reads_from_the_beginning() {
        let log = log(WhenLeft::GoOn);
        let early = log.join().unwrap();
        log.append("A loop ");
        let late = log.join().unwrap();
        log.append("repeats.");
        log.end(STOP);
        let very_late = log.join().unwrap();
        for follower in [early, late, very_late] {
            assert_eq!(read_all(follower).await, ("A loop repeats.".to_owned(), STOP));
        }
        assert!(!format!("{log:?}").contains("loop"), "a printed flight shows no text");
    }

    #[tokio::test]
    async fn a_slow_follower_gets_what_it_missed_in_one_piece() {
        let log = log(WhenLeft::GoOn);
        let mut follower = log.join().unwrap();
        for _ in 0..1_000 {
            log.append("é");
        }
        assert_eq!(follower.next().await, Read::Text("é".repeat(1_000)));
        assert!(follower.next().now_or_never().is_none());
    }

    #[test]
    fn an_answer_is_cut_at_its_limit_between_two_characters() {
        let log = log(WhenLeft::GoOn);
        assert_eq!(log.append(&"x".repeat(ANSWER_MAX_BYTES - 1)), Append::Kept);
        assert_eq!(log.append("é"), Append::Full);
        assert_eq!(log.text().len(), ANSWER_MAX_BYTES - 1);
    }

    #[tokio::test]
    async fn a_personal_flight_is_deserted_when_its_last_follower_leaves() {
        for (when_left, deserted) in [(WhenLeft::Cancel, true), (WhenLeft::GoOn, false)] {
            let log = log(when_left);
            let (first, second) = (log.join().unwrap(), log.join().unwrap());
            drop(first);
            assert!(log.deserted().now_or_never().is_none());
            drop(second);
            assert_eq!(log.deserted().now_or_never().is_some(), deserted);
            assert_eq!(log.join().is_none(), deserted, "nobody joins what is being cancelled");
        }
    }

    #[test]
    fn only_a_whole_answer_can_be_joined_after_its_end() {
        for (end, joinable) in [
            (STOP, true),
            (End::Finished { reason: FinishReason::Length, usage: None }, false),
            (End::Failed(ModelError::Cut), false),
        ] {
            let log = log(WhenLeft::GoOn);
            log.end(end);
            assert_eq!(log.join().is_some(), joinable, "{end:?}");
        }
    }

    #[tokio::test]
    async fn the_first_end_holds() {
        let log = log(WhenLeft::GoOn);
        let follower = log.join().unwrap();
        log.end(STOP);
        log.end(End::Failed(ModelError::Cut));
        assert_eq!(read_all(follower).await.1, STOP);
    }
}
