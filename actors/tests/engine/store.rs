//! A simulated store: tables that outlive processes ([`Tables`]), and one process's connection to
//! them ([`SimStore`]), which can be cut, stalled, refused and left in the dark.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{
    Batch, Committed, IntentRow, JournalRow, LooseSnapshot, Owner, OwnerUpdate, SlotLease,
    SnapshotRow, Step, Store, StoreError, StoredSession, Work, WorkChange,
};
use learnflow_engine::port::vault::WrappedKey;
use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

use crate::log::Life;
use crate::world::SimClock;

/// A student's row.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub(crate) partition: PartitionId,
    pub(crate) key: WrappedKey,
    pub(crate) snapshot: Option<SnapshotRow>,
    pub(crate) next_timer: Option<Timestamp>,
    pub(crate) quarantined_until: Option<Timestamp>,
    pub(crate) quarantines: i16,
}

#[derive(Debug, Default)]
struct Rows {
    owners: BTreeMap<PartitionId, Owner>,
    sessions: BTreeMap<StudentId, SessionRow>,
    journal: BTreeMap<(StudentId, i64), JournalRow>,
    work: BTreeMap<Uuid, Work>,
    slots: Vec<SlotLease>,
}

/// What the database keeps, and its faults.
#[derive(Debug)]
pub(crate) struct Tables {
    rows: Mutex<Rows>,
    /// Every call fails.
    pub(crate) away: AtomicBool,
    /// So many commits are applied and answered as unavailable.
    pub(crate) unknown_outcomes: AtomicUsize,
    /// So many commits are refused for what is in them.
    pub(crate) refusals: AtomicUsize,
    /// So many commits, and so many restores, panic.
    pub(crate) commit_panics: AtomicUsize,
    pub(crate) restore_panics: AtomicUsize,
    /// Times that texts were read.
    pub(crate) text_reads: AtomicUsize,
    /// Calls of `commit`, whatever became of them.
    pub(crate) commits: AtomicUsize,
    /// After so many commits the clock panics, in the committer's hands.
    pub(crate) committer_panics: AtomicUsize,
    clock: Arc<SimClock>,
    commit_open: watch::Sender<bool>,
    restore_open: watch::Sender<bool>,
}

impl Tables {
    pub(crate) fn new(clock: Arc<SimClock>) -> Arc<Self> {
        Arc::new(Self {
            rows: Mutex::default(),
            away: AtomicBool::new(false),
            unknown_outcomes: AtomicUsize::new(0),
            refusals: AtomicUsize::new(0),
            commit_panics: AtomicUsize::new(0),
            restore_panics: AtomicUsize::new(0),
            text_reads: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
            committer_panics: AtomicUsize::new(0),
            clock,
            commit_open: watch::Sender::new(true),
            restore_open: watch::Sender::new(true),
        })
    }

    /// Commits wait, or go on.
    pub(crate) fn stall_commits(&self, stalled: bool) {
        self.commit_open.send_replace(!stalled);
    }

    /// Restores wait, or go on.
    pub(crate) fn stall_restores(&self, stalled: bool) {
        self.restore_open.send_replace(!stalled);
    }

    /// Sign-up: the key and rev 0.
    pub(crate) fn sign_up(&self, key: WrappedKey, row: JournalRow) {
        let mut rows = self.rows.lock();
        let session = SessionRow {
            partition: row.partition,
            key,
            snapshot: None,
            next_timer: None,
            quarantined_until: None,
            quarantines: 0,
        };
        rows.sessions.insert(row.student, session);
        rows.journal.insert((row.student, row.rev), row);
    }

    /// Somebody else claims the partition.
    pub(crate) fn claim_from_outside(&self, partition: PartitionId) {
        self.rows.lock().claim(partition);
    }

    pub(crate) fn owner(&self, partition: PartitionId) -> Owner {
        self.rows.lock().owners.get(&partition).cloned().expect("the partition was claimed")
    }

    pub(crate) fn session(&self, student: StudentId) -> SessionRow {
        self.rows.lock().sessions.get(&student).cloned().expect("the student signed up")
    }

    pub(crate) fn quarantine(&self, student: StudentId, until: Timestamp, quarantines: i16) {
        if let Some(session) = self.rows.lock().sessions.get_mut(&student) {
            session.quarantined_until = Some(until);
            session.quarantines = quarantines;
        }
    }

    /// Work vanishes, as no owner would let it: what is left must come back by its timer.
    pub(crate) fn forget_work(&self) {
        self.rows.lock().work.clear();
    }

    pub(crate) fn work(&self) -> Vec<Work> {
        self.rows.lock().work.values().cloned().collect()
    }

