//! Passwords: what is accepted, and argon2id in a bounded pool.
//!
//! Parameters are the OWASP minimum (19 MiB, two passes, one lane) and stand in each hash, so they
//! can be raised later. A hash costs about 30 ms of a core: at most [`HASHES_AT_ONCE`] run, at
//! most [`QUEUE_LENGTH`] wait, and who waits longer than [`DEADLINE`] is sent away.
//! Sources: OWASP Password Storage Cheat Sheet; NIST SP 800-63B-4 §3.1.1.2.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Hashes that run at the same time: 19 MiB and a core each.
pub const HASHES_AT_ONCE: usize = 2;
/// Requests that wait behind those.
pub const QUEUE_LENGTH: usize = 64;
/// The longest that a request waits and runs.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// Characters that a password has at least when it is the only factor.
pub const CHARACTERS_MIN: usize = 15;
/// Bytes that a password has at most; nothing is ever cut off.
pub const BYTES_MAX: usize = 1_024;
/// Different characters that a password has at least.
const DISTINCT_CHARACTERS_MIN: usize = 5;

/// Checked in place of the hash of an account that doesn't exist. No password fits it: its
/// bytes are made up.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGVhcm5mbG93IGR1bW15IQ$\
                          bm8gcGFzc3dvcmQgZ2l2ZXMgdGhlc2UgYnl0ZXMuLi4";

/// A password that isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("a password has at least {CHARACTERS_MIN} characters")]
    TooShort,
    /// Too many bytes.
    #[error("a password has at most {BYTES_MAX} bytes")]
    TooLong,
    /// The same few characters again and again.
    #[error("a password has at least {DISTINCT_CHARACTERS_MIN} different characters")]
    Repetitive,
    /// It is, or holds, the account's e-mail.
    #[error("a password does not hold the e-mail")]
    HoldsEmail,
}

/// Hashing failed; the password itself was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already: try again later.
    #[error("too many sign-ins at once")]
    Busy,
    /// It took longer than [`DEADLINE`]: try again later.
    #[error("hashing took longer than {} s", DEADLINE.as_secs())]
    Deadline,
    /// The stored hash can't be read, or the random source failed.
    #[error("the password hash is damaged or could not be made")]
    Damaged,
}

/// Whether a password fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the account's.
    Right,
    /// It isn't, or there is no such account, or the account has none.
    Wrong,
}

/// Checks a password for an account without a second factor.
///
/// # Errors
/// [`WeakPassword`] says what is wrong with it.
pub fn check(password: &str, email: &str) -> Result<(), WeakPassword> {
    if password.len() > BYTES_MAX {
        return Err(WeakPassword::TooLong);
    }
    if password.chars().count() < CHARACTERS_MIN {
        return Err(WeakPassword::TooShort);
    }
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < DISTINCT_CHARACTERS_MIN {
        return Err(WeakPassword::Repetitive);
    }
    let email = email.trim().to_lowercase();
    if !email.is_empty() && password.to_lowercase().contains(&email) {
        return Err(WeakPassword::HoldsEmail);
    }
    Ok(())
}

/// The pool that hashes. Make one a process and share it.
#[derive(Clone)]
pub struct PasswordPool {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for PasswordPool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PasswordPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordPool")
            .field("free", &self.running.available_permits())
            .field("queue_free", &self.admitted.available_permits())
            .finish()
    }
}

