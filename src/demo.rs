//! `learnflow demo`: everything in one process, with a sample class.

mod accounts;
mod class;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine as _;
use learnflow_api::demo::DemoAccount;
use learnflow_engine::clock::Clock as _;
use learnflow_storage::account::Role;
use learnflow_storage::pool::Database;
use learnflow_storage::{migrate, slot};

use crate::cli::DemoArgs;
use crate::clock::SystemClock;
use crate::commands::{Context, Failure};
use crate::config::{Config, ConfigError, Overrides};
use crate::telemetry;
use crate::wiring::{self, Assembly, Extras};

/// Runs the demo until it is told to stop.
///
/// # Errors
/// [`Failure`] that names what is missing.
pub(crate) async fn run(context: &Context, args: DemoArgs) -> Result<(), Failure> {
    let dir = args.data_dir.as_path();
    make_dir(dir)?;
    let mut flags = Vec::new();
    flags.extend(args.listen.map(|listen| ("server.listen", listen)));
    flags.extend(args.metrics_listen.map(|listen| ("metrics.listen", listen)));
    let loaded = context.load(&own_settings(dir)?, &flags)?;
    let config = &loaded.config;
    let mut faults = wiring::faults(config);
    faults.extend(loopback_only(config));
    if !faults.is_empty() {
        return Err(ConfigError(faults).into());
    }
    telemetry::start_logs(Some(loaded.log_filter.as_deref().unwrap_or("warn,learnflow=info")));
    let db = wiring::open_store(config).await?;
    migrate::up(&db).await.map_err(Failure::because)?;
    free_slots(&db).await?;
    let vault = wiring::vault(config)?;
    let samples = accounts::prepare(&db, &vault, config.kafka.partitions, dir).await?;
    db.close().await;
    let shown = samples.accounts.iter().map(|account| DemoAccount {
        role: Role::parse(&account.role).unwrap_or(Role::Student),
        email: account.email.clone(),
        display_name: account.display_name.clone(),
    });
    let extras = Extras { demo_accounts: shown.collect() };
    let assembly = Assembly::start(config, extras).await?;
    greet(config, &samples.accounts);
    assembly.tasks.spawn(class::run(
        class::World::of(&assembly, config.kafka.partitions, samples.section),
        if args.no_simulated_class { class::Movement::Still } else { class::Movement::Moving },
    ));
    assembly.run().await
}

/// Gives back the slots of processes that were killed: in this folder there is no other gateway,
/// and after a few crashes in a row none would be left until their leases lapse.
async fn free_slots(db: &Database) -> Result<(), Failure> {
    for held in slot::live(db, SystemClock.now()).await.map_err(Failure::because)? {
        slot::release(db, held.slot, held.epoch).await.map_err(Failure::because)?;
    }
    Ok(())
}

/// What the demo is without any file or variable.
fn own_settings(dir: &Path) -> Result<Overrides, Failure> {
    Ok(vec![
        ("log.kind", "embedded".to_owned()),
        ("log.path", dir.join("log.sqlite").display().to_string()),
        ("store.url", format!("sqlite:{}", dir.join("store.sqlite").display())),
        ("model.kind", "offline".to_owned()),
        ("keys.master", master_key(dir)?),
        ("kafka.partitions", "4".to_owned()),
        ("kafka.reply_slots", "4".to_owned()),
    ])
}

/// The demo's passwords are known to whoever reads this machine's files: nobody else may come.
fn loopback_only(config: &Config) -> Option<String> {
    let address: std::net::SocketAddr = config.server.listen.parse().ok()?;
    (!address.ip().is_loopback()).then(|| {
        format!(
            "server.listen {address}: the demo has sample accounts and listens on loopback only; \
             use `learnflow serve` for others"
        )
    })
}

fn make_dir(dir: &Path) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::Failed(format!("{}: {error}", dir.display()));
    if !dir.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(told)?;
    }
    Ok(())
}

/// The demo's master key: made once, in its data folder.
fn master_key(dir: &Path) -> Result<String, Failure> {
    let path = dir.join("master.key");
    let told = |error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    if path.exists() {
        return Ok(fs::read_to_string(&path).map_err(told)?.trim().to_owned());
    }
    let key = base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 32]>());
    write_private(&path, &key)?;
    Ok(key)
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let told = |error: std::io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    let draft = path.with_extension("draft");
    let mut file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(told)?;
    file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(told)?;
    file.write_all(text.as_bytes()).map_err(told)?;
    file.sync_all().map_err(told)?;
    fs::rename(&draft, path).map_err(told)
}

#[expect(clippy::print_stdout, reason = "the demo greets whoever started it")]
fn greet(config: &Config, accounts: &[accounts::Sample]) {
    println!("\n  LearnFlow is running: http://{}\n", config.server.listen);
    println!("  Sample accounts (one click on the page):");
    for account in accounts {
        println!("    {:<10}  {:<28}  {}", account.role, account.email, account.password);
    }
    println!("\n  Stop with Ctrl-C.\n");
}
