//! How the students of a gateway stand: what it asks at least every 30 s.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::pool::{Database, store_error};
use crate::session_token::TokenHash;
use crate::statement::{damaged, within_deadline};

/// One statement for all: PostgreSQL takes the pairs as two arrays.
const POSTGRES: &str = "SELECT asked.place,
         (SELECT j.last_frame FROM journal j WHERE j.student_id = asked.student
          ORDER BY j.rev DESC LIMIT 1),
         EXISTS (SELECT 1 FROM student_key k WHERE k.student_id = asked.student),
         EXISTS (SELECT 1 FROM session_token t JOIN account a ON a.user_id = t.user_id
                 WHERE t.hash = asked.token AND t.revoked_at IS NULL AND t.expires_at > $3
                   AND a.disabled_at IS NULL),
         (SELECT x.quarantined_until FROM session x
          WHERE x.student_id = asked.student AND x.quarantined_until > $3)
     FROM UNNEST($1::uuid[], $2::bytea[]) WITH ORDINALITY AS asked (student, token, place)";
/// SQLite takes the pairs as JSON arrays of hexadecimal digits.
const SQLITE: &str = "SELECT s.key + 1,
         (SELECT j.last_frame FROM journal j WHERE j.student_id = unhex(s.value)
          ORDER BY j.rev DESC LIMIT 1),
         EXISTS (SELECT 1 FROM student_key k WHERE k.student_id = unhex(s.value)),
         EXISTS (SELECT 1 FROM session_token t JOIN account a ON a.user_id = t.user_id
                 WHERE t.hash = unhex(h.value) AND t.revoked_at IS NULL AND t.expires_at > $3
                   AND a.disabled_at IS NULL),
         (SELECT x.quarantined_until FROM session x
          WHERE x.student_id = unhex(s.value) AND x.quarantined_until > $3)
     FROM json_each($1) s JOIN json_each($2) h ON h.key = s.key";

/// How one socket's student stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The student.
    pub student: StudentId,
    /// The sign-in that was asked about.
    pub token_hash: TokenHash,
    /// The student's newest durable frame: what `pong` says.
    pub newest_seq: i64,
    /// Whether the student's key is there. Without it: erased, close with 4401.
    pub key: Presence,
    /// Whether the sign-in still holds. Without it: close with 4401.
    pub sign_in: Presence,
    /// The student's session rests until then: commands are refused, and may be sent again.
    pub rests_until: Option<Timestamp>,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Present,
    /// It isn't, or not any longer.
    Gone,
}

impl Presence {
    const fn of(there: bool) -> Self {
        if there { Self::Present } else { Self::Gone }
    }
}

/// How these students and sign-ins stand, in one statement; one answer a pair, in their order.
///
/// # Errors
/// [`StoreError::Unavailable`]: ask again; what was known before still holds.
pub async fn standing(
    db: &Database,
    asked: &[(StudentId, TokenHash)],
    now: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = rows(db, asked, now).await?;
    if rows.len() != asked.len() {
        return Err(damaged("an answer a pair"));
    }
    rows.sort_unstable_by_key(|(place, ..)| *place);
    let answers = asked.iter().zip(rows);
    Ok(answers
        .map(|((student, token_hash), (_, newest_seq, key, sign_in, rests_until))| Standing {
            student: *student,
            token_hash: *token_hash,
            newest_seq: newest_seq.unwrap_or(0),
            key: Presence::of(key),
            sign_in: Presence::of(sign_in),
            rests_until: rests_until.map(Timestamp::from_micros),
        })
        .collect())
}

type Row = (i64, Option<i64>, bool, bool, Option<i64>);

async fn rows(
    db: &Database,
    asked: &[(StudentId, TokenHash)],
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let now = now.as_micros();
    let students: Vec<Uuid> = asked.iter().map(|(student, _)| student.as_uuid()).collect();
    let outcome = match db {
        Database::Postgres(pool) => {
            let tokens: Vec<Vec<u8>> =
                asked.iter().map(|(_, token)| token.as_bytes().to_vec()).collect();
            let asking = sqlx::query_as(POSTGRES).bind(students).bind(tokens).bind(now);
            within_deadline(asking.fetch_all(pool.pool())).await
        }
        Database::Sqlite(sqlite) => {
            let students = json_list(students.iter().map(|id| id.as_bytes().as_slice()));
            let tokens = json_list(asked.iter().map(|(_, token)| token.as_bytes().as_slice()));
            let asking = sqlx::query_as(SQLITE).bind(students).bind(tokens).bind(now);
            within_deadline(asking.fetch_all(sqlite.readers())).await
        }
    };
    outcome.map_err(|error| store_error(&error))
}

/// A JSON array of hexadecimal strings.
fn json_list<'a>(values: impl Iterator<Item = &'a [u8]>) -> String {
    use std::fmt::Write as _;
    let mut json = String::from("[");
    for (at, value) in values.enumerate() {
        json.push_str(if at == 0 { "\"" } else { ",\"" });
        for byte in value {
            // Writing into a string has no way to fail.
            write!(json, "{byte:02x}").ok();
        }
        json.push('"');
    }
    json.push(']');
    json
}
