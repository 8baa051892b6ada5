//! What the reader knows of each assigned partition: its queue, its carry-over, whether it reads.
//!
//! No client is touched here, so the rules are tested without a broker: a record that doesn't fit
//! its queue is carried over; a carry-over that is full asks for a pause of that partition alone;
//! one that is empty again asks for its end.

use std::collections::{BTreeMap, VecDeque};

use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{AssignedPartition, Record};

use crate::queue::{Bounds, QueueSender, Rejected, bounded};
use crate::record::weight_bytes;

/// The carry-over of a partition: full at either.
pub(super) const CARRY_OVER: Bounds = Bounds { count: 256, bytes: 1 << 20 };

/// Which hand-over a partition belongs to; an older one's start comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfferId(u64);

/// Where a partition is between assignment and reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Handed over; its start is awaited.
    Offered,
    /// Its start is known, but the client doesn't stand there yet.
    Seeking(i64),
    /// Records go to its queue.
    Reading,
    /// Left out of the starts, or its reader is gone.
    Silent,
}

/// What to do with a partition after a record came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    GoOn,
    /// Its carry-over is full, or nobody wants its records: pause it.
    Pause,
}

struct Held {
    offer: OfferId,
    phase: Phase,
    queue: QueueSender<Record>,
    carried: VecDeque<Record>,
    carried_bytes: usize,
    next_offset: i64,
    paused: bool,
    failed_seeks: u32,
}

/// The assigned partitions.
pub(super) struct Table {
    queue_bounds: Bounds,
    offers: u64,
    held: BTreeMap<PartitionId, Held>,
}

impl Table {
    pub(super) const fn new(queue_bounds: Bounds) -> Self {
        Self { queue_bounds, offers: 0, held: BTreeMap::new() }
    }

    /// Begins a hand-over: new queues for these partitions; older streams end.
    pub(super) fn offer(
        &mut self,
        partitions: &[PartitionId],
    ) -> (OfferId, Vec<AssignedPartition>) {
        self.offers += 1;
        let offer = OfferId(self.offers);
        let mut assigned = Vec::with_capacity(partitions.len());
        for &partition in partitions {
            let (queue, stream) = bounded(self.queue_bounds);
            let held = Held {
                offer,
                phase: Phase::Offered,
                queue,
                carried: VecDeque::new(),
                carried_bytes: 0,
                next_offset: 0,
                paused: false,
                failed_seeks: 0,
            };
            self.held.insert(partition, held);
            assigned.push(AssignedPartition { partition, records: Box::pin(stream) });
        }
        (offer, assigned)
    }

    /// Ends a partition's stream and keeps it silent; `false` when it isn't ours.
    pub(super) fn silence(&mut self, partition: PartitionId) -> bool {
        // A queue without a reader: its sender is dropped with the old one's.
        let (queue, _) = bounded(self.queue_bounds);
        let Some(held) = self.held.get_mut(&partition) else { return false };
        held.queue = queue;
        held.carried.clear();
        held.carried_bytes = 0;
        held.phase = Phase::Silent;
        true
    }

    /// Takes partitions away; their streams end after what was queued.
    pub(super) fn remove(&mut self, partitions: &[PartitionId]) {
        for partition in partitions {
            self.held.remove(partition);
        }
    }

    /// A start of this hand-over: reading begins now (`Reading`), or after a seek (`Seeking`).
    pub(super) fn start(
        &mut self,
        offer: OfferId,
        partition: PartitionId,
        next_offset: i64,
        phase: Phase,
    ) {
        if let Some(held) = self.held.get_mut(&partition)
            && held.offer == offer
            && held.phase == Phase::Offered
        {
            held.next_offset = next_offset;
            held.phase = phase;
        }
    }

    /// Every partition of this hand-over that still waits stays silent.
    pub(super) fn close_offer(&mut self, offer: OfferId) {
        for held in self.held.values_mut() {
            if held.offer == offer && held.phase == Phase::Offered {
                held.phase = Phase::Silent;
            }
        }
    }

    /// Partitions whose start the client has to seek.
    pub(super) fn seeking(&self) -> Vec<(PartitionId, i64)> {
        self.held
            .iter()
            .filter_map(|(partition, held)| match held.phase {
                Phase::Seeking(offset) => Some((*partition, offset)),
                Phase::Offered | Phase::Reading | Phase::Silent => None,
            })
            .collect()
    }

