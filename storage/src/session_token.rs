//! Sign-ins: opaque tokens of 256 random bits, of which the store has only the hash.
//!
//! Tokens are rows, so they survive a restart, and signing out takes effect with the next request
//! everywhere. A token lasts [`LIFETIME_MS`] from its issue, whatever its use.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use secrecy::SecretString;
use uuid::Uuid;

use crate::account::Role;
use crate::keys::random_bytes;
use crate::pool::Database;
use crate::statement::{damaged, reading, writing};

/// How long a sign-in lasts: 30 days.
pub const LIFETIME_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// `last_used_at` is as coarse as this: a look-up seldom becomes a write.
const LAST_USED_STEP_MS: i64 = 10 * 60 * 1_000;
/// Characters of a token or a ticket.
const TOKEN_CHARACTERS: usize = 43;

const ISSUE: &str =
    "INSERT INTO session_token (hash, user_id, created_at, expires_at, last_used_at)
     VALUES ($1, $2, $3, $4, $3)";
const FIND: &str = "SELECT a.user_id, a.role, a.student_id, t.expires_at, t.last_used_at
     FROM session_token t JOIN account a ON a.user_id = t.user_id
     WHERE t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND a.disabled_at IS NULL";
const USED_SINCE: &str = "SELECT count(*) FROM session_token
     WHERE last_used_at >= $1 AND revoked_at IS NULL";
const TOUCH: &str = "UPDATE session_token SET last_used_at = $2 WHERE hash = $1";
const REVOKE: &str =
    "UPDATE session_token SET revoked_at = $2 WHERE hash = $1 AND revoked_at IS NULL";
const REVOKE_ALL: &str =
    "UPDATE session_token SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
const SWEEP: &str = "DELETE FROM session_token WHERE expires_at <= $1";

/// SHA-256 of a token: names a sign-in without being able to use it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token or ticket; `None` for a text that can't be one.
    pub fn of(token: &str) -> Option<Self> {
        let wanted = token.len() == TOKEN_CHARACTERS;
        let bytes = wanted.then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten()?;
        Self::from_bytes(digest::digest(&digest::SHA256, &bytes).as_ref())
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for TokenHash {
    /// The first bytes only: enough to tell two apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, ..] = self.0;
        write!(f, "TokenHash({first:02x}{second:02x}{third:02x}…)")
    }
}

/// A token as its holder gets it, once.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token: 43 characters of base64url.
    pub token: SecretString,
    /// What the store knows it by.
    pub token_hash: TokenHash,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// The account.
    pub user: UserId,
    /// What it may do.
    pub role: Role,
    /// The student, if it is one.
    pub student_id: Option<StudentId>,
    /// The sign-in.
    pub token_hash: TokenHash,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Signs an account in.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; a token that was never answered just expires.
pub async fn issue(db: &Database, user: UserId, now: Timestamp) -> Result<Issued, StoreError> {
    let (token, token_hash) = mint()?;
    let expires_at = now.plus_millis(LIFETIME_MS);
    writing!(db, |tx| {
        sqlx::query(ISSUE)
            .bind(token_hash.0.to_vec())
            .bind(user.as_uuid())
            .bind(now.as_micros())
            .bind(expires_at.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(())
    })?;
    Ok(Issued { token, token_hash, expires_at })
}

/// Whose token it is; `None` when it is unknown, ended, revoked, or its account is disabled.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: the account can't be read.
pub async fn find(
    db: &Database,
    token: &str,
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    let Some(token_hash) = TokenHash::of(token) else { return Ok(None) };
    let row: Option<(Uuid, String, Option<Uuid>, i64, i64)> = reading!(db, |conn| {
        sqlx::query_as(FIND)
            .bind(token_hash.0.to_vec())
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await
    })?;
    let Some((user, role, student, expires_at, last_used_at)) = row else { return Ok(None) };
    if now.millis_since(Timestamp::from_micros(last_used_at)) >= LAST_USED_STEP_MS {
        touch(db, token_hash, now).await?;
    }
    Ok(Some(SignedIn {
        user: UserId::new(user),
        role: Role::parse(&role).ok_or_else(|| damaged("account.role"))?,
        student_id: student.map(StudentId::new),
        token_hash,
        expires_at: Timestamp::from_micros(expires_at),
    }))
}

/// How many sign-ins that stand were used since a moment (as coarsely as use is noted).
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn used_since(db: &Database, moment: Timestamp) -> Result<i64, StoreError> {
    let at = moment.as_micros();
    let row: (i64,) =
        reading!(db, |conn| sqlx::query_as(USED_SINCE).bind(at).fetch_one(conn).await)?;
    Ok(row.0)
}

/// Ends a sign-in. Ending one that has ended changes nothing.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn revoke(
    db: &Database,
    token_hash: TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(REVOKE)
            .bind(token_hash.0.to_vec())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(())
    })
}

/// Ends every sign-in of an account (its password changed, or it left).
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn revoke_all(db: &Database, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    writing!(db, |tx| {
        let done = sqlx::query(REVOKE_ALL)
            .bind(user.as_uuid())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(done.rows_affected())
    })
}

/// Deletes sign-ins that have ended; answers how many.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn sweep(db: &Database, now: Timestamp) -> Result<u64, StoreError> {
    writing!(db, |tx| {
        let done = sqlx::query(SWEEP).bind(now.as_micros()).execute(&mut *tx).await?;
        Ok(done.rows_affected())
    })
}

async fn touch(db: &Database, token_hash: TokenHash, now: Timestamp) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(TOUCH)
            .bind(token_hash.0.to_vec())
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        Ok(())
    })
}

/// Makes a token of 256 random bits and its hash.
pub(crate) fn mint() -> Result<(SecretString, TokenHash), StoreError> {
    let bytes = random_bytes::<32>()
        .map_err(|_| StoreError::Unavailable("the random source failed".to_owned()))?;
    let hash = TokenHash::from_bytes(digest::digest(&digest::SHA256, &bytes).as_ref())
        .ok_or_else(|| damaged("session_token.hash"))?;
    Ok((URL_SAFE_NO_PAD.encode(bytes).into(), hash))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_token_is_43_characters_and_has_one_hash() {
        let (token, hash) = mint().unwrap();
        assert_eq!(token.expose_secret().len(), TOKEN_CHARACTERS);
        assert_eq!(TokenHash::of(token.expose_secret()), Some(hash));
        assert_ne!(mint().unwrap().1, hash);
    }

    #[test]
    fn what_cannot_be_a_token_has_no_hash() {
        let long = "A".repeat(44);
        for wrong in ["", "A", "AAAA AAAA", &long, &"é".repeat(21), &"!".repeat(43)] {
            assert_eq!(TokenHash::of(wrong), None, "{wrong}");
        }
    }
}
