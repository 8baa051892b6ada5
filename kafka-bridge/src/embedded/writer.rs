//! The one task that writes the file: it drains its queue and appends everything in one
//! transaction.
//!
//! Owns the only writing connection and every partition's end. A batch that fails answers
//! `Unavailable` to everybody in it, and the ends are read again from the file.

use std::sync::Arc;

use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{DeadLetter, LogError};
use parking_lot::Mutex;
use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::file::{self, End};
use super::rows::pack_headers;
use crate::queue::{Bounds, QueueStream};
use crate::record::RawRecord;

/// What waits for the writer at most.
pub(super) const WRITE_BOUNDS: Bounds = Bounds { count: 1_024, bytes: 16 << 20 };
/// What one transaction takes at most; the queue's bytes bound its size.
const BATCH_OPS: usize = 512;

const APPEND: &str = "INSERT INTO record (partition, log_offset, at, student, headers, body)
    VALUES ($1, $2, $3, $4, $5, $6)";
const MOVE_END: &str =
    "UPDATE log_partition SET next_offset = $2, last_at = $3 WHERE partition = $1";
const ADD_LETTER: &str = "INSERT INTO dead_letter
    (partition, log_offset, at, reason, student, headers, body) VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// An operator looks at the newest; a flood of them must not fill the disk.
const FORGET_LETTERS: &str =
    "DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - 10000";
const TRIM: &str = "DELETE FROM record WHERE partition = $1 AND log_offset < $2";
const PROBE: &str = "INSERT INTO meta (name, value) VALUES ('probe', $1)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

type Answer = oneshot::Sender<Result<(), LogError>>;

/// Something to write.
pub(super) enum Op {
    /// A record at the end of a partition.
    Append { partition: PartitionId, raw: RawRecord, answer: Answer },
    /// A record that nobody can apply.
    DeadLetter { letter: DeadLetter, answer: Answer },
    /// Records below the offset may go.
    Settled { partition: PartitionId, next_offset: i64 },
    /// Anything, to see whether the file can be written.
    Probe { answer: Answer },
}

/// The writer's state.
pub(super) struct Writer {
    pub(super) connection: SqliteConnection,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ends: Vec<End>,
    pub(super) published: Arc<Vec<watch::Sender<i64>>>,
    pub(super) trimmed: Vec<i64>,
    pub(super) trim_after_records: u32,
    pub(super) failure: Arc<Mutex<Option<String>>>,
}

impl Writer {
    /// Writes until the log stops and the queue is empty, then closes the connection.
    pub(super) async fn run(mut self, mut ops: QueueStream<Op>, stop: CancellationToken) {
        loop {
            let first = tokio::select! {
                first = ops.recv() => first,
                () = stop.cancelled() => {
                    // What is inside by now is still written and answered.
                    ops.close();
                    ops.recv().await
                }
            };
            let Some(first) = first else { break };
            let mut batch = vec![first];
            while batch.len() < BATCH_OPS
                && let Some(op) = ops.try_recv()
            {
                batch.push(op);
            }
            self.write(batch).await;
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the log file was not closed cleanly");
        }
    }

    async fn write(&mut self, batch: Vec<Op>) {
        let now = self.clock.now();
        let outcome = self.transact(&batch, now).await;
        match outcome {
            Ok(ends) => {
                self.ends = ends;
                *self.failure.lock() = None;
                for (sender, end) in self.published.iter().zip(&self.ends) {
                    sender.send_if_modified(|known| {
                        std::mem::replace(known, end.next_offset) != end.next_offset
                    });
                }
                // Who hears that it is appended must find it.
                answer(batch, &Ok(()));
            }
            Err(error) => {
                tracing::error!(%error, "the log file cannot be written");
                *self.failure.lock() = Some(error.to_string());
                answer(batch, &Err(LogError::Unavailable(format!("log file: {error}"))));
                self.reload_ends().await;
            }
        }
    }

