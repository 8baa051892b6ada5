//! Accounts: who can sign in, and as what.
//!
//! An e-mail is kept normalised (trimmed, lower case) and in clear: sign-in is one look-up by a
//! unique column, and who can read the account table can read its names anyway. It is no student
//! text and stands in no log, metric, trace or event.

pub mod age;
mod create;
pub mod password;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{StudentId, UserId};
use learnflow_engine::port::store::StoreError;
use learnflow_engine::port::vault::VaultError;
use uuid::Uuid;

use crate::pool::Database;
use crate::statement::{damaged, reading, writing};

pub use create::create;

/// Characters of a display name at most.
pub const NAME_CHARACTERS_MAX: usize = 100;
/// Bytes of an e-mail at most (RFC 5321 §4.5.3.1.3, without the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

const BY_EMAIL: &str = "SELECT user_id, role, email, display_name, password_hash, student_id,
         birth_year, created_at, disabled_at
     FROM account WHERE email = $1";
const BY_ID: &str = "SELECT user_id, role, email, display_name, password_hash, student_id,
         birth_year, created_at, disabled_at
     FROM account WHERE user_id = $1";
const BY_STUDENT: &str = "SELECT user_id, role, email, display_name, password_hash, student_id,
         birth_year, created_at, disabled_at
     FROM account WHERE student_id = $1";
const SET_PASSWORD: &str = "UPDATE account SET password_hash = $2 WHERE user_id = $1";
const DISABLE: &str =
    "UPDATE account SET disabled_at = $2 WHERE user_id = $1 AND disabled_at IS NULL";

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Learns.
    Student,
    /// Teaches sections.
    Instructor,
    /// Runs the place.
    Admin,
}

impl Role {
    /// The stored word, which is the wire's too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Instructor => "instructor",
            Self::Admin => "admin",
        }
    }

    /// What a word names.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "student" => Some(Self::Student),
            "instructor" => Some(Self::Instructor),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount {
    /// What it may do.
    pub role: Role,
    /// As it was typed.
    pub email: String,
    /// As it was typed.
    pub display_name: String,
    /// PHC string of [`password`]; `None`: nobody signs in by password.
    pub password_hash: Option<String>,
    /// For students.
    pub birth_year: Option<i32>,
    /// For students: the section they join.
    pub class_code: Option<String>,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").field("role", &self.role).finish_non_exhaustive()
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub user: UserId,
    /// What it may do.
    pub role: Role,
    /// Normalised.
    pub email: String,
    /// What people are called.
    pub display_name: String,
    /// PHC string; `None`: nobody signs in by password.
    pub password_hash: Option<String>,
    /// The student, exactly if the role is [`Role::Student`].
    pub student_id: Option<StudentId>,
    /// Where it was said.
    pub birth_year: Option<i32>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when nobody may use it.
    pub disabled_at: Option<Timestamp>,
}

impl std::fmt::Debug for Account {
    /// Without e-mail, name and hash: those belong in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("role", &self.role)
            .field("student_id", &self.student_id)
            .field("disabled_at", &self.disabled_at)
            .finish_non_exhaustive()
    }
}

/// An account was not made or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountError {
    /// Somebody has this e-mail.
    #[error("the e-mail is taken")]
    EmailTaken,
    /// It can't be an e-mail.
    #[error("not an e-mail address")]
    InvalidEmail,
    /// The display name is empty, too long, or holds control characters.
    #[error("a display name has 1 to {NAME_CHARACTERS_MAX} characters")]
    InvalidDisplayName,
    /// No person alive was born then.
    #[error("not a birth year")]
    InvalidBirthYear,
    /// No open section has this class code.
    #[error("no class has this code")]
    UnknownClassCode,
    /// Only students have a class code and a birth year.
    #[error("only students have a class code or a birth year")]
    NotAStudent,
    /// The student's key could not be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The stored form of an e-mail.
///
/// # Errors
/// [`AccountError::InvalidEmail`] for what no mail could reach. Whether mail reaches anybody is
/// only known by sending some.
pub fn normalise_email(typed: &str) -> Result<String, AccountError> {
    let email = typed.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@').ok_or(AccountError::InvalidEmail)?;
    let plain =
        |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    let good_domain = !domain.starts_with(['.', '-']) && !domain.ends_with(['.', '-']);
    let good = plain(local) && !local.contains('@') && plain(domain) && good_domain;
    if good && email.len() <= EMAIL_BYTES_MAX { Ok(email) } else { Err(AccountError::InvalidEmail) }
}