    pub(crate) fn journal(&self, student: StudentId) -> Vec<JournalRow> {
        let rows = self.rows.lock();
        rows.journal.range((student, 0)..=(student, i64::MAX)).map(|(_, row)| row.clone()).collect()
    }

    /// A gateway has this slot until then, and nobody else.
    pub(crate) fn lease(&self, slot: i32, epoch: i64, expires_at: Timestamp) {
        let slots = &mut self.rows.lock().slots;
        slots.retain(|lease| lease.slot != slot);
        slots.push(SlotLease { slot, epoch, expires_at });
    }
}

impl Rows {
    fn claim(&mut self, partition: PartitionId) -> Owner {
        let row = self.owners.entry(partition).or_insert_with(|| Owner {
            partition,
            generation: 0,
            epoch: 0,
            batch: 0,
            next_offset: 0,
            top: -1,
            out_seq: 0,
            published_seq: 0,
            claims: 0,
            clean: false,
            cluster_id: String::new(),
            digest: None,
        });
        row.epoch += 1;
        row.claims += 1;
        let before = row.clone();
        row.clean = false;
        before
    }

    /// One transaction: checked in full before anything is written.
    fn apply(&mut self, batch: &Batch) -> Result<Committed, StoreError> {
        let mut fenced = Vec::new();
        let mut fresh = Vec::new();
        for update in &batch.owners {
            let Some(row) = self.owners.get(&update.partition) else {
                fenced.push(update.partition);
                continue;
            };
            match (row.epoch == update.epoch, update.batch - row.batch) {
                (true, 1) => fresh.push(update),
                (true, 0) => {}
                _ => fenced.push(update.partition),
            }
        }
        let is_fresh = |partition| fresh.iter().any(|update| update.partition == partition);
        let steps: Vec<&Step> =
            batch.steps.iter().filter(|step| is_fresh(step.row.partition)).collect();
        let clash = |step: &&Step| self.journal.contains_key(&(step.row.student, step.row.rev));
        if steps.iter().any(clash) {
            return Err(StoreError::Refused("the journal has this rev already".to_owned()));
        }
        for update in &fresh {
            self.write_owner(update);
        }
        for step in &steps {
            self.write_step(step);
        }
        for loose in batch.snapshots.iter().filter(|loose| is_fresh(loose.partition)) {
            self.write_snapshot(loose);
        }
        Ok(Committed { fenced })
    }

    fn write_owner(&mut self, update: &OwnerUpdate) {
        if let Some(row) = self.owners.get_mut(&update.partition) {
            row.batch = update.batch;
            row.next_offset = update.next_offset;
            row.top = update.top;
            row.out_seq = update.out_seq;
            row.published_seq = update.published_seq;
            row.cluster_id.clone_from(&update.cluster_id);
            row.digest = update.digest.or(row.digest);
            row.clean = update.clean;
            row.claims = 0;
        }
    }

    fn write_step(&mut self, step: &Step) {
        let student = step.row.student;
        self.journal.insert((student, step.row.rev), step.row.clone());
        if let Some(session) = self.sessions.get_mut(&student) {
            if let Some(next_timer) = step.next_timer {
                session.next_timer = next_timer;
            }
            if let Some(snapshot) = &step.snapshot {
                session.take(snapshot);
            }
        }
        for change in &step.work {
            match change {
                WorkChange::Put(work) => drop(self.work.insert(work.id, work.clone())),
                WorkChange::Remove { id } => drop(self.work.remove(id)),
            }
        }
    }

    fn write_snapshot(&mut self, loose: &LooseSnapshot) {
        if let Some(session) = self.sessions.get_mut(&loose.student) {
            session.take(&loose.snapshot);
            session.next_timer = loose.next_timer;
        }
    }
}

impl SessionRow {
    fn take(&mut self, snapshot: &SnapshotRow) {
        if self.snapshot.as_ref().is_none_or(|known| known.rev <= snapshot.rev) {
            self.snapshot = Some(snapshot.clone());
        }
    }
}

/// A process's connection.
#[derive(Debug)]
pub(crate) struct SimStore {
    tables: Arc<Tables>,
    life: Arc<Life>,
}

impl SimStore {
    pub(crate) const fn new(tables: Arc<Tables>, life: Arc<Life>) -> Self {
        Self { tables, life }
    }

    async fn reach(&self) -> Result<(), StoreError> {
        self.life.breathe().await;
        if self.tables.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("simulated".to_owned()));
        }
        Ok(())
    }
}

async fn open(gate: &watch::Sender<bool>) {
    drop(gate.subscribe().wait_for(|open| *open).await);
}

/// Counts down; whether there was something to count.
fn spend(counter: &AtomicUsize) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

