//! Logs and metrics: structured JSON logs on standard error, Prometheus on its own port.
//!
//! No student text in either. The client library of the model logs bodies when it can't parse
//! them, so its target is off whatever `RUST_LOG` says.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Buckets of durations, in seconds: dense around a second, as the targets are.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts logging.
pub(crate) fn start_logs(filter: Option<&str>) {
    let base =
        filter.filter(|text| !text.is_empty()).unwrap_or("info,rdkafka=warn,librdkafka=warn");
    let filter = EnvFilter::try_new(format!("{base},async_openai=off"))
        .unwrap_or_else(|_| EnvFilter::new("info,async_openai=off"));
    let registry = tracing_subscriber::registry().with(filter);
    let result = if std::io::stderr().is_terminal() {
        registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init()
    } else {
        let json = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr);
        registry.with(json).try_init()
    };
    // A second start in one process (tests) keeps the first.
    drop(result);
}

/// Starts metrics.
///
/// # Errors
/// When a recorder is there already.
pub(crate) fn start_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    metrics::gauge!("learnflow_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}
