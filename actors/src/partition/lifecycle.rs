//! How sessions of a partition end and begin again: passivation, failure, rest.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::store::Work;
use learnflow_engine::session::input::HandOver;
use ractor::{ActorProcessingErr, ActorRef};

use super::Message;
use super::behavior::Partition;
use super::restarts::Verdict;
use super::sessions::Place;
use crate::metrics;
use crate::session::Message as SessionMessage;

/// Pause before the store is asked again.
const AGAIN: Duration = Duration::from_millis(500);

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
        let waited = match self.sessions.places.remove(&student) {
            Some(Place::Leaving(_, buffer)) => buffer,
            Some(Place::Resident(_) | Place::Restarting(_) | Place::Resting { .. }) | None => {
                VecDeque::new()
            }
        };
        let now = self.world.clock.now();
        let restarts = self.sessions.restarts.entry(student).or_default();
        match restarts.failed(now.as_micros() / 1_000) {
            Verdict::Restart => {
                ::metrics::counter!(metrics::RESTARTED).increment(1);
                tracing::error!(%student, error, "a session failed; it is restored");
                self.sessions.places.insert(student, Place::Restarting(waited));
                self.restore_again(myself, student);
            }
            Verdict::Rest { for_ms } => {
                let rests = restarts.rests();
                self.rest(student, now.plus_millis(for_ms), rests, error);
            }
        }
    }

    /// Once the store is at rest (steps of the session that failed may wait in the committer),
    /// what ran in it is read and it begins again.
    pub(super) fn restore_again(&self, myself: &ActorRef<Message>, student: StudentId) {
        let (committer, myself) = (self.committer.clone(), myself.clone());
        let (store, ledger) = (Arc::clone(&self.world.store), Arc::clone(&self.ledger));
        self.world.tasks.spawn(async move {
            committer.barrier().await;
            while !ledger.is_fenced() {
                match store.work(ledger.partition).await {
                    Ok(mut work) => {
                        work.retain(|work| work.student == student);
                        return drop(myself.cast(Message::Restart { student, work }));
                    }
                    Err(error) => {
                        tracing::warn!(%student, %error, "a session can't be restored yet");
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        });
    }

    /// Students whose rest is over are tried again: a turn of theirs may still be open.
    pub(super) fn end_rests(&mut self, myself: &ActorRef<Message>, now: Timestamp) {
        let mut rested = Vec::new();
        for (student, place) in &mut self.sessions.places {
            if matches!(place, Place::Resting { until } if *until <= now) {
                *place = Place::Restarting(VecDeque::new());
                rested.push(*student);
            }
        }
        for student in rested {
            self.restore_again(myself, student);
        }
    }

    /// The store knows of a quarantine that an earlier owner ordered.
    pub(super) fn rests(&mut self, student: StudentId, until: Timestamp, quarantines: i16) {
        if let Some(Place::Resident(session) | Place::Leaving(session, _)) =
            self.sessions.places.insert(student, Place::Resting { until })
        {
            session.stop(None);
        }
        self.sessions.restarts.entry(student).or_default().known(quarantines);
        self.settle_all(student);
    }

    fn settle_all(&mut self, student: StudentId) {
        for record in self.sessions.unsettled.remove(&student).unwrap_or_default() {
            self.ledger.settle(record.offset);
        }
    }

    fn rest(&mut self, student: StudentId, until: Timestamp, rests: i16, error: &str) {
        ::metrics::counter!(metrics::QUARANTINED).increment(1);
        tracing::error!(%student, %until, error, "a session failed again and again; it rests");
        self.sessions.places.insert(student, Place::Resting { until });
        self.settle_all(student);
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
        work: Vec<Work>,
    ) -> Result<(), ActorProcessingErr> {
        let Some(Place::Restarting(waited)) = self.sessions.places.get_mut(&student) else {
            return Ok(());
        };
        let buffer = std::mem::take(waited);
        self.sessions.places.remove(&student);
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
        for work in work {
            let turn = TurnId::new(work.id);
            let recover = SessionMessage::Recover { turn, handed_over: HandOver::Crashed };
            self.tell(myself, student, recover).await?;
        }
        Ok(())
    }
}
