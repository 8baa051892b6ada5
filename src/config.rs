//! The configuration: defaults, files, environment, flags. The only place that reads the
//! environment.

mod secret;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::{Deserialize, Serialize};

pub(crate) use secret::Secret;

/// The commented default file.
pub(crate) const DEFAULTS: &str = include_str!("config.default.toml");
/// The file that is read from the working directory.
const LOCAL_FILE: &str = "learnflow.toml";
/// Variables of ours begin so.
const PREFIX: &str = "LEARNFLOW__";
/// Well-known variables and the settings that they are.
const WELL_KNOWN: [(&str, &str); 4] = [
    ("DATABASE_URL", "store.url"),
    ("KAFKA_BOOTSTRAP_SERVERS", "kafka.bootstrap_servers"),
    ("OPENAI_API_KEY", "model.api_key"),
    ("OPENAI_BASE_URL", "model.base_url"),
];

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Pages, HTTP and WebSocket.
    pub server: Server,
    /// Prometheus.
    pub metrics: Listener,
    /// Which log.
    pub log: Log,
    /// Apache Kafka.
    pub kafka: Kafka,
    /// Master keys.
    pub keys: Keys,
    /// How long things are kept.
    pub retention: Retention,
    /// The database.
    pub store: Store,
    /// The model.
    pub(crate) model: Model,
    /// The course.
    pub course: Course,
    /// Sessions.
    pub session: Session,
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    /// Address and port.
    pub listen: String,
    /// The origin that browsers use; empty for the request's host.
    pub public_origin: String,
}

/// `[metrics]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// Address and port.
    pub listen: String,
}

/// The log's kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogKind {
    /// Apache Kafka.
    Kafka,
    /// A file in this process.
    Embedded,
}

/// `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// Which.
    pub kind: LogKind,
    /// The embedded log's file.
    pub path: String,
}

/// `[kafka]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kafka {
    /// Brokers.
    pub bootstrap_servers: String,
    /// Partitions of commands and public topics.
    pub partitions: u32,
    /// The engine's consumer group.
    pub group: String,
    /// auto, consumer or classic.
    pub group_protocol: String,
    /// Slots of gateways.
    pub reply_slots: u32,
}

/// `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    /// The current master key.
    pub master: Secret,
    /// Older ones.
    pub previous: Vec<Secret>,
}

/// `[retention]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    /// Days of text.
    pub text_days: u32,
    /// Days of everything else.
    pub record_days: u32,
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    /// Where the database is; may hold a password.
    pub url: Secret,
}

/// The model's kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModelKind {
    /// OpenAI or compatible.
    Openai,
    /// The course's own text.
    Offline,
}

/// `[model]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Which.
    pub kind: ModelKind,
    /// The API's base.
    pub base_url: String,
    /// The model's name.
    pub name: String,
    /// The key.
    pub api_key: Secret,
    /// Tokens of an answer.
    pub answer_tokens: u32,
}

/// `[course]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    /// A folder; empty for the built-in course.
    pub path: String,
}

/// `[session]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    /// Idle time before passivation.
    pub passivate_after_ms: u64,
    /// Tokens of the conversation window.
    pub window_tokens: u32,
    /// Answers of the model a day; 0 for no limit.
    pub daily_answers: u16,
}

/// The configuration can't be used; one line a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LF0901: the configuration is wrong\n{}", .0.join("\n"))]
pub(crate) struct ConfigError(pub Vec<String>);

/// Settings and where each came from.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The settings.
    pub config: Config,
    /// `section.key` → its source.
    pub origins: BTreeMap<String, String>,
    /// `RUST_LOG`, as it stands.
    pub log_filter: Option<String>,
}

