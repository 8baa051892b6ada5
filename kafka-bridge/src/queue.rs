//! A queue that is bounded in count and in bytes, for records and replies on their way to their
//! reader.
//!
//! What an item weighs is reserved before it goes in and given back when it is taken out. An item
//! heavier than the whole queue takes the whole queue, so that it passes alone.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

/// Makes a queue: its two ends.
pub(crate) fn bounded<T>(bounds: Bounds) -> (QueueSender<T>, QueueStream<T>) {
    let (items, receiver) = mpsc::channel(bounds.count.max(1));
    let bytes = bounds.bytes.clamp(1, Semaphore::MAX_PERMITS);
    let limit = u32::try_from(bytes).unwrap_or(u32::MAX);
    let sender = QueueSender { items, room: Arc::new(Semaphore::new(bytes)), limit };
    (sender, QueueStream { receiver })
}

/// The end that puts in.
pub(crate) struct QueueSender<T> {
    items: mpsc::Sender<Weighed<T>>,
    room: Arc<Semaphore>,
    limit: u32,
}

impl<T> Clone for QueueSender<T> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), room: Arc::clone(&self.room), limit: self.limit }
    }
}

/// The end that takes out; it ends when every sender is gone and the rest was taken.
pub(crate) struct QueueStream<T> {
    receiver: mpsc::Receiver<Weighed<T>>,
}

struct Weighed<T> {
    item: T,
    _room: OwnedSemaphorePermit,
}

/// Why an item didn't go in; it is given back.
#[derive(Debug)]
pub(crate) enum Rejected<T> {
    /// No room at the moment.
    Full(T),
    /// Nobody takes out any more.
    Closed(T),
}

impl<T> QueueSender<T> {
    /// Puts an item in at once, or gives it back.
    pub(crate) fn try_send(&self, item: T, weight_bytes: usize) -> Result<(), Rejected<T>> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(self.permits(weight_bytes))
        else {
            return Err(if self.items.is_closed() {
                Rejected::Closed(item)
            } else {
                Rejected::Full(item)
            });
        };
        self.items.try_send(Weighed { item, _room: room }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(weighed) => Rejected::Full(weighed.item),
            mpsc::error::TrySendError::Closed(weighed) => Rejected::Closed(weighed.item),
        })
    }

    /// Waits for room and puts the item in; `false` when nobody takes out any more.
    ///
    /// # Cancellation
    /// Nothing went in when the future is dropped before it is ready.
    pub(crate) async fn send(&self, item: T, weight_bytes: usize) -> bool {
        let permits = self.permits(weight_bytes);
        let room = tokio::select! {
            room = Arc::clone(&self.room).acquire_many_owned(permits) => room,
            () = self.items.closed() => return false,
        };
        match room {
            Ok(room) => self.items.send(Weighed { item, _room: room }).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Whether the other end is gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.items.is_closed()
    }

    /// Waits until the other end is gone.
    pub(crate) async fn closed(&self) {
        self.items.closed().await;
    }

    fn permits(&self, weight_bytes: usize) -> u32 {
        u32::try_from(weight_bytes).unwrap_or(u32::MAX).clamp(1, self.limit)
    }
}

impl<T> QueueStream<T> {
    /// Takes the next item out, waiting for it.
    pub(crate) async fn recv(&mut self) -> Option<T> {
        self.receiver.recv().await.map(|weighed| weighed.item)
    }

    /// Takes the next item out if one is there.
    pub(crate) fn try_recv(&mut self) -> Option<T> {
        self.receiver.try_recv().ok().map(|weighed| weighed.item)
    }

    /// Lets nothing in any more; what is inside can still be taken out.
    pub(crate) fn close(&mut self) {
        self.receiver.close();
    }
}

impl<T> Stream for QueueStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.poll_recv(context).map(|next| next.map(|weighed| weighed.item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_full_by_count_or_by_bytes() {
        let (sender, mut stream) = bounded::<u8>(Bounds { count: 2, bytes: 100 });
        assert!(sender.try_send(1, 60).is_ok());
        assert!(matches!(sender.try_send(2, 60), Err(Rejected::Full(2))));
        assert!(sender.try_send(3, 10).is_ok());
        assert!(matches!(sender.try_send(4, 1), Err(Rejected::Full(4))));
        assert_eq!(stream.try_recv(), Some(1));
        assert!(sender.try_send(5, 60).is_ok());
    }

    #[test]
    fn an_item_heavier_than_the_queue_passes_alone() {
        let (sender, mut stream) = bounded::<u8>(Bounds { count: 2, bytes: 100 });
        assert!(sender.try_send(1, 1_000_000).is_ok());
        assert!(matches!(sender.try_send(2, 1), Err(Rejected::Full(2))));
        assert_eq!(stream.try_recv(), Some(1));
        assert!(sender.try_send(3, 1).is_ok());
    }

    #[test]
    fn a_queue_without_a_reader_says_so() {
        let (sender, stream) = bounded::<u8>(Bounds { count: 1, bytes: 1 });
        drop(stream);
        assert!(sender.is_closed());
        assert!(matches!(sender.try_send(1, 1), Err(Rejected::Closed(1))));
    }

    #[tokio::test]
    async fn a_waiting_sender_learns_that_the_reader_left() {
        let (sender, stream) = bounded::<u8>(Bounds { count: 1, bytes: 1 });
        assert!(sender.send(1, 1).await);
        let waiting = async { sender.send(2, 1).await };
        let leaving = async { drop(stream) };
        assert!(!tokio::join!(waiting, leaving).0);
    }
}
