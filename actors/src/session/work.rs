//! What an active session does with what reaches it: records, pieces, timers.

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::frame::{frames, frames_in};
use learnflow_engine::event::public::public_events;
use learnflow_engine::event::{self, StepTexts};
use learnflow_engine::id::TurnId;
use learnflow_engine::port::log::{CommandKind, DeadLetter, Outgoing};
use learnflow_engine::port::store::{JournalRow, StoreError};
use learnflow_engine::port::vault::{Place, VaultError};
use learnflow_engine::session::command::Command;
use learnflow_engine::session::decide::{decide, is_stale, needs_texts};
use learnflow_engine::session::effect::{Decision, Effect};
use learnflow_engine::session::input::{Context, Input, Texts};
use learnflow_engine::session::state::Position;
use ractor::ActorRef;

use super::behavior::{RETRY, broken};
use super::call::Request;
use super::restore::{load_texts, open_texts};
use super::say::{Asker, Refusal};
use super::step::Origin;
use super::{Active, Message, PENDING_STEPS, RestoreError, SessionRecord, TextsPhase};
use crate::committer::Submission;
use crate::completion::handle::CompletionEvent;
use crate::metrics;
use crate::partition::Message as PartitionMessage;

impl Active {
    /// Whether a message can be handled now. If texts are missing, they are asked for.
    pub(super) fn may_take(&mut self, myself: &ActorRef<Message>, message: &Message) -> bool {
        if self.pending_steps() >= PENDING_STEPS {
            return false;
        }
        // Every record may be an ask; its body is still sealed, so its clear kind decides.
        let wants_texts = match message {
            Message::Record(record) => match record.command.kind {
                CommandKind::Ask
                | CommandKind::Cancel
                | CommandKind::Attach
                | CommandKind::Hint => true,
                CommandKind::Feedback
                | CommandKind::Detach
                | CommandKind::Active
                | CommandKind::Enrolled
                | CommandKind::Submit
                | CommandKind::Quiz => false,
            },
            Message::Completion { .. }
            | Message::Guarded { .. }
            | Message::Recover { .. }
            | Message::FireTimers { .. } => true,
            Message::Restored(_)
            | Message::TextsLoaded(_)
            | Message::Committed { .. }
            | Message::Republish(_)
            | Message::IdleCheck
            | Message::Passivate
            | Message::HandOver(_) => false,
        };
        if !wants_texts || self.texts_phase == TextsPhase::Here {
            return true;
        }
        if self.texts_phase == TextsPhase::Away {
            self.texts_phase = TextsPhase::Loading;
            self.spawn_load(myself);
        }
        false
    }

    fn spawn_load(&self, myself: &ActorRef<Message>) {
        let (world, key, state) = (self.world.clone(), self.key.clone(), self.durable.clone());
        let (myself, ledger) = (myself.clone(), Arc::clone(&self.ledger));
        self.world.tasks.spawn(async move {
            loop {
                match load_texts(&world, &key, &state).await {
                    Err(RestoreError::Store(StoreError::Unavailable(_))) if !ledger.is_fenced() => {
                        tokio::time::sleep(RETRY).await;
                    }
                    result => return drop(myself.cast(Message::TextsLoaded(Box::new(result)))),
                }
            }
        });
    }

    pub(super) fn take(
        &mut self,
        myself: &ActorRef<Message>,
        message: Message,
    ) -> Result<(), RestoreError> {
        self.last_input_at = tokio::time::Instant::now();
        match message {
            Message::Record(record) => self.record(myself, &record),
            Message::Completion { turn, attempt, event } => {
                let input = completion_input(turn, attempt, event);
                self.decide_now(myself, &input)
            }
            Message::Guarded { turn, attempt, reason } => {
                self.decide_now(myself, &Input::Guarded { turn, attempt, reason })
            }
            Message::Recover { turn, handed_over } => {
                self.decide_now(myself, &Input::Recovered { turn, handed_over })
            }
            Message::FireTimers { until } => self.fire_timers(myself, until, true),
            Message::Republish(rows) => self.republish(&rows),
            Message::Restored(_)
            | Message::TextsLoaded(_)
            | Message::Committed { .. }
            | Message::IdleCheck
            | Message::Passivate
            | Message::HandOver(_) => Ok(()),
        }
    }

