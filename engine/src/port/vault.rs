//! The vault: what a student wrote is sealed under a key of that student wherever it rests.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::StudentId;

/// Where a sealed value rests. It is bound into the seal: a value that is moved elsewhere
/// doesn't open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A command's body in the log; bound to its command id.
    Command(crate::id::CommandId),
    /// A reply's body.
    Reply,
    /// `journal.facts`; bound to its rev.
    JournalFacts(i64),
    /// `journal.text`; bound to its rev.
    JournalText(i64),
    /// `session.state`; bound to its rev.
    Snapshot(i64),
}

/// A student's data key as it rests: wrapped by a master key, one entry a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey(pub Vec<u8>);

/// A student's data key in use. It never prints itself and is wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StudentKey {
    #[zeroize(skip)]
    student: StudentId,
    versions: Vec<(u32, [u8; 32])>,
}

impl StudentKey {
    /// Holds the versions of a student's key, oldest first.
    pub const fn new(student: StudentId, versions: Vec<(u32, [u8; 32])>) -> Self {
        Self { student, versions }
    }

    /// Whose key it is.
    pub const fn student(&self) -> StudentId {
        self.student
    }

    /// The version that seals: the newest.
    pub fn newest(&self) -> Option<(u32, &[u8; 32])> {
        self.versions.last().map(|(version, key)| (*version, key))
    }

    /// The version that opens what it sealed.
    pub fn version(&self, version: u32) -> Option<&[u8; 32]> {
        self.versions.iter().find(|(known, _)| *known == version).map(|(_, key)| key)
    }
}

impl fmt::Debug for StudentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StudentKey").field("student", &self.student).finish_non_exhaustive()
    }
}

/// A value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The wrapped key names a master key that isn't configured.
    #[error("the key is wrapped by master key {0:08x}, which is not configured")]
    UnknownMaster(u32),
    /// The value names a key version that this key doesn't have: read the key row again.
    #[error("the value is sealed with key version {0}, which is not in the key row")]
    UnknownVersion(u32),
    /// The value is damaged, or sealed for another student, place or row.
    #[error("the sealed value does not open")]
    Broken,
}

/// Seals and opens. Implementations: store-backed with AES-256-GCM, simulated.
pub trait Vault: Send + Sync + fmt::Debug {
    /// Makes a new data key for a student, wrapped by the current master key.
    ///
    /// # Errors
    /// [`VaultError::Broken`] when the random source fails.
    fn create_key(&self, student: StudentId) -> Result<WrappedKey, VaultError>;

    /// Unwraps a student's data key.
    ///
    /// # Errors
    /// [`VaultError::UnknownMaster`] and [`VaultError::Broken`]; neither heals by itself.
    fn unwrap_key(
        &self,
        student: StudentId,
        wrapped: &WrappedKey,
    ) -> Result<StudentKey, VaultError>;

    /// Seals `plain` for a place.
    ///
    /// # Errors
    /// [`VaultError::Broken`] when the random source fails.
    fn seal(&self, key: &StudentKey, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError>;

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`VaultError::UnknownVersion`]: read the key row again. [`VaultError::Broken`]: never.
    fn open(&self, key: &StudentKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError>;
}
