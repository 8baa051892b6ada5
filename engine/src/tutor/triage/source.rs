//! Recognises Python in what a student sends: tracebacks, error lines, lines of code.

/// Names of built-in errors that don't end in `Error`.
const OTHER_ERRORS: [&str; 6] =
    ["Exception", "KeyboardInterrupt", "StopIteration", "SystemExit", "Warning", "GeneratorExit"];

/// The last line of a traceback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorLine<'a> {
    /// The error's name, without its module.
    pub(crate) name: &'a str,
    /// What follows the colon.
    pub(crate) message: &'a str,
}

/// Reads a line such as `ValueError: invalid literal for int() with base 10: 'x'`.
pub(crate) fn error_line(line: &str) -> Option<ErrorLine<'_>> {
    let line = line.trim();
    let (path, message) = line.split_once(':').unwrap_or((line, ""));
    let name = path.rsplit('.').next().unwrap_or(path);
    let is_name = !name.is_empty()
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let is_error =
        (name.ends_with("Error") && name.len() > "Error".len()) || OTHER_ERRORS.contains(&name);
    (is_name && is_error).then(|| ErrorLine { name, message: message.trim() })
}

/// The last error line of a text: of chained exceptions the last is what stopped the program.
pub(crate) fn last_error_line(text: &str) -> Option<ErrorLine<'_>> {
    text.lines().rev().take(400).find_map(error_line)
}

/// What a line of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// Words.
    Prose,
    /// Python.
    Code,
    /// Part of a traceback.
    Traceback,
}

/// Sorts the lines of a message. Code is what stands in a fence, or looks like a statement.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (LineKind, &str)> {
    let mut fenced = false;
    let mut in_traceback = false;
    text.lines().map(move |line| {
        let start = line.trim_start();
        if start.starts_with("```") {
            fenced = !fenced;
            return (LineKind::Code, "");
        }
        if start.starts_with("Traceback (most recent call last)") {
            in_traceback = true;
            return (LineKind::Traceback, line);
        }
        if error_line(start).is_some() || start.starts_with("File \"") {
            in_traceback = start.starts_with("File \"");
            return (LineKind::Traceback, line);
        }
        if in_traceback && line.starts_with(char::is_whitespace) {
            return (LineKind::Traceback, line);
        }
        in_traceback = false;
        let kind = if fenced || is_statement(start) { LineKind::Code } else { LineKind::Prose };
        (kind, line)
    })
}

/// Whether a line is a Python statement rather than a sentence.
fn is_statement(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let opens =
        ["for ", "while ", "if ", "elif ", "else:", "def ", "class ", "try:", "except", "with "];
    if line.ends_with(':') && opens.iter().any(|word| line.starts_with(word)) {
        return true;
    }
    let begins = ["import ", "print(", "return ", "from "];
    let first_word = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let after = &line[first_word.len()..];
    let assigns = ["=", "+=", "-=", "*=", "/="].iter().any(|operator| {
        let operator_and_space = after.trim_start().strip_prefix(operator);
        operator_and_space.is_some_and(|rest| !rest.starts_with('=') && !rest.trim().is_empty())
    });
    if !first_word.is_empty() && assigns {
        return true;
    }
    if line.starts_with("from ") {
        return line.contains(" import ");
    }
    let calls = !first_word.is_empty() && after.starts_with(['(', '.', '[']) && line.ends_with(')');
    calls || (begins.iter().any(|word| line.starts_with(word)) && line.split(' ').count() <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_lines_are_told_from_sentences() {
        let cases = [
            ("NameError: name 'x' is not defined", Some(("NameError", "name 'x' is not defined"))),
            (
                "  json.decoder.JSONDecodeError: Expecting value",
                Some(("JSONDecodeError", "Expecting value")),
            ),
            ("KeyboardInterrupt", Some(("KeyboardInterrupt", ""))),
            ("Error: something", None),
            ("I get a NameError: why?", None),
            ("", None),
        ];
        for (line, expected) in cases {
            let read = error_line(line).map(|error| (error.name, error.message));
            assert_eq!(read, expected, "{line}");
        }
    }

    #[test]
    fn lines_are_sorted() {
        use LineKind::{Code, Prose, Traceback};

        let text = "why is this?\nx = 1\nfor i in range(3):\n    print(i)\n\
                    Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    \
                    print(y)\nNameError: name 'y' is not defined\nplease help";
        let kinds: Vec<LineKind> = lines(text).map(|(kind, _)| kind).collect();
        assert_eq!(
            kinds,
            [Prose, Code, Code, Code, Traceback, Traceback, Traceback, Traceback, Prose]
        );
        let sentences =
            ["if I want a loop, what then", "for what is this good?", "print it", "a == b?"];
        for sentence in sentences {
            assert_eq!(lines(sentence).next(), Some((Prose, sentence)), "{sentence}");
        }
    }
}
