//! Links in the documents lead to something that exists.

use std::path::{Path, PathBuf};

use crate::tree::{files, names_in, read, root};
use crate::{assert_complains, assert_none};

/// Relative targets of Markdown links, without their anchors. Code blocks hold no links.
fn targets(page: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in page.lines() {
        in_code ^= line.trim_start().starts_with("```");
        let links = line.split("](").skip(1).filter(|_| !in_code);
        let inner = links.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        let paths = inner.map(|target| target.split('#').next().unwrap_or_default());
        let relative = |path: &&str| !path.is_empty() && !path.contains(':');
        found.extend(paths.filter(relative).map(str::to_owned));
    }
    found
}

fn dead_links(page: &Path, text: &str, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let folder = page.parent().unwrap_or(Path::new(""));
    targets(text)
        .into_iter()
        .filter(|target| !exists(&folder.join(target)))
        .map(|target| format!("{}: {target} does not exist", page.display()))
        .collect()
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut pages = files(&["docs", "deploy", "engine", "api", "benches"], "md");
    let top = names_in(root()).into_iter().map(PathBuf::from);
    pages.extend(top.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    assert!(pages.len() > 10, "found only {} documents: the walk is broken", pages.len());
    let check = |page: &PathBuf| {
        dead_links(page, &read(&page.to_string_lossy()), |path| root().join(path).exists())
    };
    assert_none(&pages.iter().flat_map(check).collect::<Vec<_>>());
}

#[test]
fn a_dead_link_is_noticed() {
    let text = "[a](adr/1.md#x) [b](#here) [c](https://example.org) ![d](gone.png)\n\
                ```\n[e](code.md)\n```\n[f](../top.md)\n";
    let exists = |path: &Path| path == Path::new("docs/adr/1.md");
    let violations = dead_links(Path::new("docs/page.md"), text, exists);
    assert_complains(&violations, &["gone.png", "../top.md"]);
}
