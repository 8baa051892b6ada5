//! How a decision becomes durable: one step, one journal row.

use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::frame::frames;
use learnflow_engine::event::public::public_events;
use learnflow_engine::event::read::{read_changes, work_changes};
use learnflow_engine::event::v1::Event;
use learnflow_engine::event::{self};
use learnflow_engine::id::{IntentId, TurnId};
use learnflow_engine::invariants;
use learnflow_engine::port::log::Outgoing;
use learnflow_engine::port::store::{JournalRow, LooseSnapshot, SnapshotRow, Step};
use learnflow_engine::port::vault::{Place, VaultError};
use learnflow_engine::session::effect::Decision;
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::state::{Position, State};
use learnflow_engine::snapshot;
use ractor::ActorRef;

use super::{Active, Message};
use crate::committer::{StepSubmission, Submission};
use crate::metrics;
use crate::partition::Message as PartitionMessage;

/// Where a step comes from.
pub(super) struct Origin<'a> {
    /// The record, for a command.
    pub(super) position: Option<Position>,
    /// When, in the student's time.
    pub(super) at: Timestamp,
    /// W3C trace context of the record.
    pub(super) traceparent: Option<&'a str>,
}

impl Active {
    /// Applies a decision's events and sends them to the committer.
    pub(super) fn submit(
        &mut self,
        myself: &ActorRef<Message>,
        decision: &Decision,
        origin: &Origin<'_>,
        within: Option<(TurnId, &str)>,
    ) -> Result<(), VaultError> {
        let before = self.durable.clone();
        let head = StepHead { rev: before.rev + 1, position: origin.position, at: origin.at };
        apply(&mut self.durable, &head, &decision.events);
        debug_assert_eq!(invariants::step(&before, &decision.events, &self.durable), Ok(()));
        self.texts.follow(&self.durable, decision);
        let row = self.row(decision, origin)?;
        let snapshot = self.due_snapshot()?;
        let step = Step {
            next_timer: self.timer_change(snapshot.is_some()),
            snapshot,
            work: work_changes(&self.durable, &decision.events),
            reads: read_changes(&before, &self.durable, &decision.events),
            intent: decision
                .settles
                .map(|(command, result)| (IntentId::new(command.as_uuid()), result.as_str())),
            row,
        };
        let outgoing = self.outgoing(&before, decision, origin, within)?;
        count_turns(&decision.events);
        self.committer.submit(Submission::Step(Box::new(StepSubmission {
            step,
            ledger: Arc::clone(&self.ledger),
            outgoing,
            session: myself.clone(),
        })));
        self.tell_timer();
        Ok(())
    }

    fn row(&self, decision: &Decision, origin: &Origin<'_>) -> Result<JournalRow, VaultError> {
        let rev = self.durable.rev;
        let vault = &self.world.vault;
        let facts = event::encode_facts(&decision.events);
        let text = event::encode_texts(&decision.texts);
        Ok(JournalRow {
            student: self.student,
            rev,
            partition: self.ledger.partition,
            epoch: self.ledger.epoch,
            generation: self.ledger.generation,
            position: origin.position.map_or(-1, |position| position.offset),
            at: origin.at,
            last_frame: self.durable.last_frame,
            last_event: self.durable.last_event,
            out_seq: 0,
            facts: vault.seal(&self.key, Place::JournalFacts(rev), &facts)?,
            text: text
                .map(|text| vault.seal(&self.key, Place::JournalText(rev), &text))
                .transpose()?,
        })
    }

    /// What leaves with the commit: passing frames that waited (they were decided before), then
    /// the step's own frames, then public events.
    fn outgoing(
        &mut self,
        before: &State,
        decision: &Decision,
        origin: &Origin<'_>,
        within: Option<(TurnId, &str)>,
    ) -> Result<Vec<Outgoing>, VaultError> {
        let mut outgoing: Vec<Outgoing> = self.held.drain(..).map(|(_, one)| one).collect();
        let mut said = frames(&decision.events, &decision.texts, before.last_frame + 1);
        if let Some((turn, text)) = within {
            // `ack` and `route`, then the text, then `done` and whatever follows.
            let rest = said.split_off(said.len().min(2));
            outgoing.extend(self.durable_frames(&said)?);
            outgoing.extend(self.token((turn, 1), 0, text)?);
            said = rest;
        }
        outgoing.extend(self.durable_frames(&said)?);
        let public = public_events(
            &self.durable,
            &decision.events,
            before.last_event + 1,
            origin.at,
            origin.traceparent,
        );
        outgoing.extend(public.into_iter().map(Outgoing::Event));
        Ok(outgoing)
    }

    /// A snapshot with every so-many-th step.
    fn due_snapshot(&mut self) -> Result<Option<SnapshotRow>, VaultError> {
        if self.durable.rev - self.snapshot_rev < self.world.config.snapshot_every {
            return Ok(None);
        }
        self.snapshot().map(Some)
    }

    fn snapshot(&mut self) -> Result<SnapshotRow, VaultError> {
        let rev = self.durable.rev;
        let bytes = snapshot::encode(&self.durable);
        let state = self.world.vault.seal(&self.key, Place::Snapshot(rev), &bytes)?;
        self.snapshot_rev = rev;
        let kept_from = self.durable.text_revs().first().copied().unwrap_or(rev + 1);
        Ok(SnapshotRow { rev, state, kept_from })
    }

    /// A snapshot by itself, if anything changed since the last.
    pub(super) fn loose_snapshot(&mut self) -> Result<Option<LooseSnapshot>, VaultError> {
        let next_timer = self.durable.next_timer();
        if self.snapshot_rev == self.durable.rev && self.timer_column == next_timer {
            return Ok(None);
        }
        self.timer_column = next_timer;
        Ok(Some(LooseSnapshot {
            partition: self.ledger.partition,
            student: self.student,
            snapshot: self.snapshot()?,
            next_timer,
        }))
    }

    /// The column follows at once when the earliest timer moves forward; a later one may lag.
    #[expect(clippy::option_option, reason = "leave the column, clear it, set it")]
    fn timer_change(&mut self, with_snapshot: bool) -> Option<Option<Timestamp>> {
        let next = self.durable.next_timer();
        let earlier = match (next, self.timer_column) {
            (Some(next), Some(column)) => next < column,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if earlier || (with_snapshot && next != self.timer_column) {
            self.timer_column = next;
            return Some(next);
        }
        None
    }

    /// The partition wakes this session when its earliest timer is due.
    pub(super) fn tell_timer(&mut self) {
        let Some(due) = self.durable.next_timer() else { return };
        if self.timer_told.is_none_or(|told| due < told) {
            self.timer_told = Some(due);
            let wanted = PartitionMessage::TimerWanted { student: self.student, due };
            drop(self.partition.cast(wanted));
        }
    }
}

fn count_turns(events: &[Event]) {
    for event in events {
        if let Event::Ended { status, source, .. } = event {
            let source = source.map_or("none", |source| source.as_str());
            ::metrics::counter!(metrics::TURNS, "status" => status.as_str(), "source" => source)
                .increment(1);
        }
    }
}
