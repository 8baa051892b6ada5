//! Sign-up: the account, and for a student all that a session needs to begin, in one transaction.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::{encode_facts, v1};
use learnflow_engine::id::{SectionId, StudentId, UserId, partition_of};
use learnflow_engine::port::vault::{Place, StudentKey, Vault, VaultError, WrappedKey};
use uuid::Uuid;

use super::{Account, AccountError, NAME_CHARACTERS_MAX, NewAccount, Role, age, normalise_email};
use crate::pool::Database;
use crate::section::{self, Policy, Transcripts};
use crate::statement::writing;

/// Locks the section of an enrolment and answers what the session must know of it. A statement
/// that both databases know: an update of nothing, in place of SELECT … FOR UPDATE.
const LOCK_SECTION: &str = "UPDATE section SET class_code = class_code
     WHERE class_code = $1 AND closed_at IS NULL RETURNING id, highest_rung";
const INSERT_ACCOUNT: &str = "INSERT INTO account
         (user_id, role, email, display_name, password_hash, student_id, birth_year, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING";
const INSERT_KEY: &str =
    "INSERT INTO student_key (student_id, wrapped, created_at) VALUES ($1, $2, $3)";
const INSERT_CREATED: &str = "INSERT INTO journal
         (student_id, rev, partition, epoch, generation, position, at, last_frame, last_event,
          out_seq, facts, text)
     VALUES ($1, 0, $2, 0, 0, -1, $3, 0, 1, 0, $4, NULL)";
const INSERT_ACTIVITY: &str =
    "INSERT INTO activity (student_id, turns_total, complete_total, last_active_at)
     VALUES ($1, 0, 0, $2)";
const ENROL: &str =
    "INSERT INTO enrolment (section_id, student_id, enrolled_at) VALUES ($1, $2, $3)";

/// The earliest year of birth that anybody alive may have.
const BIRTH_YEAR_MIN: i32 = 1900;
/// The context under which a student's id is derived from the seed of its account.
const STUDENT_CONTEXT: &str = "learnflow storage 2026-11 student id";

/// Makes an account. A student gets a data key, the journal's first row (`created`, sealed), a
/// place in the class lists, and the section of the class code.
///
/// # Errors
/// [`AccountError`]; nothing was written then, but after [`AccountError::Store`] it may have been:
/// a repeat says [`AccountError::EmailTaken`] if so.
pub async fn create(
    db: &Database,
    vault: &dyn Vault,
    partition_count: u32,
    new: NewAccount,
    now: Timestamp,
    seed: u128,
) -> Result<Account, AccountError> {
    let class_code = checked_class_code(&new)?;
    let account = checked(new, now, seed)?;
    let enrolling =
        account.student_id.map(|id| Enrolling::new(vault, id, &account, now)).transpose()?;
    let row = account.clone();
    writing!(db, |tx| {
        let mut section: Option<(Uuid, i16)> = None;
        if let Some(code) = class_code {
            section = sqlx::query_as(LOCK_SECTION).bind(code).fetch_optional(&mut *tx).await?;
            if section.is_none() {
                return Ok(Err(AccountError::UnknownClassCode));
            }
        }
        let facts = match enrolling.as_ref().map(|e| e.facts(vault, section)).transpose() {
            Ok(facts) => facts,
            Err(error) => return Ok(Err(error.into())),
        };
        let inserted = sqlx::query(INSERT_ACCOUNT)
            .bind(row.user.as_uuid())
            .bind(row.role.as_str())
            .bind(row.email)
            .bind(row.display_name)
            .bind(row.password_hash)
            .bind(row.student_id.map(|id| id.as_uuid()))
            .bind(row.birth_year)
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        if inserted.rows_affected() == 0 {
            return Ok(Err(AccountError::EmailTaken));
        }
        if let (Some(enrolling), Some(facts)) = (enrolling, facts) {
            let id = enrolling.student.as_uuid();
            let partition = partition_of(enrolling.student, partition_count);
            let at = now.as_micros();
            sqlx::query(INSERT_KEY)
                .bind(id)
                .bind(enrolling.wrapped.0)
                .bind(at)
                .execute(&mut *tx)
                .await?;
            sqlx::query(INSERT_CREATED)
                .bind(id)
                .bind(partition.0)
                .bind(at)
                .bind(facts)
                .execute(&mut *tx)
                .await?;
            sqlx::query(INSERT_ACTIVITY).bind(id).bind(at).execute(&mut *tx).await?;
            if let Some((section, _)) = section {
                sqlx::query(ENROL).bind(section).bind(id).bind(at).execute(&mut *tx).await?;
            }
        }
        Ok(Ok(()))
    })??;
    Ok(account)
}

/// What a new student needs besides the account.
struct Enrolling {
    student: StudentId,
    wrapped: WrappedKey,
    key: StudentKey,
    age_band: v1::AgeBand,
    now: Timestamp,
}

impl Enrolling {
    fn new(
        vault: &dyn Vault,
        student: StudentId,
        account: &Account,
        now: Timestamp,
    ) -> Result<Self, VaultError> {
        let wrapped = vault.create_key(student)?;
        let key = vault.unwrap_key(student, &wrapped)?;
        let age_band = age::band(account.birth_year, now);
        Ok(Self { student, wrapped, key, age_band, now })
    }

    /// The first journal row's facts, sealed.
    fn facts(
        &self,
        vault: &dyn Vault,
        section: Option<(Uuid, i16)>,
    ) -> Result<Vec<u8>, VaultError> {
        let policies: Vec<Policy> = section
            .iter()
            .map(|(_, rung)| Policy {
                highest_rung: u8::try_from(*rung).unwrap_or(1),
                transcripts: Transcripts::Closed,
            })
            .collect();
        let created = v1::Event::Created {
            age_band: self.age_band,
            consent: age::at_sign_up(self.age_band),
            sections: section.iter().map(|(id, _)| SectionId::new(*id)).collect(),
            policy: section::session_policy(&policies),
            at: self.now,
        };
        vault.seal(&self.key, Place::JournalFacts(0), &encode_facts(&[created]))
    }
}

fn checked_class_code(new: &NewAccount) -> Result<Option<String>, AccountError> {
    let Some(typed) = new.class_code.as_deref() else { return Ok(None) };
    if new.role != Role::Student {
        return Err(AccountError::NotAStudent);
    }
    section::normalise_class_code(typed).map(Some).ok_or(AccountError::UnknownClassCode)
}

fn checked(new: NewAccount, now: Timestamp, seed: u128) -> Result<Account, AccountError> {
    let NewAccount { role, email, display_name, password_hash, birth_year, class_code: _ } = new;
    let display_name = display_name.trim().to_owned();
    let characters = display_name.chars().count();
    let printable = !display_name.chars().any(char::is_control);
    if !(1..=NAME_CHARACTERS_MAX).contains(&characters) || !printable {
        return Err(AccountError::InvalidDisplayName);
    }
    if birth_year.is_some() && role != Role::Student {
        return Err(AccountError::NotAStudent);
    }
    if birth_year.is_some_and(|year| !(BIRTH_YEAR_MIN..=age::year_of(now)).contains(&year)) {
        return Err(AccountError::InvalidBirthYear);
    }
    let student_id = match role {
        Role::Student => Some(student_of(now, seed)),
        Role::Instructor | Role::Admin => None,
    };
    Ok(Account {
        user: UserId::from_seed(now, seed),
        role,
        email: normalise_email(&email)?,
        display_name,
        password_hash,
        student_id,
        birth_year,
        created_at: now,
        disabled_at: None,
    })
}

/// A student's id says nothing of its account's.
fn student_of(now: Timestamp, seed: u128) -> StudentId {
    let digest = blake3::derive_key(STUDENT_CONTEXT, &seed.to_be_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    StudentId::from_seed(now, u128::from_be_bytes(bytes))
}