/// The account with this e-mail, however it is typed; `None` too for what can't be an e-mail.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again. [`StoreError::Damaged`]: the row can't be read.
pub async fn find_by_email(db: &Database, email: &str) -> Result<Option<Account>, StoreError> {
    let Ok(email) = normalise_email(email) else { return Ok(None) };
    let row: Option<Row> =
        reading!(db, |conn| sqlx::query_as(BY_EMAIL).bind(email).fetch_optional(conn).await)?;
    row.map(account_of).transpose()
}

/// The account with this id.
///
/// # Errors
/// As [`find_by_email`].
pub async fn by_id(db: &Database, user: UserId) -> Result<Option<Account>, StoreError> {
    one(db, BY_ID, user.as_uuid()).await
}

/// The account of this student.
///
/// # Errors
/// As [`find_by_email`].
pub async fn by_student(db: &Database, student: StudentId) -> Result<Option<Account>, StoreError> {
    one(db, BY_STUDENT, student.as_uuid()).await
}

async fn one(
    db: &Database,
    statement: &'static str,
    id: Uuid,
) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> =
        reading!(db, |conn| sqlx::query_as(statement).bind(id).fetch_optional(conn).await)?;
    row.map(account_of).transpose()
}

/// Gives an account a new password; whoever calls it ends its sign-ins too
/// ([`crate::session_token::revoke_all`]). Answers whether there is such an account.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn set_password(
    db: &Database,
    user: UserId,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let password_hash = password_hash.to_owned();
    writing!(db, |tx| {
        let done = sqlx::query(SET_PASSWORD)
            .bind(user.as_uuid())
            .bind(password_hash)
            .execute(&mut *tx)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Ends an account's use: its tokens stop working with the next request.
///
/// # Errors
/// [`StoreError::Unavailable`]: try again.
pub async fn disable(db: &Database, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    writing!(db, |tx| {
        sqlx::query(DISABLE).bind(user.as_uuid()).bind(now.as_micros()).execute(&mut *tx).await?;
        Ok(())
    })
}

type Row =
    (Uuid, String, String, String, Option<String>, Option<Uuid>, Option<i32>, i64, Option<i64>);

fn account_of(row: Row) -> Result<Account, StoreError> {
    let (user, role, email, display_name, password_hash, student, birth_year, created, disabled) =
        row;
    Ok(Account {
        user: UserId::new(user),
        role: Role::parse(&role).ok_or_else(|| damaged("account.role"))?,
        email,
        display_name,
        password_hash,
        student_id: student.map(StudentId::new),
        birth_year,
        created_at: Timestamp::from_micros(created),
        disabled_at: disabled.map(Timestamp::from_micros),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_one_stored_form() {
        let cases = [
            ("  Maya@School.Example ", Some("maya@school.example")),
            ("a@localhost", Some("a@localhost")),
            ("ünï@bücher.example", Some("ünï@bücher.example")),
            ("no-at-sign", None),
            ("@school.example", None),
            ("maya@", None),
            ("a@b@c", None),
            ("ma ya@school.example", None),
            ("maya@.example", None),
            ("maya@example.", None),
            ("maya@exa\nmple", None),
            ("", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(normalise_email(typed).ok().as_deref(), expected, "{typed:?}");
        }
        assert!(normalise_email(&format!("{}@example.org", "a".repeat(243))).is_err());
    }

    #[test]
    fn debug_output_names_nobody() {
        let account = Account {
            user: UserId::new(Uuid::nil()),
            role: Role::Admin,
            email: "maya@school.example".into(),
            display_name: "Maya".into(),
            password_hash: Some("$argon2id$".into()),
            student_id: None,
            birth_year: None,
            created_at: Timestamp::EPOCH,
            disabled_at: None,
        };
        let shown = format!("{account:?}").to_lowercase();
        assert!(!shown.contains("maya") && !shown.contains("argon2"), "{shown}");
    }
}