impl PasswordPool {
    /// A pool of [`HASHES_AT_ONCE`] with a queue of [`QUEUE_LENGTH`].
    pub fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            admitted: Arc::new(Semaphore::new(HASHES_AT_ONCE + QUEUE_LENGTH)),
        }
    }

    /// Hashes a password under a new salt, as a PHC string.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] and [`PasswordError::Deadline`]: try again later.
    /// # Cancellation
    /// A hash that has begun runs to its end and keeps its place in the pool until then.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        self.run(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_| PasswordError::Damaged)
        })
        .await
    }

    /// Checks a password against an account's hash. Without one (no such account, or one that
    /// can't sign in by password) it takes as long and is wrong.
    ///
    /// # Errors
    /// As [`PasswordPool::hash`]; [`PasswordError::Damaged`] for a stored hash that can't be read.
    /// # Cancellation
    /// As [`PasswordPool::hash`].
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<&str>,
    ) -> Result<Verdict, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(DUMMY_HASH).to_owned();
        // What is too long to be anybody's is not worth hashing in full, but costs as much.
        let fits = password.len() <= BYTES_MAX;
        let password = Zeroizing::new(if fits { password.to_owned() } else { String::new() });
        self.run(move || {
            let parsed = PasswordHash::new(&hash).map_err(|_| PasswordError::Damaged)?;
            let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(if right && known && fits { Verdict::Right } else { Verdict::Wrong })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place =
            Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        tokio::time::timeout(DEADLINE, self.run_admitted(place, work))
            .await
            .map_err(|_| PasswordError::Deadline)?
    }

    async fn run_admitted<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn =
            Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        // Both permits go along: a caller who leaves doesn't free what still runs.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        })
        .await
        .map_err(|_| PasswordError::Damaged)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_varied_and_not_the_email() {
        let email = "maya@school.example";
        let cases = [
            ("correct horse battery", Ok(())),
            ("ñandú über größer", Ok(())),
            ("fourteen chars", Err(WeakPassword::TooShort)),
            ("日本語日本語日本語日本語日本", Err(WeakPassword::TooShort)),
            ("aaaaaaaaaaaaaaaaaaaa", Err(WeakPassword::Repetitive)),
            ("my Maya@School.example pw", Err(WeakPassword::HoldsEmail)),
        ];
        for (password, expected) in cases {
            assert_eq!(check(password, email), expected, "{password}");
        }
        assert_eq!(check(&"abcdefgh".repeat(128), email), Ok(()));
        assert_eq!(check(&"abcdefgh".repeat(129), email), Err(WeakPassword::TooLong));
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_fits() {
        let pool = PasswordPool::new();
        let hash = pool.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let cases = [
            ("correct horse battery", Some(hash.as_str()), Ok(Verdict::Right)),
            ("correct horse batterz", Some(hash.as_str()), Ok(Verdict::Wrong)),
            ("", Some(hash.as_str()), Ok(Verdict::Wrong)),
            ("correct horse battery", None, Ok(Verdict::Wrong)),
            ("correct horse battery", Some("plain"), Err(PasswordError::Damaged)),
        ];
        for (password, stored, expected) in cases {
            assert_eq!(pool.verify(password, stored).await, expected, "{password}");
        }
    }

    #[tokio::test]
    async fn an_unknown_account_costs_what_a_known_one_costs() {
        let made = PasswordPool::new().hash("correct horse battery").await.unwrap();
        let (made, dummy) =
            (PasswordHash::new(&made).unwrap(), PasswordHash::new(DUMMY_HASH).unwrap());
        assert_eq!(made.algorithm, dummy.algorithm);
        assert_eq!(made.version, dummy.version);
        assert_eq!(made.params, dummy.params);
        assert_eq!(made.salt.unwrap().len(), dummy.salt.unwrap().len());
        assert_eq!(made.hash.unwrap().len(), dummy.hash.unwrap().len());
    }

    #[tokio::test]
    async fn a_full_queue_sends_away_and_a_place_that_is_free_again_is_used() {
        let pool = PasswordPool::new();
        let all = u32::try_from(HASHES_AT_ONCE + QUEUE_LENGTH).unwrap();
        let held = pool.admitted.clone().acquire_many_owned(all).await.unwrap();
        assert_eq!(pool.hash("correct horse battery").await, Err(PasswordError::Busy));
        drop(held);
        assert!(pool.hash("correct horse battery").await.is_ok());
        assert_eq!(pool.admitted.available_permits(), HASHES_AT_ONCE + QUEUE_LENGTH);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_longer_than_the_deadline_is_sent_away() {
        let pool = PasswordPool::new();
        let _held = pool.running.clone().acquire_many_owned(2).await.unwrap();
        assert_eq!(pool.hash("correct horse battery").await, Err(PasswordError::Deadline));
        assert_eq!(pool.admitted.available_permits(), HASHES_AT_ONCE + QUEUE_LENGTH);
    }
}
