//! The fenced group commit on SQLite: one immediate transaction, a prepared statement a row.

use learnflow_engine::port::store::{Batch, Committed, JournalRow, OwnerUpdate, StoreError};
use sqlx::SqliteConnection;

use super::fence::Judged;
use super::fold::Changes;
use super::learning;
use crate::pool::{SqliteDatabase, store_error};
use crate::statement::within_deadline;

const STANDING: &str = "SELECT epoch, batch FROM owner WHERE partition = $1";
const ADVANCE: &str = "UPDATE owner SET batch = $2, next_offset = max(next_offset, $3),
         top = max(top, $4), out_seq = $5, published_seq = $6, cluster_id = $7,
         digest = coalesce($8, digest), clean = $9,
         claims = CASE WHEN $3 > next_offset OR $9 THEN 0 ELSE claims END
     WHERE partition = $1";
const JOURNAL: &str =
    "INSERT INTO journal (student_id, rev, partition, epoch, generation, position,
         at, last_frame, last_event, out_seq, facts, text)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const SNAPSHOT: &str = "INSERT INTO session (student_id, partition, rev, state, kept_from)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (student_id) DO UPDATE SET rev = excluded.rev, state = excluded.state,
         partition = excluded.partition, kept_from = excluded.kept_from
     WHERE session.rev < excluded.rev";
const TIMER: &str = "INSERT INTO session (student_id, partition, rev, next_timer)
     VALUES ($1, $2, -1, $3)
     ON CONFLICT (student_id) DO UPDATE SET next_timer = excluded.next_timer";
const WORK_PUT: &str = "INSERT INTO work (partition, student_id, id, kind, attempt, crashes)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (partition, student_id, id) DO UPDATE SET kind = excluded.kind,
         attempt = excluded.attempt, crashes = excluded.crashes";
const WORK_REMOVE: &str = "DELETE FROM work WHERE partition = $1 AND student_id = $2 AND id = $3";
const ACTIVITY: &str =
    "INSERT INTO activity (student_id, turns_total, complete_total, last_active_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (student_id) DO UPDATE SET turns_total = excluded.turns_total,
         complete_total = excluded.complete_total, last_active_at = excluded.last_active_at";
const TOPIC: &str = "INSERT INTO topic_activity (student_id, topic, asked_total, last_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (student_id, topic) DO UPDATE SET asked_total = excluded.asked_total,
         last_at = excluded.last_at";
const TURN: &str = "INSERT INTO turn (student_id, turn, question_rev, answer_rev, status, agent,
         topic, source, asked_at, ended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (student_id, turn) DO UPDATE SET question_rev = excluded.question_rev,
         answer_rev = excluded.answer_rev, status = excluded.status, agent = excluded.agent,
         topic = excluded.topic, source = excluded.source, asked_at = excluded.asked_at,
         ended_at = excluded.ended_at";
const INTENT_DONE: &str = "DELETE FROM intent WHERE id = $1";
const INTENT_RESULT: &str = "INSERT INTO intent_result (id, student_id, result, at)
     VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";

pub(super) async fn commit(db: &SqliteDatabase, batch: &Batch) -> Result<Committed, StoreError> {
    within_deadline(run(db, batch)).await.map_err(|error| store_error(&error))
}

async fn run(db: &SqliteDatabase, batch: &Batch) -> sqlx::Result<Committed> {
    let mut tx = db.begin().await?;
    let mut judged = Judged::default();
    for owner in &batch.owners {
        let standing =
            sqlx::query_as(STANDING).bind(owner.partition.0).fetch_optional(&mut *tx).await?;
        judged.push(owner, standing);
    }
    if judged.fitting.is_empty() {
        tx.rollback().await?;
        return Ok(Committed { fenced: judged.fenced });
    }
    for owner in &judged.fitting {
        advance(&mut tx, owner).await?;
    }
    let changes = Changes::of(batch, &judged);
    for row in &changes.rows {
        journal(&mut tx, row).await?;
    }
    sessions(&mut tx, &changes).await?;
    work(&mut tx, &changes).await?;
    reads(&mut tx, &changes).await?;
    learning::sqlite::write(&mut tx, &changes.learning).await?;
    intents(&mut tx, &changes).await?;
    tx.commit().await?;
    Ok(Committed { fenced: judged.fenced })
}

async fn advance(tx: &mut SqliteConnection, owner: &OwnerUpdate) -> sqlx::Result<()> {
    sqlx::query(ADVANCE)
        .bind(owner.partition.0)
        .bind(owner.batch)
        .bind(owner.next_offset)
        .bind(owner.top)
        .bind(owner.out_seq)
        .bind(owner.published_seq)
        .bind(owner.cluster_id.as_str())
        .bind(owner.digest.as_ref().map(<[u8; 16]>::as_slice))
        .bind(owner.clean)
        .execute(tx)
        .await
        .map(drop)
}

async fn journal(tx: &mut SqliteConnection, row: &JournalRow) -> sqlx::Result<()> {
    sqlx::query(JOURNAL)
        .bind(row.student.as_uuid())
        .bind(row.rev)
        .bind(row.partition.0)
        .bind(row.epoch)
        .bind(row.generation)
        .bind(row.position)
        .bind(row.at.as_micros())
        .bind(row.last_frame)
        .bind(row.last_event)
        .bind(row.out_seq)
        .bind(row.facts.as_slice())
        .bind(row.text.as_deref())
        .execute(tx)
        .await
        .map(drop)
}

async fn sessions(tx: &mut SqliteConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    for (student, (partition, snapshot)) in &changes.snapshots {
        sqlx::query(SNAPSHOT)
            .bind(student)
            .bind(partition)
            .bind(snapshot.rev)
            .bind(snapshot.state.as_slice())
            .bind(snapshot.kept_from)
            .execute(&mut *tx)
            .await?;
    }
    for (student, timer) in &changes.timers {
        sqlx::query(TIMER)
            .bind(student)
            .bind(timer.partition)
            .bind(timer.due)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn work(tx: &mut SqliteConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    for ((partition, student, id), work) in &changes.work {
        let query = match work {
            Some(work) => sqlx::query(WORK_PUT)
                .bind(partition)
                .bind(student)
                .bind(id)
                .bind(work.kind.as_i16())
                .bind(work.attempt)
                .bind(work.crashes),
            None => sqlx::query(WORK_REMOVE).bind(partition).bind(student).bind(id),
        };
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn reads(tx: &mut SqliteConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    for (student, row) in &changes.activity {
        sqlx::query(ACTIVITY)
            .bind(student)
            .bind(row.turns_total)
            .bind(row.complete_total)
            .bind(row.last_active_at)
            .execute(&mut *tx)
            .await?;
    }
    for ((student, topic), (asked_total, last_at)) in &changes.topics {
        sqlx::query(TOPIC)
            .bind(student)
            .bind(*topic)
            .bind(asked_total)
            .bind(last_at)
            .execute(&mut *tx)
            .await?;
    }
    for ((student, turn), row) in &changes.turns {
        sqlx::query(TURN)
            .bind(student)
            .bind(turn)
            .bind(row.question_rev)
            .bind(row.answer_rev)
            .bind(row.status)
            .bind(row.agent)
            .bind(row.topic)
            .bind(row.source)
            .bind(row.asked_at)
            .bind(row.ended_at)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn intents(tx: &mut SqliteConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    for (id, settled) in &changes.intents {
        sqlx::query(INTENT_DONE).bind(id).execute(&mut *tx).await?;
        sqlx::query(INTENT_RESULT)
            .bind(id)
            .bind(settled.student)
            .bind(settled.result)
            .bind(settled.at)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
