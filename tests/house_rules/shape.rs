//! How long files and functions may be, what they may be called, and that each says what it is
//! for.

use crate::source::{Role, Source};
use crate::tree::sources;
use crate::{assert_complains, assert_none};

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 70;

/// Names that say where a thing was put and not what it is.
const BANNED_NAMES: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "misc", "types", "mod"];

fn long_files(source: &Source) -> Option<String> {
    let lines = source.production_lines();
    let too_long = source.role == Role::Production && lines > MAX_FILE_LINES;
    too_long.then(|| format!("{}: {lines} production lines", source.path.display()))
}

fn long_functions(source: &Source) -> Vec<String> {
    source
        .production_functions()
        .into_iter()
        .filter(|(_, _, lines)| *lines > MAX_FUNCTION_LINES)
        .map(|(name, line, lines)| {
            format!("{}:{line}: fn {name} has {lines} lines", source.path.display())
        })
        .collect()
}

fn undocumented_file(source: &Source) -> Option<String> {
    let told = source.text.lines().next().is_some_and(|line| {
        line.strip_prefix("//!").is_some_and(|words| words.trim().chars().count() >= 10)
    });
    (!told).then(|| format!("{} does not say what it is for (//!)", source.path.display()))
}

fn banned_name(source: &Source) -> Option<String> {
    let module = source.path.with_extension("");
    let banned = module.iter().find(|part| BANNED_NAMES.iter().any(|name| *part == *name));
    banned.map(|name| {
        format!("{}: a name that says nothing: {}", source.path.display(), name.display())
    })
}

#[test]
fn production_files_have_at_most_400_lines() {
    assert_none(&sources().iter().filter_map(long_files).collect::<Vec<_>>());
}

#[test]
fn a_long_file_is_noticed_and_its_tests_are_not_counted() {
    let body = "fn a() {}\n".repeat(MAX_FILE_LINES);
    let tests = "#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
    let fits = Source::new("fits.rs", Role::Production, &format!("{body}{tests}"));
    assert_eq!(long_files(&fits), None);
    let too_long = Source::new("long.rs", Role::Production, &format!("{body}fn c() {{}}\n{tests}"));
    assert_complains(&Vec::from_iter(long_files(&too_long)), &["401"]);
}

#[test]
fn production_functions_have_at_most_70_lines() {
    assert_none(&sources().iter().flat_map(long_functions).collect::<Vec<_>>());
}

#[test]
fn a_long_function_is_noticed() {
    let function = |lines: usize| format!("fn f(a: [u8; 4]) {{\n{}}}\n", "a;\n".repeat(lines));
    let fits = Source::new("fits.rs", Role::Production, &function(MAX_FUNCTION_LINES - 2));
    assert_none(&long_functions(&fits));
    let too_long = Source::new("long.rs", Role::Production, &function(MAX_FUNCTION_LINES - 1));
    assert_complains(&long_functions(&too_long), &["fn f has 71 lines"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    assert_none(&sources().iter().filter_map(undocumented_file).collect::<Vec<_>>());
}

#[test]
fn a_file_without_a_purpose_is_noticed() {
    for text in ["fn a() {}\n", "//!\n", "\n//! Too late to tell.\n", "/// Of an item only.\n"] {
        let source = Source::new("bare.rs", Role::Test, text);
        assert_complains(&Vec::from_iter(undocumented_file(&source)), &["bare.rs"]);
    }
}

#[test]
fn names_say_what_a_thing_is() {
    assert_none(&sources().iter().filter_map(banned_name).collect::<Vec<_>>());
}

#[test]
fn a_name_that_says_nothing_is_noticed() {
    for path in ["engine/src/util.rs", "api/src/helpers/json.rs", "storage/src/read/mod.rs"] {
        let source = Source::new(path, Role::Production, "");
        assert_complains(&Vec::from_iter(banned_name(&source)), &[path]);
    }
    let source = Source::new("api/src/model.rs", Role::Production, "");
    assert_eq!(banned_name(&source), None);
}
