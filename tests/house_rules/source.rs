//! One Rust file as the rules see it: without comments and literals, and split into production
//! and test code. A scanner, not a parser: it knows just enough of the grammar to count braces.

use std::path::PathBuf;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Ends up in a binary or a library that somebody runs.
    Production,
    /// Is compiled for tests and benchmarks alone.
    Test,
    /// A build script.
    Build,
}

/// A Rust file. All views keep the line breaks of the file, so line numbers agree.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Relative to the repository's root, with `/`.
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    /// As it stands in the file.
    pub(crate) text: String,
    /// Comments and the insides of literals replaced by blanks.
    pub(crate) code: String,
    /// `code` without test modules and other test-only items; empty in a test file.
    pub(crate) production: String,
    /// `code` of what `production` lacks.
    pub(crate) tests: String,
}

impl Source {
    /// Reads a file's text. `role` is what its place says; an inner `cfg(test)` makes it a test.
    pub(crate) fn new(path: impl Into<PathBuf>, place: Role, text: &str) -> Self {
        let code = blank(text, Literals::Blank);
        let is_test = place == Role::Test || code.contains("#![cfg(test)]");
        let role = if is_test { Role::Test } else { place };
        let (production, tests) = match role {
            Role::Test => (keep_lines_only(&code), code.clone()),
            Role::Production | Role::Build => split_tests(&code),
        };
        Self { path: path.into(), role, text: text.to_owned(), code, production, tests }
    }

    /// The production lines without comments, literals kept.
    pub(crate) fn production_text(&self) -> String {
        let text = blank(&self.text, Literals::Keep);
        let lines = text.lines().zip(self.tests.lines().chain(std::iter::repeat("")));
        let production = lines.filter(|(_, test)| test.trim().is_empty()).map(|(line, _)| line);
        production.collect::<Vec<_>>().join("\n")
    }

    /// How many lines are not inside a test-only item.
    pub(crate) fn production_lines(&self) -> usize {
        let test_lines = self.tests.lines().zip(self.production.lines());
        let only_tests = test_lines
            .filter(|(test, production)| !test.trim().is_empty() && production.trim().is_empty())
            .count();
        self.text.lines().count() - only_tests
    }

    /// Functions with a body: name, first line (from 1) and lines of code in it.
    pub(crate) fn production_functions(&self) -> Vec<(String, usize, usize)> {
        functions(&self.production)
    }

    /// Names of modules that are declared for tests only and live in files of their own.
    pub(crate) fn test_only_modules(&self) -> Vec<String> {
        self.tests
            .split(';')
            .filter_map(|item| item.rsplit_once("mod ").map(|(_, name)| name.trim()))
            .filter(|name| !name.is_empty() && name.chars().all(is_word))
            .map(str::to_owned)
            .collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Literals {
    Keep,
    Blank,
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn keep_lines_only(code: &str) -> String {
    code.chars().filter(|c| *c == '\n').collect()
}

/// Replaces comments, and the insides of literals if asked, by blanks.
fn blank(text: &str, literals: Literals) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (end, is_comment) = token_end(&chars, at);
        for (offset, c) in chars[at..end].iter().enumerate() {
            let plain = end == at + 1;
            let border = offset == 0 || at + offset + 1 == end;
            let keep = plain || (!is_comment && (literals == Literals::Keep || border));
            out.push(if keep || *c == '\n' { *c } else { ' ' });
        }
        at = end;
    }
    out
}

/// Where the comment, literal or single character at `at` ends, and whether it is a comment.
fn token_end(chars: &[char], at: usize) -> (usize, bool) {
    let next = chars.get(at + 1).copied();
    match (chars[at], next) {
        ('/', Some('/')) => (line_end(chars, at), true),
        ('/', Some('*')) => (block_comment_end(chars, at), true),
        ('"', _) => (string_end(chars, at), false),
        ('\'', _) => (char_end(chars, at), false),
        ('r', Some('"' | '#')) if starts_word(chars, at) => (raw_string_end(chars, at), false),
        _ => (at + 1, false),
    }
}

/// True when no identifier ends just before `at`; `b` of a byte string doesn't count.
fn starts_word(chars: &[char], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).map(|i| chars[i]);
    match before(1) {
        Some('b' | 'c') => !before(2).is_some_and(is_word),
        Some(c) => !is_word(c),
        None => true,
    }
}

fn line_end(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (0_usize, at);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') if depth == 1 => return i + 2,
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// A character literal, or a lifetime's tick alone.
fn char_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let close = chars.iter().skip(at + 3).position(|c| *c == '\'');
            close.map_or(chars.len(), |n| at + 4 + n)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return at + 1; // a raw identifier
    }
    let mut i = open + 1;
    while i < chars.len() {
        let closes = chars[i] == '"' && chars[i + 1..].iter().take(hashes).all(|c| *c == '#');
        if closes && i + hashes < chars.len() {
            return i + 1 + hashes;
        }
        i += 1;
    }
    chars.len()
}

/// Splits blanked code into what is compiled always and what stands under `#[cfg(test)]`.
fn split_tests(code: &str) -> (String, String) {
    const MARK: &str = "#[cfg(test)]";
    let (mut production, mut tests) = (String::new(), String::new());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        let end = start + item_end(&rest[start..]);
        production.push_str(&rest[..start]);
        production.push_str(&keep_lines_only(&rest[start..end]));
        tests.push_str(&keep_lines_only(&rest[..start]));
        tests.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    production.push_str(rest);
    tests.push_str(&keep_lines_only(rest));
    (production, tests)
}

/// Where the item ends: at a `;` outside all brackets, or at the brace that closes its body.
fn item_end(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let item = &code[at..at + item_end(&code[at..])];
        let name: String = item[3..].chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() || !item.ends_with('}') {
            continue; // a function pointer's type, or a declaration without a body
        }
        let line = code[..at].matches('\n').count() + 1;
        let lines = item.lines().filter(|line| !line.trim().is_empty()).count();
        found.push((name, line, lines));
    }
    found
}

#[test]
fn comments_and_literals_are_blanked_and_lines_kept() {
    let text = "a /* x /* y */ { */ b // {\n\"{\\\"\" '{' 'a r#\"}\"{\"# b'\\'' br\"{\" c";
    let code = blank(text, Literals::Blank);
    assert_eq!(code.matches('\n').count(), 1);
    assert!(!code.contains(['{', '}', 'x', 'y']), "{code}");
    assert!(code.contains("'a r") && code.ends_with(" c"), "{code}");
}

#[test]
fn test_items_are_told_from_production() {
    let text = "fn a() {\n}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}\n";
    let source = Source::new("x.rs", Role::Production, text);
    assert_eq!(source.production_lines(), 3);
    assert!(source.production.contains("fn c") && !source.production.contains("fn b"));
    assert!(source.tests.contains("fn b") && !source.tests.contains("fn a"));
    assert_eq!(source.production_functions(), [("a".into(), 1, 2), ("c".into(), 7, 1)]);
}

#[test]
fn test_modules_in_files_of_their_own_are_found() {
    let source = Source::new("x.rs", Role::Production, "mod a;\n#[cfg(test)]\nmod b;\nmod c;\n");
    assert_eq!(source.test_only_modules(), ["b"]);
}
