//! Tickets: what a page shows to open a socket. One use, 30 s, bound to the sign-in that asked.
//!
//! They rest in the store, so any gateway redeems them; redeeming is one statement, so two
//! gateways that get the same ticket can't both succeed.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::WrappedKey;
use secrecy::SecretString;
use uuid::Uuid;

use crate::pool::Database;
use crate::session_token::{SignedIn, TokenHash, mint};
use crate::statement::{damaged, reading, writing};

mod standing;

pub use standing::{Presence, Standing, standing};

/// How long a ticket lasts: 30 s.
pub const LIFETIME_MS: i64 = 30_000;

const ISSUE: &str = "INSERT INTO ticket (hash, student_id, user_id, token_hash, expires_at)
     VALUES ($1, $2, $3, $4, $5)";
const REDEEM: &str = "UPDATE ticket SET used_at = $2
     WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
     RETURNING student_id, user_id, token_hash";
const LOOK_UP: &str = "SELECT k.wrapped,
         (SELECT j.last_frame FROM journal j WHERE j.student_id = k.student_id
          ORDER BY j.rev DESC LIMIT 1)
     FROM student_key k
     JOIN session_token t ON t.hash = $2
     JOIN account a ON a.user_id = t.user_id
     WHERE k.student_id = $1 AND t.revoked_at IS NULL AND t.expires_at > $3
       AND a.disabled_at IS NULL";
const SWEEP: &str = "DELETE FROM ticket WHERE expires_at <= $1";

/// No ticket was issued.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TicketError {
    /// Only students have sockets.
    #[error("only students open sockets")]
    NotAStudent,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A ticket as its holder gets it, once.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The ticket: 43 characters of base64url.
    pub token: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a gateway gets for a ticket: all that it needs while the socket lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// Whose socket it is.
    pub student: StudentId,
    /// Their account.
    pub user: UserId,
    /// Their wrapped data key.
    pub wrapped_key: WrappedKey,
    /// The sign-in to which the socket is bound.
    pub token_hash: TokenHash,
    /// The student's newest durable frame.
    pub newest_seq: i64,
}

/// Issues a ticket to who is signed in.
///
/// # Errors
/// [`TicketError::NotAStudent`]; the store's errors.
pub async fn issue(
    db: &Database,
    signed_in: &SignedIn,
    now: Timestamp,
) -> Result<Ticket, TicketError> {
    let student = signed_in.student_id.ok_or(TicketError::NotAStudent)?;
    let (token, hash) = mint()?;
    let expires_at = now.plus_millis(LIFETIME_MS);
    let (user, token_hash) = (signed_in.user, signed_in.token_hash);
    writing!(db, |tx| {
        sqlx::query(ISSUE)
            .bind(hash.as_bytes().to_vec())
            .bind(student.as_uuid())
            .bind(user.as_uuid())
            .bind(token_hash.as_bytes().to_vec())
            .bind(expires_at.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(())
    })?;
    Ok(Ticket { token, expires_at })
}

/// Uses a ticket up; `None` when it is unknown, used or expired, or when the sign-in or the
/// student's key is gone.
///
/// # Errors
/// [`StoreError::Unavailable`]: the ticket may be used up; the client asks for another.
pub async fn redeem(
    db: &Database,
    token: &str,
    now: Timestamp,
) -> Result<Option<Redeemed>, StoreError> {
    let Some(hash) = TokenHash::of(token) else { return Ok(None) };
    let redeemed: Option<(Uuid, Uuid, Vec<u8>)> = writing!(db, |tx| {
        sqlx::query_as(REDEEM)
            .bind(hash.as_bytes().to_vec())
            .bind(now.as_micros())
            .fetch_optional(&mut *tx)
            .await
    })?;
    let Some((student, user, token_hash)) = redeemed else { return Ok(None) };
    let row: Option<(Vec<u8>, Option<i64>)> = reading!(db, |conn| {
        sqlx::query_as(LOOK_UP)
            .bind(student)
            .bind(token_hash.clone())
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await
    })?;
    let token_hash =
        TokenHash::from_bytes(&token_hash).ok_or_else(|| damaged("ticket.token_hash"))?;
    Ok(row.map(|(wrapped, newest_seq)| Redeemed {
        student: StudentId::new(student),
        user: UserId::new(user),
        wrapped_key: WrappedKey(wrapped),
        token_hash,
        newest_seq: newest_seq.unwrap_or(0),
    }))
}

/// Deletes tickets that have expired; answers how many.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn sweep(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    writing!(db, |tx| {
        let done = sqlx::query(SWEEP).bind(now.as_micros()).execute(&mut *tx).await?;
        Ok(done.rows_affected())
    })
}
