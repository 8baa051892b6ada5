//! Walks the audit trail from its first entry and checks each link.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use learnflow_engine::port::store::StoreError;

use super::{PURPOSE, Row, Sealed, entry_of};
use crate::keys::MasterKeys;
use crate::pool::Database;
use crate::statement::{damaged, reading};

const AFTER: &str =
    "SELECT id, at, actor, action, student_id, section_id, detail, master_id, prev_hash, hash
     FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
const HEAD: &str = "SELECT id, hash FROM audit_head WHERE single = 1";
/// Entries that are read at once.
const BATCH: i64 = 500;

/// The trail is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: i64,
    /// The last one's hash: 32 bytes to note elsewhere. Whoever cuts the trail later can't make
    /// an entry with this number and hash come back.
    pub head: Vec<u8>,
}

/// The trail is not whole, or can't be checked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuditError {
    /// This entry was changed, or one before it was removed.
    #[error("the audit trail is broken at entry {0}")]
    Broken(i64),
    /// Entries at the end are missing: the trail says how many there were.
    #[error("the audit trail ends at entry {found}, but had {expected}")]
    Cut {
        /// The last entry that is there.
        found: i64,
        /// The number of the last entry that was appended.
        expected: i64,
    },
    /// An entry was made under a master key that isn't configured.
    #[error("audit entry {id} was made under master key {master_id:08x}, which is not configured")]
    UnknownMaster {
        /// The entry.
        id: i64,
        /// The key's id.
        master_id: i64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks the whole trail.
///
/// # Errors
/// [`AuditError`] names the first entry that doesn't fit. Entries that are appended meanwhile are
/// not looked at.
pub async fn verify(db: &Database, masters: &MasterKeys) -> Result<Verified, AuditError> {
    let (expected, head): (i64, Vec<u8>) =
        reading!(db, |conn| sqlx::query_as(HEAD).fetch_one(conn).await)?;
    let mut chain = Chain { masters, last: 0, hash: vec![0; 32] };
    while chain.last < expected {
        let after = chain.last;
        let limit = BATCH.min(expected - after);
        let rows: Vec<Row> = reading!(db, |conn| {
            sqlx::query_as(AFTER).bind(after).bind(limit).fetch_all(conn).await
        })?;
        if rows.is_empty() {
            return Err(AuditError::Cut { found: chain.last, expected });
        }
        for row in &rows {
            chain.follow(row)?;
        }
    }
    if chain.hash != head {
        return Err(AuditError::Broken(chain.last));
    }
    Ok(Verified { entries: chain.last, head })
}

struct Chain<'a> {
    masters: &'a MasterKeys,
    last: i64,
    hash: Vec<u8>,
}

impl Chain<'_> {
    fn follow(&mut self, row: &Row) -> Result<(), AuditError> {
        let (id, at, .., master_id, prev, hash) = row;
        let entry = entry_of(row).ok_or(AuditError::Broken(*id))?;
        let key = self.key(*id, *master_id)?;
        let sealed = Sealed { id: *id, at: *at, entry: &entry.what, master_id: *master_id, prev };
        let fits = *id == self.last + 1
            && *prev == self.hash
            && verify_slices_are_equal(&sealed.hash(&key), hash).is_ok();
        if !fits {
            return Err(AuditError::Broken(*id));
        }
        self.last = *id;
        self.hash.clone_from(hash);
        Ok(())
    }

    fn key(&self, id: i64, master_id: i64) -> Result<hmac::Key, AuditError> {
        let unknown = AuditError::UnknownMaster { id, master_id };
        let Ok(short) = u32::try_from(master_id) else { return Err(unknown) };
        let Some(master) = self.masters.find(short) else { return Err(unknown) };
        Ok(master.hmac_key(PURPOSE).ok_or_else(|| damaged("the audit key"))?)
    }
}
