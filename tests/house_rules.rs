//! The house rules that a machine can hold, as tests: a broken rule names the file and the line.
//!
//! Each rule is a function from what it reads to a list of violations. It runs twice: on this
//! repository, where the list must be empty, and on a bad example, where it must not be, so that
//! no rule can rot into one that never fails.
#![cfg(test)]

#[path = "house_rules/error_pages.rs"]
mod error_pages;
#[path = "house_rules/layers.rs"]
mod layers;
#[path = "house_rules/licences.rs"]
mod licences;
#[path = "house_rules/links.rs"]
mod links;
#[path = "house_rules/metrics.rs"]
mod metrics;
#[path = "house_rules/packages.rs"]
mod packages;
#[path = "house_rules/shape.rs"]
mod shape;
#[path = "house_rules/source.rs"]
mod source;
#[path = "house_rules/tree.rs"]
mod tree;
#[path = "house_rules/words.rs"]
mod words;

/// Fails with one line for each violation.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// Fails unless exactly the named things are complained about, in order.
#[track_caller]
fn assert_complains(violations: &[String], about: &[&str]) {
    let told = violations.len() == about.len()
        && violations.iter().zip(about).all(|(violation, word)| violation.contains(word));
    assert!(told, "expected complaints about {about:?}, got {violations:?}");
}
