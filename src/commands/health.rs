//! `learnflow healthcheck`.

use std::time::Duration;

use super::{Context, Failure};

/// A server that doesn't answer within so long isn't ready.
const WITHIN: Duration = Duration::from_secs(5);

/// Asks a server whether it is ready.
///
/// # Errors
/// [`Failure::Failed`] when it isn't, or doesn't answer.
pub(crate) async fn run(context: &Context, url: &str) -> Result<(), Failure> {
    let url = format!("{}/readyz?verbose", url.trim_end_matches('/'));
    let client =
        reqwest::Client::builder().timeout(WITHIN).no_proxy().build().map_err(Failure::because)?;
    let answer = client
        .get(&url)
        .send()
        .await
        .map_err(|error| Failure::Failed(format!("{url} does not answer: {error}")))?;
    let status = answer.status();
    let body: serde_json::Value = answer.json().await.unwrap_or_default();
    if status.is_success() {
        context.print(&body, |_| "ready".to_owned());
        return Ok(());
    }
    Err(Failure::Failed(format!("not ready ({status}): {}", body["causes"])))
}
