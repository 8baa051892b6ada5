//! What a session does with each message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::VaultError;
use learnflow_engine::session::input::Texts;
use ractor::{Actor, ActorProcessingErr, ActorRef};

use super::restore::restore;
use super::{Active, Arguments, Message, Phase, RestoreError, Restored, Session, TextsPhase};
use crate::committer::Submission;
use crate::metrics::{self, Living};
use crate::partition::Message as PartitionMessage;

/// Pause before the store is asked again.
pub(super) const RETRY: Duration = Duration::from_millis(500);

/// The behaviour.
#[derive(Debug)]
pub struct SessionActor;

impl Actor for SessionActor {
    type Msg = Message;
    type State = Session;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Message>,
        arguments: Arguments,
    ) -> Result<Session, ActorProcessingErr> {
        spawn_restore(&myself, &arguments);
        Ok(Session {
            arguments,
            phase: Phase::Restoring,
            stash: VecDeque::new(),
            _living: Living::new(metrics::SESSIONS),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        session: &mut Session,
    ) -> Result<(), ActorProcessingErr> {
        session.receive(&myself, message).map_err(ActorProcessingErr::from)
    }
}

/// Asks the store in a task, again and again while it is away.
fn spawn_restore(myself: &ActorRef<Message>, arguments: &Arguments) {
    let (world, student) = (arguments.world.clone(), arguments.student);
    let (myself, ledger) = (myself.clone(), Arc::clone(&arguments.ledger));
    arguments.world.tasks.spawn(async move {
        let Ok(_permit) = Arc::clone(&world.restores).acquire_owned().await else { return };
        loop {
            let result = restore(&world, student).await;
            match result {
                Err(RestoreError::Store(StoreError::Unavailable(_))) if !ledger.is_fenced() => {
                    tokio::time::sleep(RETRY).await;
                }
                result => return drop(myself.cast(Message::Restored(Box::new(result)))),
            }
        }
    });
}

impl Session {
    fn receive(
        &mut self,
        myself: &ActorRef<Message>,
        message: Message,
    ) -> Result<(), RestoreError> {
        match (&mut self.phase, message) {
            (Phase::Restoring, Message::Restored(result)) => match *result {
                Ok(Some(restored)) => {
                    self.activate(restored);
                    self.unstash(myself)
                }
                Ok(None) => {
                    self.phase = Phase::Gone;
                    self.unstash(myself)
                }
                Err(RestoreError::Resting { until, quarantines }) => {
                    let student = self.arguments.student;
                    let rests = PartitionMessage::Rests { student, until, quarantines };
                    drop(self.arguments.partition.cast(rests));
                    self.phase = Phase::Gone;
                    self.unstash(myself)
                }
                // The partition decides what becomes of a session that can't be restored.
                Err(error) => Err(error),
            },
            (Phase::Restoring, Message::HandOver(reply)) => {
                drop(reply.send(None));
                self.hand_over();
                Ok(())
            }
            (Phase::Restoring, Message::IdleCheck) | (Phase::HandedOver, _) => Ok(()),
            (Phase::Restoring, message) => {
                self.stash.push_back(message);
                Ok(())
            }
            (Phase::Gone, message) => {
                gone(myself, &self.arguments, message);
                Ok(())
            }
            (Phase::Active(_), message) => self.active(myself, message),
        }
    }

    /// The call ends with the memory; what was not committed is the next owner's to do again.
    fn hand_over(&mut self) {
        self.phase = Phase::HandedOver;
        self.stash.clear();
    }

    fn activate(&mut self, restored: Restored) {
        ::metrics::counter!(metrics::RESTORED).increment(1);
        let Restored { key, state, snapshot_rev, timer_column } = restored;
        let a = &self.arguments;
        let idle = state.text_revs().is_empty();
        self.phase = Phase::Active(Box::new(Active {
            student: a.student,
            world: a.world.clone(),
            ledger: Arc::clone(&a.ledger),
            committer: a.committer.clone(),
            publisher: a.publisher.clone(),
            partition: a.partition.clone(),
            key,
            committed_rev: state.rev,
            durable: state,
            texts: Texts::default(),
            texts_phase: if idle { TextsPhase::Here } else { TextsPhase::Away },
            snapshot_rev,
            timer_column,
            timer_told: None,
            held: VecDeque::new(),
            call: None,
            last_input_at: tokio::time::Instant::now(),
        }));
        if let Phase::Active(active) = &mut self.phase {
            active.tell_timer();
        }
    }

    /// Handles a message, or stashes it behind those that wait already.
    fn active(&mut self, myself: &ActorRef<Message>, message: Message) -> Result<(), RestoreError> {
        let Phase::Active(active) = &mut self.phase else { return Ok(()) };
        match message {
            Message::TextsLoaded(result) => {
                active.texts = (*result)?;
                active.texts_phase = TextsPhase::Here;
                self.unstash(myself)
            }
            Message::Committed { rev } => {
                active.committed_rev = active.committed_rev.max(rev);
                active.release();
                self.unstash(myself)
            }
            Message::IdleCheck => {
                let busy = !self.stash.is_empty();
                active.idle_check(busy);
                Ok(())
            }
            Message::Passivate => {
                if self.stash.is_empty() && active.is_idle() {
                    if let Some(snapshot) = active.loose_snapshot().map_err(broken(active))? {
                        let ledger = Arc::clone(&active.ledger);
                        active.committer.submit(Submission::Snapshot(ledger, snapshot));
                    }
                    ::metrics::counter!(metrics::PASSIVATED).increment(1);
                    myself.stop(None);
                } else {
                    let busy = PartitionMessage::StillBusy { student: active.student };
                    drop(active.partition.cast(busy));
                }
                Ok(())
            }
            Message::HandOver(reply) => {
                drop(reply.send(active.loose_snapshot().map_err(broken(active))?));
                self.hand_over();
                Ok(())
            }
            message @ (Message::Record(_)
            | Message::Restored(_)
            | Message::Completion { .. }
            | Message::Guarded { .. }
            | Message::Recover { .. }
            | Message::FireTimers { .. }
            | Message::Republish(_)) => {
                if self.stash.is_empty() && active.may_take(myself, &message) {
                    active.take(myself, message)
                } else {
                    self.stash.push_back(message);
                    Ok(())
                }
            }
        }
    }

    fn unstash(&mut self, myself: &ActorRef<Message>) -> Result<(), RestoreError> {
        while let Some(message) = self.stash.pop_front() {
            match &mut self.phase {
                Phase::Restoring => {
                    self.stash.push_front(message);
                    return Ok(());
                }
                Phase::Gone => gone(myself, &self.arguments, message),
                Phase::HandedOver => return Ok(()),
                Phase::Active(active) => {
                    if !active.may_take(myself, &message) {
                        self.stash.push_front(message);
                        return Ok(());
                    }
                    active.take(myself, message)?;
                }
            }
        }
        Ok(())
    }
}

/// What comes for a student who is no longer there is settled and counted.
fn gone(myself: &ActorRef<Message>, arguments: &Arguments, message: Message) {
    match message {
        Message::Record(record) => {
            ::metrics::counter!(metrics::RECORDS, "outcome" => "no_student").increment(1);
            arguments.ledger.settle(record.offset);
        }
        Message::HandOver(reply) => drop(reply.send(None)),
        // Nobody will ever say those frames.
        Message::Republish(rows) => {
            for row in rows {
                arguments.ledger.published(row.out_seq);
            }
        }
        Message::Passivate => myself.stop(None),
        Message::IdleCheck => {
            let idle = PartitionMessage::Idle { student: arguments.student };
            drop(arguments.partition.cast(idle));
        }
        Message::Restored(_)
        | Message::TextsLoaded(_)
        | Message::Completion { .. }
        | Message::Guarded { .. }
        | Message::Recover { .. }
        | Message::FireTimers { .. }
        | Message::Committed { .. } => {}
    }
}

/// A value that can't be sealed or opened fails the session.
pub(super) fn broken(active: &Active) -> impl Fn(VaultError) -> RestoreError + use<> {
    let rev = active.durable.rev;
    move |error| RestoreError::Vault { rev, error }
}
