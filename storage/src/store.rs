//! The store port on both databases: claim, fenced group commit, restore.
//!
//! **Invariant:** what a batch changes is decided by the owner rows, which are locked first and in
//! order, in the same transaction, by epoch and batch number. A partition whose row doesn't fit is
//! left out; no call repeats anything by itself.

mod claim;
mod commit_postgres;
mod commit_sqlite;
mod fence;
mod fold;
mod learning;
mod restore;
mod rows;
mod upkeep;

use async_trait::async_trait;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{
    Batch, Committed, IntentRow, JournalRow, Owner, SlotLease, Store, StoreError, StoredSession,
    Work,
};

use crate::pool::Database;

#[async_trait]
impl Store for Database {
    async fn claim(&self, partitions: &[PartitionId]) -> Result<Vec<Owner>, StoreError> {
        claim::claim(self, partitions).await
    }

    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        fence::check(batch)?;
        match self {
            Self::Postgres(postgres) => commit_postgres::commit(postgres, batch).await,
            Self::Sqlite(sqlite) => commit_sqlite::commit(sqlite, batch).await,
        }
    }

    async fn restore(&self, student: StudentId) -> Result<Option<StoredSession>, StoreError> {
        restore::session(self, student).await
    }

    async fn texts(
        &self,
        student: StudentId,
        revs: &[i64],
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        restore::texts(self, student, revs).await
    }

    async fn work(&self, partition: PartitionId) -> Result<Vec<Work>, StoreError> {
        restore::work(self, partition).await
    }

    async fn outbox(
        &self,
        partition: PartitionId,
        out_seq: i64,
        limit: u32,
    ) -> Result<Vec<JournalRow>, StoreError> {
        restore::outbox(self, partition, out_seq, limit).await
    }

    async fn due(
        &self,
        partition: PartitionId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(StudentId, Timestamp)>, StoreError> {
        upkeep::due(self, partition, until, limit).await
    }

    async fn slots(&self, now: Timestamp) -> Result<Vec<SlotLease>, StoreError> {
        crate::slot::live(self, now).await
    }

    async fn quarantine(
        &self,
        student: StudentId,
        until: Option<Timestamp>,
        quarantines: i16,
    ) -> Result<(), StoreError> {
        upkeep::quarantine(self, student, until, quarantines).await
    }

    async fn intents(&self, now: Timestamp, limit: u32) -> Result<Vec<IntentRow>, StoreError> {
        crate::intent::take_due(self, now, limit).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        upkeep::health(self).await
    }
}
