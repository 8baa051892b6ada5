//! The fenced group commit on PostgreSQL: one transaction, a statement a table for the whole
//! batch, the owner rows first and in order.

use learnflow_engine::port::store::{Batch, Committed, JournalRow, OwnerUpdate, StoreError, Work};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::fence::Judged;
use super::fold::Changes;
use super::learning;
use crate::pool::{PostgresDatabase, store_error};
use crate::statement::within_deadline;

/// Locks in order of partition, as claims do: two of them can't wait for each other in a circle.
const STANDING: &str = "SELECT partition, epoch, batch FROM owner WHERE partition = ANY($1)
     ORDER BY partition FOR UPDATE";
const ADVANCE: &str = "UPDATE owner o SET batch = d.batch,
         next_offset = greatest(o.next_offset, d.next_offset), top = greatest(o.top, d.top),
         out_seq = d.out_seq, published_seq = d.published_seq, cluster_id = d.cluster_id,
         digest = coalesce(d.digest, o.digest), clean = d.clean,
         claims = CASE WHEN d.next_offset > o.next_offset OR d.clean THEN 0 ELSE o.claims END
     FROM UNNEST($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
             $7::text[], $8::bytea[], $9::bool[])
         AS d (partition, batch, next_offset, top, out_seq, published_seq, cluster_id, digest, clean)
     WHERE o.partition = d.partition";
const JOURNAL: &str =
    "INSERT INTO journal (student_id, rev, partition, epoch, generation, position,
         at, last_frame, last_event, out_seq, facts, text)
     SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::int[], $4::bigint[], $5::bigint[],
         $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[],
         $12::bytea[])";
const SNAPSHOT: &str = "INSERT INTO session AS s (student_id, partition, rev, state, kept_from)
     SELECT * FROM UNNEST($1::uuid[], $2::int[], $3::bigint[], $4::bytea[], $5::bigint[])
     ON CONFLICT (student_id) DO UPDATE SET rev = EXCLUDED.rev, state = EXCLUDED.state,
         partition = EXCLUDED.partition, kept_from = EXCLUDED.kept_from
     WHERE s.rev < EXCLUDED.rev";
const TIMER: &str = "INSERT INTO session AS s (student_id, partition, rev, next_timer)
     SELECT u.student_id, u.partition, -1, u.next_timer
     FROM UNNEST($1::uuid[], $2::int[], $3::bigint[]) AS u (student_id, partition, next_timer)
     ON CONFLICT (student_id) DO UPDATE SET next_timer = EXCLUDED.next_timer";
const WORK_PUT: &str = "INSERT INTO work (partition, student_id, id, kind, attempt, crashes)
     SELECT * FROM UNNEST($1::int[], $2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[],
         $6::smallint[])
     ON CONFLICT (partition, student_id, id) DO UPDATE SET kind = EXCLUDED.kind,
         attempt = EXCLUDED.attempt, crashes = EXCLUDED.crashes";
const WORK_REMOVE: &str = "DELETE FROM work w
     USING UNNEST($1::int[], $2::uuid[], $3::uuid[]) AS u (partition, student_id, id)
     WHERE w.partition = u.partition AND w.student_id = u.student_id AND w.id = u.id";
const ACTIVITY: &str =
    "INSERT INTO activity (student_id, turns_total, complete_total, last_active_at)
     SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
     ON CONFLICT (student_id) DO UPDATE SET turns_total = EXCLUDED.turns_total,
         complete_total = EXCLUDED.complete_total, last_active_at = EXCLUDED.last_active_at";
const TOPIC: &str = "INSERT INTO topic_activity (student_id, topic, asked_total, last_at)
     SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
     ON CONFLICT (student_id, topic) DO UPDATE SET asked_total = EXCLUDED.asked_total,
         last_at = EXCLUDED.last_at";
const TURN: &str = "INSERT INTO turn (student_id, turn, question_rev, answer_rev, status, agent,
         topic, source, asked_at, ended_at)
     SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[],
         $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[])
     ON CONFLICT (student_id, turn) DO UPDATE SET question_rev = EXCLUDED.question_rev,
         answer_rev = EXCLUDED.answer_rev, status = EXCLUDED.status, agent = EXCLUDED.agent,
         topic = EXCLUDED.topic, source = EXCLUDED.source, asked_at = EXCLUDED.asked_at,
         ended_at = EXCLUDED.ended_at";
