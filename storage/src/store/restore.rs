//! What a new owner reads: sessions, their texts, the work list, the outbox.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId};
use learnflow_engine::port::store::{
    JournalRow, SnapshotRow, StoreError, StoredSession, Work, WorkKind,
};
use learnflow_engine::port::vault::WrappedKey;
use sqlx::SqlitePool;
use uuid::Uuid;

use super::rows::{JOURNAL_AFTER, OUTBOX_AFTER, StoredRow, journal_row};
use crate::pool::{Database, store_error};
use crate::statement::{damaged, reading, within_deadline};

const SESSION: &str = "SELECT k.wrapped, s.rev, s.state, s.next_timer, s.quarantined_until,
         s.quarantines, s.kept_from
     FROM student_key k LEFT JOIN session s ON s.student_id = k.student_id
     WHERE k.student_id = $1";
const WORK: &str = "SELECT student_id, id, kind, attempt, crashes FROM work WHERE partition = $1
     ORDER BY student_id, id";
const TEXTS: &str = "SELECT rev, text FROM journal
     WHERE student_id = $1 AND rev = ANY($2) AND text IS NOT NULL ORDER BY rev";
const TEXT: &str = "SELECT rev, text FROM journal
     WHERE student_id = $1 AND rev = $2 AND text IS NOT NULL";

/// Tries before a gap in the journal counts as damage: the sweeper may have been at work between
/// the two reads.
const TRIES: u8 = 2;

type SessionRow =
    (Vec<u8>, Option<i64>, Option<Vec<u8>>, Option<i64>, Option<i64>, Option<i16>, Option<i64>);

pub(super) async fn session(
    db: &Database,
    student: StudentId,
) -> Result<Option<StoredSession>, StoreError> {
    for _ in 0..TRIES {
        let found = read_session(db, student).await?;
        if found.as_ref().is_none_or(is_gapless) {
            return Ok(found);
        }
    }
    Err(damaged("a student's journal has a gap"))
}

fn is_gapless(session: &StoredSession) -> bool {
    let revs = || session.rows.iter().map(|row| row.rev);
    // Without a snapshot it begins with the student's first row, whichever that is.
    let before = session.snapshot.as_ref().map(|snapshot| snapshot.rev);
    let first = before.map_or_else(|| revs().next(), |rev| Some(rev + 1));
    first.is_none_or(|first| revs().zip(first..).all(|(rev, expected)| rev == expected))
}

async fn read_session(
    db: &Database,
    student: StudentId,
) -> Result<Option<StoredSession>, StoreError> {
    let id = student.as_uuid();
    let row: Option<SessionRow> =
        reading!(db, |conn| sqlx::query_as(SESSION).bind(id).fetch_optional(conn).await)?;
    let Some((wrapped, rev, state, next_timer, quarantined_until, quarantines, kept_from)) = row
    else {
        return Ok(None);
    };
    let kept_from = kept_from.unwrap_or(0);
    let snapshot = rev.zip(state).map(|(rev, state)| SnapshotRow { rev, state, kept_from });
    let after = snapshot.as_ref().map_or(-1, |snapshot| snapshot.rev);
    let rows: Vec<StoredRow> = reading!(db, |conn| {
        sqlx::query_as(JOURNAL_AFTER).bind(id).bind(after).fetch_all(conn).await
    })?;
    Ok(Some(StoredSession {
        key: WrappedKey(wrapped),
        snapshot,
        next_timer: next_timer.map(Timestamp::from_micros),
        rows: rows.into_iter().map(journal_row).collect(),
        quarantined_until: quarantined_until.map(Timestamp::from_micros),
        quarantines: quarantines.unwrap_or(0),
    }))
}

pub(super) async fn texts(
    db: &Database,
    student: StudentId,
    revs: &[i64],
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let id = student.as_uuid();
    if revs.is_empty() {
        return Ok(Vec::new());
    }
    let found = match db {
        Database::Postgres(postgres) => {
            let asking = sqlx::query_as(TEXTS).bind(id).bind(revs);
            within_deadline(asking.fetch_all(postgres.pool())).await
        }
        Database::Sqlite(sqlite) => within_deadline(one_by_one(sqlite.readers(), id, revs)).await,
    };
    found.map_err(|error| store_error(&error))
}

async fn one_by_one(
    readers: &SqlitePool,
    id: Uuid,
    revs: &[i64],
) -> sqlx::Result<Vec<(i64, Vec<u8>)>> {
    let mut found = Vec::with_capacity(revs.len());
    let mut connection = readers.acquire().await?;
    for rev in revs {
        let row: Option<(i64, Vec<u8>)> =
            sqlx::query_as(TEXT).bind(id).bind(rev).fetch_optional(&mut *connection).await?;
        found.extend(row);
    }
    Ok(found)
}

pub(super) async fn work(db: &Database, partition: PartitionId) -> Result<Vec<Work>, StoreError> {
    let rows: Vec<(Uuid, Uuid, i16, i16, i16)> =
        reading!(db, |conn| sqlx::query_as(WORK).bind(partition.0).fetch_all(conn).await)?;
    rows.into_iter()
        .map(|(student, id, kind, attempt, crashes)| {
            let kind = WorkKind::from_i16(kind).ok_or_else(|| damaged("work.kind"))?;
            Ok(Work { student: StudentId::new(student), id, kind, attempt, crashes })
        })
        .collect()
}

pub(super) async fn outbox(
    db: &Database,
    partition: PartitionId,
    out_seq: i64,
    limit: u32,
) -> Result<Vec<JournalRow>, StoreError> {
    let rows: Vec<StoredRow> = reading!(db, |conn| {
        sqlx::query_as(OUTBOX_AFTER)
            .bind(partition.0)
            .bind(out_seq)
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await
    })?;
    Ok(rows.into_iter().map(journal_row).collect())
}