    /// Counts a seek that the client didn't take; gives how many it were in a row.
    pub(super) fn seek_failed(&mut self, partition: PartitionId) -> u32 {
        self.held.get_mut(&partition).map_or(0, |held| {
            held.failed_seeks += 1;
            held.failed_seeks
        })
    }

    /// The client stands at the start.
    pub(super) fn sought(&mut self, partition: PartitionId) {
        if let Some(held) = self.held.get_mut(&partition)
            && let Phase::Seeking(_) = held.phase
        {
            held.phase = Phase::Reading;
        }
    }

    /// Takes a record for its partition: into the queue, or behind what is carried over.
    pub(super) fn take(&mut self, record: Record) -> Verdict {
        let Some(held) = self.held.get_mut(&record.partition) else { return Verdict::GoOn };
        if held.phase != Phase::Reading {
            return Verdict::Pause;
        }
        if record.offset < held.next_offset {
            // Fetched before a seek.
            return Verdict::GoOn;
        }
        held.next_offset = record.offset + 1;
        if held.carried.is_empty() {
            let weight = weight_bytes(&record);
            match held.queue.try_send(record, weight) {
                Ok(()) => return Verdict::GoOn,
                Err(Rejected::Full(record)) => held.carry(record),
                Err(Rejected::Closed(_)) => {
                    held.phase = Phase::Silent;
                    return Verdict::Pause;
                }
            }
        } else {
            held.carry(record);
        }
        if held.is_full() { Verdict::Pause } else { Verdict::GoOn }
    }

    /// Moves what is carried over into the queues as far as it fits, and tells which paused
    /// partitions may go on.
    pub(super) fn flush(&mut self) -> Vec<PartitionId> {
        let mut resumable = Vec::new();
        for (partition, held) in &mut self.held {
            held.flush();
            if held.paused && held.phase == Phase::Reading && held.carried.is_empty() {
                resumable.push(*partition);
            }
        }
        resumable
    }

    /// Notes that the client paused or resumed a partition.
    pub(super) fn set_paused(&mut self, partition: PartitionId, now: Paused) {
        if let Some(held) = self.held.get_mut(&partition) {
            held.paused = now == Paused::Yes;
        }
    }

    /// Partitions that wait for their reader.
    pub(super) fn paused(&self) -> Vec<PartitionId> {
        let waits = |held: &Held| held.paused && held.phase == Phase::Reading;
        self.held.iter().filter(|(_, held)| waits(held)).map(|(id, _)| *id).collect()
    }

    /// Whether anything waits for room.
    pub(super) fn carries(&self) -> bool {
        self.held.values().any(|held| !held.carried.is_empty())
    }

    /// Every partition that is ours.
    pub(super) fn partitions(&self) -> Vec<PartitionId> {
        self.held.keys().copied().collect()
    }
}

/// What the client does with a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paused {
    Yes,
    No,
}

impl Held {
    fn carry(&mut self, record: Record) {
        self.carried_bytes += weight_bytes(&record);
        self.carried.push_back(record);
    }

    fn is_full(&self) -> bool {
        self.carried.len() >= CARRY_OVER.count || self.carried_bytes >= CARRY_OVER.bytes
    }