const INTENT_DONE: &str = "DELETE FROM intent WHERE id = ANY($1)";
const INTENT_RESULT: &str = "INSERT INTO intent_result (id, student_id, result, at)
     SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
     ON CONFLICT (id) DO NOTHING";

pub(super) async fn commit(db: &PostgresDatabase, batch: &Batch) -> Result<Committed, StoreError> {
    let acquired = db.committer().acquire().await;
    let mut connection = acquired.map_err(|error| store_error(&error))?;
    let outcome = within_deadline(run(&mut connection, batch)).await;
    if let Err(sqlx::Error::Io(_)) = &outcome {
        // Lost, or silent for too long: whatever is on it still, nobody waits for it again.
        connection.close_on_drop();
    }
    outcome.map_err(|error| store_error(&error))
}

async fn run(connection: &mut PgConnection, batch: &Batch) -> sqlx::Result<Committed> {
    let mut tx = connection.begin().await?;
    let judged = judge(&mut tx, &batch.owners).await?;
    if judged.fitting.is_empty() {
        tx.rollback().await?;
        return Ok(Committed { fenced: judged.fenced });
    }
    advance(&mut tx, &judged.fitting).await?;
    let changes = Changes::of(batch, &judged);
    if !changes.rows.is_empty() {
        journal(&mut tx, &changes.rows).await?;
    }
    sessions(&mut tx, &changes).await?;
    work(&mut tx, &changes).await?;
    reads(&mut tx, &changes).await?;
    learning::postgres::write(&mut tx, &changes.learning).await?;
    intents(&mut tx, &changes).await?;
    tx.commit().await?;
    Ok(Committed { fenced: judged.fenced })
}

/// One array of a statement.
pub(super) fn column<R, C>(rows: impl IntoIterator<Item = R>, cell: impl FnMut(R) -> C) -> Vec<C> {
    rows.into_iter().map(cell).collect()
}

async fn judge<'a>(tx: &mut PgConnection, owners: &'a [OwnerUpdate]) -> sqlx::Result<Judged<'a>> {
    let rows: Vec<(i32, i64, i64)> = sqlx::query_as(STANDING)
        .bind(column(owners, |owner| owner.partition.0))
        .fetch_all(tx)
        .await?;
    let mut judged = Judged::default();
    for owner in owners {
        let row = rows.iter().find(|(partition, ..)| *partition == owner.partition.0);
        judged.push(owner, row.map(|(_, epoch, batch)| (*epoch, *batch)));
    }
    Ok(judged)
}

async fn advance(tx: &mut PgConnection, owners: &[&OwnerUpdate]) -> sqlx::Result<()> {
    sqlx::query(ADVANCE)
        .bind(column(owners, |owner| owner.partition.0))
        .bind(column(owners, |owner| owner.batch))
        .bind(column(owners, |owner| owner.next_offset))
        .bind(column(owners, |owner| owner.top))
        .bind(column(owners, |owner| owner.out_seq))
        .bind(column(owners, |owner| owner.published_seq))
        .bind(column(owners, |owner| owner.cluster_id.as_str()))
        .bind(column(owners, |owner| owner.digest.as_ref().map(<[u8; 16]>::as_slice)))
        .bind(column(owners, |owner| owner.clean))
        .execute(tx)
        .await
        .map(drop)
}

async fn journal(tx: &mut PgConnection, rows: &[&JournalRow]) -> sqlx::Result<()> {
    sqlx::query(JOURNAL)
        .bind(column(rows, |row| row.student.as_uuid()))
        .bind(column(rows, |row| row.rev))
        .bind(column(rows, |row| row.partition.0))
        .bind(column(rows, |row| row.epoch))
        .bind(column(rows, |row| row.generation))
        .bind(column(rows, |row| row.position))
        .bind(column(rows, |row| row.at.as_micros()))
        .bind(column(rows, |row| row.last_frame))
        .bind(column(rows, |row| row.last_event))
        .bind(column(rows, |row| row.out_seq))
        .bind(column(rows, |row| row.facts.as_slice()))
        .bind(column(rows, |row| row.text.as_deref()))
        .execute(tx)
        .await
        .map(drop)
}

