//! The last line of a traceback: an exception's name and its message.

use super::class::ErrorClass;
use super::pattern;

/// Longest name of an exception, in bytes.
const NAME_LIMIT_BYTES: usize = 120;
/// Names of errors in one sentence that are tried.
const TRIES: usize = 8;

/// A line such as `ValueError: invalid literal for int() with base 10: 'x'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Headline<'a> {
    /// The name as it is printed.
    pub(crate) path: &'a str,
    /// What follows the colon.
    pub(crate) message: &'a str,
}

impl<'a> Headline<'a> {
    /// The name without its module.
    pub(crate) fn name(&self) -> &'a str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }
}

/// Reads a line whose first word names an error, be there a traceback above it or not.
pub(crate) fn headline(line: &str) -> Option<Headline<'_>> {
    let found = split(line)?;
    let name = found.name();
    let of_a_kind = ["Error", "Exception", "ExceptionGroup"]
        .iter()
        .any(|kind| name.len() > kind.len() && name.ends_with(kind));
    let built_in = ErrorClass::built_in(name).is_some_and(|class| class != ErrorClass::Warning);
    (of_a_kind || built_in).then_some(found)
}

/// Reads a line below the frames of a traceback, where any class's name may stand.
pub(super) fn last_line(line: &str) -> Option<Headline<'_>> {
    if let Some(found) = headline(line) {
        return Some(found);
    }
    let found = split(line)?;
    let name = found.name();
    let capitals = name.bytes().filter(u8::is_ascii_uppercase).count();
    let dotted = found.path.len() > name.len();
    // A single word that is alone on its line may be the student's again.
    let alone = found.path.len() == line.trim_end().len();
    let is_class = if alone { capitals > 1 || dotted } else { capitals > 0 || dotted };
    is_class.then_some(found)
}

/// Finds an error inside of a sentence: a built-in class, followed by Python's own words for it.
pub(super) fn embedded(line: &str) -> Option<Headline<'_>> {
    within(line, is_known)
}

/// Finds the last line of a traceback that lost its line ends.
pub(super) fn last_in_line(line: &str) -> Option<Headline<'_>> {
    within(line, |_, _| true)
}

fn within(line: &str, accepts: impl Fn(&str, &str) -> bool) -> Option<Headline<'_>> {
    let (mut from, mut tries) = (0, 0);
    while let Some(colon) = line[from..].find(':').map(|at| from + at) {
        let before = &line[from..colon];
        let start = before.char_indices().rev().take_while(|(_, c)| is_name_char(*c)).last();
        let path = start.map_or("", |(start, _)| &before[start..]);
        if headline(path).is_some() {
            let message = line[colon + 1..].trim();
            tries += 1;
            if accepts(path, message) {
                return Some(Headline { path, message });
            }
        }
        if tries == TRIES {
            return None;
        }
        from = colon + 1;
    }
    None
}

fn is_known(path: &str, message: &str) -> bool {
    let class = ErrorClass::of_name(path);
    // The message of a `KeyError` is the key as Python would write it.
    let key = class == ErrorClass::KeyError
        && message.starts_with(|c: char| matches!(c, '\'' | '"' | '(') || c.is_ascii_digit());
    key || (class != ErrorClass::Custom && pattern::worded(class, message).is_some())
}

fn split(line: &str) -> Option<Headline<'_>> {
    let line = line.trim().trim_matches(['`', '*']);
    let (path, message) = match line.split_once(':') {
        Some((path, message)) => (path, message.trim()),
        None => (line, ""),
    };
    is_path(path).then_some(Headline { path, message })
}

/// Whether a text is a dotted name. A class inside of a function has `<locals>` among its parts.
fn is_path(path: &str) -> bool {
    let is_part = |part: &str| {
        part == "<locals>"
            || (part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    path.len() <= NAME_LIMIT_BYTES && path.split('.').all(is_part)
}

const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Option<(&'static str, &'static str)>;

    fn check(read: fn(&'static str) -> Option<Headline<'static>>, cases: &[(&'static str, Found)]) {
        for (line, expected) in cases {
            let found = read(line).map(|headline| (headline.path, headline.message));
            assert_eq!(found, *expected, "{line}");
        }
    }

    #[test]
    fn error_lines_are_told_from_sentences() {
        check(
            headline,
            &[
                (
                    "NameError: name 'x' is not defined",
                    Some(("NameError", "name 'x' is not defined")),
                ),
                ("  shop.ShopError: closed", Some(("shop.ShopError", "closed"))),
                ("`KeyError: 'a'`", Some(("KeyError", "'a'"))),
                ("KeyboardInterrupt", Some(("KeyboardInterrupt", ""))),
                ("Exception: no", Some(("Exception", "no"))),
                ("a.f.<locals>.ShopError", Some(("a.f.<locals>.ShopError", ""))),
                ("Error: something", None),
                ("Warning: I am new to this", None),
                ("OutOfStock: no apples", None),
                ("I get a NameError: why?", None),
                ("except ValueError:", None),
                ("a..b.ValueError", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn below_a_traceback_any_class_may_stand() {
        check(
            last_line,
            &[
                ("OutOfStock: no apples", Some(("OutOfStock", "no apples"))),
                ("OutOfStock", Some(("OutOfStock", ""))),
                ("re.error: missing )", Some(("re.error", "missing )"))),
                ("help", None),
                ("Help", None),
                ("please: help", None),
                ("what is this?", None),
            ],
        );
    }

    #[test]
    fn inside_of_a_sentence_only_pythons_own_words_count() {
        check(
            embedded,
            &[
                (
                    "it says: TypeError: 'int' object is not callable",
                    Some(("TypeError", "'int' object is not callable")),
                ),
                ("I get KeyError: 'age'", Some(("KeyError", "'age'"))),
                ("I get a NameError: why?", None),
                ("what is a KeyError: a bug?", None),
                ("a:b:c:::", None),
                ("raise ValueError(f'{x}: bad')", None),
            ],
        );
    }
}
