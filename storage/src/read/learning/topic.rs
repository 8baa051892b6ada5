//! Topic by topic: what a student knows, and when it is due again.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;

use crate::pool::Database;
use crate::statement::reading;

const MASTERY: &str = "SELECT topic, exercises, quizzes, quality, streak, score, estimate, level,
         graded_total, known, updated_at
     FROM mastery WHERE student_id = $1 ORDER BY topic";
const REVIEWS: &str = "SELECT topic, due_at, reviewed_at, stability, difficulty, reviews, lapses
     FROM review WHERE student_id = $1 ORDER BY due_at, topic";

/// What a student knows of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasteryRow {
    /// Course id of the topic.
    pub topic: String,
    /// The component of exercises, once there is evidence.
    pub exercises: Option<i64>,
    /// The component of quizzes.
    pub quizzes: Option<i64>,
    /// The component of code quality.
    pub quality: Option<i64>,
    /// The component of the streak.
    pub streak: Option<i64>,
    /// The score that is shown.
    pub score: i64,
    /// What the components come to now.
    pub estimate: Option<i64>,
    /// The level.
    pub level: String,
    /// Graded attempts in all.
    pub graded_total: i64,
    /// Probability of knowing, in millionths.
    pub known: i64,
    /// As of.
    pub updated_at: Timestamp,
}

/// When a topic is due to be practised again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// Course id of the topic.
    pub topic: String,
    /// Due at.
    pub due_at: Timestamp,
    /// The last review.
    pub reviewed_at: Timestamp,
    /// In hundred-thousandths of a day.
    pub stability: i64,
    /// In millionths.
    pub difficulty: i64,
    /// Reviews in all.
    pub reviews: i64,
    /// Reviews at which it was forgotten.
    pub lapses: i64,
}

/// A row of `mastery` in the statement's order.
type StoredMastery = (
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    i64,
    Option<i64>,
    String,
    i64,
    i64,
    i64,
);

/// What a student knows, by topic; topics without evidence are left out.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn mastery(db: &Database, student: StudentId) -> Result<Vec<MasteryRow>, StoreError> {
    let rows: Vec<StoredMastery> = reading!(db, |conn| {
        sqlx::query_as(MASTERY).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(mastery_row).collect())
}

/// When a student's topics are due again, earliest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn reviews(db: &Database, student: StudentId) -> Result<Vec<ReviewRow>, StoreError> {
    type Row = (String, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = reading!(db, |conn| {
        sqlx::query_as(REVIEWS).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    let reviews = rows.into_iter().map(
        |(topic, due_at, reviewed_at, stability, difficulty, reviews, lapses)| ReviewRow {
            topic,
            due_at: Timestamp::from_micros(due_at),
            reviewed_at: Timestamp::from_micros(reviewed_at),
            stability,
            difficulty,
            reviews,
            lapses,
        },
    );
    Ok(reviews.collect())
}

fn mastery_row(row: StoredMastery) -> MasteryRow {
    let (
        topic,
        exercises,
        quizzes,
        quality,
        streak,
        score,
        estimate,
        level,
        graded_total,
        known,
        updated_at,
    ) = row;
    MasteryRow {
        topic,
        exercises,
        quizzes,
        quality,
        streak,
        score,
        estimate,
        level,
        graded_total,
        known,
        updated_at: Timestamp::from_micros(updated_at),
    }
}
