//! Every package that is compiled for Linux is under a licence that deny.toml allows.

use std::process::Command;

use crate::tree::{read_toml, root};
use crate::{assert_complains, assert_none};

/// True when an SPDX expression can be fulfilled with allowed licences alone. `/` is an old way
/// to write OR; AND binds tighter than OR.
fn fulfilled(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = any_of(&words, &mut at, allowed);
    result && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut result = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all_of(words, at, allowed);
    }
    result
}

fn all_of(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut result = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allowed);
    }
    result
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let result = any_of(words, at, allowed);
        *at += 1; // the closing one
        return result;
    }
    if words.get(*at) == Some(&"WITH") {
        let with_exception = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return allowed.contains(&with_exception);
    }
    allowed.iter().any(|licence| licence == word)
}

fn not_allowed(packages: &[(String, Option<String>)], allowed: &[String]) -> Vec<String> {
    packages
        .iter()
        .filter(|(_, licence)| !licence.as_deref().is_some_and(|l| fulfilled(l, allowed)))
        .map(|(name, licence)| format!("{name} is under {licence:?}"))
        .collect()
}

/// What deny.toml allows.
fn allowed() -> Vec<String> {
    let deny = read_toml("deny.toml");
    let licences = deny["licenses"]["allow"].as_array().expect("a list of licences");
    licences.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

/// Name and licence of every package in the dependency graph, as Cargo tells.
fn packages() -> Vec<(String, Option<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a list of nodes");
    let used: Vec<&serde_json::Value> = nodes.iter().map(|node| &node["id"]).collect();
    let all = metadata["packages"].as_array().expect("a list of packages");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    all.iter()
        .filter(|package| used.contains(&&package["id"]))
        .map(|package| (text(&package["name"]).unwrap_or_default(), text(&package["license"])))
        .collect()
}

#[test]
fn every_package_is_under_an_allowed_licence() {
    let packages = packages();
    assert!(packages.len() > 100, "cargo names only {} packages", packages.len());
    assert_none(&not_allowed(&packages, &allowed()));
}

#[test]
fn a_licence_that_is_not_allowed_is_noticed() {
    let allowed = ["MIT", "ISC", "Apache-2.0"].map(str::to_owned);
    let check = |licence: &str| fulfilled(licence, &allowed);
    assert!(check("MIT") && check("GPL-3.0 OR MIT") && check("MIT/Apache-2.0"));
    assert!(check("(GPL-3.0 OR MIT) AND ISC") && check("GPL-3.0 AND ISC OR MIT"));
    assert!(!check("GPL-3.0") && !check("MIT AND GPL-3.0") && !check("MIT WITH LLVM-exception"));
    assert!(!check("") && !check("ISC AND (GPL-3.0 OR AGPL-3.0)"));
    let packages = [("a".to_owned(), Some("MIT".to_owned())), ("b".to_owned(), None)];
    assert_complains(&not_allowed(&packages, &allowed), &["b is under None"]);
}
