//! Words that must not stand in the code: unfinished work, skipped tests, waits by the clock, and
//! the environment outside of the one file that reads it.

use crate::layers::mentions;
use crate::source::{Role, Source};
use crate::tree::{files, read, sources};
use crate::{assert_complains, assert_none};

/// The one production file that may read the environment.
const READS_ENVIRONMENT: &str = "src/config.rs";

/// How the environment is reached, however it was imported.
const ENVIRONMENT: [&str; 5] = ["std::env", "env::var", "env::vars", "env::var_os", "env::args"];

fn found(source: &Source, text: &str, is_banned: impl Fn(&str) -> bool, why: &str) -> Vec<String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| is_banned(line))
        .map(|(number, _)| format!("{}:{}: {why}", source.path.display(), number + 1))
        .collect()
}

fn unfinished(source: &Source) -> Vec<String> {
    let in_code = |line: &str| line.contains("todo!") || line.contains("unimplemented!");
    // Written in two halves, so that this file does not find itself.
    let marks = [["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let in_text = |line: &str| marks.iter().any(|mark| mentions(line, mark));
    let mut violations = found(source, &source.code, in_code, "unfinished");
    violations.extend(found(source, &source.text, in_text, "marked as unfinished"));
    violations
}

fn skipped_tests(source: &Source) -> Vec<String> {
    found(source, &source.code, |line| line.contains("#[ignore"), "a test that is not run")
}

fn sleeping_tests(source: &Source) -> Vec<String> {
    let sleeps = |line: &str| mentions(line, "sleep") && line.contains("sleep(");
    found(source, &source.tests, sleeps, "a test that waits by the clock")
}

fn environment(source: &Source) -> Vec<String> {
    if source.path == std::path::Path::new(READS_ENVIRONMENT) || source.role != Role::Production {
        return Vec::new();
    }
    let reads = |line: &str| ENVIRONMENT.iter().any(|path| mentions(line, path));
    found(source, &source.production, reads, "only src/config.rs reads the environment")
}

#[test]
fn nothing_is_left_unfinished() {
    assert_none(&sources().iter().flat_map(unfinished).collect::<Vec<_>>());
}

#[test]
fn unfinished_work_is_noticed() {
    let mark = ["// FIX", "ME: later"].concat();
    let text = format!("fn a() {{ todo!() }}\n// todo! in a comment is talk\n{mark}\n");
    let source = Source::new("bad.rs", Role::Production, &text);
    assert_complains(&unfinished(&source), &["bad.rs:1", "bad.rs:3"]);
}

#[test]
fn every_test_is_run() {
    assert_none(&sources().iter().flat_map(skipped_tests).collect::<Vec<_>>());
}

#[test]
fn a_test_that_is_not_run_is_noticed() {
    let source = Source::new("bad.rs", Role::Test, "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n");
    assert_complains(&skipped_tests(&source), &["bad.rs:2"]);
}

#[test]
fn no_test_waits_by_the_clock() {
    assert_none(&sources().iter().flat_map(sleeping_tests).collect::<Vec<_>>());
}

#[test]
fn a_test_that_waits_by_the_clock_is_noticed() {
    let text =
        "fn back_off() { sleep(1) }\n#[cfg(test)]\nmod tests {\n tokio::time::sleep(x);\n}\n";
    let source = Source::new("bad.rs", Role::Production, text);
    assert_complains(&sleeping_tests(&source), &["bad.rs:4"]);
}

#[test]
fn no_test_of_the_pages_waits_by_the_clock() {
    let mut tests = files(&["api/ui/e2e", "api/ui/tests"], "ts");
    tests.extend(files(&["api/ui/e2e", "api/ui/tests"], "js"));
    let sleeping: Vec<String> = tests
        .iter()
        .filter(|path| read(&path.to_string_lossy()).contains("waitForTimeout("))
        .map(|path| format!("{} waits by the clock", path.display()))
        .collect();
    assert_none(&sleeping);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    assert_none(&sources().iter().flat_map(environment).collect::<Vec<_>>());
}

#[test]
fn a_second_reader_of_the_environment_is_noticed() {
    let text = "use std::env;\nlet a = env::var(\"A\");\nlet b = env!(\"B\");\n";
    let bad = Source::new("api/src/bad.rs", Role::Production, text);
    assert_complains(&environment(&bad), &["bad.rs:1", "bad.rs:2"]);
    assert_none(&environment(&Source::new(READS_ENVIRONMENT, Role::Production, text)));
    assert_none(&environment(&Source::new("api/build.rs", Role::Build, text)));
}