    fn record(
        &mut self,
        myself: &ActorRef<Message>,
        record: &SessionRecord,
    ) -> Result<(), RestoreError> {
        let position = Position {
            generation: self.ledger.generation,
            partition: self.ledger.partition.0,
            offset: record.offset,
        };
        if is_stale(&self.durable, position, record.at) {
            ::metrics::counter!(metrics::RECORDS, "outcome" => "stale").increment(1);
            self.ledger.settle(record.offset);
            return Ok(());
        }
        let Some(command) = self.open(record)? else {
            self.spawn_dead_letter(record);
            return Ok(());
        };
        ::metrics::counter!(metrics::RECORDS, "outcome" => "applied").increment(1);
        let at = record.at.max(self.durable.last_at);
        self.fire_timers(myself, at, false)?;
        let id = record.command.command;
        let input = Input::Command { id, position, at, command };
        let origin = Origin {
            position: Some(position),
            at,
            traceparent: record.command.traceparent.as_deref(),
        };
        self.decide(myself, &input, &origin)
    }

    /// Opens a record's body; `None` when it is not for this student or no command at all.
    fn open(&self, record: &SessionRecord) -> Result<Option<Command>, RestoreError> {
        let place = Place::Command(record.command.command);
        match self.world.vault.open(&self.key, place, &record.command.body) {
            Ok(body) => Ok(Command::decode(&body).ok()),
            Err(VaultError::Broken) => Ok(None),
            // The key row has a newer version: the session starts again with it.
            Err(error @ (VaultError::UnknownVersion(_) | VaultError::UnknownMaster(_))) => {
                Err(RestoreError::Vault { rev: self.durable.rev, error })
            }
        }
    }

    /// A record that nobody can apply is settled once the dead-letter topic has it.
    fn spawn_dead_letter(&self, record: &SessionRecord) {
        ::metrics::counter!(metrics::RECORDS, "outcome" => "dead_letter").increment(1);
        let letter = DeadLetter {
            partition: self.ledger.partition,
            offset: record.offset,
            reason: "the sealed body does not open for this student",
            key: Some(bytes::Bytes::from(self.student.to_string())),
            headers: Vec::new(),
            value: Some(record.command.body.clone()),
        };
        crate::partition::spawn_dead_letter(&self.world, &self.ledger, letter);
    }

    fn decide_now(
        &mut self,
        myself: &ActorRef<Message>,
        input: &Input,
    ) -> Result<(), RestoreError> {
        let at = self.world.clock.now();
        self.decide(myself, input, &Origin { position: None, at, traceparent: None })
    }

    /// Decides, makes it durable, and carries out the effects.
    fn decide(
        &mut self,
        myself: &ActorRef<Message>,
        input: &Input,
        origin: &Origin<'_>,
    ) -> Result<(), RestoreError> {
        debug_assert!(!needs_texts(input) || self.texts_phase == TextsPhase::Here);
        let context = Context {
            now: origin.at,
            clock: self.world.clock.now(),
            seed: self.world.clock.seed(),
            course: &self.world.course,
            texts: &self.texts,
            limits: &self.world.config.limits,
        };
        let decision = decide(&self.durable, input, &context);
        self.carry_out(myself, decision, origin).map_err(broken(self))
    }

    fn carry_out(
        &mut self,
        myself: &ActorRef<Message>,
        mut decision: Decision,
        origin: &Origin<'_>,
    ) -> Result<(), VaultError> {
        let effects = std::mem::take(&mut decision.effects);
        // Tokens belong to the turn as it was: they stand before the step's own frames.
        for effect in &effects {
            if let Effect::Token { turn, attempt, from, text } = effect {
                self.say_token(*turn, *attempt, *from, text)?;
                self.texts.push_streamed(text);
            }
        }
        let within = effects.iter().find_map(|effect| match effect {
            Effect::SayWithin { turn, text } => Some((*turn, text.as_str())),
            Effect::CallModel { .. }
            | Effect::Answer { .. }
            | Effect::StopModel { .. }
            | Effect::Token { .. }
            | Effect::Attached { .. }
            | Effect::Repeated { .. }
            | Effect::Refused { .. }
            | Effect::Abandoned { .. } => None,
        });
        if !decision.events.is_empty() {
            self.submit(myself, &decision, origin, within)?;
        } else if let Some(position) = origin.position {
            self.ledger.settle(position.offset);
        }
        for effect in effects {
            self.effect(myself, effect, origin)?;
        }
        Ok(())
    }