/// What the command line says: `section.key` and value.
pub(crate) type Overrides = Vec<(&'static str, String)>;

/// Reads the configuration.
///
/// `base` are settings of the command itself (what `demo` does without any file), below every
/// file and variable.
///
/// # Errors
/// [`ConfigError`], naming each fault and its source.
pub(crate) fn load(
    base: &Overrides,
    file: Option<&Path>,
    flags: &Overrides,
) -> Result<Loaded, ConfigError> {
    let mut figment = Figment::new()
        .merge(Toml::string(DEFAULTS))
        .merge(Assigned::new("the command's own defaults", base));
    let local = PathBuf::from(LOCAL_FILE);
    for path in [local.exists().then_some(local.as_path()), file].into_iter().flatten() {
        if !path.exists() {
            return Err(ConfigError(vec![format!("{}: no such file", path.display())]));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    let variables: Vec<(String, String)> = std::env::vars().collect();
    let log_filter =
        variables.iter().find(|(name, _)| name == "RUST_LOG").map(|(_, value)| value.clone());
    let figment = figment.merge(environment(&variables)?).merge(Assigned::new("a flag", flags));
    let config: Config = figment.extract().map_err(|error| ConfigError(faults(error)))?;
    let origins = origins(&figment, &config);
    Ok(Loaded { config, origins, log_filter })
}

/// Variables of the environment, as one layer. `…_FILE` names a file that holds the value.
fn environment(variables: &[(String, String)]) -> Result<Assigned, ConfigError> {
    let mut layer = Assigned::new("the environment", &Vec::new());
    let mut faults = Vec::new();
    for (name, path) in WELL_KNOWN {
        for (variable, value) in variables {
            if variable == name && !value.is_empty() {
                layer.set(path, value);
            } else if variable.strip_suffix("_FILE") == Some(name) {
                match read_secret(value) {
                    Ok(value) => layer.set(path, &value),
                    Err(fault) => faults.push(format!("{variable}: {fault}")),
                }
            }
        }
    }
    for (variable, value) in variables {
        let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
        let path = rest.to_lowercase().replace("__", ".");
        match path.strip_suffix("_file") {
            Some(secret) if SECRETS.contains(&secret) => match read_secret(value) {
                Ok(value) => layer.set(secret, &value),
                Err(fault) => faults.push(format!("{variable}: {fault}")),
            },
            _ => layer.set(&path, value),
        }
    }
    if faults.is_empty() { Ok(layer) } else { Err(ConfigError(faults)) }
}

/// Settings that may stand in a file of their own.
const SECRETS: [&str; 4] = ["keys.master", "keys.previous", "store.url", "model.api_key"];

fn read_secret(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|error| format!("{path} can't be read: {error}"))
}

/// One line a fault, each with its source, unknown keys with a suggestion.
fn faults(error: figment::Error) -> Vec<String> {
    error
        .into_iter()
        .map(|one| {
            let place = one.path.join(".");
            let source = one.metadata.as_ref().map_or_else(String::new, |metadata| {
                let name = || metadata.name.to_string();
                format!(" ({})", metadata.source.as_ref().map_or_else(name, ToString::to_string))
            });
            if let figment::error::Kind::UnknownField(field, known) = &one.kind {
                let near = nearest(field, known);
                let hint =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return format!("{place}: unknown key `{field}`{hint}{source}");
            }
            format!("{place}: {}{source}", one.kind)
        })
        .collect()
}

/// The known key that looks most like a misspelt one.
fn nearest<'a>(field: &str, known: &[&'a str]) -> Option<&'a str> {
    let shared = |name: &str| name.chars().filter(|c| field.contains(*c)).count();
    known.iter().copied().max_by_key(|name| {
        let apart = name.len().abs_diff(field.len());
        (shared(name) * 2).saturating_sub(apart)
    })
}

fn origins(figment: &Figment, config: &Config) -> BTreeMap<String, String> {
    let mut origins = BTreeMap::new();
    let Ok(Value::Dict(_, sections)) = Value::serialize(config) else { return origins };
    for (section, value) in &sections {
        if let Value::Dict(_, keys) = value {
            for key in keys.keys() {
                let path = format!("{section}.{key}");
                let source = figment.find_metadata(&path).map_or_else(
                    || "default".to_owned(),
                    |metadata| match &metadata.source {
                        Some(source) => source.to_string(),
                        None if metadata.name.contains("TOML") => "default".to_owned(),
                        None => metadata.name.to_string(),
                    },
                );
                origins.insert(path, source);
            }
        }
    }
    origins
}

/// A layer of single settings.
#[derive(Debug, Clone)]
struct Assigned {
    name: &'static str,
    values: Dict,
}

impl Assigned {
    fn new(name: &'static str, overrides: &Overrides) -> Self {
        let mut layer = Self { name, values: Dict::new() };
        for (path, value) in overrides {
            layer.set(path, value);
        }
        layer
    }

    /// Sets `section.key`. Numbers and booleans are read as such, as figment's own `Env` does.
    fn set(&mut self, path: &str, value: &str) {
        let (section, key) = path.split_once('.').unwrap_or((path, ""));
        // Text settings stay text even when they look like a number.
        let value = match value.parse::<u64>() {
            Ok(number) if !SECRETS.contains(&path) => Value::from(number),
            _ if path == "keys.previous" => {
                Value::from(value.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            }
            _ => Value::from(value.to_owned()),
        };
        let entry = self.values.entry(section.to_owned()).or_insert_with(|| Dict::new().into());
        if let Value::Dict(_, keys) = entry {
            keys.insert(key.to_owned(), value);
        }
    }
}

impl Provider for Assigned {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Serialized::defaults(&self.values).data()
    }
}
