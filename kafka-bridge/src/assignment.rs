//! The stream of assignments, and what both logs say when they were stopped.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use learnflow_engine::port::log::{Assignment, LogError};
use tokio::sync::mpsc;

/// Assignments that wait for the engine: one a rebalance, and one a reopened partition.
const WAITING: usize = 64;

/// The reader's end of the assignments; it ends when the log was stopped.
pub(crate) struct AssignmentStream {
    receiver: mpsc::Receiver<Assignment>,
}

/// Makes the two ends.
pub(crate) fn channel() -> (mpsc::Sender<Assignment>, AssignmentStream) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (sender, AssignmentStream { receiver })
}

impl Stream for AssignmentStream {
    type Item = Assignment;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Assignment>> {
        self.receiver.poll_recv(context)
    }
}

/// What every call answers after `stop`.
pub(crate) fn stopped() -> LogError {
    LogError::Refused("the log was stopped".to_owned())
}
