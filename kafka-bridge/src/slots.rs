//! Replies inside one process: each reader of a slot has a bounded queue, and a reader that lags
//! loses what doesn't fit.
//!
//! Whoever publishes never waits here. A lost passing frame is gone; a lost durable frame is found
//! by the gateway, which sees the gap in `seq` or the higher number in `pong`.

use std::collections::HashMap;

use learnflow_engine::port::log::Reply;
use parking_lot::Mutex;

use crate::metrics;
use crate::queue::{Bounds, QueueSender, QueueStream, Rejected, bounded};
use crate::reply::weight_bytes;

/// What waits for one reader at most.
pub(crate) const REPLY_BOUNDS: Bounds = Bounds { count: 4_096, bytes: 8 << 20 };

/// The slots that this process reads.
#[derive(Default)]
pub(crate) struct Slots {
    readers: Mutex<HashMap<i32, Vec<QueueSender<Reply>>>>,
}

impl Slots {
    /// Adds a reader; whatever is delivered to the slot afterwards reaches it.
    pub(crate) fn open(&self, slot: i32) -> (QueueSender<Reply>, QueueStream<Reply>) {
        let (sender, stream) = bounded(REPLY_BOUNDS);
        let mut readers = self.readers.lock();
        let of_slot = readers.entry(slot).or_default();
        of_slot.retain(|reader| !reader.is_closed());
        of_slot.push(sender.clone());
        (sender, stream)
    }

    /// Hands a reply to every reader of its slot; gives it back when there is none.
    pub(crate) fn deliver(&self, reply: Reply) -> Option<Reply> {
        let mut readers = self.readers.lock();
        let Some(of_slot) = readers.get_mut(&reply.slot) else { return Some(reply) };
        of_slot.retain(|reader| !reader.is_closed());
        if of_slot.is_empty() {
            readers.remove(&reply.slot);
            return Some(reply);
        }
        let weight = weight_bytes(&reply);
        for reader in of_slot.iter() {
            match reader.try_send(reply.clone(), weight) {
                Ok(()) => metrics::reply_sent(metrics::ReplyWay::Memory),
                Err(Rejected::Full(_)) => metrics::reply_sent(metrics::ReplyWay::Lagging),
                Err(Rejected::Closed(_)) => {}
            }
        }
        None
    }

    /// Ends every reader's stream.
    pub(crate) fn close(&self) {
        self.readers.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use learnflow_engine::id::StudentId;
    use learnflow_engine::port::log::ReplyHeader;
    use uuid::Uuid;

    fn reply(slot: i32, body: Bytes) -> Reply {
        Reply {
            slot,
            slot_epoch: 1,
            student: StudentId::new(Uuid::nil()),
            header: ReplyHeader::Passing,
            body,
        }
    }

    #[test]
    fn a_lagging_reader_loses_and_the_other_one_does_not() {
        let slots = Slots::default();
        let (_lagging_sender, mut lagging) = slots.open(1);
        let (_sender, mut quick) = slots.open(1);
        let mut received = 0;
        for _ in 0..20 {
            assert_eq!(slots.deliver(reply(1, Bytes::from(vec![0; 1 << 20]))), None);
            received += usize::from(quick.try_recv().is_some());
        }
        assert_eq!(received, 20);
        let kept = std::iter::from_fn(|| lagging.try_recv()).count();
        assert!((1..=8).contains(&kept), "{kept} replies of 1 MiB in a queue of 8 MiB");
    }

    #[test]
    fn a_slot_without_a_reader_gives_the_reply_back() {
        let slots = Slots::default();
        assert_eq!(slots.deliver(reply(2, Bytes::new())), Some(reply(2, Bytes::new())));
        let (sender, stream) = slots.open(2);
        drop((sender, stream));
        assert!(slots.deliver(reply(2, Bytes::new())).is_some());
    }
}
