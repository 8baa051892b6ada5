//! What a partition does with each message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::log::{BoxStream, Record, RecordContent};
use learnflow_engine::port::store::{LooseSnapshot, WorkKind};
use learnflow_engine::session::input::HandOver;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::ledger::Ledger;
use super::outbox::ReadBack;
use super::sessions::{Place, Sessions};
use super::{Arguments, Inheritance, Message};
use crate::committer::{CommitterHandle, HandOver as LastCommit, Submission};
use crate::metrics::{self, Living};
use crate::publisher::PublisherHandle;
use crate::session::behavior::SessionActor;
use crate::session::{Arguments as SessionArguments, Message as SessionMessage, SessionRecord};
use crate::world::World;

/// Pause between looks at timers, idle sessions and the watermark.
const TICK: Duration = Duration::from_secs(1);
/// Sessions that are woken at once by their timers.
const WAKE_LIMIT: usize = 50;
/// Sessions have so long to hand over their snapshots.
const HAND_OVER: Duration = Duration::from_millis(200);

/// The behaviour.
#[derive(Debug)]
pub struct PartitionActor;

/// What a partition knows.
#[derive(Debug)]
pub struct Partition {
    pub(super) world: World,
    pub(super) ledger: Arc<Ledger>,
    pub(super) committer: CommitterHandle,
    pub(super) publisher: PublisherHandle,
    pub(super) sessions: Sessions,
    pub(super) pump: AbortHandle,
    pub(super) ticker: AbortHandle,
    pub(super) asks_log_end: bool,
    /// One after the newest record that sessions were given.
    pub(super) read_up_to: i64,
    pub(super) read_back: Option<ReadBack>,
    /// What comes is the next owner's.
    pub(super) handed_over: bool,
    _living: Living,
}

impl Actor for PartitionActor {
    type Msg = Message;
    type State = Partition;
    type Arguments = Arguments;

    async fn pre_start(
        &self,
        myself: ActorRef<Message>,
        arguments: Arguments,
    ) -> Result<Partition, ActorProcessingErr> {
        let Arguments { world, ledger, records, inheritance, committer, publisher } = arguments;
        let pump = world.tasks.spawn(pump(myself.clone(), Arc::clone(&ledger), records));
        let ticker = world.tasks.spawn(tick(myself.clone()));
        let mut partition = Partition {
            read_up_to: ledger.next_offset(),
            read_back: None,
            handed_over: false,
            _living: Living::new(metrics::PARTITIONS),
            world,
            ledger,
            committer,
            publisher,
            sessions: Sessions::default(),
            pump: pump.abort_handle(),
            ticker: ticker.abort_handle(),
            asks_log_end: false,
        };
        partition.inherit(&myself, inheritance).await?;
        Ok(partition)
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        partition: &mut Partition,
    ) -> Result<(), ActorProcessingErr> {
        partition.receive(&myself, message).await
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Message>,
        event: SupervisionEvent,
        partition: &mut Partition,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorTerminated(who, _, _) => {
                partition.stopped(&myself, who.get_id()).await
            }
            SupervisionEvent::ActorFailed(who, error) => {
                partition.failed(&myself, who.get_id(), &error.to_string());
                Ok(())
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => Ok(()),
        }
    }

    async fn post_stop(
        &self,
        _myself: ActorRef<Message>,
        partition: &mut Partition,
    ) -> Result<(), ActorProcessingErr> {
        partition.pump.abort();
        partition.ticker.abort();
        partition.ledger.fence();
        for place in partition.sessions.places.values() {
            if let Place::Resident(session) | Place::Leaving(session, _) = place {
                session.stop(None);
            }
        }
        Ok(())
    }
}

/// Feeds records into the mailbox, one credit each.
async fn pump(partition: ActorRef<Message>, ledger: Arc<Ledger>, mut records: BoxStream<Record>) {
    while let Some(record) = records.next().await {
        // Closed when the claim is lost.
        let Ok(credit) = ledger.credits.acquire().await else { return };
        credit.forget();
        ledger.received(record.offset, record.digest);
        if partition.cast(Message::Record(Box::new(record))).is_err() {
            return;
        }
    }
    drop(partition.cast(Message::StreamEnded));
}

