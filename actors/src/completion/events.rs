//! Streams of what a caller hears: each with one end, in time, and counted once.

use futures_util::{StreamExt, stream};
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{AnswerSource, ModelError, ModelPiece};
use tokio::time::{Instant, timeout_at};

use super::flight::{End, Follower, Read};
use super::handle::CompletionEvent;
use super::metrics::{self, Outcome};
use super::scope::ScopeKind;

/// A stream of one event.
pub(super) fn one_event(event: CompletionEvent) -> BoxStream<CompletionEvent> {
    stream::iter([event]).boxed()
}

/// What a follower of a flight hears, at most until the deadline.
pub(super) fn followed(follower: Follower, deadline: Instant) -> BoxStream<CompletionEvent> {
    stream::unfold(Some(follower), move |follower| async move {
        let mut follower = follower?;
        let read = timeout_at(deadline, follower.next())
            .await
            .unwrap_or(Read::End(End::Failed(ModelError::TotalTimeout)));
        match read {
            Read::Text(text) => Some((CompletionEvent::Text(text), Some(follower))),
            Read::End(end) => Some((ended(end, follower.source()), None)),
        }
    })
    .boxed()
}

fn ended(end: End, source: AnswerSource) -> CompletionEvent {
    match end {
        End::Finished { reason, usage } => CompletionEvent::Finished { reason, usage, source },
        End::Failed(error) => CompletionEvent::Failed { error },
    }
}

/// What is heard of a model that answers in this process, at most until the deadline.
pub(super) fn local(
    pieces: BoxStream<Result<ModelPiece, ModelError>>,
    source: AnswerSource,
    deadline: Instant,
) -> BoxStream<CompletionEvent> {
    stream::unfold(Some(pieces), move |pieces| async move {
        let mut pieces = pieces?;
        let piece = match timeout_at(deadline, pieces.next()).await {
            Ok(Some(piece)) => piece,
            Ok(None) => Err(ModelError::Cut),
            Err(_elapsed) => Err(ModelError::TotalTimeout),
        };
        match piece {
            Ok(ModelPiece::Text(text)) => Some((CompletionEvent::Text(text), Some(pieces))),
            Ok(ModelPiece::Finished { reason, usage }) => {
                Some((CompletionEvent::Finished { reason, usage, source }, None))
            }
            Err(error) => Some((CompletionEvent::Failed { error }, None)),
        }
    })
    .boxed()
}

/// Where a stream comes from, for the metrics.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) kind: ScopeKind,
    pub(super) source: AnswerSource,
    pub(super) asked: Instant,
}

/// Counts a stream: its first content, and its end or the caller's leaving.
pub(super) fn watched(
    origin: Origin,
    events: BoxStream<CompletionEvent>,
) -> BoxStream<CompletionEvent> {
    let mut watch = Watch { origin, progress: Progress::Silent };
    events.inspect(move |event| watch.see(event)).boxed()
}

struct Watch {
    origin: Origin,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Silent,
    Speaking,
    Ended,
}

impl Watch {
    fn see(&mut self, event: &CompletionEvent) {
        match event {
            CompletionEvent::Text(_) if self.progress == Progress::Silent => {
                self.progress = Progress::Speaking;
                metrics::first_content(self.origin.source, self.origin.asked.elapsed());
            }
            CompletionEvent::Text(_) => {}
            CompletionEvent::Finished { .. } => self.end(Outcome::Finished),
            CompletionEvent::Failed { error } => self.end(Outcome::Failed(*error)),
        }
    }

    fn end(&mut self, outcome: Outcome) {
        self.progress = Progress::Ended;
        let Origin { kind, source, asked } = self.origin;
        metrics::answered(kind, source, outcome, asked.elapsed());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.progress != Progress::Ended {
            self.end(Outcome::Left);
        }
    }
}
