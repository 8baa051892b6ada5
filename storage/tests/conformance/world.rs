//! A store of its own for each rule, and an owner that writes to it.

use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{
    Batch, Committed, JournalRow, LooseSnapshot, Owner, OwnerUpdate, SnapshotRow, Step, Store,
    StoreError,
};
use learnflow_storage::pool::Database;
use learnflow_storage::testing::Scratch;
use uuid::Uuid;

/// The time of these tests.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_123_456);

/// A scratch database and the store over it.
pub(crate) struct World {
    pub(crate) scratch: Scratch,
    pub(crate) store: Arc<dyn Store>,
}

impl World {
    fn new(scratch: Scratch) -> Self {
        Self { store: Arc::new(scratch.database().clone()), scratch }
    }

    pub(crate) async fn postgres() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests may be given a server")]
        let url = std::env::var("DATABASE_URL").ok();
        let url = url.filter(|url| url.starts_with("postgres"));
        Self::new(Scratch::postgres(url).await.unwrap())
    }

    pub(crate) async fn sqlite() -> Self {
        Self::new(Scratch::sqlite().await.unwrap())
    }

    pub(crate) fn db(&self) -> &Database {
        self.scratch.database()
    }

    pub(crate) async fn end(self) {
        drop(self.store);
        self.scratch.end().await.unwrap();
    }

    /// Makes a student known: without a key there is no session.
    pub(crate) async fn student(&self, number: u128) -> StudentId {
        const INSERT: &str =
            "INSERT INTO student_key (student_id, wrapped, created_at) VALUES ($1, $2, 0)";
        let student = student(number);
        let wrapped = number.to_be_bytes().to_vec();
        match self.db() {
            Database::Postgres(postgres) => {
                sqlx::query(INSERT)
                    .bind(student.as_uuid())
                    .bind(wrapped)
                    .execute(postgres.pool())
                    .await
                    .unwrap();
            }
            Database::Sqlite(_) => {
                let mut connection = self.scratch.sqlite_connection().await.unwrap();
                sqlx::query(INSERT)
                    .bind(student.as_uuid())
                    .bind(wrapped)
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
        }
        student
    }

    /// Claims one partition.
    pub(crate) async fn claim(&self, partition: i32) -> Writer {
        let owners = self.store.claim(&[PartitionId(partition)]).await.unwrap();
        assert_eq!(owners.len(), 1, "{owners:?}");
        Writer { owner: owners.into_iter().next().unwrap() }
    }

    /// Commits a batch that nobody fences.
    pub(crate) async fn commit(&self, batch: &Batch) {
        assert_eq!(self.store.commit(batch).await.unwrap(), Committed::default());
    }

    pub(crate) async fn outbox(&self, partition: i32) -> Vec<JournalRow> {
        self.store.outbox(PartitionId(partition), 0, 1_000).await.unwrap()
    }

    /// The revs of a student's rows after the snapshot.
    pub(crate) async fn revs(&self, student: StudentId) -> Vec<i64> {
        let session = self.store.restore(student).await.unwrap().unwrap();
        session.rows.iter().map(|row| row.rev).collect()
    }
}

/// A student by number.
pub(crate) fn student(number: u128) -> StudentId {
    StudentId::new(Uuid::from_u128(number))
}

/// Owns a partition, as a partition actor and the committer do together.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    pub(crate) owner: Owner,
}

impl Writer {
    /// A step from a record at `position` (-1: without one), at the next place of the outbox.
    pub(crate) fn step(&mut self, student: StudentId, rev: i64, position: i64) -> Step {
        self.owner.out_seq += 1;
        self.owner.top = self.owner.top.max(position);
        self.owner.next_offset = self.owner.next_offset.max(position + 1);
        let row = JournalRow {
            student,
            rev,
            partition: self.owner.partition,
            epoch: self.owner.epoch,
            generation: self.owner.generation,
            position,
            at: NOW.plus_millis(rev),
            last_frame: rev * 2,
            last_event: rev * 3,
            out_seq: self.owner.out_seq,
            facts: format!("facts {rev}").into_bytes(),
            text: (rev % 2 == 1).then(|| format!("text {rev}").into_bytes()),
        };
        let (work, reads) = (Vec::new(), Vec::new());
        Step { row, snapshot: None, next_timer: None, work, reads, intent: None }
    }

    /// What the next batch says of this partition.
    pub(crate) fn update(&mut self) -> OwnerUpdate {
        self.owner.batch += 1;
        OwnerUpdate {
            partition: self.owner.partition,
            epoch: self.owner.epoch,
            batch: self.owner.batch,
            next_offset: self.owner.next_offset,
            top: self.owner.top,
            out_seq: self.owner.out_seq,
            published_seq: self.owner.published_seq,
            cluster_id: "cluster".to_owned(),
            digest: None,
            clean: false,
        }
    }

    /// The next batch with these steps.
    pub(crate) fn batch(&mut self, steps: Vec<Step>) -> Batch {
        Batch { owners: vec![self.update()], steps, snapshots: Vec::new() }
    }

    /// The next batch with a snapshot alone.
    pub(crate) fn loose(&mut self, student: StudentId, rev: i64, timer: Option<i64>) -> Batch {
        let loose = LooseSnapshot {
            partition: self.owner.partition,
            student,
            snapshot: snapshot(rev),
            next_timer: timer.map(Timestamp::from_micros),
        };
        Batch { owners: vec![self.update()], steps: Vec::new(), snapshots: vec![loose] }
    }
}

/// A snapshot that tells its rev.
pub(crate) fn snapshot(rev: i64) -> SnapshotRow {
    SnapshotRow { rev, state: format!("state {rev}").into_bytes(), kept_from: rev + 1 }
}

/// One batch of several partitions', in order of partition.
pub(crate) fn together(batches: Vec<Batch>) -> Batch {
    let mut all = Batch::default();
    for batch in batches {
        all.owners.extend(batch.owners);
        all.steps.extend(batch.steps);
        all.snapshots.extend(batch.snapshots);
    }
    all.owners.sort_by_key(|owner| owner.partition);
    all
}

#[track_caller]
pub(crate) fn assert_refused(outcome: &Result<Committed, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
}

/// Makes two tests of each rule: one on each database.
macro_rules! on_both {
    ($($rule:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                let world = $crate::world::World::postgres().await;
                super::$rule(&world).await;
                world.end().await;
            })+
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                let world = $crate::world::World::sqlite().await;
                super::$rule(&world).await;
                world.end().await;
            })+
        }
    };
}

pub(crate) use on_both;
