//! Every metric that the server records is explained in docs/metrics.md, and nothing else is.

use std::collections::BTreeSet;

use crate::source::{Role, Source};
use crate::tree::{read, sources};
use crate::{assert_complains, assert_none};

const PAGE: &str = "docs/metrics.md";

/// A crate's name begins like a metric's and is none.
const CRATE_NAMES: [&str; 1] = ["learnflow_kafka_bridge"];

fn is_metric(word: &str) -> bool {
    word.starts_with("learnflow_")
        && word.matches('_').count() >= 2
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !CRATE_NAMES.contains(&word)
}

/// Metric names that stand in the production code as whole literals.
fn recorded(source: &Source) -> BTreeSet<String> {
    let text = source.production_text();
    let words = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    words.filter(|word| is_metric(word)).map(str::to_owned).collect()
}

/// Names in the first column of the page's table.
fn explained(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`')).map(|(name, _)| name.to_owned()).collect()
}

fn unpaired(recorded: &BTreeSet<String>, explained: &BTreeSet<String>) -> Vec<String> {
    let missing = recorded.difference(explained).map(|name| format!("{name} is not in {PAGE}"));
    let stale = explained.difference(recorded).map(|name| format!("nobody records {name}"));
    missing.chain(stale).collect()
}

#[test]
fn every_metric_is_explained_and_nothing_else() {
    let sources = sources();
    let server = sources
        .iter()
        .filter(|source| source.role == Role::Production && !source.path.starts_with("benches"));
    let recorded: BTreeSet<String> = server.flat_map(recorded).collect();
    assert!(!recorded.is_empty(), "no metric was found: the scan is broken");
    assert_none(&unpaired(&recorded, &explained(&read(PAGE))));
}

#[test]
fn an_unexplained_metric_is_noticed() {
    let text = "counter!(\"learnflow_api_sockets_total\", \"kind\" => \"x\");\n\
                // \"learnflow_api_old_total\"\nlet filter = \"learnflow_kafka_bridge\";\n\
                #[cfg(test)]\nmod tests { const A: &str = \"learnflow_api_test_total\"; }\n";
    let recorded = recorded(&Source::new("api/src/metrics.rs", Role::Production, text));
    let page = "| `learnflow_api_gone_total` | counter |\n";
    let violations = unpaired(&recorded, &explained(page));
    assert_complains(&violations, &["learnflow_api_sockets_total is not", "learnflow_api_gone"]);
}
