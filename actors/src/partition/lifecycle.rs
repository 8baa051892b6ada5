//! How sessions of a partition end and begin again: passivation, failure, rest.

use std::collections::VecDeque;
use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::session::input::HandOver;
use ractor::{ActorProcessingErr, ActorRef};

use super::Message;
use super::behavior::Partition;
use super::restarts::Verdict;
use super::sessions::Place;
use crate::metrics;
use crate::session::Message as SessionMessage;

impl Partition {
    pub(super) fn passivate(&mut self, student: StudentId) {
        if let Some(Place::Resident(session)) = self.sessions.places.get(&student) {
            let session = session.clone();
            drop(session.cast(SessionMessage::Passivate));
            self.sessions.places.insert(student, Place::Leaving(session, VecDeque::new()));
        }
    }

    pub(super) fn keep(&mut self, student: StudentId) {
        if let Some(Place::Leaving(session, buffer)) = self.sessions.places.remove(&student) {
            for message in buffer {
                drop(session.cast(message));
            }
            self.sessions.places.insert(student, Place::Resident(session));
        }
    }

    pub(super) fn student_of(&self, id: ractor::ActorId) -> Option<StudentId> {
        self.sessions.places.iter().find_map(|(student, place)| match place {
            Place::Resident(session) | Place::Leaving(session, _) if session.get_id() == id => {
                Some(*student)
            }
            Place::Resident(_)
            | Place::Leaving(..)
            | Place::Restarting(_)
            | Place::Resting { .. } => None,
        })
    }

    /// A session has stopped in order: what waited for it starts a new one.
    pub(super) async fn stopped(
        &mut self,
        myself: &ActorRef<Message>,
        id: ractor::ActorId,
    ) -> Result<(), ActorProcessingErr> {
        let Some(student) = self.student_of(id) else { return Ok(()) };
        let buffer = match self.sessions.places.remove(&student) {
            Some(Place::Leaving(_, buffer)) => buffer,
            Some(Place::Resident(_) | Place::Restarting(_) | Place::Resting { .. }) | None => {
                VecDeque::new()
            }
        };
        for message in buffer {
            self.tell(myself, student, message).await?;
        }
        Ok(())
    }

    /// A session has failed: restore it, or let its student rest.
    pub(super) fn failed(&mut self, myself: &ActorRef<Message>, id: ractor::ActorId, error: &str) {
        let Some(student) = self.student_of(id) else { return };
        let now = self.world.clock.now();
        let restarts = self.sessions.restarts.entry(student).or_default();
        match restarts.failed(now.as_micros() / 1_000) {
            Verdict::Restart => {
                ::metrics::counter!(metrics::RESTARTED).increment(1);
                tracing::error!(%student, error, "a session failed; it is restored");
                self.sessions.places.insert(student, Place::Restarting(VecDeque::new()));
                // Its steps that wait in the committer end first: the store must be at rest.
                let (committer, myself) = (self.committer.clone(), myself.clone());
                self.world.tasks.spawn(async move {
                    committer.barrier().await;
                    drop(myself.cast(Message::Restart { student }));
                });
            }
            Verdict::Rest { for_ms } => {
                let rests = restarts.rests();
                self.rest(student, now.plus_millis(for_ms), rests, error);
            }
        }
    }

    fn rest(&mut self, student: StudentId, until: Timestamp, rests: i16, error: &str) {
        ::metrics::counter!(metrics::QUARANTINED).increment(1);
        tracing::error!(%student, %until, error, "a session failed again and again; it rests");
        self.sessions.places.insert(student, Place::Resting { until });
        for record in self.sessions.unsettled.remove(&student).unwrap_or_default() {
            self.ledger.settle(record.offset);
        }
        let store = Arc::clone(&self.world.store);
        self.world.tasks.spawn(async move {
            if let Err(error) = store.quarantine(student, Some(until), rests).await {
                tracing::warn!(%student, %error, "the quarantine could not be stored");
            }
        });
    }

    pub(super) async fn restart(
        &mut self,
        myself: &ActorRef<Message>,
        student: StudentId,
    ) -> Result<(), ActorProcessingErr> {
        let Some(Place::Restarting(buffer)) = self.sessions.places.remove(&student) else {
            return Ok(());
        };
        // Records that it had, whether or not it had applied them (it drops those by position);
        // those that came meanwhile are among them.
        let again = self.sessions.unsettled.get(&student).cloned().unwrap_or_default();
        for record in again {
            self.tell(myself, student, SessionMessage::Record(Box::new(record))).await?;
        }
        for message in buffer {
            if !matches!(message, SessionMessage::Record(_)) {
                self.tell(myself, student, message).await?;
            }
        }
        // Work of a turn whose call died with the session.
        for work in self.world.store.work(self.ledger.partition).await.unwrap_or_default() {
            if work.student == student {
                let turn = TurnId::new(work.id);
                let recover = SessionMessage::Recover { turn, handed_over: HandOver::Crashed };
                self.tell(myself, student, recover).await?;
            }
        }
        Ok(())
    }
}
