//! `learnflow migrate`.

use learnflow_storage::migrate;
use serde::Serialize;

use super::{Context, Failure};
use crate::cli::Migrate;
use crate::wiring;

/// A migration and whether it is applied.
#[derive(Serialize)]
struct Shown {
    version: i64,
    description: String,
    applied: bool,
}

/// Runs `learnflow migrate …`.
///
/// # Errors
/// [`Failure::Said`] when `status` finds something missing.
pub(crate) async fn run(context: &Context, what: Migrate) -> Result<(), Failure> {
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let db = wiring::open_store(&loaded.config).await?;
    if matches!(what, Migrate::Up) {
        migrate::up(&db).await.map_err(Failure::because)?;
    }
    let status: Vec<Shown> = migrate::status(&db)
        .await
        .map_err(Failure::because)?
        .into_iter()
        .map(|one| Shown {
            version: one.version,
            description: one.description,
            applied: one.applied,
        })
        .collect();
    let missing = status.iter().filter(|one| !one.applied).count();
    context.print(&status, |status| {
        format!("{} of {} migrations are applied", status.len() - missing, status.len())
    });
    if missing == 0 { Ok(()) } else { Err(Failure::Said) }
}
