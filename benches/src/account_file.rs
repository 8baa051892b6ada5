//! The accounts of virtual students: made by sign-up, kept in a file for the next run.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use crate::client::{Account, Http, HttpError};

/// How often a sign-up that was told to wait is tried again.
const SIGN_UP_TRIES: u32 = 30;

/// The accounts could not be had.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The server refused or was not reached.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The file can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a file of accounts: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
}

/// Reads accounts; a file that isn't there holds none.
///
/// # Errors
///
/// The file can't be read, or holds something else.
pub fn read(path: &Path) -> Result<Vec<Account>, AccountError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(AccountError::File { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&bytes).map_err(|problem| AccountError::Malformed {
        path: path.to_owned(),
        reason: problem.to_string(),
    })
}

/// Writes accounts, readable by their owner alone, in one stroke.
///
/// # Errors
///
/// The file can't be written.
pub fn write(path: &Path, accounts: &[Account]) -> Result<(), AccountError> {
    let failed = |source| AccountError::File { path: path.to_owned(), source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write_private(&beside, accounts).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)
}

fn write_private(path: &Path, accounts: &[Account]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    // A left-over with a wider mode would keep it.
    match fs::remove_file(path) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => return Err(problem),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&serde_json::to_vec_pretty(accounts)?)?;
    file.sync_all()
}

/// Makes sure that `wanted` accounts are signed in: takes those that are known, makes the others,
/// at most `at_once` at a time. `tick` is called after each.
///
/// # Errors
///
/// The first that can't be had.
pub async fn provide(
    http: &Http,
    known: Vec<Account>,
    wanted: usize,
    at_once: usize,
    tick: impl Fn(usize),
) -> Result<Vec<Account>, HttpError> {
    let mut sources: Vec<Option<Account>> = known.into_iter().take(wanted).map(Some).collect();
    sources.resize(wanted, None);
    let tasks = stream::iter(sources.into_iter().map(|account| one(http, account)));
    let mut done = tasks.buffered(at_once.max(1));
    let mut accounts = Vec::with_capacity(wanted);
    while let Some(account) = done.try_next().await? {
        accounts.push(account);
        tick(accounts.len());
    }
    Ok(accounts)
}

async fn one(http: &Http, known: Option<Account>) -> Result<Account, HttpError> {
    match known {
        Some(account) if http.is_signed_in(&account.token).await? => Ok(account),
        Some(account) => sign_in(http, &account).await,
        None => sign_up(http).await,
    }
}

async fn sign_in(http: &Http, account: &Account) -> Result<Account, HttpError> {
    match http.sign_in(&account.email, &account.password).await {
        // The server has another store now: this account is made anew.
        Err(HttpError::Refused { status: 401, .. }) => sign_up(http).await,
        signed_in => signed_in,
    }
}

async fn sign_up(http: &Http) -> Result<Account, HttpError> {
    let id = Uuid::new_v4().simple().to_string();
    let email = format!("bench-{id}@learnflow.test");
    let password = Uuid::new_v4().simple().to_string();
    let name = format!("Bench {}", &id[..6]);
    let mut tries = 1;
    loop {
        match http.sign_up(&email, &password, &name).await {
            Err(HttpError::Refused { status: 429 | 503, retry_ms, .. })
                if tries < SIGN_UP_TRIES =>
            {
                let wait_ms = retry_ms.unwrap_or(1_000).clamp(100, 10_000);
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                tries += 1;
            }
            // Our own sign-up, whose answer was lost on the way.
            Err(HttpError::Refused { status: 409, .. }) if tries > 1 => {
                return http.sign_in(&email, &password).await;
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_private_and_reads_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.json");
        assert_eq!(read(&path).expect("none yet"), []);
        let account = Account {
            email: "a@learnflow.test".into(),
            password: "secret".into(),
            student_id: Uuid::from_u128(1),
            token: "t".into(),
        };
        for accounts in [vec![account.clone()], vec![account.clone(), account]] {
            write(&path, &accounts).expect("it can be written");
            assert_eq!(read(&path).expect("it can be read"), accounts);
            let mode = fs::metadata(&path).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, "{}").expect("it can be written");
        assert!(matches!(read(&path), Err(AccountError::Malformed { .. })));
    }
}
