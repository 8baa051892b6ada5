//! A partition's counters: shared between the partition, its sessions and the committer.

use std::collections::BTreeSet;
use std::sync::Arc;

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::store::{Owner, OwnerUpdate};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::watermark::Watermark;

/// How far an owned partition has come. One for each claim; a new claim makes a new one.
#[derive(Debug)]
pub struct Ledger {
    /// Which partition.
    pub partition: PartitionId,
    /// The fence of this claim.
    pub epoch: i64,
    /// The log's generation.
    pub generation: i64,
    cluster_id: String,
    counters: Mutex<Counters>,
    /// One permit a record that may be unsettled.
    pub credits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Counters {
    watermark: Watermark,
    batch: i64,
    top: i64,
    out_seq: i64,
    /// Everything up to here has been published, without a gap.
    published_seq: i64,
    /// What has been published above it.
    published_ahead: BTreeSet<i64>,
    fenced: bool,
    /// The watermark and the published-sequence that the last batch carried.
    written: (i64, i64),
}

impl Ledger {
    /// From the owner row of a claim.
    pub fn new(owner: &Owner, cluster_id: String, unsettled_records: usize) -> Arc<Self> {
        Arc::new(Self {
            partition: owner.partition,
            epoch: owner.epoch,
            generation: owner.generation,
            cluster_id,
            counters: Mutex::new(Counters {
                watermark: Watermark::new(owner.next_offset, owner.digest),
                batch: owner.batch,
                top: owner.top,
                out_seq: owner.out_seq,
                published_seq: owner.published_seq,
                published_ahead: BTreeSet::new(),
                fenced: false,
                written: (owner.next_offset, owner.published_seq),
            }),
            credits: Arc::new(Semaphore::new(unsettled_records)),
        })
    }

    /// Notes a record that has arrived. Its credit was taken and forgotten by the caller.
    pub fn received(&self, offset: i64, digest: [u8; 16]) {
        self.counters.lock().watermark.received(offset, digest);
    }

    /// Settles a record and gives back the credits of all that are now below the watermark.
    pub fn settle(&self, offset: i64) {
        let mut counters = self.counters.lock();
        let before = counters.watermark.open_records();
        counters.watermark.settle(offset);
        let freed = before - counters.watermark.open_records();
        drop(counters);
        self.credits.add_permits(freed);
    }

    /// The next out-sequence for a step of a batch that is being built.
    pub fn next_out_seq(&self) -> i64 {
        let mut counters = self.counters.lock();
        counters.out_seq += 1;
        counters.out_seq
    }

    /// The owner row's part of a batch: everything that is settled when the batch is built.
    pub fn update(&self, positions: impl Iterator<Item = i64>, clean: bool) -> OwnerUpdate {
        let mut counters = self.counters.lock();
        counters.batch += 1;
        counters.top = positions.fold(counters.top, i64::max);
        counters.written = (counters.watermark.next_offset(), counters.published_seq);
        OwnerUpdate {
            partition: self.partition,
            epoch: self.epoch,
            batch: counters.batch,
            next_offset: counters.watermark.next_offset(),
            top: counters.top,
            out_seq: counters.out_seq,
            published_seq: counters.published_seq,
            cluster_id: self.cluster_id.clone(),
            digest: counters.watermark.digest(),
            clean,
        }
    }

    /// Notes that a row has been published, or never will be: its student is gone or rests.
    ///
    /// Rows that are said again come later than new ones; the first that is missing counts.
    pub fn published(&self, out_seq: i64) {
        let mut counters = self.counters.lock();
        if out_seq > counters.published_seq {
            counters.published_ahead.insert(out_seq);
        }
        while let next = counters.published_seq + 1
            && counters.published_ahead.remove(&next)
        {
            counters.published_seq = next;
        }
    }

    /// Whether a row has been published, or never will be.
    pub fn is_published(&self, out_seq: i64) -> bool {
        let counters = self.counters.lock();
        out_seq <= counters.published_seq || counters.published_ahead.contains(&out_seq)
    }

    /// Marks the claim as lost: nothing of it is committed any more.
    pub fn fence(&self) {
        self.counters.lock().fenced = true;
        // Whoever waits for a credit must notice.
        self.credits.close();
    }

    /// Whether the claim is lost.
    pub fn is_fenced(&self) -> bool {
        self.counters.lock().fenced
    }

    /// Whether the store doesn't know yet how far records are settled and rows are published.
    pub fn is_ahead_of_store(&self) -> bool {
        let counters = self.counters.lock();
        (counters.watermark.next_offset(), counters.published_seq) != counters.written
    }

    /// Every record below it is settled.
    pub fn next_offset(&self) -> i64 {
        self.counters.lock().watermark.next_offset()
    }

    /// The out-sequences: last given, last published.
    pub fn out_seqs(&self) -> (i64, i64) {
        let counters = self.counters.lock();
        (counters.out_seq, counters.published_seq)
    }
}