    /// Everything in one transaction; gives the new ends.
    async fn transact(&mut self, batch: &[Op], now: Timestamp) -> Result<Vec<End>, sqlx::Error> {
        let mut ends = self.ends.clone();
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for op in batch {
            match op {
                Op::Append { partition, raw, .. } => {
                    append(&mut transaction, &mut ends, *partition, raw, now).await?;
                }
                Op::DeadLetter { letter, .. } => add_letter(&mut transaction, letter, now).await?,
                Op::Settled { partition, next_offset } => {
                    let Some(trimmed) = index(*partition).and_then(|i| self.trimmed.get_mut(i))
                    else {
                        continue;
                    };
                    // The last settled record stays: the log's identity is its digest.
                    let below = next_offset.saturating_sub(1);
                    if below.saturating_sub(*trimmed) >= i64::from(self.trim_after_records) {
                        *trimmed = below;
                        sqlx::query(TRIM)
                            .bind(partition.0)
                            .bind(below)
                            .execute(&mut *transaction)
                            .await?;
                    }
                }
                Op::Probe { .. } => {
                    let stamp = now.as_micros().to_string();
                    sqlx::query(PROBE).bind(stamp).execute(&mut *transaction).await?;
                }
            }
        }
        move_ends(&mut transaction, &self.ends, &ends).await?;
        transaction.commit().await?;
        Ok(ends)
    }

    /// After a failed batch the file says what it took.
    async fn reload_ends(&mut self) {
        match file::ends(&mut self.connection).await {
            Ok(ends) => self.ends = ends,
            Err(error) => tracing::error!(%error, "the log file cannot be read"),
        }
    }
}

async fn append(
    transaction: &mut Transaction<'_, Sqlite>,
    ends: &mut [End],
    partition: PartitionId,
    raw: &RawRecord,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let Some(end) = index(partition).and_then(|i| ends.get_mut(i)) else { return Ok(()) };
    // A clock that steps back must not reorder a partition's times.
    end.last_at = end.last_at.max(now);
    sqlx::query(APPEND)
        .bind(partition.0)
        .bind(end.next_offset)
        .bind(end.last_at.as_micros())
        .bind(raw.key.as_deref())
        .bind(pack_headers(&raw.headers))
        .bind(raw.value.as_deref())
        .execute(&mut **transaction)
        .await?;
    end.next_offset += 1;
    Ok(())
}

async fn add_letter(
    transaction: &mut Transaction<'_, Sqlite>,
    letter: &DeadLetter,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(ADD_LETTER)
        .bind(letter.partition.0)
        .bind(letter.offset)
        .bind(now.as_micros())
        .bind(letter.reason)
        .bind(letter.key.as_deref())
        .bind(pack_headers(&letter.headers))
        .bind(letter.value.as_deref())
        .execute(&mut **transaction)
        .await?;
    sqlx::query(FORGET_LETTERS).execute(&mut **transaction).await.map(drop)
}

async fn move_ends(
    transaction: &mut Transaction<'_, Sqlite>,
    before: &[End],
    after: &[End],
) -> Result<(), sqlx::Error> {
    for (partition, (old, new)) in (0_i64..).zip(before.iter().zip(after)) {
        if old != new {
            sqlx::query(MOVE_END)
                .bind(partition)
                .bind(new.next_offset)
                .bind(new.last_at.as_micros())
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

fn answer(batch: Vec<Op>, outcome: &Result<(), LogError>) {
    for op in batch {
        match op {
            // Whoever asked may have given up waiting.
            Op::Append { answer, .. } | Op::DeadLetter { answer, .. } | Op::Probe { answer } => {
                drop(answer.send(outcome.clone()));
            }
            Op::Settled { .. } => {}
        }
    }
}

/// A partition's place in the tables of ends.
pub(super) fn index(partition: PartitionId) -> Option<usize> {
    usize::try_from(partition.0).ok()
}
