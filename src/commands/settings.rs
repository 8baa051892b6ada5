//! `learnflow config`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Context, Failure, print_document};
use crate::cli::ConfigCommand;
use crate::config::{self, ConfigError};
use crate::wiring;

/// A setting, its value, and where it came from.
#[derive(Serialize)]
struct Shown {
    value: Value,
    origin: String,
}

/// Runs `learnflow config …`.
///
/// # Errors
/// [`Failure::Configuration`] when something is wrong.
pub(crate) fn run(context: &Context, what: ConfigCommand) -> Result<(), Failure> {
    match what {
        ConfigCommand::Example => {
            print_document(config::DEFAULTS);
            Ok(())
        }
        ConfigCommand::Show => show(context),
        ConfigCommand::Check => {
            let loaded = context.load(&Vec::new(), &Vec::new())?;
            let faults = wiring::faults(&loaded.config);
            if faults.is_empty() {
                context.print(&serde_json::json!({ "ok": true }), |_| "fine".to_owned());
                Ok(())
            } else {
                Err(ConfigError(faults).into())
            }
        }
    }
}

fn show(context: &Context) -> Result<(), Failure> {
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let all = serde_json::to_value(&loaded.config).map_err(Failure::because)?;
    let mut shown = BTreeMap::new();
    for (path, origin) in loaded.origins {
        let value = path.split('.').fold(&all, |value, key| &value[key]).clone();
        shown.insert(path, Shown { value, origin });
    }
    context.print(&shown, |shown| {
        let line =
            |(path, one): (&String, &Shown)| format!("{path} = {}  # {}", one.value, one.origin);
        shown.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}
