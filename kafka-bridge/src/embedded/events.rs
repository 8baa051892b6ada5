//! Public events of one process: nobody subscribes, so the newest are kept to look at.

use std::collections::VecDeque;

use learnflow_engine::port::log::PublicEvent;
use parking_lot::Mutex;

/// How many are kept.
const KEPT_EVENTS: usize = 256;

/// A ring of the newest events.
#[derive(Default)]
pub(super) struct RecentEvents {
    ring: Mutex<VecDeque<PublicEvent>>,
}

impl RecentEvents {
    /// Adds an event; the oldest leaves when the ring is full.
    pub(super) fn push(&self, event: PublicEvent) {
        let mut ring = self.ring.lock();
        if ring.len() == KEPT_EVENTS {
            ring.pop_front();
        }
        ring.push_back(event);
    }

    /// What is kept, oldest first.
    pub(super) fn newest(&self) -> Vec<PublicEvent> {
        self.ring.lock().iter().cloned().collect()
    }
}
