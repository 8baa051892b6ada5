//! `learnflow log adopt`.

use std::sync::Arc;

use learnflow_engine::clock::Clock;
use learnflow_engine::id::PartitionId;
use learnflow_storage::adopt::{self, Beginning};
use serde_json::json;

use super::{Context, Failure};
use crate::cli::{AdoptFrom, LogCommand};
use crate::clock::SystemClock;
use crate::config::ConfigError;
use crate::wiring;

/// Runs `learnflow log …`.
///
/// # Errors
/// [`Failure::Failed`] when log or store don't answer.
pub(crate) async fn run(context: &Context, what: LogCommand) -> Result<(), Failure> {
    let LogCommand::Adopt { from } = what;
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let faults = wiring::faults(&loaded.config);
    if !faults.is_empty() {
        return Err(ConfigError(faults).into());
    }
    let db = wiring::open_store(&loaded.config).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let log = wiring::open_log(&loaded.config, &db, &clock).await?;
    let mut beginnings = Vec::new();
    for (partition, _) in adopt::tops(&db).await.map_err(Failure::because)? {
        beginnings.push(beginning(log.as_ref(), partition, from).await?);
    }
    log.stop().await;
    let generation = adopt::adopt(&db, &beginnings).await.map_err(Failure::because)?;
    let result = json!({ "generation": generation, "partitions": beginnings.len() });
    context.print(&result, |_| {
        format!("generation {generation}: {} partitions were adopted", beginnings.len())
    });
    Ok(())
}

async fn beginning(
    log: &dyn learnflow_engine::port::log::Log,
    partition: PartitionId,
    from: AdoptFrom,
) -> Result<Beginning, Failure> {
    let seen = log.inspect(partition, 0).await.map_err(Failure::because)?;
    let next_offset = match from {
        AdoptFrom::Start => seen.start,
        AdoptFrom::End => seen.end,
    };
    Ok(Beginning { partition, next_offset, cluster_id: seen.cluster_id })
}
