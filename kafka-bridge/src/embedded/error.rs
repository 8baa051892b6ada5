//! Why the embedded log cannot be opened or written.

use std::path::PathBuf;

use learnflow_engine::port::log::LogError;

use crate::config::ConfigError;

/// The embedded log failed.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Settings that cannot be used.
    #[error("the configuration is wrong: {}", join(.0))]
    Config(Vec<ConfigError>),
    /// Another process has the file, or this one has it twice.
    #[error(
        "{} is in use by another process: stop it, or give this one a data folder of its own", path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file was made with another partition count.
    #[error(
        "the log file has {stored} partitions, the configuration says {configured}: set \
         kafka.partitions to {stored}, or start with a new data folder"
    )]
    PartitionCount {
        /// As the file has it.
        stored: String,
        /// As the configuration has it.
        configured: u32,
    },
    /// The file system refused.
    #[error("the log file cannot be opened: {source}")]
    File {
        /// Why.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("the log file cannot be used: {0}")]
    Database(#[from] sqlx::Error),
}

impl From<EmbeddedError> for LogError {
    fn from(error: EmbeddedError) -> Self {
        match error {
            EmbeddedError::Database(_) | EmbeddedError::File { .. } => {
                Self::Unavailable(error.to_string())
            }
            EmbeddedError::Config(_)
            | EmbeddedError::InUse { .. }
            | EmbeddedError::PartitionCount { .. } => Self::Refused(error.to_string()),
        }
    }
}

fn join(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
