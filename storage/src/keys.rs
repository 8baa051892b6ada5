//! Sealing: the vault over student keys that rest in the store, wrapped by a master key.
//!
//! Three levels. A *master key* comes from the configuration and never touches the store. A
//! student's *data key* rests in `student_key`, wrapped by the master (`keys/wrap.rs` has the format). A
//! *subkey* for each [`Place`] is derived from the data key and seals the value (`keys/seal.rs` has
//! the format). Deleting the key row makes everything of a student unreadable, wherever it rests.
//!
//! What stays in clear: accounts (a normalised e-mail, so that sign-in is one look-up by a unique
//! column, and a display name). They are no student text and live in no log, metric or event.
//!
//! **Randomness:** data keys and nonces come from the operating system by way of aws-lc-rs, here
//! and nowhere else: a nonce that a caller could repeat would break the seal.

pub(crate) mod master;
mod rewrap;
mod row;
mod seal;
mod wrap;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{Place, StudentKey, Vault, VaultError, WrappedKey};
use zeroize::Zeroizing;

pub use master::{MasterKeyError, MasterKeys};
pub use rewrap::{RewrapError, Rewrapped, rewrap_some};
pub use row::{destroy, key_row, replace};

/// Bytes of a nonce of AES-256-GCM.
const NONCE_BYTES: usize = 12;
/// Bytes of a tag of AES-256-GCM.
const TAG_BYTES: usize = 16;
/// Bytes of a data key.
const KEY_BYTES: usize = 32;

/// The vault that seals with AES-256-GCM under keys that rest in the store.
#[derive(Clone)]
pub struct StoreVault {
    masters: Arc<MasterKeys>,
}

impl StoreVault {
    /// A vault under these master keys.
    pub fn new(masters: MasterKeys) -> Self {
        Self { masters: Arc::new(masters) }
    }

    /// The master keys, for what else is derived from them (the audit trail, pseudonyms).
    pub fn masters(&self) -> &MasterKeys {
        &self.masters
    }

    /// What a model provider gets to know a student by: 64 hex digits that nobody without the
    /// master key can trace back. It changes with the master key.
    pub fn pseudonym(&self, student: StudentId) -> String {
        self.masters.pseudonym(student)
    }

    /// Wraps every version of a key by the current master; `None` when it already is.
    ///
    /// # Errors
    /// As [`Vault::unwrap_key`].
    pub fn rewrap(
        &self,
        student: StudentId,
        wrapped: &WrappedKey,
    ) -> Result<Option<WrappedKey>, VaultError> {
        if wrap::all_under(wrapped, self.masters.current().id())? {
            return Ok(None);
        }
        let versions = wrap::open(&self.masters, student, wrapped)?;
        let mut entries = Vec::new();
        for (version, key) in &versions {
            let nonce = random_bytes()?;
            let entry = wrap::entry(self.masters.current(), student, *version, key, &nonce)?;
            entries.extend_from_slice(&entry);
        }
        Ok(Some(WrappedKey(entries)))
    }

    /// Adds a new version, which seals from now on; the older ones still open what they sealed.
    ///
    /// # Errors
    /// As [`Vault::unwrap_key`], and [`VaultError::Broken`] when the random source fails.
    pub fn renew(
        &self,
        student: StudentId,
        wrapped: &WrappedKey,
    ) -> Result<WrappedKey, VaultError> {
        let versions = wrap::open(&self.masters, student, wrapped)?;
        let newest = versions.iter().map(|(version, _)| *version).max().unwrap_or(0);
        let next = newest.checked_add(1).ok_or(VaultError::Broken)?;
        let mut bytes = wrapped.0.clone();
        bytes.extend_from_slice(&self.fresh_entry(student, next)?);
        Ok(WrappedKey(bytes))
    }

    fn fresh_entry(&self, student: StudentId, version: u32) -> Result<Vec<u8>, VaultError> {
        let key = Zeroizing::new(random_bytes::<KEY_BYTES>()?);
        wrap::entry(self.masters.current(), student, version, &key, &random_bytes()?)
    }
}

impl fmt::Debug for StoreVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreVault").field("masters", &self.masters).finish()
    }
}

impl Vault for StoreVault {
    fn create_key(&self, student: StudentId) -> Result<WrappedKey, VaultError> {
        self.fresh_entry(student, 1).map(WrappedKey)
    }

    fn unwrap_key(
        &self,
        student: StudentId,
        wrapped: &WrappedKey,
    ) -> Result<StudentKey, VaultError> {
        let versions = wrap::open(&self.masters, student, wrapped)?;
        // `StudentKey` wipes the copies when it is dropped, `versions` wipes its own.
        let copies = versions.iter().map(|(version, key)| (*version, **key)).collect();
        Ok(StudentKey::new(student, copies))
    }

    fn seal(&self, key: &StudentKey, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        seal::seal(key, place, plain, &random_bytes()?)
    }

    fn open(&self, key: &StudentKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        seal::open(key, place, sealed)
    }
}

/// Random bytes of the operating system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|_| VaultError::Broken)?;
    Ok(bytes)
}

/// Joins fields so that no two lists of fields give the same bytes: each behind its length.
pub(crate) fn length_prefixed(fields: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(fields.iter().map(|field| field.len() + 4).sum());
    for field in fields {
        // A field of 4 GiB can't reach this point: fields are ids, names and numbers.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        joined.extend_from_slice(&length.to_be_bytes());
        joined.extend_from_slice(field);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::length_prefixed;

    #[test]
    fn lists_of_fields_that_differ_give_bytes_that_differ() {
        assert_ne!(length_prefixed(&[b"ab", b"c"]), length_prefixed(&[b"a", b"bc"]));
        assert_ne!(length_prefixed(&[b"ab"]), length_prefixed(&[b"ab", b""]));
        assert_eq!(length_prefixed(&[b"ab", b""]), [0, 0, 0, 2, b'a', b'b', 0, 0, 0, 0]);
    }
}
