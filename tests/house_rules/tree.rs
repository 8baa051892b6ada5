//! Finds the files that the rules read.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{Role, Source};

/// The folders that hold packages, the root package's own folder first.
pub(crate) const PACKAGES: [&str; 7] =
    [".", "engine", "actors", "api", "kafka-bridge", "storage", "benches"];

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file that must be there.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path} is unreadable: {e}"))
}

/// A TOML file that must be there.
pub(crate) fn read_toml(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|e| panic!("{path} is not TOML: {e}"))
}

/// The manifest of a package's folder.
pub(crate) fn manifest(package: &str) -> toml::Table {
    read_toml(&format!("{package}/Cargo.toml"))
}

/// Names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|e| panic!("{} is unreadable: {e}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder's entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every file below the packages' source folders whose name ends in `.ending`.
pub(crate) fn files(folders: &[&str], ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), ending, &mut found);
    }
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    if !folder.is_dir() {
        return;
    }
    for name in names_in(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            let foreign = ["target", "node_modules", "dist"].contains(&name.as_str());
            if !foreign && !name.starts_with('.') {
                collect(&path, ending, found);
            }
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path.strip_prefix(root()).expect("below the root").to_owned());
        }
    }
}

/// Every Rust file of the workspace.
pub(crate) fn sources() -> Vec<Source> {
    let mut folders = vec!["src", "tests", "build.rs"];
    folders.extend(&PACKAGES[1..]);
    let read_source = |path: PathBuf| {
        let text = read(&path.to_string_lossy());
        let place = place_of(&path);
        Source::new(path, place, &text)
    };
    let mut sources: Vec<Source> = files(&folders, "rs").into_iter().map(read_source).collect();
    mark_test_modules(&mut sources);
    assert!(sources.len() > 20, "found only {} Rust files: the walk is broken", sources.len());
    sources
}

/// What a file is for, as its folder says.
fn place_of(path: &Path) -> Role {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let in_package = parts.iter().take(2).any(|part| part == "tests");
    let is_bench = parts.starts_with(&["benches".into(), "benches".into()])
        || parts.get(1).is_some_and(|part| part == "benches");
    match parts.last().map(String::as_str) {
        Some("build.rs") => Role::Build,
        _ if in_package || is_bench => Role::Test,
        _ => Role::Production,
    }
}

/// Gives the role of a test to files that a `#[cfg(test)] mod name;` declares, and to theirs.
fn mark_test_modules(sources: &mut [Source]) {
    let mut test_only = HashSet::new();
    for source in sources.iter().filter(|source| source.role == Role::Production) {
        let stem = source.path.file_stem().unwrap_or_default();
        let parent = source.path.parent().unwrap_or(Path::new(""));
        let is_root = stem == "lib" || stem == "main";
        let folder = if is_root { parent.to_owned() } else { parent.join(stem) };
        test_only.extend(source.test_only_modules().into_iter().map(|name| folder.join(name)));
    }
    for source in sources {
        let module = source.path.with_extension("");
        if module.ancestors().any(|path| test_only.contains(path)) {
            *source = Source::new(source.path.clone(), Role::Test, &source.text);
        }
    }
}

#[test]
fn a_file_s_place_says_what_it_is_for() {
    let role = |path: &str| place_of(Path::new(path));
    assert_eq!(role("engine/src/session.rs"), Role::Production);
    assert_eq!(role("benches/src/main.rs"), Role::Production);
    assert_eq!(role("benches/benches/decide.rs"), Role::Test);
    assert_eq!(role("storage/tests/conformance/kit.rs"), Role::Test);
    assert_eq!(role("tests/house_rules.rs"), Role::Test);
    assert_eq!(role("api/build.rs"), Role::Build);
}

#[test]
fn files_of_test_modules_count_as_tests() {
    let file = |path: &str, text: &str| Source::new(path, Role::Production, text);
    let mut sources = [
        file("engine/src/lib.rs", "mod session;\n#[cfg(test)]\nmod fixture;\n"),
        file("engine/src/session.rs", "#[cfg(test)]\nmod tests;\n"),
        file("engine/src/session/tests.rs", "fn a() {}\n"),
        file("engine/src/session/state.rs", "fn b() {}\n"),
        file("engine/src/fixture/course.rs", "fn c() {}\n"),
    ];
    mark_test_modules(&mut sources);
    let roles: Vec<Role> = sources.iter().map(|source| source.role).collect();
    let (p, t) = (Role::Production, Role::Test);
    assert_eq!(roles, [p, p, t, p, t]);
}
