//! A simulated vault: seals are labels that say whose and where. It can break and it can panic.

use std::collections::{HashMap, HashSet};

use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{Place, StudentKey, Vault, VaultError, WrappedKey};
use parking_lot::Mutex;

/// The vault.
#[derive(Debug, Default)]
pub(crate) struct SimVault {
    /// Seals of journal rows that will panic, by student.
    pub(crate) panics: Mutex<HashMap<StudentId, usize>>,
    /// Students whose journal rows don't open.
    pub(crate) poisoned: Mutex<HashSet<StudentId>>,
}

fn label(student: StudentId, place: Place) -> Vec<u8> {
    format!("{student} {place:?}\0").into_bytes()
}

impl Vault for SimVault {
    fn create_key(&self, student: StudentId) -> Result<WrappedKey, VaultError> {
        Ok(WrappedKey(student.to_string().into_bytes()))
    }

    fn unwrap_key(
        &self,
        student: StudentId,
        wrapped: &WrappedKey,
    ) -> Result<StudentKey, VaultError> {
        if wrapped.0 != student.to_string().as_bytes() {
            return Err(VaultError::Broken);
        }
        Ok(StudentKey::new(student, vec![(1, [7; 32])]))
    }

    fn seal(&self, key: &StudentKey, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        if let Place::JournalFacts(_) = place
            && let Some(left) = self.panics.lock().get_mut(&key.student()).filter(|n| **n > 0)
        {
            *left -= 1;
            panic!("simulated panic in a session");
        }
        let mut sealed = label(key.student(), place);
        sealed.extend_from_slice(plain);
        Ok(sealed)
    }

    fn open(&self, key: &StudentKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        if let Place::JournalFacts(_) = place
            && self.poisoned.lock().contains(&key.student())
        {
            return Err(VaultError::Broken);
        }
        let label = label(key.student(), place);
        sealed.strip_prefix(label.as_slice()).map(<[u8]>::to_vec).ok_or(VaultError::Broken)
    }
}