    fn effect(
        &mut self,
        myself: &ActorRef<Message>,
        effect: Effect,
        origin: &Origin<'_>,
    ) -> Result<(), VaultError> {
        match effect {
            // Both were said with the step.
            Effect::Token { .. } | Effect::SayWithin { .. } => Ok(()),
            Effect::CallModel { turn, attempt, prompt, guard } => {
                let request = Request { prompt: *prompt, guard };
                self.begin_call(myself, (turn, attempt), request, origin.traceparent);
                Ok(())
            }
            Effect::Answer { turn, attempt, text } => {
                self.begin_answer(myself, (turn, attempt), text);
                Ok(())
            }
            Effect::StopModel { turn } => {
                self.end_call_of(turn);
                Ok(())
            }
            Effect::Attached { slot, slot_epoch, socket } => {
                self.say_attached(&Asker { slot, slot_epoch, socket })
            }
            Effect::Repeated { command, seq } => self.say_repeated(command, seq),
            Effect::Refused { command, code, detail, retry_ms } => {
                self.say_refused(&Refusal { command, code, detail, retry_ms })
            }
            Effect::Abandoned { turn } => {
                tracing::error!(student = %self.student, %turn, "a turn was given up after crashes");
                self.dead_letter_turn(turn);
                Ok(())
            }
        }
    }

    /// Leaves a trace of a turn that was given up; it has no record of its own any more.
    fn dead_letter_turn(&self, turn: TurnId) {
        let letter = DeadLetter {
            partition: self.ledger.partition,
            offset: -1,
            reason: "the turn was given up after repeated crashes",
            key: Some(bytes::Bytes::from(self.student.to_string())),
            headers: vec![("turn".to_owned(), bytes::Bytes::from(turn.to_string()))],
            value: None,
        };
        crate::partition::spawn_dead_letter(&self.world, &self.ledger, letter);
    }

    /// Fires the timers that are due; when none is, the stored column gets its true value.
    fn fire_timers(
        &mut self,
        myself: &ActorRef<Message>,
        until: Timestamp,
        woken: bool,
    ) -> Result<(), RestoreError> {
        if woken {
            self.timer_told = None;
        }
        while let Some((due, timer)) =
            self.durable.timers.first().copied().filter(|(due, _)| *due <= until)
        {
            let origin = Origin { position: None, at: due, traceparent: None };
            self.decide(myself, &Input::TimerDue { timer }, &origin)?;
        }
        if woken {
            self.tell_timer();
            if self.timer_column.is_some_and(|column| column <= until)
                && let Some(snapshot) = self.loose_snapshot().map_err(broken(self))?
            {
                self.committer.submit(Submission::Snapshot(Arc::clone(&self.ledger), snapshot));
            }
        }
        Ok(())
    }

    /// Says rows of the journal again: their frames may not have left before a crash.
    fn republish(&mut self, rows: &[JournalRow]) -> Result<(), RestoreError> {
        for row in rows {
            let rev = row.rev;
            let facts = self
                .world
                .vault
                .open(&self.key, Place::JournalFacts(rev), &row.facts)
                .map_err(|error| RestoreError::Vault { rev, error })?;
            let events =
                event::decode_facts(&facts).map_err(|error| RestoreError::Format { rev, error })?;
            let texts = match &row.text {
                None => StepTexts::default(),
                Some(text) => open_texts(self.world.vault.as_ref(), &self.key, rev, text)?,
            };
            let count = frames_in(&events);
            let said = frames(&events, &texts, row.last_frame - count + 1);
            let mut outgoing = self.durable_frames(&said).map_err(broken(self))?;
            let first_event = row.last_event + 1 - i64::try_from(events.len()).unwrap_or(i64::MAX);
            let public = public_events(&self.durable, &events, first_event, row.at, None);
            outgoing.extend(public.into_iter().map(Outgoing::Event));
            self.publisher.durable(Arc::clone(&self.ledger), row.out_seq, outgoing);
        }
        Ok(())
    }

    /// Texts go first, then the session itself: most of what an idle session holds is text.
    pub(super) fn idle_check(&mut self, busy: bool) {
        if busy || !self.is_idle() {
            return;
        }
        let idle = self.last_input_at.elapsed();
        let config = &self.world.config;
        if idle >= Duration::from_millis(config.passivate_after_ms) {
            drop(self.partition.cast(PartitionMessage::Idle { student: self.student }));
        } else if idle >= Duration::from_millis(config.texts_kept_ms)
            && self.texts_phase == TextsPhase::Here
            && !self.durable.text_revs().is_empty()
        {
            ::metrics::counter!(metrics::TEXTS_RELEASED).increment(1);
            self.texts = Texts::default();
            self.texts_phase = TextsPhase::Away;
        }
    }
}

fn completion_input(turn: TurnId, attempt: i16, event: CompletionEvent) -> Input {
    match event {
        CompletionEvent::Text(text) => Input::Piece { turn, attempt, text },
        CompletionEvent::Finished { reason, usage, source } => {
            Input::Finished { turn, attempt, reason, usage, source }
        }
        CompletionEvent::Failed { error } => Input::Failed { turn, attempt, error },
    }
}
