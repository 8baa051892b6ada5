//! A line of an answer as a person sees it: what stands before it, and whether it is code.

/// A fence of a code block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence {
    mark: u8,
    length: usize,
    /// Whether it says that it holds Python or another language, not output.
    pub(super) code: bool,
    /// Whether the line that opens it has nothing but a language in it.
    pub(super) says_nothing: bool,
}

impl Fence {
    /// The fence that a line opens.
    pub(super) fn opened_by(line: &str) -> Option<Self> {
        let text = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        // A fence in a list stands behind the list's mark.
        let text = text.strip_prefix("- ").unwrap_or(text).trim_start();
        let mark = text.bytes().next().filter(|mark| matches!(mark, b'`' | b'~'))?;
        let length = text.bytes().take_while(|byte| *byte == mark).count();
        let language = text.get(length..)?.trim();
        // What ends in the same line is no block.
        let opens = length >= 3 && !language.contains('`');
        let is_plain = matches!(language, "" | "text" | "txt" | "output" | "console" | "plain");
        let says_nothing =
            is_plain || matches!(language, "python" | "py" | "Python" | "javascript");
        opens.then_some(Self { mark, length, code: !is_plain, says_nothing })
    }

    /// Whether a line closes it.
    pub(super) fn is_closed_by(self, line: &str) -> bool {
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '>');
        text.len() >= self.length && text.bytes().all(|byte| byte == self.mark)
    }
}

/// A line without the mark of a quotation or of a difference, but with its white space.
pub(super) fn unquoted(line: &str) -> &str {
    let quoted = line.strip_prefix("> ").or_else(|| line.strip_prefix('>'));
    quoted.or_else(|| line.strip_prefix('+')).unwrap_or(line)
}

/// A line without what a list, a quotation, a table, a difference or a prompt puts before it.
pub(super) fn content(line: &str) -> &str {
    let mut text = line.trim();
    for _ in 0..3 {
        let Some(rest) = without_mark(text) else { break };
        text = rest.trim_start();
    }
    text.trim_end_matches('|').trim_end()
}

/// A line's code and the remark behind it.
pub(super) fn without_remark(content: &str) -> (&str, &str) {
    content.find(" #").map_or((content, ""), |at| content.split_at(at))
}

fn without_mark(text: &str) -> Option<&str> {
    for mark in [">>>", "...", "> ", "- ", "* ", "+ ", "|", "# ", "// ", "-- "] {
        if let Some(rest) = text.strip_prefix(mark) {
            return Some(rest);
        }
    }
    if let Some(rest) = text.strip_prefix('+')
        && rest
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\'' | '[' | '(' | '{'))
    {
        return Some(rest);
    }
    if let Some(rest) = text.strip_prefix(['+', '-', '#'])
        && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return Some(rest);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=3).contains(&digits) {
        return None;
    }
    let rest = &text[digits..];
    let mark = [". ", ") ", ": ", " |", "|"].into_iter().find(|mark| rest.starts_with(mark))?;
    rest.get(mark.len()..)
}

/// How many statements a line holds that look like code. The text is a line's [`content`].
pub(super) fn statements(text: &str) -> usize {
    if text.is_empty() || text.len() > 400 {
        // Nobody writes code in such lines by accident; they are read for what they show.
        return usize::from(text.len() > 400 && text.matches(';').count() > 3) * 4;
    }
    if !text.contains([';', '\\']) {
        return usize::from(is_statement(text));
    }
    text.replace("\\n", ";").split(';').filter(|part| is_statement(part)).count()
}

/// Whether a text looks like one statement: a block's first line, an assignment, a call, a jump.
fn is_statement(text: &str) -> bool {
    let text = text.trim().trim_matches('`').trim();
    let text = text.split("  #").next().unwrap_or(text).trim_end();
    let first = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '@')).next();
    let words = text.split_whitespace().count();
    let opens = text.ends_with([':', '{']);
    match first.unwrap_or("") {
        "for" | "if" | "elif" | "while" | "def" | "class" | "with" | "else" | "try" | "except"
        | "finally" | "function" | "func" => opens && words <= 14,
        "return" | "raise" | "yield" | "del" | "global" | "nonlocal" | "throw" => {
            words <= 2 || (words <= 12 && has_sign(text) && !text.ends_with('.'))
        }
        "import" | "from" => words <= 6 && !text.ends_with('.'),
        "break" | "continue" | "pass" => words == 1 && !text.ends_with('.'),
        "let" | "const" | "var" => text.contains('='),
        _ => is_assignment(text) || is_call(text),
    }
}

fn has_sign(text: &str) -> bool {
    text.contains(['(', '[', '+', '-', '*', '/', '%', '<', '>', '=', '"', '\'', '{', ','])
}

fn is_assignment(text: &str) -> bool {
    let Some((left, right)) = text.split_once('=') else { return false };
    let left = left.trim_end_matches(['+', '-', '*', '/', '%', ':', ' ']);
    let is_place = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '"' | '\'');
    let places = left.split(',').map(str::trim);
    let fits = places.into_iter().all(|place| {
        place.starts_with(|c: char| c.is_alphabetic() || c == '_') && place.chars().all(is_place)
    });
    fits && !right.trim().is_empty()
        && !right.starts_with('=')
        && right.split_whitespace().count() <= 12
}

fn is_call(text: &str) -> bool {
    let Some((name, _)) = text.split_once('(') else { return false };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']');
    !name.is_empty() && name.chars().all(is_name) && text.trim_end_matches(';').ends_with(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_prose() {
        let code = [
            "for i in range(3):",
            "x = 1",
            "total += price",
            "print(x)",
            "return x + 1",
            "return x",
            "break",
            "import math",
            "`count = 0`",
            "a, b = b, a",
            "self.x = 3",
            "else:",
            "if (a > b) {",
            "let x = 3;",
            "counts[name] = 1",
        ];
        for text in code {
            assert_eq!(statements(text), 1, "{text}");
        }
        let prose = [
            "return the number that is left",
            "for example:",
            "if you like, try it",
            "Remember this",
            "x is what you want",
            "print (that is a function) shows a text",
            "",
            "Look at this:",
            "A list = many values, in order",
            "from here on it is easy.",
            "return is a statement.",
        ];
        for text in prose {
            assert_eq!(statements(text), usize::from(text == "for example:"), "{text}");
        }
        assert_eq!(statements("a = 1; b = 2; print(a)"), 3);
        assert_eq!(statements(r"a = 1\nb = 2"), 2);
    }

    #[test]
    fn marks_before_a_line_are_taken_off() {
        let cases = [
            ("  1. `x = 1`", "`x = 1`"),
            (">>> x = 1", "x = 1"),
            ("| 2 | x = 1 |", "x = 1"),
            ("+x = 1", "x = 1"),
            ("    x = 1", "x = 1"),
            ("# x = 1", "x = 1"),
            ("-1", "-1"),
        ];
        for (line, expected) in cases {
            assert_eq!(content(line), expected, "{line}");
        }
    }
}
