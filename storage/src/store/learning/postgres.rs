//! The rows of learning on PostgreSQL: a statement a table for the whole batch.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Alert, CLOSED, Learning};
use crate::store::commit_postgres::column;

const MASTERY: &str = "INSERT INTO mastery (student_id, topic, exercises, quizzes, quality, streak,
         score, estimate, level, graded_total, known, updated_at)
     SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
         $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::bigint[],
         $12::bigint[])
     ON CONFLICT (student_id, topic) DO UPDATE SET exercises = EXCLUDED.exercises,
         quizzes = EXCLUDED.quizzes, quality = EXCLUDED.quality, streak = EXCLUDED.streak,
         score = EXCLUDED.score, estimate = EXCLUDED.estimate, level = EXCLUDED.level,
         graded_total = EXCLUDED.graded_total, known = EXCLUDED.known,
         updated_at = EXCLUDED.updated_at";
const REVIEW: &str = "INSERT INTO review (student_id, topic, due_at, reviewed_at, stability,
         difficulty, reviews, lapses)
     SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],
         $6::bigint[], $7::bigint[], $8::bigint[])
     ON CONFLICT (student_id, topic) DO UPDATE SET due_at = EXCLUDED.due_at,
         reviewed_at = EXCLUDED.reviewed_at, stability = EXCLUDED.stability,
         difficulty = EXCLUDED.difficulty, reviews = EXCLUDED.reviews, lapses = EXCLUDED.lapses";
const ATTEMPT: &str = "INSERT INTO attempt (student_id, id, kind, item, topic, score, signature,
         misconception, rung, deltas, seq, at)
     SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
         $6::bigint[], $7::text[], $8::text[], $9::smallint[], $10::text[], $11::bigint[],
         $12::bigint[])
     ON CONFLICT (student_id, id) DO UPDATE SET kind = EXCLUDED.kind, item = EXCLUDED.item,
         topic = EXCLUDED.topic, score = EXCLUDED.score, signature = EXCLUDED.signature,
         misconception = EXCLUDED.misconception, rung = EXCLUDED.rung, deltas = EXCLUDED.deltas,
         seq = EXCLUDED.seq, at = EXCLUDED.at";
const HINT: &str = "INSERT INTO hint (student_id, turn, exercise, topic, rung, seq, at)
     SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::smallint[],
         $6::bigint[], $7::bigint[])
     ON CONFLICT (student_id, turn) DO UPDATE SET exercise = EXCLUDED.exercise,
         topic = EXCLUDED.topic, rung = EXCLUDED.rung, seq = EXCLUDED.seq, at = EXCLUDED.at";
const ALERT: &str = "INSERT INTO alert AS a (id, student_id, kind, severity, topic, exercise,
         status, opened_at, closed_at, evidence, seq)
     SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
         $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::bigint[])
     ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, severity = EXCLUDED.severity,
         topic = EXCLUDED.topic, exercise = EXCLUDED.exercise, status = EXCLUDED.status,
         opened_at = EXCLUDED.opened_at, closed_at = EXCLUDED.closed_at,
         evidence = EXCLUDED.evidence, seq = EXCLUDED.seq
     WHERE a.student_id = EXCLUDED.student_id";
const ALERT_CLOSED: &str = "UPDATE alert a SET status = $4, closed_at = u.closed_at
     FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS u (id, student_id, closed_at)
     WHERE a.id = u.id AND a.student_id = u.student_id";
const LEVELED: &str = "INSERT INTO leveled (student_id, topic, seq, level, score, at)
     SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[],
         $6::bigint[])
     ON CONFLICT (student_id, topic, seq) DO UPDATE SET level = EXCLUDED.level,
         score = EXCLUDED.score, at = EXCLUDED.at";

/// Upserts everything that the batch says of learning.
pub(in crate::store) async fn write(
    tx: &mut PgConnection,
    learning: &Learning<'_>,
) -> sqlx::Result<()> {
    if !learning.mastery.is_empty() {
        mastery(tx, learning).await?;
    }
    if !learning.reviews.is_empty() {
        reviews(tx, learning).await?;
    }
    if !learning.attempts.is_empty() {
        attempts(tx, learning).await?;
    }
    if !learning.hints.is_empty() {
        hints(tx, learning).await?;
    }
    if !learning.closings.is_empty() {
        closings(tx, learning).await?;
    }
    for rows in learning.alerts_in_order() {
        if !rows.is_empty() {
            alerts(tx, &rows).await?;
        }
    }
    if learning.levels.is_empty() { Ok(()) } else { levels(tx, learning).await }
}

