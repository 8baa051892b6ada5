//! Who needs help, and why.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::reading;

const OPEN: &str = "SELECT id, kind, severity, topic, exercise, status, opened_at, closed_at,
         snoozed_until, evidence, seq
     FROM alert WHERE student_id = $1 AND closed_at IS NULL ORDER BY seq DESC, id";
const ALL: &str = "SELECT id, kind, severity, topic, exercise, status, opened_at, closed_at,
         snoozed_until, evidence, seq
     FROM alert WHERE student_id = $1 ORDER BY seq DESC, id";

/// Which alerts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertScope {
    /// Those that stand, snoozed ones included.
    Open,
    /// Those that are closed too.
    All,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// The alert.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// How severe it is.
    pub severity: String,
    /// Course id of the topic it is about, if it is about one.
    pub topic: Option<String>,
    /// Course id of the exercise it is about, if it is about one.
    pub exercise: Option<String>,
    /// open or closed.
    pub status: String,
    /// Raised at.
    pub opened_at: Timestamp,
    /// Closed at.
    pub closed_at: Option<Timestamp>,
    /// An instructor wants to hear of it again only then.
    pub snoozed_until: Option<Timestamp>,
    /// What it rests on: JSON.
    pub evidence: String,
    /// The number of the event that raised it.
    pub seq: i64,
}

/// A row of `alert` in the statement's order.
type StoredAlert = (
    Uuid,
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    String,
    i64,
);

/// A student's alerts, newest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn alerts(
    db: &Database,
    student: StudentId,
    scope: AlertScope,
) -> Result<Vec<AlertRow>, StoreError> {
    let statement = match scope {
        AlertScope::Open => OPEN,
        AlertScope::All => ALL,
    };
    let rows: Vec<StoredAlert> = reading!(db, |conn| {
        sqlx::query_as(statement).bind(student.as_uuid()).fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(alert_row).collect())
}

fn alert_row(row: StoredAlert) -> AlertRow {
    let (
        id,
        kind,
        severity,
        topic,
        exercise,
        status,
        opened_at,
        closed_at,
        snoozed_until,
        evidence,
        seq,
    ) = row;
    AlertRow {
        id,
        kind,
        severity,
        topic,
        exercise,
        status,
        opened_at: Timestamp::from_micros(opened_at),
        closed_at: closed_at.map(Timestamp::from_micros),
        snoozed_until: snoozed_until.map(Timestamp::from_micros),
        evidence,
        seq,
    }
}
