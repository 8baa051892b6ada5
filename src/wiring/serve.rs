//! `learnflow serve`: refuse early, assemble, wait, drain.

use super::{Assembly, Extras, faults};
use crate::cli::{Role, ServeArgs};
use crate::commands::{Context, Failure};
use crate::config::ConfigError;
use crate::telemetry;

/// Runs the server until it is told to stop.
///
/// # Errors
/// [`Failure::Configuration`] with everything that is wrong, [`Failure::Failed`] when a part
/// doesn't come up.
pub(crate) async fn serve(context: &Context, args: ServeArgs) -> Result<(), Failure> {
    let mut flags = Vec::new();
    flags.extend(args.listen.map(|listen| ("server.listen", listen)));
    flags.extend(args.metrics_listen.map(|listen| ("metrics.listen", listen)));
    let loaded = context.load(&Vec::new(), &flags)?;
    let mut wrong = faults(&loaded.config);
    if !(args.roles.contains(&Role::Gateway) && args.roles.contains(&Role::Engine)) {
        wrong.push(
            "--roles: gateway and engine in separate processes come later; use both".to_owned(),
        );
    }
    if !wrong.is_empty() {
        return Err(ConfigError(wrong).into());
    }
    telemetry::start_logs(loaded.log_filter.as_deref());
    let assembly = Assembly::start(&loaded.config, Extras::default()).await?;
    assembly.run().await
}
