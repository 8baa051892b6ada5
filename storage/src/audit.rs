//! The audit trail: who read or changed a student's record, and on what ground.
//!
//! Entries form one chain: each is authenticated, by HMAC-SHA256 under a key derived from the
//! master key, together with the hash of the entry before. Who can write the database but has no
//! master key can neither change nor remove an entry unseen ([`verify()`]). The end of the chain
//! rests in `audit_head`; cutting the trail *and* putting an old head back is seen only by
//! comparing with a head that was noted elsewhere: [`Verified`] gives it, so note it.
//!
//! An entry holds ids, times and words of closed lists, never text, so it outlives the student.

mod verify;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{SectionId, StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use uuid::Uuid;

use crate::keys::{MasterKeys, length_prefixed};
use crate::pool::Database;
use crate::read::page::{Page, PageRequest};
use crate::statement::{damaged, reading, writing};

pub use verify::{AuditError, Verified, verify};

const ADVANCE: &str = "UPDATE audit_head SET id = id + 1 WHERE single = 1 RETURNING id, hash";
const INSERT: &str = "INSERT INTO audit
         (id, at, actor, action, student_id, section_id, detail, master_id, prev_hash, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const SET_HEAD: &str = "UPDATE audit_head SET hash = $1 WHERE single = 1";
const OF_STUDENT: &str =
    "SELECT id, at, actor, action, student_id, section_id, detail, master_id, prev_hash, hash
     FROM audit WHERE student_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

/// One row as it is stored.
type Row = (i64, i64, Uuid, String, Option<Uuid>, Option<Uuid>, String, i64, Vec<u8>, Vec<u8>);

macro_rules! closed_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The stored word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// What a stored word names.
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

closed_list! {
    /// What was done.
    Action {
        /// A student's overview was read.
        ReadOverview = "read_overview",
        /// A student's progress was read.
        ReadProgress = "read_progress",
        /// A student's transcript was read: their own words.
        ReadTranscript = "read_transcript",
        /// A student's events were read.
        ReadEvents = "read_events",
        /// A class list with its students' figures was read.
        ReadClass = "read_class",
        /// Records were exported.
        Export = "export",
        /// A student's record was asked for and refused.
        Refused = "refused",
        /// An account was made.
        CreateAccount = "create_account",
        /// A section was made or changed.
        ChangeSection = "change_section",
        /// A student's key was destroyed.
        DestroyKey = "destroy_key",
    }
}

closed_list! {
    /// On what ground.
    Ground {
        /// The actor teaches a section of the student.
        Teaches = "teaches",
        /// The actor is an administrator.
        Administers = "administers",
        /// The actor is the student.
        Own = "own",
        /// None: it was refused.
        None = "none",
    }
}

/// An entry to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntry {
    /// Who did it.
    pub actor: UserId,
    /// What.
    pub action: Action,
    /// Whose record.
    pub student: Option<StudentId>,
    /// In which section.
    pub section: Option<SectionId>,
    /// On what ground.
    pub ground: Ground,
}

/// An entry of the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its number, gapless from 1.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was appended.
    pub what: NewEntry,
}

/// Appends an entry; answers its number. A read that is audited must not be answered when this
/// fails.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again; an entry may then stand twice.
pub async fn append(
    db: &Database,
    masters: &MasterKeys,
    entry: NewEntry,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let master = masters.current();
    let key = master.hmac_key(PURPOSE).ok_or_else(|| damaged("the audit key"))?;
    let master_id = i64::from(master.id());
    writing!(db, |tx| {
        let (id, prev_hash): (i64, Vec<u8>) = sqlx::query_as(ADVANCE).fetch_one(&mut *tx).await?;
        let sealed = Sealed { id, at: now.as_micros(), entry: &entry, master_id, prev: &prev_hash };
        let hash = sealed.hash(&key);
        sqlx::query(INSERT)
            .bind(id)
            .bind(now.as_micros())
            .bind(entry.actor.as_uuid())
            .bind(entry.action.as_str())
            .bind(entry.student.map(|student| student.as_uuid()))
            .bind(entry.section.map(|section| section.as_uuid()))
            .bind(entry.ground.as_str())
            .bind(master_id)
            .bind(prev_hash)
            .bind(hash.clone())
            .execute(&mut *tx)
            .await?;
        sqlx::query(SET_HEAD).bind(hash).execute(&mut *tx).await?;
        Ok(id)
    })
}

/// Entries of a student's record, newest first.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: a row can't be read.
pub async fn list(
    db: &Database,
    student: StudentId,
    request: &PageRequest<i64>,
) -> Result<Page<Entry>, StoreError> {
    let (before, limit) = (request.after().unwrap_or(i64::MAX), request.rows());
    let rows: Vec<Row> = reading!(db, |conn| {
        sqlx::query_as(OF_STUDENT)
            .bind(student.as_uuid())
            .bind(before)
            .bind(limit)
            .fetch_all(conn)
            .await
    })?;
    let entries: Result<Vec<Entry>, StoreError> =
        rows.iter().map(|row| entry_of(row).ok_or_else(|| damaged("an audit row"))).collect();
    Ok(request.page(entries?, |entry| entry.id))
}

/// What the audit key is derived for. Stored format: never change it.
const PURPOSE: &str = "audit";

/// What the hash of an entry covers.
struct Sealed<'a> {
    id: i64,
    at: i64,
    entry: &'a NewEntry,
    master_id: i64,
    prev: &'a [u8],
}

impl Sealed<'_> {
    fn hash(&self, key: &aws_lc_rs::hmac::Key) -> Vec<u8> {
        let NewEntry { actor, action, student, section, ground } = self.entry;
        let bytes = length_prefixed(&[
            self.prev,
            &self.id.to_be_bytes(),
            &self.at.to_be_bytes(),
            actor.as_uuid().as_bytes(),
            action.as_str().as_bytes(),
            student.map(|id| id.as_uuid().into_bytes().to_vec()).unwrap_or_default().as_slice(),
            section.map(|id| id.as_uuid().into_bytes().to_vec()).unwrap_or_default().as_slice(),
            ground.as_str().as_bytes(),
            &self.master_id.to_be_bytes(),
        ]);
        aws_lc_rs::hmac::sign(key, &bytes).as_ref().to_vec()
    }
}

/// A row's entry; `None` when it holds a word that no list has.
fn entry_of(row: &Row) -> Option<Entry> {
    let (id, at, actor, action, student, section, detail, ..) = row;
    let what = NewEntry {
        actor: UserId::new(*actor),
        action: Action::parse(action)?,
        student: student.map(StudentId::new),
        section: section.map(SectionId::new),
        ground: Ground::parse(detail)?,
    };
    Some(Entry { id: *id, at: Timestamp::from_micros(*at), what })
}
