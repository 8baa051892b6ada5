//! The settings of topics that were there before: two of them would break the log quietly.
//!
//! A command's time must be the broker's (`message.timestamp.type`), since timers fire by it, and
//! records must not be compacted away (`cleanup.policy`). A topic that somebody else made may have
//! neither. Where the broker doesn't let us look, it is said and passed over.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;

use super::topics::TopicError;

/// What each topic must be told.
const REQUIRED: [(&str, &str); 2] =
    [("message.timestamp.type", "LogAppendTime"), ("cleanup.policy", "delete")];

/// Checks topics by name.
///
/// # Errors
/// [`TopicError::Setting`] for the first that is wrong.
pub(super) async fn check(
    admin: &AdminClient<DefaultClientContext>,
    topics: &[&str],
    timeout: Duration,
) -> Result<(), TopicError> {
    let asked: Vec<ResourceSpecifier<'_>> =
        topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    let options = AdminOptions::new().request_timeout(Some(timeout));
    let described = match admin.describe_configs(&asked, &options).await {
        Ok(described) => described,
        Err(error) => {
            tracing::warn!(%error, "the topics' settings could not be checked");
            return Ok(());
        }
    };
    for (topic, result) in topics.iter().zip(described) {
        match result {
            Ok(resource) => check_one(topic, &resource)?,
            Err(code) => tracing::warn!(topic, %code, "a topic's settings could not be checked"),
        }
    }
    Ok(())
}

fn check_one(topic: &str, resource: &ConfigResource) -> Result<(), TopicError> {
    for (setting, wanted) in REQUIRED {
        let found = resource.get(setting).and_then(|entry| entry.value.clone());
        if let Some(found) = found
            && found != wanted
        {
            return Err(TopicError::Setting { topic: topic.to_owned(), setting, found, wanted });
        }
    }
    Ok(())
}