async fn mastery(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.mastery;
    sqlx::query(MASTERY)
        .bind(column(rows.keys(), |(student, _)| *student))
        .bind(column(rows.keys(), |(_, topic)| *topic))
        .bind(column(rows.values(), |row| row.exercises))
        .bind(column(rows.values(), |row| row.quizzes))
        .bind(column(rows.values(), |row| row.quality))
        .bind(column(rows.values(), |row| row.streak))
        .bind(column(rows.values(), |row| row.score))
        .bind(column(rows.values(), |row| row.estimate))
        .bind(column(rows.values(), |row| row.level))
        .bind(column(rows.values(), |row| row.graded_total))
        .bind(column(rows.values(), |row| row.known))
        .bind(column(rows.values(), |row| row.updated_at))
        .execute(tx)
        .await
        .map(drop)
}

async fn reviews(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.reviews;
    sqlx::query(REVIEW)
        .bind(column(rows.keys(), |(student, _)| *student))
        .bind(column(rows.keys(), |(_, topic)| *topic))
        .bind(column(rows.values(), |row| row.due_at))
        .bind(column(rows.values(), |row| row.reviewed_at))
        .bind(column(rows.values(), |row| row.stability))
        .bind(column(rows.values(), |row| row.difficulty))
        .bind(column(rows.values(), |row| row.reviews))
        .bind(column(rows.values(), |row| row.lapses))
        .execute(tx)
        .await
        .map(drop)
}

async fn attempts(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.attempts;
    sqlx::query(ATTEMPT)
        .bind(column(rows.keys(), |(student, _)| *student))
        .bind(column(rows.keys(), |(_, id)| *id))
        .bind(column(rows.values(), |row| row.kind))
        .bind(column(rows.values(), |row| row.item))
        .bind(column(rows.values(), |row| row.topic))
        .bind(column(rows.values(), |row| row.score))
        .bind(column(rows.values(), |row| row.signature))
        .bind(column(rows.values(), |row| row.misconception))
        .bind(column(rows.values(), |row| row.rung))
        .bind(column(rows.values(), |row| row.deltas))
        .bind(column(rows.values(), |row| row.seq))
        .bind(column(rows.values(), |row| row.at))
        .execute(tx)
        .await
        .map(drop)
}

async fn hints(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.hints;
    sqlx::query(HINT)
        .bind(column(rows.keys(), |(student, _)| *student))
        .bind(column(rows.keys(), |(_, turn)| *turn))
        .bind(column(rows.values(), |row| row.exercise))
        .bind(column(rows.values(), |row| row.topic))
        .bind(column(rows.values(), |row| row.rung))
        .bind(column(rows.values(), |row| row.seq))
        .bind(column(rows.values(), |row| row.at))
        .execute(tx)
        .await
        .map(drop)
}

async fn closings(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.closings;
    sqlx::query(ALERT_CLOSED)
        .bind(column(rows.keys(), |id| *id))
        .bind(column(rows.values(), |row| row.student))
        .bind(column(rows.values(), |row| row.at))
        .bind(CLOSED)
        .execute(tx)
        .await
        .map(drop)
}

async fn alerts(tx: &mut PgConnection, rows: &[(&Uuid, &Alert<'_>)]) -> sqlx::Result<()> {
    sqlx::query(ALERT)
        .bind(column(rows, |(id, _)| **id))
        .bind(column(rows, |(_, row)| row.student))
        .bind(column(rows, |(_, row)| row.kind))
        .bind(column(rows, |(_, row)| row.severity))
        .bind(column(rows, |(_, row)| row.topic))
        .bind(column(rows, |(_, row)| row.exercise))
        .bind(column(rows, |(_, row)| row.status))
        .bind(column(rows, |(_, row)| row.opened_at))
        .bind(column(rows, |(_, row)| row.closed_at))
        .bind(column(rows, |(_, row)| row.evidence))
        .bind(column(rows, |(_, row)| row.seq))
        .execute(tx)
        .await
        .map(drop)
}

async fn levels(tx: &mut PgConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    let rows = &learning.levels;
    sqlx::query(LEVELED)
        .bind(column(rows.keys(), |(student, ..)| *student))
        .bind(column(rows.keys(), |(_, topic, _)| *topic))
        .bind(column(rows.keys(), |(.., seq)| *seq))
        .bind(column(rows.values(), |row| row.level))
        .bind(column(rows.values(), |row| row.score))
        .bind(column(rows.values(), |row| row.at))
        .execute(tx)
        .await
        .map(drop)
}
