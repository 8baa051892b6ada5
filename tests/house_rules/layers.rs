//! Arrows go down only: who may depend on whom, what stands at the top of the repository, and
//! what the pure crate must not know.

use crate::source::{Role, Source, is_word};
use crate::tree::{PACKAGES, manifest, names_in, read, root, sources};
use crate::{assert_complains, assert_none};

/// Each package and the workspace packages that it may use, in production and in tests. A package
/// that names itself does so to have its own feature `testing` in its tests; micro-benchmarks use
/// what they measure; the root's tests drive the server with the load tester's client.
const MAY_USE: [(&str, &[&str]); 7] = [
    ("engine", &[]),
    ("storage", &["engine", "storage"]),
    ("kafka-bridge", &["engine"]),
    ("actors", &["engine", "actors"]),
    ("api", &["engine", "storage"]),
    ("benches", &["engine", "storage"]),
    (".", &["engine", "storage", "kafka-bridge", "actors", "api", "benches"]),
];

/// Folders that a reader finds at the top, beside files.
const TOP_FOLDERS: [&str; 9] =
    ["src", "engine", "actors", "api", "kafka-bridge", "storage", "deploy", "benches", "docs"];

/// Libraries that would bring a clock, tasks, sockets, files or randomness into `engine`.
const IMPURE_PACKAGES: [&str; 12] = [
    "tokio",
    "sqlx",
    "axum",
    "rand",
    "reqwest",
    "rdkafka",
    "ractor",
    "actix",
    "async-openai",
    "futures-util",
    "getrandom",
    "parking_lot",
];

/// Paths that `engine` must not mention.
const IMPURE_PATHS: [&str; 12] = [
    "tokio",
    "sqlx",
    "axum",
    "rand",
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::io",
    "std::thread",
    "std::env",
    "std::process",
];

/// Names in every dependency table of a manifest, those for one platform too.
pub(crate) fn dependency_names(manifest: &toml::Table) -> Vec<String> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        tables.extend(targets.values().filter_map(toml::Value::as_table));
    }
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of_table = |table: &toml::Table| -> Vec<String> {
        let named = kinds.iter().filter_map(|kind| table.get(*kind)?.as_table());
        named.flat_map(|dependencies| dependencies.keys().cloned()).collect()
    };
    tables.into_iter().flat_map(of_table).collect()
}

fn wrong_arrows(package: &str, manifest: &toml::Table, may_use: &[&str]) -> Vec<String> {
    dependency_names(manifest)
        .iter()
        .filter_map(|name| name.strip_prefix("learnflow-"))
        .filter(|name| !may_use.contains(name))
        .map(|name| format!("{package} must not depend on {name}"))
        .collect()
}

fn wrong_top_folders(folders: &[String], ignored: &[String]) -> Vec<String> {
    let missing = TOP_FOLDERS
        .iter()
        .filter(|name| !folders.iter().any(|folder| folder == *name))
        .map(|name| format!("{name}/ is missing"));
    let extra = folders
        .iter()
        .filter(|name| !TOP_FOLDERS.contains(&name.as_str()))
        .filter(|name| !ignored.contains(name) && !["tests", "target"].contains(&name.as_str()))
        .filter(|name| !name.starts_with('.'))
        .map(|name| format!("{name}/ does not belong at the top"));
    missing.chain(extra).collect()
}

fn impure_packages(manifest: &toml::Table) -> Vec<String> {
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    dependencies
        .into_iter()
        .flat_map(toml::Table::keys)
        .filter(|name| IMPURE_PACKAGES.contains(&name.as_str()))
        .map(|name| format!("engine must not depend on {name}"))
        .collect()
}

fn impure_paths(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in source.production.lines().enumerate() {
        for path in IMPURE_PATHS.iter().filter(|path| mentions(line, path)) {
            let place = source.path.display();
            violations.push(format!("{place}:{}: engine must not know {path}", number + 1));
        }
    }
    violations
}

/// True when the words stand in the line as whole words.
pub(crate) fn mentions(line: &str, words: &str) -> bool {
    line.match_indices(words).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + words.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn dependencies_point_down_only() {
    assert_eq!(MAY_USE.len(), PACKAGES.len());
    let violations: Vec<String> = MAY_USE
        .iter()
        .flat_map(|(package, may_use)| wrong_arrows(package, &manifest(package), may_use))
        .collect();
    assert_none(&violations);
}

#[test]
fn dependencies_that_point_up_are_noticed() {
    let bad = "[dependencies]\nlearnflow-engine = 1\n[dev-dependencies]\nlearnflow-api = 1\n\
               [target.'cfg(unix)'.dependencies]\nlearnflow-actors = 1\n";
    let violations = wrong_arrows("storage", &bad.parse().expect("TOML"), &["engine"]);
    assert_complains(&violations, &["on api", "on actors"]);
}

#[test]
fn every_member_of_the_workspace_has_a_layer() {
    let workspace = manifest(".");
    let members = workspace["workspace"]["members"].as_array().expect("a list of members");
    let known: Vec<&str> = MAY_USE.iter().map(|(package, _)| *package).collect();
    let strangers: Vec<String> = members
        .iter()
        .filter(|member| !known.contains(&member.as_str().unwrap_or_default()))
        .map(|member| format!("{member} has no layer in this test"))
        .collect();
    assert_none(&strangers);
}

#[test]
fn the_top_folders_are_the_rooms_of_the_house() {
    let names = names_in(root());
    let folders: Vec<String> =
        names.into_iter().filter(|name| root().join(name).is_dir()).collect();
    let ignored: Vec<String> =
        read(".gitignore").lines().map(|line| line.trim_matches('/').to_owned()).collect();
    assert_none(&wrong_top_folders(&folders, &ignored));
}

#[test]
fn a_foreign_or_missing_top_folder_is_noticed() {
    let mut folders: Vec<String> = TOP_FOLDERS[1..].iter().map(|&name| name.to_owned()).collect();
    folders.extend(["tests", ".git", "target", "scratch", "crates"].map(str::to_owned));
    let violations = wrong_top_folders(&folders, &["scratch".to_owned()]);
    assert_complains(&violations, &["src/ is missing", "crates/"]);
}

#[test]
fn engine_depends_on_nothing_that_acts() {
    assert_none(&impure_packages(&manifest("engine")));
}

#[test]
fn an_acting_dependency_of_engine_is_noticed() {
    let bad = "[dependencies]\nserde = '1'\ntokio = '1'\n".parse().expect("TOML");
    assert_complains(&impure_packages(&bad), &["tokio"]);
}

#[test]
fn engine_knows_no_clock_task_socket_file_or_randomness() {
    let sources = sources();
    let engine = sources.iter().filter(|source| source.path.starts_with("engine/src"));
    assert_none(&engine.flat_map(impure_paths).collect::<Vec<_>>());
}

#[test]
fn an_engine_that_reads_the_clock_is_noticed() {
    let text = "// std::fs is fine here\nuse std::time::SystemTime;\nlet operand = 1;\n\
                let x = rand::random();\n#[cfg(test)]\nmod tests { use std::fs; }\n";
    let source = Source::new("engine/src/bad.rs", Role::Production, text);
    assert_complains(&impure_paths(&source), &["2: engine must not know SystemTime", "4: "]);
}
