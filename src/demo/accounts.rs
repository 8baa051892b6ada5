//! The demo's accounts: four with passwords, made once, and their section.

use std::fs;
use std::path::Path;

use learnflow_engine::clock::Clock;
use learnflow_engine::id::SectionId;
use learnflow_storage::account::password::PasswordPool;
use learnflow_storage::account::{self, AccountError, NewAccount, Role};
use learnflow_storage::keys::StoreVault;
use learnflow_storage::pool::Database;
use learnflow_storage::section::{self, Policy};
use serde::{Deserialize, Serialize};

use super::write_private;
use crate::clock::SystemClock;
use crate::commands::{Failure, user};

/// The file that tells the passwords.
const FILE: &str = "demo-accounts.json";
/// The section's name.
const SECTION: &str = "Python, period 2";
/// Who has a password.
const SAMPLES: [(Role, &str, &str); 4] = [
    (Role::Student, "maya@demo.learnflow.example", "Maya"),
    (Role::Student, "james@demo.learnflow.example", "James"),
    (Role::Instructor, "teacher@demo.learnflow.example", "Ms. Rivera"),
    (Role::Admin, "admin@demo.learnflow.example", "Admin"),
];

/// An account of the demo, as `demo-accounts.json` has it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// student, instructor or admin.
    pub role: String,
    /// Its e-mail.
    pub email: String,
    /// Its password.
    pub password: String,
    /// How it is shown.
    pub display_name: String,
    /// For students.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub student_id: Option<String>,
}

/// The accounts and their section.
pub(crate) struct Samples {
    /// Four accounts.
    pub accounts: Vec<Sample>,
    /// Their section, for the simulated class.
    pub section: Option<(SectionId, String)>,
}

/// Makes the accounts, or finds those of an earlier start. A start that was interrupted half way
/// is completed: accounts that stand already get a new password.
///
/// # Errors
/// [`Failure`] that names what doesn't work.
pub(crate) async fn prepare(
    db: &Database,
    vault: &StoreVault,
    partitions: u32,
    dir: &Path,
) -> Result<Samples, Failure> {
    let path = dir.join(FILE);
    let known: Option<Vec<Sample>> =
        fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let section = section(db).await?;
    if let Some(accounts) = known.filter(|accounts| accounts.len() == SAMPLES.len()) {
        return Ok(Samples { accounts, section });
    }
    let code = section.as_ref().map(|(_, code)| code.clone());
    let mut accounts = Vec::new();
    for (role, email, name) in SAMPLES {
        let password = user::generate();
        let hash = PasswordPool::new().hash(&password).await.map_err(Failure::because)?;
        let new = NewAccount {
            role,
            email: email.to_owned(),
            display_name: name.to_owned(),
            password_hash: Some(hash),
            birth_year: None,
            class_code: code.clone().filter(|_| role == Role::Student),
        };
        let made = make(db, vault, partitions, new).await?;
        if role == Role::Instructor
            && let Some((section, _)) = &section
        {
            section::add_instructor(db, *section, made.user, SystemClock.now())
                .await
                .map_err(Failure::because)?;
        }
        accounts.push(Sample {
            role: role.as_str().to_owned(),
            email: made.email,
            password,
            display_name: made.display_name,
            student_id: made.student_id.map(|id| id.to_string()),
        });
    }
    let text = serde_json::to_string_pretty(&accounts).map_err(Failure::because)?;
    write_private(&path, &text)?;
    Ok(Samples { accounts, section })
}

async fn make(
    db: &Database,
    vault: &StoreVault,
    partitions: u32,
    new: NewAccount,
) -> Result<account::Account, Failure> {
    let (email, hash) = (new.email.clone(), new.password_hash.clone().unwrap_or_default());
    let (now, seed) = (SystemClock.now(), SystemClock.seed());
    match account::create(db, vault, partitions, new, now, seed).await {
        Ok(made) => Ok(made),
        Err(AccountError::EmailTaken) => {
            let found = account::find_by_email(db, &email)
                .await
                .map_err(Failure::because)?
                .ok_or_else(|| Failure::because(AccountError::EmailTaken))?;
            account::set_password(db, found.user, &hash).await.map_err(Failure::because)?;
            Ok(found)
        }
        Err(error) => Err(Failure::because(error)),
    }
}

/// The demo's section: made at the first start, found by name later.
async fn section(db: &Database) -> Result<Option<(SectionId, String)>, Failure> {
    let first = learnflow_storage::read::page::PageRequest::first(1);
    let found = section::all(db, &first).await.map_err(Failure::because)?;
    if let Some(known) = found.items.first() {
        return Ok(Some((known.section.id, known.section.class_code.clone())));
    }
    let policy = Policy::default();
    let made = section::create(db, SECTION, policy, SystemClock.now(), SystemClock.seed())
        .await
        .map_err(Failure::because)?;
    Ok(Some((made.id, made.class_code)))
}
