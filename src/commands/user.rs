//! `learnflow user add`.

use std::io::{IsTerminal, Read};

use learnflow_engine::clock::Clock;
use learnflow_storage::account::password::PasswordPool;
use learnflow_storage::account::{self, NewAccount, Role};
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::json;

use super::{Context, Failure};
use crate::cli::{AccountRole, UserCommand};
use crate::clock::SystemClock;
use crate::wiring;

/// Characters of a password that is made here.
const GENERATED_CHARS: usize = 24;

/// Runs `learnflow user …`.
///
/// # Errors
/// [`Failure::Failed`] when the account can't be made.
pub(crate) async fn run(context: &Context, what: UserCommand) -> Result<(), Failure> {
    let UserCommand::Add { role, email, display_name, class_code } = what;
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let (password, generated) = password()?;
    account::password::check(&password, &email).map_err(Failure::because)?;
    let db = wiring::open_store(&loaded.config).await?;
    let vault = wiring::vault(&loaded.config)?;
    let hash = PasswordPool::new().hash(&password).await.map_err(Failure::because)?;
    let shown =
        display_name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let new = NewAccount {
        role: match role {
            AccountRole::Student => Role::Student,
            AccountRole::Instructor => Role::Instructor,
            AccountRole::Admin => Role::Admin,
        },
        email,
        display_name: shown,
        password_hash: Some(hash),
        birth_year: None,
        class_code,
    };
    let clock = SystemClock;
    let partitions = loaded.config.kafka.partitions;
    let made = account::create(&db, &vault, partitions, new, clock.now(), clock.seed())
        .await
        .map_err(Failure::because)?;
    let result = json!({
        "user_id": made.user,
        "student_id": made.student_id,
        "email": made.email,
        "role": made.role.as_str(),
        "password": generated.then_some(&password),
    });
    context.print(&result, |_| {
        let secret = if generated { format!(", password {password}") } else { String::new() };
        format!("{} {} ({}){secret}", made.role.as_str(), made.email, made.user)
    });
    Ok(())
}

/// The password from standard input, or a new one when nothing is piped in.
fn password() -> Result<(String, bool), Failure> {
    let mut stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut text = String::new();
        stdin.read_to_string(&mut text).map_err(Failure::because)?;
        let typed = text.trim_end_matches(['\r', '\n']);
        if !typed.is_empty() {
            return Ok((typed.to_owned(), false));
        }
    }
    Ok((generate(), true))
}

/// A password that nobody guesses.
pub(crate) fn generate() -> String {
    rand::rng().sample_iter(Alphanumeric).take(GENERATED_CHARS).map(char::from).collect()
}
