//! Every public error code has a page, every page a code, and nobody invents a code elsewhere.

use std::collections::BTreeSet;

use crate::source::{Role, Source};
use crate::tree::{names_in, read, root, sources};
use crate::{assert_complains, assert_none};

const CODES: &str = "engine/src/error_code.rs";
const PAGES: &str = "docs/errors";

/// All words of the form `LF` and four digits, whatever the case of the first two.
fn codes_in(text: &str) -> BTreeSet<String> {
    let is_code = |word: &&str| {
        word.len() == 6
            && word.is_ascii()
            && word[..2].eq_ignore_ascii_case("LF")
            && word[2..].bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split(|c: char| !c.is_alphanumeric())
        .filter(is_code)
        .map(str::to_ascii_uppercase)
        .collect()
}

/// The codes that the enum's file defines: comments and tests don't define any.
fn defined_codes(source: &Source) -> BTreeSet<String> {
    codes_in(&source.production_text())
}

fn unpaired(codes: &BTreeSet<String>, pages: &BTreeSet<String>) -> Vec<String> {
    let pageless = codes.difference(pages).map(|code| format!("{code} has no page in {PAGES}"));
    let codeless =
        pages.difference(codes).map(|code| format!("page {code} has no code in {CODES}"));
    pageless.chain(codeless).collect()
}

fn invented(source: &Source, codes: &BTreeSet<String>) -> Vec<String> {
    let used = codes_in(&source.production_text());
    used.difference(codes)
        .map(|code| format!("{}: {code} is not in {CODES}", source.path.display()))
        .collect()
}

fn bare_page(code: &str, page: &str) -> Option<String> {
    let title = page.lines().next().unwrap_or_default();
    let told = title.starts_with("# ") && title.contains(code) && page.lines().count() > 3;
    (!told).then(|| format!("{PAGES}/{code}.md needs a title `# {code} …` and an explanation"))
}

fn our_codes() -> BTreeSet<String> {
    let codes = defined_codes(&Source::new(CODES, Role::Production, &read(CODES)));
    assert!(codes.len() >= 9, "{CODES} defines only {codes:?}");
    codes
}

fn our_pages() -> BTreeSet<String> {
    let names = names_in(&root().join(PAGES));
    let stems = names.iter().filter_map(|name| name.strip_suffix(".md"));
    stems.filter(|stem| stem.starts_with("LF")).map(str::to_owned).collect()
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    assert_none(&unpaired(&our_codes(), &our_pages()));
}

#[test]
fn a_code_without_a_page_and_a_page_without_a_code_are_noticed() {
    let text = "/// Replaces LF0100.\nenum E { LF0101 }\nconst A: &str = \"LF0203\";\n\
                #[cfg(test)]\nmod tests { const B: &str = \"LF0999\"; }\n";
    let codes = defined_codes(&Source::new("codes.rs", Role::Production, text));
    let pages = ["LF0203", "LF0300"].map(str::to_owned).into();
    assert_complains(&unpaired(&codes, &pages), &["LF0101 has no page", "LF0300 has no code"]);
}

#[test]
fn every_error_page_explains_its_code() {
    let check = |code: &String| bare_page(code, &read(&format!("{PAGES}/{code}.md")));
    assert_none(&our_pages().iter().filter_map(check).collect::<Vec<_>>());
}

#[test]
fn an_empty_error_page_is_noticed() {
    assert!(bare_page("LF0101", "# LF0102 Other\n\na\nb\n").is_some());
    assert!(bare_page("LF0101", "# LF0101 Title\n").is_some());
    assert!(bare_page("LF0101", "# LF0101 Title\n\nWhat happened.\n\nWhat to do.\n").is_none());
}

#[test]
fn nobody_uses_a_code_that_is_not_defined() {
    let codes = our_codes();
    let sources = sources();
    let production = sources.iter().filter(|source| source.role == Role::Production);
    let elsewhere = production.filter(|source| source.path != std::path::Path::new(CODES));
    assert_none(&elsewhere.flat_map(|source| invented(source, &codes)).collect::<Vec<_>>());
}

#[test]
fn an_invented_code_is_noticed() {
    let source = Source::new("api/src/bad.rs", Role::Production, "let code = \"LF0199\";\n");
    assert_complains(&invented(&source, &BTreeSet::from(["LF0101".to_owned()])), &["LF0199"]);
}
