//! What the build draws in: how many packages, from where, which never, and that somebody wrote
//! down why.

use std::collections::BTreeSet;

use crate::layers::dependency_names;
use crate::tree::{PACKAGES, manifest, read, read_toml};
use crate::{assert_complains, assert_none};

const MAX_LOCKED: usize = 500;
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
const REASONS: &str = "docs/adr/dependencies.md";

/// Packages that must not even be locked.
const BANNED: [&str; 3] = ["openssl", "native-tls", "rsa"];

/// Packages that exactly one other may draw in, each by an optional feature of ours.
const ONLY_THROUGH: [(&str, &str); 1] = [("openssl-sys", "rdkafka-sys")];

/// A locked package: name, source, names of what it draws in.
struct Locked {
    name: String,
    source: Option<String>,
    draws_in: Vec<String>,
}

fn locked(lock: &toml::Table) -> Vec<Locked> {
    let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = lock["package"].as_array().expect("a list of packages");
    let read_package = |package: &toml::Value| Locked {
        name: text(&package["name"]),
        source: package.get("source").map(text),
        draws_in: package
            .get("dependencies")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .map(|name| text(name).split(' ').next().unwrap_or_default().to_owned())
            .collect(),
    };
    packages.iter().map(read_package).collect()
}

fn foreign_sources(packages: &[Locked]) -> Vec<String> {
    let foreign = |package: &Locked| match &package.source {
        None if package.name.starts_with("learnflow") => None,
        Some(source) if source == REGISTRY => None,
        other => Some(format!("{} comes from {other:?}", package.name)),
    };
    packages.iter().filter_map(foreign).collect()
}

fn banned(packages: &[Locked]) -> Vec<String> {
    let mut violations = Vec::new();
    for package in packages {
        if BANNED.contains(&package.name.as_str()) {
            violations.push(format!("{} is locked", package.name));
        }
        for (name, through) in ONLY_THROUGH {
            if package.name != through && package.draws_in.iter().any(|drawn| drawn == name) {
                violations.push(format!("{} draws in {name}", package.name));
            }
        }
    }
    violations
}

/// Names in the first column of the page's tables, written as code.
fn explained(page: &str) -> Vec<String> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn unexplained(direct: &BTreeSet<String>, explained: &[String]) -> Vec<String> {
    let mut violations: Vec<String> = direct
        .iter()
        .filter(|name| !explained.contains(name))
        .map(|name| format!("{name} has no line in {REASONS}"))
        .collect();
    let mut seen = BTreeSet::new();
    for name in explained {
        if !direct.contains(name) {
            violations.push(format!("{name} is explained in {REASONS} but nobody uses it"));
        }
        if !seen.insert(name) {
            violations.push(format!("{name} has two lines in {REASONS}"));
        }
    }
    violations
}

fn our_lock() -> Vec<Locked> {
    locked(&read_toml("Cargo.lock"))
}

fn bad_lock() -> Vec<Locked> {
    let text = "[[package]]\nname = 'rsa'\nsource = 'git+https://example.org/rsa'\n\
                [[package]]\nname = 'curl-sys'\n\
                source = 'registry+https://github.com/rust-lang/crates.io-index'\n\
                dependencies = ['openssl-sys 0.9.1', 'libc']\n\
                [[package]]\nname = 'learnflow-engine'\n";
    locked(&text.parse().expect("TOML"))
}

#[test]
fn at_most_500_packages_are_locked() {
    let count = our_lock().len();
    assert!((100..=MAX_LOCKED).contains(&count), "{count} packages are locked");
}

#[test]
fn every_package_comes_from_crates_io() {
    assert_none(&foreign_sources(&our_lock()));
}

#[test]
fn a_package_from_elsewhere_is_noticed() {
    assert_complains(&foreign_sources(&bad_lock()), &["rsa comes from"]);
}

#[test]
fn banned_packages_are_not_locked() {
    assert_none(&banned(&our_lock()));
}

#[test]
fn a_banned_package_and_a_banned_way_to_one_are_noticed() {
    assert_complains(&banned(&bad_lock()), &["rsa is locked", "curl-sys draws in openssl-sys"]);
}

#[test]
fn every_direct_dependency_is_explained_and_nothing_else() {
    let manifests = PACKAGES.iter().map(|package| manifest(package));
    let direct: BTreeSet<String> = manifests
        .flat_map(|manifest| dependency_names(&manifest))
        .filter(|name| !name.starts_with("learnflow-"))
        .collect();
    assert_none(&unexplained(&direct, &explained(&read(REASONS))));
}

#[test]
fn an_unexplained_dependency_is_noticed() {
    let direct = ["serde", "tokio"].map(str::to_owned).into();
    let page = "| `serde` | what for |\n| `gone` | nobody |\n| `serde` | again |\n";
    let violations = unexplained(&direct, &explained(page));
    assert_complains(&violations, &["tokio has no line", "gone is explained", "serde has two"]);
}
