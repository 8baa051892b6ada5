//! `learnflow doctor`: everything that the server needs, each with what to do about it.

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::clock::Clock;
use learnflow_engine::port::store::Store;
use learnflow_storage::migrate;
use serde::Serialize;

use crate::clock::SystemClock;
use crate::commands::{Context, Failure};
use crate::config::{Config, ModelKind};
use crate::wiring;

/// Whatever doesn't answer within so long has failed.
const WITHIN: Duration = Duration::from_secs(10);

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    detail: String,
}

/// Looks at everything.
///
/// # Errors
/// [`Failure::Said`] when something needs mending.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let config = &loaded.config;
    let faults = wiring::faults(config);
    let mut findings = vec![finding(
        "configuration",
        if faults.is_empty() { Ok("fine".to_owned()) } else { Err(faults.join("; ")) },
    )];
    findings.push(finding("course", course(config)));
    findings.push(finding("store", within(store(config)).await));
    findings.push(finding("log", within(log(config)).await));
    findings.push(finding("model", within(model(config)).await));
    let ok = findings.iter().all(|one| one.ok);
    context.print(&findings, |findings| {
        let line = |one: &Finding| {
            format!("{} {}: {}", if one.ok { "✓" } else { "✗" }, one.what, one.detail)
        };
        findings.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    if ok { Ok(()) } else { Err(Failure::Said) }
}

fn finding(what: &'static str, result: Result<String, String>) -> Finding {
    match result {
        Ok(detail) => Finding { what, ok: true, detail },
        Err(detail) => Finding { what, ok: false, detail },
    }
}

async fn within(look: impl Future<Output = Result<String, String>>) -> Result<String, String> {
    tokio::time::timeout(WITHIN, look)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", WITHIN.as_secs())))
}

fn course(config: &Config) -> Result<String, String> {
    let course = wiring::open_course(config).map_err(|error| error.to_string())?;
    Ok(format!("{} {}", course.id(), course.version()))
}

async fn store(config: &Config) -> Result<String, String> {
    let db = wiring::open_store(config).await.map_err(|error| error.to_string())?;
    db.health().await.map_err(|error| error.to_string())?;
    migrate::check(&db).await.map_err(|error| error.to_string())?;
    Ok("answers, the schema is up to date".to_owned())
}

async fn log(config: &Config) -> Result<String, String> {
    let db = wiring::open_store(config).await.map_err(|error| error.to_string())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let log = wiring::open_log(config, &db, &clock).await.map_err(|error| error.to_string())?;
    let health = log.health().await.map_err(|error| error.to_string());
    let partitions = log.partition_count();
    log.stop().await;
    health.map(|()| format!("answers, {partitions} partitions"))
}

async fn model(config: &Config) -> Result<String, String> {
    if config.model.kind == ModelKind::Offline {
        return Ok("offline: the course's own text".to_owned());
    }
    let url = format!("{}/models", config.model.base_url.trim_end_matches('/'));
    let client = reqwest::Client::builder().timeout(WITHIN).build();
    let answer = client
        .map_err(|error| error.to_string())?
        .get(&url)
        .bearer_auth(config.model.api_key.expose())
        .send()
        .await
        .map_err(|error| format!("{url} does not answer: {}", error.without_url()))?;
    match answer.status() {
        status if status.is_success() => Ok(format!("answers at {url}")),
        status => Err(format!("{url} says {status}: check model.api_key and model.base_url")),
    }
}
