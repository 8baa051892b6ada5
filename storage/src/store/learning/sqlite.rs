//! The rows of learning on SQLite: a prepared statement a row.

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Alert, Attempt, CLOSED, Learning, Mastery};

const MASTERY: &str = "INSERT INTO mastery (student_id, topic, exercises, quizzes, quality, streak,
         score, estimate, level, graded_total, known, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (student_id, topic) DO UPDATE SET exercises = excluded.exercises,
         quizzes = excluded.quizzes, quality = excluded.quality, streak = excluded.streak,
         score = excluded.score, estimate = excluded.estimate, level = excluded.level,
         graded_total = excluded.graded_total, known = excluded.known,
         updated_at = excluded.updated_at";
const REVIEW: &str = "INSERT INTO review (student_id, topic, due_at, reviewed_at, stability,
         difficulty, reviews, lapses)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (student_id, topic) DO UPDATE SET due_at = excluded.due_at,
         reviewed_at = excluded.reviewed_at, stability = excluded.stability,
         difficulty = excluded.difficulty, reviews = excluded.reviews, lapses = excluded.lapses";
const ATTEMPT: &str = "INSERT INTO attempt (student_id, id, kind, item, topic, score, signature,
         misconception, rung, deltas, seq, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (student_id, id) DO UPDATE SET kind = excluded.kind, item = excluded.item,
         topic = excluded.topic, score = excluded.score, signature = excluded.signature,
         misconception = excluded.misconception, rung = excluded.rung, deltas = excluded.deltas,
         seq = excluded.seq, at = excluded.at";
const HINT: &str = "INSERT INTO hint (student_id, turn, exercise, topic, rung, seq, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (student_id, turn) DO UPDATE SET exercise = excluded.exercise,
         topic = excluded.topic, rung = excluded.rung, seq = excluded.seq, at = excluded.at";
const ALERT: &str = "INSERT INTO alert AS a (id, student_id, kind, severity, topic, exercise,
         status, opened_at, closed_at, evidence, seq)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, severity = excluded.severity,
         topic = excluded.topic, exercise = excluded.exercise, status = excluded.status,
         opened_at = excluded.opened_at, closed_at = excluded.closed_at,
         evidence = excluded.evidence, seq = excluded.seq
     WHERE a.student_id = excluded.student_id";
const ALERT_CLOSED: &str = "UPDATE alert SET status = $4, closed_at = $3
     WHERE id = $1 AND student_id = $2";
const LEVELED: &str = "INSERT INTO leveled (student_id, topic, seq, level, score, at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (student_id, topic, seq) DO UPDATE SET level = excluded.level,
         score = excluded.score, at = excluded.at";

/// Upserts everything that the batch says of learning.
pub(in crate::store) async fn write(
    tx: &mut SqliteConnection,
    learning: &Learning<'_>,
) -> sqlx::Result<()> {
    for (key, row) in &learning.mastery {
        mastery(tx, key, row).await?;
    }
    reviews(tx, learning).await?;
    for (key, row) in &learning.attempts {
        attempt(tx, key, row).await?;
    }
    hints(tx, learning).await?;
    for (id, closing) in &learning.closings {
        sqlx::query(ALERT_CLOSED)
            .bind(id)
            .bind(closing.student)
            .bind(closing.at)
            .bind(CLOSED)
            .execute(&mut *tx)
            .await?;
    }
    for (id, row) in learning.alerts_in_order().into_iter().flatten() {
        alert(tx, id, row).await?;
    }
    levels(tx, learning).await
}

async fn mastery(
    tx: &mut SqliteConnection,
    (student, topic): &(Uuid, &str),
    row: &Mastery,
) -> sqlx::Result<()> {
    sqlx::query(MASTERY)
        .bind(student)
        .bind(*topic)
        .bind(row.exercises)
        .bind(row.quizzes)
        .bind(row.quality)
        .bind(row.streak)
        .bind(row.score)
        .bind(row.estimate)
        .bind(row.level)
        .bind(row.graded_total)
        .bind(row.known)
        .bind(row.updated_at)
        .execute(tx)
        .await
        .map(drop)
}

async fn reviews(tx: &mut SqliteConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    for ((student, topic), row) in &learning.reviews {
        sqlx::query(REVIEW)
            .bind(student)
            .bind(*topic)
            .bind(row.due_at)
            .bind(row.reviewed_at)
            .bind(row.stability)
            .bind(row.difficulty)
            .bind(row.reviews)
            .bind(row.lapses)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn attempt(
    tx: &mut SqliteConnection,
    (student, id): &(Uuid, Uuid),
    row: &Attempt<'_>,
) -> sqlx::Result<()> {
    sqlx::query(ATTEMPT)
        .bind(student)
        .bind(id)
        .bind(row.kind)
        .bind(row.item)
        .bind(row.topic)
        .bind(row.score)
        .bind(row.signature)
        .bind(row.misconception)
        .bind(row.rung)
        .bind(row.deltas)
        .bind(row.seq)
        .bind(row.at)
        .execute(tx)
        .await
        .map(drop)
}

async fn hints(tx: &mut SqliteConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    for ((student, turn), row) in &learning.hints {
        sqlx::query(HINT)
            .bind(student)
            .bind(turn)
            .bind(row.exercise)
            .bind(row.topic)
            .bind(row.rung)
            .bind(row.seq)
            .bind(row.at)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn alert(tx: &mut SqliteConnection, id: &Uuid, row: &Alert<'_>) -> sqlx::Result<()> {
    sqlx::query(ALERT)
        .bind(id)
        .bind(row.student)
        .bind(row.kind)
        .bind(row.severity)
        .bind(row.topic)
        .bind(row.exercise)
        .bind(row.status)
        .bind(row.opened_at)
        .bind(row.closed_at)
        .bind(row.evidence)
        .bind(row.seq)
        .execute(tx)
        .await
        .map(drop)
}

async fn levels(tx: &mut SqliteConnection, learning: &Learning<'_>) -> sqlx::Result<()> {
    for ((student, topic, seq), row) in &learning.levels {
        sqlx::query(LEVELED)
            .bind(student)
            .bind(*topic)
            .bind(seq)
            .bind(row.level)
            .bind(row.score)
            .bind(row.at)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