#[async_trait]
impl Store for SimStore {
    async fn claim(&self, partitions: &[PartitionId]) -> Result<Vec<Owner>, StoreError> {
        self.reach().await?;
        let mut rows = self.tables.rows.lock();
        Ok(partitions.iter().map(|partition| rows.claim(*partition)).collect())
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        self.life.breathe().await;
        self.tables.commits.fetch_add(1, Ordering::SeqCst);
        open(&self.tables.commit_open).await;
        self.reach().await?;
        assert!(!spend(&self.tables.commit_panics), "simulated panic in a commit");
        if !batch.steps.is_empty() && spend(&self.tables.refusals) {
            return Err(StoreError::Refused("simulated".to_owned()));
        }
        let result = self.tables.rows.lock().apply(batch);
        if !batch.steps.is_empty() && spend(&self.tables.committer_panics) {
            self.tables.clock.panics.store(true, Ordering::SeqCst);
        }
        if spend(&self.tables.unknown_outcomes) {
            return Err(StoreError::Unavailable("the outcome is unknown".to_owned()));
        }
        result
    }

    async fn restore(&self, student: StudentId) -> Result<Option<StoredSession>, StoreError> {
        open(&self.tables.restore_open).await;
        assert!(!spend(&self.tables.restore_panics), "simulated panic in a restore");
        self.reach().await?;
        let rows = self.tables.rows.lock();
        let Some(session) = rows.sessions.get(&student) else { return Ok(None) };
        let after = session.snapshot.as_ref().map_or(-1, |snapshot| snapshot.rev);
        Ok(Some(StoredSession {
            key: session.key.clone(),
            snapshot: session.snapshot.clone(),
            next_timer: session.next_timer,
            rows: rows
                .journal
                .range((student, after + 1)..=(student, i64::MAX))
                .map(|(_, row)| row.clone())
                .collect(),
            quarantined_until: session.quarantined_until,
            quarantines: session.quarantines,
        }))
    }

    async fn texts(
        &self,
        student: StudentId,
        revs: &[i64],
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        self.reach().await?;
        self.tables.text_reads.fetch_add(1, Ordering::SeqCst);
        let rows = self.tables.rows.lock();
        let text = |rev: &i64| Some((*rev, rows.journal.get(&(student, *rev))?.text.clone()?));
        Ok(revs.iter().filter_map(text).collect())
    }

    async fn work(&self, partition: PartitionId) -> Result<Vec<Work>, StoreError> {
        self.reach().await?;
        let rows = self.tables.rows.lock();
        let here = |work: &&Work| rows.sessions[&work.student].partition == partition;
        Ok(rows.work.values().filter(here).cloned().collect())
    }

    async fn outbox(
        &self,
        partition: PartitionId,
        out_seq: i64,
        limit: u32,
    ) -> Result<Vec<JournalRow>, StoreError> {
        self.reach().await?;
        let rows = self.tables.rows.lock();
        let mut found: Vec<JournalRow> = rows
            .journal
            .values()
            .filter(|row| row.partition == partition && row.out_seq > out_seq)
            .cloned()
            .collect();
        found.sort_by_key(|row| row.out_seq);
        found.truncate(usize::try_from(limit).unwrap());
        Ok(found)
    }

    async fn due(
        &self,
        partition: PartitionId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(StudentId, Timestamp)>, StoreError> {
        self.reach().await?;
        let rows = self.tables.rows.lock();
        let mut due: Vec<(StudentId, Timestamp)> = rows
            .sessions
            .iter()
            .filter(|(_, session)| session.partition == partition)
            .filter_map(|(student, session)| Some((*student, session.next_timer?)))
            .filter(|(_, at)| *at <= until)
            .collect();
        due.sort_by_key(|(_, at)| *at);
        due.truncate(usize::try_from(limit).unwrap());
        Ok(due)
    }

    async fn slots(&self, now: Timestamp) -> Result<Vec<SlotLease>, StoreError> {
        self.reach().await?;
        let rows = self.tables.rows.lock();
        Ok(rows.slots.iter().filter(|lease| lease.expires_at > now).copied().collect())
    }

    async fn quarantine(
        &self,
        student: StudentId,
        until: Option<Timestamp>,
        quarantines: i16,
    ) -> Result<(), StoreError> {
        self.reach().await?;
        if let Some(session) = self.tables.rows.lock().sessions.get_mut(&student) {
            session.quarantined_until = until;
            session.quarantines = quarantines;
        }
        Ok(())
    }

    async fn intents(&self, _now: Timestamp, _limit: u32) -> Result<Vec<IntentRow>, StoreError> {
        self.reach().await?;
        Ok(Vec::new())
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.reach().await
    }
}