async fn sessions(tx: &mut PgConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    let snapshots = &changes.snapshots;
    if !snapshots.is_empty() {
        sqlx::query(SNAPSHOT)
            .bind(column(snapshots.keys(), |student| *student))
            .bind(column(snapshots.values(), |(partition, _)| *partition))
            .bind(column(snapshots.values(), |(_, snapshot)| snapshot.rev))
            .bind(column(snapshots.values(), |(_, snapshot)| snapshot.state.as_slice()))
            .bind(column(snapshots.values(), |(_, snapshot)| snapshot.kept_from))
            .execute(&mut *tx)
            .await?;
    }
    let timers = &changes.timers;
    if !timers.is_empty() {
        sqlx::query(TIMER)
            .bind(column(timers.keys(), |student| *student))
            .bind(column(timers.values(), |timer| timer.partition))
            .bind(column(timers.values(), |timer| timer.due))
            .execute(tx)
            .await?;
    }
    Ok(())
}

type WorkKey = (i32, Uuid, Uuid);

async fn work(tx: &mut PgConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    let (mut put, mut gone): (Vec<(&WorkKey, &Work)>, Vec<&WorkKey>) = (Vec::new(), Vec::new());
    for (key, work) in &changes.work {
        match work {
            Some(work) => put.push((key, *work)),
            None => gone.push(key),
        }
    }
    if !put.is_empty() {
        sqlx::query(WORK_PUT)
            .bind(column(&put, |(key, _)| key.0))
            .bind(column(&put, |(key, _)| key.1))
            .bind(column(&put, |(key, _)| key.2))
            .bind(column(&put, |(_, work)| work.kind.as_i16()))
            .bind(column(&put, |(_, work)| work.attempt))
            .bind(column(&put, |(_, work)| work.crashes))
            .execute(&mut *tx)
            .await?;
    }
    if !gone.is_empty() {
        sqlx::query(WORK_REMOVE)
            .bind(column(&gone, |key| key.0))
            .bind(column(&gone, |key| key.1))
            .bind(column(&gone, |key| key.2))
            .execute(tx)
            .await?;
    }
    Ok(())
}

async fn reads(tx: &mut PgConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    let activity = &changes.activity;
    if !activity.is_empty() {
        sqlx::query(ACTIVITY)
            .bind(column(activity.keys(), |student| *student))
            .bind(column(activity.values(), |row| row.turns_total))
            .bind(column(activity.values(), |row| row.complete_total))
            .bind(column(activity.values(), |row| row.last_active_at))
            .execute(&mut *tx)
            .await?;
    }
    let topics = &changes.topics;
    if !topics.is_empty() {
        sqlx::query(TOPIC)
            .bind(column(topics.keys(), |(student, _)| *student))
            .bind(column(topics.keys(), |(_, topic)| *topic))
            .bind(column(topics.values(), |(asked_total, _)| *asked_total))
            .bind(column(topics.values(), |(_, last_at)| *last_at))
            .execute(&mut *tx)
            .await?;
    }
    if changes.turns.is_empty() { Ok(()) } else { turns(tx, changes).await }
}

async fn turns(tx: &mut PgConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    let turns = &changes.turns;
    sqlx::query(TURN)
        .bind(column(turns.keys(), |(student, _)| *student))
        .bind(column(turns.keys(), |(_, turn)| *turn))
        .bind(column(turns.values(), |row| row.question_rev))
        .bind(column(turns.values(), |row| row.answer_rev))
        .bind(column(turns.values(), |row| row.status))
        .bind(column(turns.values(), |row| row.agent))
        .bind(column(turns.values(), |row| row.topic))
        .bind(column(turns.values(), |row| row.source))
        .bind(column(turns.values(), |row| row.asked_at))
        .bind(column(turns.values(), |row| row.ended_at))
        .execute(tx)
        .await
        .map(drop)
}

async fn intents(tx: &mut PgConnection, changes: &Changes<'_>) -> sqlx::Result<()> {
    let intents = &changes.intents;
    if intents.is_empty() {
        return Ok(());
    }
    let ids = column(intents.keys(), |id| *id);
    sqlx::query(INTENT_DONE).bind(&ids).execute(&mut *tx).await?;
    sqlx::query(INTENT_RESULT)
        .bind(&ids)
        .bind(column(intents.values(), |settled| settled.student))
        .bind(column(intents.values(), |settled| settled.result))
        .bind(column(intents.values(), |settled| settled.at))
        .execute(tx)
        .await
        .map(drop)
}
