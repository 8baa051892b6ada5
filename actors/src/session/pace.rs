//! How often a streaming answer says something: often while few stream, seldomer when many do.
//!
//! The process says at most `FRAMES_PER_SECOND` token frames a second to a route each: an answer
//! that streams gets its share, from 25 a second down to 4. The bound follows from how many stream
//! at the moment, so nothing is measured that could swing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Token frames that the process says in a second before pauses get longer.
const FRAMES_PER_SECOND: u64 = 5_000;
/// The longest pause: an answer still moves.
const LONGEST_MS: u64 = 250;

/// The answers that stream in this process.
#[derive(Debug)]
pub struct Pace {
    shortest_ms: u64,
    streaming: AtomicU64,
}

impl Pace {
    /// Nobody streams yet; pauses are never shorter than this.
    pub fn new(shortest_ms: u64) -> Arc<Self> {
        Arc::new(Self { shortest_ms, streaming: AtomicU64::new(0) })
    }

    /// One more answer streams, for as long as the guard lives.
    pub(super) fn begin(self: &Arc<Self>) -> Streaming {
        self.streaming.fetch_add(1, Ordering::Relaxed);
        Streaming(Arc::clone(self))
    }

    fn pause_ms(&self) -> u64 {
        let share_ms = self.streaming.load(Ordering::Relaxed) * 1_000 / FRAMES_PER_SECOND;
        share_ms.clamp(self.shortest_ms, LONGEST_MS.max(self.shortest_ms))
    }
}

/// An answer that streams.
#[derive(Debug)]
pub(super) struct Streaming(Arc<Pace>);

impl Streaming {
    /// How long pieces are gathered at the moment.
    pub(super) fn pause(&self) -> Duration {
        Duration::from_millis(self.0.pause_ms())
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.streaming.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(streaming: usize, expected_ms: u64) {
        let pace = Pace::new(40);
        let guards: Vec<Streaming> = (0..streaming).map(|_| pace.begin()).collect();
        assert_eq!(pace.pause_ms(), expected_ms, "{streaming} stream");
        drop(guards);
        assert_eq!(pace.pause_ms(), 40, "nobody streams any more");
    }

    #[test]
    fn pauses_widen_from_40_to_250_ms_as_the_process_passes_5_000_frames_a_second() {
        check(1, 40);
        check(200, 40);
        check(300, 60);
        check(1_000, 200);
        check(1_250, 250);
        check(5_000, 250);
    }
}
