//! The running call: its stream is pumped into the session's mailbox in coalesced pieces.

use std::sync::Arc;

use futures_util::StreamExt;
use learnflow_engine::id::TurnId;
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{AnswerSource, FinishReason, ModelError};
use learnflow_engine::tutor::prompt::Prompt;
use ractor::ActorRef;
use tokio::time::Instant;

use super::{Active, Call, Message};
use crate::completion::handle::{Call as CompletionCall, CompletionEvent};
use crate::completion::scope::Reuse;
use crate::session::pace::Pace;

impl Active {
    /// Begins a call; a call that still runs is ended first.
    pub(super) fn begin_call(
        &mut self,
        myself: &ActorRef<Message>,
        (turn, attempt): (TurnId, i16),
        prompt: Prompt,
        traceparent: Option<&str>,
    ) {
        self.end_call();
        let stream = self.world.completion.complete(CompletionCall {
            student: self.student,
            turn,
            prompt,
            reuse: Reuse::Nothing,
            max_tokens: self.world.config.limits.answer_tokens,
            safety_identifier: (self.world.pseudonym)(self.student),
            traceparent: traceparent.map(str::to_owned),
        });
        self.pump(myself, (turn, attempt), stream);
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
        self.pump(myself, (turn, attempt), said.boxed());
    }

    fn pump(
        &mut self,
        myself: &ActorRef<Message>,
        (turn, attempt): (TurnId, i16),
        stream: BoxStream<CompletionEvent>,
    ) {
        let pump =
            Pump { session: myself.clone(), turn, attempt, pace: Arc::clone(&self.world.pace) };
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

struct Pump {
    session: ActorRef<Message>,
    turn: TurnId,
    attempt: i16,
    pace: Arc<Pace>,
}

impl Pump {
    /// The first piece leaves at once, later ones gathered for a moment.
    async fn run(self, mut stream: BoxStream<CompletionEvent>) {
        let streaming = self.pace.begin();
        let mut buffer = String::new();
        let mut next_due = Instant::now();
        loop {
            let flush = tokio::time::sleep_until(next_due);
            tokio::select! {
                biased;
                event = stream.next() => match event {
                    Some(CompletionEvent::Text(text)) => {
                        buffer.push_str(&text);
                        if Instant::now() < next_due {
                            continue;
                        }
                    }
                    Some(last) => {
                        self.flush(&mut buffer);
                        return self.send(last);
                    }
                    None => {
                        self.flush(&mut buffer);
                        return self.send(CompletionEvent::Failed { error: ModelError::Cut });
                    }
                },
                () = flush, if !buffer.is_empty() => {}
            }
            self.flush(&mut buffer);
            next_due = Instant::now() + streaming.pause();
        }
    }

    fn flush(&self, buffer: &mut String) {
        if !buffer.is_empty() {
            self.send(CompletionEvent::Text(std::mem::take(buffer)));
        }
    }

    fn send(&self, event: CompletionEvent) {
        let Self { turn, attempt, .. } = *self;
        drop(self.session.cast(Message::Completion { turn, attempt, event }));
    }
}
