//! Recognises Python in what a student sends: tracebacks, error lines, lines of code.

use crate::tutor::traceback::headline;

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
        if headline(start).is_some() || start.starts_with("File \"") {
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
        return !is_sentence(after);
    }
    if line.starts_with("from ") {
        return line.contains(" import ");
    }
    let calls = !first_word.is_empty() && after.starts_with(['(', '.', '[']) && line.ends_with(')');
    calls || (begins.iter().any(|word| line.starts_with(word)) && line.split(' ').count() <= 3)
}

/// Whether two names follow each other, as in no expression: `x = 1 makes no sense`.
fn is_sentence(expression: &str) -> bool {
    let is_name = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !["and", "or", "not", "in", "is", "if", "else", "for", "lambda"].contains(&word)
    };
    // What stands in quotes are texts of the program.
    expression.ends_with('?')
        || expression.split(['"', '\'']).step_by(2).any(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            words.windows(2).any(|two| two.iter().all(|word| is_name(word)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sentences = [
            "if I want a loop, what then",
            "for what is this good?",
            "print it",
            "a == b?",
            "x = x + 1 makes no sense to me",
            "total = 3 is that right",
        ];
        for sentence in sentences {
            assert_eq!(lines(sentence).next(), Some((Prose, sentence)), "{sentence}");
        }
    }
}
