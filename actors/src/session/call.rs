//! The running call: its stream is read by the guard, if there is something to guard, and pumped
//! into the session's mailbox in coalesced pieces.

use std::sync::Arc;

use futures_util::StreamExt;
use learnflow_engine::id::TurnId;
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{AnswerSource, FinishReason, ModelError};
use learnflow_engine::tutor::leak::{Checked, Guard, LeakReason};
use learnflow_engine::tutor::prompt::Prompt;
use ractor::ActorRef;
use tokio::time::Instant;

use super::{Active, Call, Message};
use crate::completion::handle::{Call as CompletionCall, CompletionEvent};
use crate::completion::scope::Reuse;
use crate::metrics;
use crate::session::pace::Pace;

/// What is asked of the model, and who reads its answer first.
pub(super) struct Request {
    pub(super) prompt: Prompt,
    pub(super) guard: Option<Box<Guard>>,
}

impl Active {
    /// Begins a call; a call that still runs is ended first.
    pub(super) fn begin_call(
        &mut self,
        myself: &ActorRef<Message>,
        (turn, attempt): (TurnId, i16),
        request: Request,
        traceparent: Option<&str>,
    ) {
        self.end_call();
        // What the course says to everybody gives nothing away.
        let local = self.world.completion.answers_locally(&request.prompt);
        let guard = request.guard.filter(|_| !local);
        let stream = self.world.completion.complete(CompletionCall {
            student: self.student,
            turn,
            prompt: request.prompt,
            reuse: Reuse::Nothing,
            max_tokens: self.world.config.limits.answer_tokens,
            safety_identifier: (self.world.pseudonym)(self.student),
            traceparent: traceparent.map(str::to_owned),
        });
        self.pump(myself, (turn, attempt), stream, Gate::new(guard));
    }

    /// Answers a turn with a text that is known already.
    pub(super) fn begin_answer(
        &mut self,
        myself: &ActorRef<Message>,
        (turn, attempt): (TurnId, i16),
        text: String,
    ) {
        self.end_call();
        let end = CompletionEvent::Finished {
            reason: FinishReason::Stop,
            usage: None,
            source: AnswerSource::Authored,
        };
        let said = futures_util::stream::iter([CompletionEvent::Text(text), end]);
        self.pump(myself, (turn, attempt), said.boxed(), Gate::new(None));
    }

    fn pump(
        &mut self,
        myself: &ActorRef<Message>,
        (turn, attempt): (TurnId, i16),
        stream: BoxStream<CompletionEvent>,
        gate: Gate,
    ) {
        let pace = Arc::clone(&self.world.pace);
        let pump = Pump { session: myself.clone(), turn, attempt, pace, gate };
        let task = self.world.tasks.spawn(pump.run(stream));
        self.call = Some(Call { turn, pump: task.abort_handle() });
    }

    /// Ends the running call, if there is one.
    pub(super) fn end_call(&mut self) {
        self.call = None;
    }

    /// Ends the call of a turn.
    pub(super) fn end_call_of(&mut self, turn: TurnId) {
        if self.call.as_ref().is_some_and(|call| call.turn == turn) {
            self.end_call();
        }
    }
}

/// Where the guard stands, and since when it has held something back.
struct Gate {
    guard: Option<Box<Guard>>,
    held_since: Option<Instant>,
}

impl Gate {
    const fn new(guard: Option<Box<Guard>>) -> Self {
        Self { guard, held_since: None }
    }

    /// What of a piece may be said now.
    fn pass(&mut self, piece: String) -> Result<String, LeakReason> {
        let Some(guard) = &mut self.guard else { return Ok(piece) };
        match guard.push(&piece) {
            Checked::Clear(text) => {
                let now = Instant::now();
                let since = self.held_since.take();
                if text.len() < piece.len() {
                    self.held_since = since.or(Some(now));
                } else {
                    observe_hold(since, now);
                }
                Ok(text)
            }
            Checked::Blocked(reason) => Err(reason),
        }
    }

    /// What was held back until the end, if it may be said.
    fn rest(&mut self) -> Result<String, LeakReason> {
        let Some(guard) = &mut self.guard else { return Ok(String::new()) };
        match guard.finish() {
            Checked::Clear(text) => {
                observe_hold(self.held_since.take(), Instant::now());
                Ok(text)
            }
            Checked::Blocked(reason) => Err(reason),
        }
    }
}

fn observe_hold(since: Option<Instant>, now: Instant) {
    if let Some(since) = since {
        ::metrics::histogram!(metrics::HINT_HOLD_SECONDS).record(now - since);
    }
}

struct Pump {
    session: ActorRef<Message>,
    turn: TurnId,
    attempt: i16,
    pace: Arc<Pace>,
    gate: Gate,
}

impl Pump {
    /// Says the answer, and what came of it. Returning drops the stream, which ends it upstream.
    async fn run(mut self, mut stream: BoxStream<CompletionEvent>) {
        match self.say(&mut stream).await {
            Ok(last) => self.send(last),
            Err(reason) => {
                ::metrics::counter!(metrics::ANSWERS_GUARDED, "reason" => reason.as_str())
                    .increment(1);
                let Self { turn, attempt, .. } = self;
                drop(self.session.cast(Message::Guarded { turn, attempt, reason }));
            }
        }
    }

    /// The first piece leaves at once, later ones gathered for a moment.
    async fn say(
        &mut self,
        stream: &mut BoxStream<CompletionEvent>,
    ) -> Result<CompletionEvent, LeakReason> {
        let pace = Arc::clone(&self.pace);
        let streaming = pace.begin();
        let mut buffer = String::new();
        let mut next_due = Instant::now();
        loop {
            let flush = tokio::time::sleep_until(next_due);
            tokio::select! {
                biased;
                event = stream.next() => match event {
                    Some(CompletionEvent::Text(text)) => {
                        match self.gate.pass(text) {
                            Ok(text) => buffer.push_str(&text),
                            Err(reason) => {
                                self.flush(&mut buffer);
                                return Err(reason);
                            }
                        }
                        if Instant::now() < next_due {
                            continue;
                        }
                    }
                    last => {
                        let rest = self.gate.rest();
                        buffer.push_str(rest.as_deref().unwrap_or_default());
                        self.flush(&mut buffer);
                        let cut = CompletionEvent::Failed { error: ModelError::Cut };
                        return rest.map(|_| last.unwrap_or(cut));
                    }
                },
                () = flush, if !buffer.is_empty() => {}
            }
            if self.flush(&mut buffer) {
                next_due = Instant::now() + streaming.pause();
            }
        }
    }

    /// Whether anything was said.
    fn flush(&self, buffer: &mut String) -> bool {
        let is_said = !buffer.is_empty();
        if is_said {
            self.send(CompletionEvent::Text(std::mem::take(buffer)));
        }
        is_said
    }

    fn send(&self, event: CompletionEvent) {
        let Self { turn, attempt, .. } = *self;
        drop(self.session.cast(Message::Completion { turn, attempt, event }));
    }
}
