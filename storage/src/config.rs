//! How the store is reached: where it is, how many connections, how long anything may wait.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The server gives up before the caller does, so that it can say why.
const STATEMENT_TIMEOUT_MS_MAX: u64 = 8_000;

/// Settings of the store.
#[derive(Clone)]
pub struct Config {
    /// `postgres://user:password@host/database` or `sqlite:PATH`.
    pub url: String,
    /// Connections for reads and for the writes of REST.
    pub connections: u32,
    /// Connections of the committer, apart from the others, so that no list delays a commit.
    pub committer_connections: u32,
    /// How long a free connection is waited for.
    pub acquire_timeout_ms: u64,
    /// How long the server may work on one statement.
    pub statement_timeout_ms: u64,
    /// How long the server may wait for a lock.
    pub lock_timeout_ms: u64,
}

impl Config {
    /// The defaults for a store at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 8,
            committer_connections: 2,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 5_000,
            lock_timeout_ms: 4_000,
        }
    }

    /// Whether the settings can be used.
    ///
    /// # Errors
    /// [`ConfigError`], naming what is wrong.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.place()?;
        if self.connections == 0 || self.committer_connections == 0 {
            return Err(ConfigError::NoConnections);
        }
        if !(2_000..=5_000).contains(&self.acquire_timeout_ms) {
            return Err(ConfigError::AcquireTimeout(self.acquire_timeout_ms));
        }
        let in_order = 0 < self.lock_timeout_ms
            && self.lock_timeout_ms <= self.statement_timeout_ms
            && self.statement_timeout_ms <= STATEMENT_TIMEOUT_MS_MAX;
        if in_order { Ok(()) } else { Err(ConfigError::Timeouts) }
    }

    /// What kind of database the URL names, and where it is.
    pub(crate) fn place(&self) -> Result<Place<'_>, ConfigError> {
        let url = self.url.as_str();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Place::Postgres(url));
        }
        let path = url.strip_prefix("sqlite:").ok_or(ConfigError::UnknownScheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(ConfigError::NotAFile);
        }
        Ok(Place::Sqlite(PathBuf::from(path)))
    }

    pub(crate) const fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }
}

impl fmt::Debug for Config {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("connections", &self.connections)
            .field("committer_connections", &self.committer_connections)
            .finish_non_exhaustive()
    }
}

/// Where a database is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// A server.
    Postgres(&'a str),
    /// A file.
    Sqlite(PathBuf),
}

/// The store's settings can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Neither PostgreSQL nor SQLite.
    #[error("store.url must be postgres://user:password@host/database or sqlite:PATH")]
    UnknownScheme,
    /// SQLite in memory, or with parameters.
    #[error("store.url must name a file after `sqlite:`, without parameters")]
    NotAFile,
    /// The server's address doesn't parse.
    #[error("store.url is not a PostgreSQL address")]
    InvalidAddress,
    /// A pool without connections.
    #[error("the store needs at least one connection of each kind")]
    NoConnections,
    /// Too short to ride out a burst, or too long to fail in time.
    #[error("waiting {0} ms for a connection is outside 2000 to 5000 ms")]
    AcquireTimeout(u64),
    /// Timeouts that make each other useless.
    #[error("timeouts must satisfy 0 < lock <= statement <= {STATEMENT_TIMEOUT_MS_MAX} ms")]
    Timeouts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_server_or_a_file() {
        let file = |path: &str| Ok(Place::Sqlite(PathBuf::from(path)));
        let cases = [
            ("sqlite:store.sqlite", file("store.sqlite")),
            ("sqlite:///var/lib/store.sqlite", file("/var/lib/store.sqlite")),
            ("sqlite:/var/lib/store.sqlite", file("/var/lib/store.sqlite")),
            ("sqlite::memory:", Err(ConfigError::NotAFile)),
            ("sqlite:", Err(ConfigError::NotAFile)),
            ("mysql://host/db", Err(ConfigError::UnknownScheme)),
            ("", Err(ConfigError::UnknownScheme)),
            ("postgres://u@h/d", Ok(Place::Postgres("postgres://u@h/d"))),
        ];
        for (url, expected) in cases {
            assert_eq!(Config::new(url).place(), expected, "{url}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let config = Config::new("postgres://u:hunter2@h/d");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn useless_settings_are_refused() {
        let good = Config::new("sqlite:a");
        assert_eq!(good.validate(), Ok(()));
        let cases = [
            (Config { connections: 0, ..good.clone() }, ConfigError::NoConnections),
            (Config { acquire_timeout_ms: 9, ..good.clone() }, ConfigError::AcquireTimeout(9)),
            (Config { lock_timeout_ms: 0, ..good.clone() }, ConfigError::Timeouts),
            (Config { statement_timeout_ms: 9_000, ..good }, ConfigError::Timeouts),
        ];
        for (config, fault) in cases {
            assert_eq!(config.validate(), Err(fault));
        }
    }
}
