//! How the parts become a server. Reads as the architecture's picture, from the store upwards.

mod assemble;
mod serve;

use crate::config::{Config, LogKind, ModelKind};

pub(crate) use assemble::{Assembly, Extras, open_course, open_log, open_store, vault};
pub(crate) use serve::serve;

/// Everything that is wrong with a configuration for `serve`, one line a fault.
pub(crate) fn faults(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rule = |holds: bool, fault: &str| {
        if !holds {
            faults.push(fault.to_owned());
        }
    };
    rule(
        !config.store.url.is_empty(),
        "store.url is missing: postgres://… or sqlite:PATH (or DATABASE_URL)",
    );
    rule(
        !config.keys.master.is_empty(),
        "keys.master is missing: 32 bytes in base64, for example from `openssl rand -base64 32`",
    );
    rule(
        config.retention.text_days > 0 && config.retention.record_days > 0,
        "retention.text_days and retention.record_days must be at least 1: nothing is kept for ever",
    );
    rule(
        config.retention.text_days <= config.retention.record_days,
        "retention.text_days must not be above retention.record_days",
    );
    rule(
        config.log.kind == LogKind::Embedded || !config.kafka.bootstrap_servers.is_empty(),
        "kafka.bootstrap_servers is missing (or KAFKA_BOOTSTRAP_SERVERS)",
    );
    rule(
        config.log.kind == LogKind::Kafka || !config.log.path.is_empty(),
        "log.path is missing: the embedded log's file",
    );
    rule(
        cfg!(feature = "kafka") || config.log.kind == LogKind::Embedded,
        "log.kind is kafka, but this program was built without it; build with --features kafka",
    );
    rule(config.kafka.partitions >= 1, "kafka.partitions must be at least 1");
    rule((1..=1_000).contains(&config.kafka.reply_slots), "kafka.reply_slots must be 1 to 1000");
    rule(
        ["auto", "consumer", "classic"].contains(&config.kafka.group_protocol.as_str()),
        "kafka.group_protocol must be auto, consumer or classic",
    );
    rule(
        config.model.kind == ModelKind::Offline || !config.model.base_url.is_empty(),
        "model.base_url is missing",
    );
    rule(
        config.model.kind == ModelKind::Offline
            || !config.model.api_key.is_empty()
            || !config.model.base_url.contains("api.openai.com"),
        "model.api_key is missing (or OPENAI_API_KEY)",
    );
    if !config.keys.master.is_empty()
        && let Err(error) = vault(config)
    {
        faults.push(format!("keys.master or keys.previous: {error}"));
    }
    let edge = assemble::edge_config(config);
    faults.extend(edge.validate());
    for (name, address) in
        [("server.listen", &config.server.listen), ("metrics.listen", &config.metrics.listen)]
    {
        if address.parse::<std::net::SocketAddr>().is_err() {
            faults.push(format!("{name} is not an address and port: {address}"));
        }
    }
    faults
}
