//! Rows as tuples, and back into the port's types.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{JournalRow, Owner, StoreError};
use uuid::Uuid;

use crate::statement::damaged;

/// A row of `owner`: partition, generation, epoch, batch, `next_offset`, top, `out_seq`,
/// `published_seq`, claims, clean, `cluster_id`, digest.
pub(super) type OwnerRow =
    (i32, i64, i64, i64, i64, i64, i64, i64, i64, bool, String, Option<Vec<u8>>);

/// A row of `journal`: `student_id`, rev, partition, epoch, generation, position, at,
/// `last_frame`, `last_event`, `out_seq`, facts, text.
pub(super) type StoredRow =
    (Uuid, i64, i32, i64, i64, i64, i64, i64, i64, i64, Vec<u8>, Option<Vec<u8>>);

/// A student's rows after a rev, by rev.
pub(super) const JOURNAL_AFTER: &str = "SELECT student_id, rev, partition, epoch, generation,
         position, at, last_frame, last_event, out_seq, facts, text
     FROM journal WHERE student_id = $1 AND rev > $2 ORDER BY rev";
/// A partition's rows after an out-sequence, in its order.
pub(super) const OUTBOX_AFTER: &str = "SELECT student_id, rev, partition, epoch, generation,
         position, at, last_frame, last_event, out_seq, facts, text
     FROM journal WHERE partition = $1 AND out_seq > $2 ORDER BY out_seq LIMIT $3";

/// What an owner row says.
pub(super) fn owner(row: OwnerRow) -> Result<Owner, StoreError> {
    let (
        partition,
        generation,
        epoch,
        batch,
        next_offset,
        top,
        out_seq,
        published_seq,
        claims,
        clean,
        cluster_id,
        digest,
    ) = row;
    let digest = digest.map(|bytes| bytes.try_into().map_err(|_| damaged("owner.digest")));
    Ok(Owner {
        partition: PartitionId(partition),
        generation,
        epoch,
        batch,
        next_offset,
        top,
        out_seq,
        published_seq,
        claims,
        clean,
        cluster_id,
        digest: digest.transpose()?,
    })
}

/// What a journal row says.
pub(super) fn journal_row(row: StoredRow) -> JournalRow {
    let (
        student,
        rev,
        partition,
        epoch,
        generation,
        position,
        at,
        last_frame,
        last_event,
        out_seq,
        facts,
        text,
    ) = row;
    JournalRow {
        student: StudentId::new(student),
        rev,
        partition: PartitionId(partition),
        epoch,
        generation,
        position,
        at: Timestamp::from_micros(at),
        last_frame,
        last_event,
        out_seq,
        facts,
        text,
    }
}