async fn tick(partition: ActorRef<Message>) {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if partition.cast(Message::Tick).is_err() {
            return;
        }
    }
}

impl Partition {
    async fn receive(
        &mut self,
        myself: &ActorRef<Message>,
        message: Message,
    ) -> Result<(), ActorProcessingErr> {
        if self.handed_over && !matches!(message, Message::SnapshotsTaken(..)) {
            return Ok(());
        }
        match message {
            Message::Record(record) => return self.record(myself, *record).await,
            Message::StreamEnded => {}
            Message::Idle { student } => self.passivate(student),
            Message::StillBusy { student } => self.keep(student),
            Message::TimerWanted { student, due } => self.sessions.want_timer(student, due),
            Message::Tick => self.tick(myself),
            Message::LogEnd { end, asked_at } => return self.log_end(myself, end, asked_at).await,
            Message::Restart { student, work } => {
                return self.restart(myself, student, work).await;
            }
            Message::Rests { student, until, quarantines } => {
                self.rests(student, until, quarantines);
            }
            Message::Unpublished(page) => return self.republish(myself, page).await,
            Message::ReadBack { until } => self.read_page(myself, until),
            Message::HandOver(done) => self.hand_over(myself, done),
            Message::SnapshotsTaken(snapshots, done) => {
                let ledger = Arc::clone(&self.ledger);
                let last = LastCommit { ledger, snapshots, done };
                self.committer.submit(Submission::HandOver(last));
            }
        }
        Ok(())
    }

    /// Takes up what the last owner left: running work first, then what wasn't published.
    async fn inherit(
        &mut self,
        myself: &ActorRef<Message>,
        inheritance: Inheritance,
    ) -> Result<(), ActorProcessingErr> {
        let Inheritance { work, handed_over, timers, unpublished } = inheritance;
        let handed_over = handed_over.unwrap_or(HandOver::Crashed);
        self.republish(myself, unpublished).await?;
        for work in work {
            match work.kind {
                WorkKind::Answer => {
                    let turn = TurnId::new(work.id);
                    let recover = SessionMessage::Recover { turn, handed_over };
                    self.tell(myself, work.student, recover).await?;
                }
            }
        }
        for (student, due) in timers {
            self.sessions.want_timer(student, due);
        }
        Ok(())
    }

    async fn record(
        &mut self,
        myself: &ActorRef<Message>,
        record: Record,
    ) -> Result<(), ActorProcessingErr> {
        self.read_up_to = record.offset + 1;
        match record.content {
            RecordContent::Undecodable(letter) => {
                ::metrics::counter!(metrics::RECORDS, "outcome" => "undecodable").increment(1);
                super::spawn_dead_letter(&self.world, &self.ledger, letter);
                Ok(())
            }
            RecordContent::Command(command) => {
                let student = command.student;
                let record = SessionRecord { offset: record.offset, at: record.at, command };
                self.sessions.unsettled.entry(student).or_default().push_back(record.clone());
                self.tell(myself, student, SessionMessage::Record(Box::new(record))).await
            }
        }
    }

    /// Hands a message to a student's session, which is started when it isn't there.
    pub(super) async fn tell(
        &mut self,
        myself: &ActorRef<Message>,
        student: StudentId,
        message: SessionMessage,
    ) -> Result<(), ActorProcessingErr> {
        let now = self.world.clock.now();
        match self.sessions.places.get_mut(&student) {
            Some(Place::Resident(session)) => {
                // A session that just died is reported by its supervision event; the record is
                // among the unsettled and comes again.
                drop(session.cast(message));
                return Ok(());
            }
            Some(Place::Leaving(_, buffer) | Place::Restarting(buffer)) => {
                buffer.push_back(message);
                return Ok(());
            }
            Some(Place::Resting { until }) if now < *until => {
                self.skip(student, message);
                return Ok(());
            }
            Some(place @ Place::Resting { .. }) => {
                *place = Place::Restarting(VecDeque::from([message]));
                self.restore_again(myself, student);
                return Ok(());
            }
            None => {}
        }
        let session = self.spawn(myself, student).await?;
        drop(session.cast(message));
        self.sessions.places.insert(student, Place::Resident(session));
        Ok(())
    }