    fn flush(&mut self) {
        while let Some(record) = self.carried.pop_front() {
            let weight = weight_bytes(&record);
            match self.queue.try_send(record, weight) {
                Ok(()) => self.carried_bytes -= weight,
                Err(Rejected::Full(record)) => {
                    self.carried.push_front(record);
                    return;
                }
                Err(Rejected::Closed(_)) => {
                    self.carried.clear();
                    self.carried_bytes = 0;
                    self.phase = Phase::Silent;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt as _, StreamExt as _};
    use learnflow_engine::clock::Timestamp;
    use learnflow_engine::port::log::{BoxStream, DeadLetter, RecordContent};

    const SMALL: Bounds = Bounds { count: 4, bytes: 1 << 20 };

    fn record(partition: i32, offset: i64, bytes: usize) -> Record {
        let partition = PartitionId(partition);
        let letter = DeadLetter {
            partition,
            offset,
            reason: "a sample",
            key: None,
            headers: Vec::new(),
            value: Some(vec![0; bytes].into()),
        };
        Record {
            partition,
            offset,
            at: Timestamp::EPOCH,
            digest: [0; 16],
            content: RecordContent::Undecodable(letter),
        }
    }

    fn reading(table: &mut Table, partition: i32, from: i64) -> BoxStream<Record> {
        let id = PartitionId(partition);
        let (offer, mut assigned) = table.offer(&[id]);
        table.start(offer, id, from, Phase::Reading);
        assigned.pop().unwrap().records
    }

    fn next(stream: &mut BoxStream<Record>) -> Option<i64> {
        stream.next().now_or_never().flatten().map(|record| record.offset)
    }

    #[test]
    fn a_full_carry_over_pauses_its_partition_alone() {
        let mut table = Table::new(SMALL);
        let mut slow = reading(&mut table, 0, 0);
        let mut quick = reading(&mut table, 1, 0);
        let mut verdicts = (0..).map(|offset| table.take(record(0, offset, 1)));
        let fitting = i64::try_from(verdicts.position(|v| v == Verdict::Pause).unwrap()).unwrap();
        assert_eq!(fitting, 4 + 256 - 1);
        drop(verdicts);
        table.set_paused(PartitionId(0), Paused::Yes);
        assert_eq!(table.paused(), [PartitionId(0)]);
        assert_eq!(table.take(record(1, 0, 1)), Verdict::GoOn);
        assert_eq!(next(&mut quick), Some(0));
        // It goes on when everything that was carried over is in its queue, and not before.
        let mut got = Vec::new();
        while table.flush().is_empty() {
            got.extend(std::iter::from_fn(|| next(&mut slow)));
        }
        got.extend(std::iter::from_fn(|| next(&mut slow)));
        assert!(got.into_iter().eq(0..=fitting));
    }

    #[test]
    fn a_carry_over_is_full_by_bytes_too() {
        let mut table = Table::new(Bounds { count: 4, bytes: 10 });
        let _stream = reading(&mut table, 0, 0);
        assert_eq!(table.take(record(0, 0, 400_000)), Verdict::GoOn);
        assert_eq!(table.take(record(0, 1, 600_000)), Verdict::GoOn);
        assert_eq!(table.take(record(0, 2, 600_000)), Verdict::Pause);
    }

    #[test]
    fn what_was_fetched_before_the_start_is_dropped() {
        let mut table = Table::new(SMALL);
        let mut stream = reading(&mut table, 0, 7);
        for offset in [5, 6, 7, 7, 8] {
            assert_eq!(table.take(record(0, offset, 1)), Verdict::GoOn);
        }
        assert_eq!((next(&mut stream), next(&mut stream)), (Some(7), Some(8)));
        assert_eq!(next(&mut stream), None);
    }

    #[test]
    fn a_start_of_an_older_hand_over_comes_too_late() {
        let mut table = Table::new(SMALL);
        let id = PartitionId(0);
        let (old, _) = table.offer(&[id]);
        let (new, _assigned) = table.offer(&[id]);
        table.start(old, id, 3, Phase::Seeking(3));
        assert_eq!(table.seeking(), []);
        table.start(new, id, 9, Phase::Seeking(9));
        assert_eq!(table.seeking(), [(id, 9)]);
        table.sought(id);
        assert_eq!(table.take(record(0, 9, 1)), Verdict::GoOn);
    }

    #[test]
    fn a_silent_partition_takes_nothing() {
        let mut table = Table::new(SMALL);
        let mut stream = reading(&mut table, 0, 0);
        assert!(table.silence(PartitionId(0)));
        assert!(stream.next().now_or_never().unwrap().is_none());
        assert_eq!(table.take(record(0, 0, 1)), Verdict::Pause);
        assert!(!table.silence(PartitionId(5)));
        table.remove(&[PartitionId(0)]);
        assert_eq!(table.partitions(), []);
    }

    #[test]
    fn a_reader_that_left_pauses_its_partition() {
        let mut table = Table::new(SMALL);
        drop(reading(&mut table, 0, 0));
        assert_eq!(table.take(record(0, 0, 1)), Verdict::Pause);
        table.set_paused(PartitionId(0), Paused::Yes);
        assert_eq!(table.flush(), []);
    }
}