    /// A resting student's record was never acknowledged: settled and counted.
    fn skip(&mut self, student: StudentId, message: SessionMessage) {
        match message {
            SessionMessage::Record(record) => {
                ::metrics::counter!(metrics::RECORDS, "outcome" => "resting").increment(1);
                self.ledger.settle(record.offset);
                self.sessions.unsettled.remove(&student);
            }
            // Who comes back reads those frames from the store.
            SessionMessage::Republish(rows) => {
                for row in rows {
                    self.ledger.published(row.out_seq);
                }
            }
            SessionMessage::Restored(_)
            | SessionMessage::TextsLoaded(_)
            | SessionMessage::Completion { .. }
            | SessionMessage::Guarded { .. }
            | SessionMessage::Recover { .. }
            | SessionMessage::FireTimers { .. }
            | SessionMessage::Committed { .. }
            | SessionMessage::IdleCheck
            | SessionMessage::Passivate
            | SessionMessage::HandOver(_) => {}
        }
    }

    async fn spawn(
        &self,
        myself: &ActorRef<Message>,
        student: StudentId,
    ) -> Result<ActorRef<SessionMessage>, ActorProcessingErr> {
        let arguments = SessionArguments {
            student,
            world: self.world.clone(),
            ledger: Arc::clone(&self.ledger),
            committer: self.committer.clone(),
            publisher: self.publisher.clone(),
            partition: myself.clone(),
        };
        let (session, _) =
            Actor::spawn_linked(None, SessionActor, arguments, myself.get_cell()).await?;
        Ok(session)
    }

    fn tick(&mut self, myself: &ActorRef<Message>) {
        self.sessions.forget_settled(self.ledger.next_offset());
        if self.ledger.is_ahead_of_store() {
            self.committer.submit(Submission::Touch(Arc::clone(&self.ledger)));
        }
        for place in self.sessions.places.values() {
            if let Place::Resident(session) = place {
                drop(session.cast(SessionMessage::IdleCheck));
            }
        }
        self.continue_reading_back(myself);
        let now = self.world.clock.now();
        self.end_rests(myself, now);
        if self.sessions.has_due(now) && !self.asks_log_end {
            self.ask_log_end(myself, now);
        }
    }

    /// Timers run in the student's time: records that came before a due time are applied first.
    fn ask_log_end(&mut self, myself: &ActorRef<Message>, asked_at: Timestamp) {
        self.asks_log_end = true;
        let (log, myself) = (Arc::clone(&self.world.log), myself.clone());
        let (partition, next_offset) = (self.ledger.partition, self.ledger.next_offset());
        self.world.tasks.spawn(async move {
            let end = log.inspect(partition, next_offset).await.map_or(i64::MAX, |seen| seen.end);
            drop(myself.cast(Message::LogEnd { end, asked_at }));
        });
    }

    async fn log_end(
        &mut self,
        myself: &ActorRef<Message>,
        end: i64,
        asked_at: Timestamp,
    ) -> Result<(), ActorProcessingErr> {
        self.asks_log_end = false;
        // Not read that far yet (or the log is away): the next tick asks again.
        if self.read_up_to < end {
            return Ok(());
        }
        for student in self.sessions.take_due(asked_at, WAKE_LIMIT) {
            self.tell(myself, student, SessionMessage::FireTimers { until: asked_at }).await?;
        }
        Ok(())
    }

    /// Stops taking records, collects last snapshots, and leaves the last commit to the committer.
    fn hand_over(&mut self, myself: &ActorRef<Message>, done: oneshot::Sender<()>) {
        self.handed_over = true;
        self.pump.abort();
        let mut replies = Vec::new();
        for place in self.sessions.places.values() {
            if let Place::Resident(session) | Place::Leaving(session, _) = place {
                let (reply, wait) = oneshot::channel::<Option<LooseSnapshot>>();
                if session.cast(SessionMessage::HandOver(reply)).is_ok() {
                    replies.push(wait);
                }
            }
        }
        let myself = myself.clone();
        self.world.tasks.spawn(async move {
            let collect = futures_util::future::join_all(replies);
            let taken = tokio::time::timeout(HAND_OVER, collect).await.unwrap_or_default();
            let snapshots = taken.into_iter().filter_map(Result::ok).flatten().collect();
            drop(myself.cast(Message::SnapshotsTaken(snapshots, done)));
        });
    }
}
