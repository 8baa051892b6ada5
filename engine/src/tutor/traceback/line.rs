//! What one line of a traceback is.

use super::Follows;

/// How often a line may have been quoted.
const QUOTES: usize = 4;

/// A line, without the marks of quoting and of exception groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The column of the group's `|`, from 1; 0 outside of groups.
    pub(super) group: usize,
    /// Characters of white space before its text.
    pub(super) indent: usize,
    /// Its text, without white space at both ends.
    pub(super) text: &'a str,
    /// What it is.
    pub(super) kind: Kind<'a>,
}

/// A place as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) line: u32,
    pub(super) function: &'a str,
    /// What follows on the same line, where line ends were lost.
    pub(super) rest: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Blank,
    Fence,
    /// `Traceback (most recent call last):`, with what follows on the same line.
    Header(&'a str),
    /// The sentence between two errors of a chain.
    Chain(Follows),
    /// `+-+---- 1 ----`: the members of a group begin.
    Members,
    /// `+---- 2 ----`: the next member.
    Member,
    /// `+--------`: the group ends.
    End,
    Frame(Place<'a>),
    /// A notebook's `----> 3 print(x)`.
    Arrow(u32, &'a str),
    Repeated(u32),
    /// `~~~^^^`.
    Carets,
    /// Says nothing: `-----`, `^^^^` of other tools, dots for lines left out.
    Rule,
    Text,
}

impl<'a> Line<'a> {
    /// Reads a line.
    pub(super) fn read(raw: &'a str) -> Self {
        let raw = unquoted(raw.trim_end());
        let (group, raw) = ungrouped(raw);
        let text = raw.trim_start();
        let indent = raw.chars().take_while(|c| c.is_whitespace()).count();
        let kind = if group > 0 { divider(text) } else { None };
        Self { group, indent, text, kind: kind.unwrap_or_else(|| kind_of(text)) }
    }
}

/// A line without the `> ` of quoted text, IDLE's `>>> ` or pytest's `E   `.
fn unquoted(mut line: &str) -> &str {
    for _ in 0..QUOTES {
        let Some(rest) = line.trim_start().strip_prefix('>') else { break };
        line = rest.strip_prefix(' ').unwrap_or(rest);
    }
    line.strip_prefix("E   ").unwrap_or(line)
}

/// The column of a group's `|` or `+`, and what stands behind the `|`.
fn ungrouped(line: &str) -> (usize, &str) {
    let text = line.trim_start();
    let column = line.len() - text.len() + 1;
    if let Some(rest) = text.strip_prefix('|') {
        return (column, rest.strip_prefix(' ').unwrap_or(rest));
    }
    if text.starts_with("+-") || text.starts_with("+ Exception Group") {
        return (column, text);
    }
    (0, line)
}

fn divider(text: &str) -> Option<Kind<'_>> {
    let rest = text.strip_prefix('+')?;
    if rest.starts_with("-+-") {
        return Some(Kind::Members);
    }
    let inner = rest.trim_matches('-');
    if inner.is_empty() {
        return Some(Kind::End);
    }
    let number = inner.trim();
    let numbered = number == "..." || number.bytes().all(|b| b.is_ascii_digit());
    (rest.starts_with('-') && numbered).then_some(Kind::Member)
}

fn kind_of(text: &str) -> Kind<'_> {
    if text.is_empty() {
        return Kind::Blank;
    }
    if text.starts_with("```") || text.starts_with("~~~ ") {
        return Kind::Fence;
    }
    if let Some((_, rest)) = text.split_once("(most recent call last)") {
        return Kind::Header(rest.trim_start_matches(':').trim());
    }
    if text.starts_with("The above exception was the direct cause") {
        return Kind::Chain(Follows::Cause);
    }
    if text.starts_with("During handling of the above exception") {
        return Kind::Chain(Follows::Handling);
    }
    if let Some(place) = place(text) {
        return Kind::Frame(place);
    }
    if let Some(count) = text.strip_prefix("[Previous line repeated ") {
        return Kind::Repeated(leading_number(count).map_or(1, |(count, _)| count));
    }
    if let Some(rest) = text.strip_prefix("--").map(|rest| rest.trim_start_matches('-')) {
        let marked = rest.strip_prefix("> ").and_then(|rest| leading_number(rest.trim_start()));
        return marked
            .map_or(if rest.is_empty() { Kind::Rule } else { Kind::Text }, |(number, code)| {
                Kind::Arrow(number, code.trim_start())
            });
    }
    if text.bytes().all(|b| matches!(b, b'^' | b'~' | b' ')) {
        return Kind::Carets;
    }
    if text.starts_with("...") {
        return Kind::Rule;
    }
    Kind::Text
}

/// Reads `File "main.py", line 3, in f` and a notebook's `Cell In[1], line 3` or
/// `File ~/main.py:3, in f(x)`.
fn place(text: &str) -> Option<Place<'_>> {
    if let Some(rest) = text.strip_prefix("File ") {
        if let Some(path) = rest.strip_prefix(['"', '“', '”']) {
            let ends = ["\", line ", "”, line ", "“, line "];
            let (file, rest) = ends.iter().find_map(|end| path.split_once(end))?;
            return numbered(file, rest);
        }
        let (file, rest) = rest.split_once(", in ").unwrap_or((rest, ""));
        let (file, line) = file.rsplit_once(':')?;
        let line = line.parse().ok()?;
        return Some(Place { file, line, function: function(rest), rest: "" });
    }
    let cell = text.starts_with("Cell In") || text.starts_with("Input In");
    let (file, rest) = text.split_once(", line ").filter(|_| cell)?;
    numbered(file, rest)
}

/// Reads `3, in f`.
fn numbered<'a>(file: &'a str, text: &'a str) -> Option<Place<'a>> {
    let (line, rest) = leading_number(text)?;
    let Some(rest) = rest.strip_prefix(", in ") else {
        return Some(Place { file, line, function: "", rest: rest.trim() });
    };
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Some(Place { file, line, function: function(&rest[..end]), rest: rest[end..].trim() })
}

/// A function's name without a notebook's arguments.
fn function(text: &str) -> &str {
    text.split('(').next().unwrap_or(text).trim()
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(raw: &str) -> Kind<'_> {
        Line::read(raw).kind
    }

    #[test]
    fn places_are_read_in_all_their_forms() {
        let cases = [
            ("  File \"main.py\", line 3, in <module>", ("main.py", 3, "<module>")),
            ("File “main.py”, line 3, in f", ("main.py", 3, "f")),
            ("> >   File \"C:\\a, line 1\\a.py\", line 12", ("C:\\a, line 1\\a.py", 12, "")),
            ("  File \"C:\\Users\\Maya\\a.py\", line 12", ("C:\\Users\\Maya\\a.py", 12, "")),
            ("Cell In[4], line 7, in area(r)", ("Cell In[4]", 7, "area")),
            ("Cell In[4], line 7", ("Cell In[4]", 7, "")),
            ("File ~/shop.py:9, in buy(what)", ("~/shop.py", 9, "buy")),
            ("  |   File \"g.py\", line 2, in f", ("g.py", 2, "f")),
            ("File \"main.py\", line x", ("", 0, "")),
            ("File \"main.py\", line 99999999999", ("", 0, "")),
            ("File a report, please", ("", 0, "")),
        ];
        for (raw, (file, line, function)) in cases {
            let found = kind(raw);
            let Kind::Frame(place) = found else {
                assert_eq!(line, 0, "{raw} is {found:?}");
                continue;
            };
            assert_eq!((place.file, place.line, place.function), (file, line, function));
        }
    }

    #[test]
    fn other_lines_are_told_apart() {
        let cases = [
            ("", Kind::Blank),
            ("  | ", Kind::Blank),
            ("```python", Kind::Fence),
            ("Traceback (most recent call last):", Kind::Header("")),
            ("NameError      Traceback (most recent call last)", Kind::Header("")),
            ("  + Exception Group Traceback (most recent call last):", Kind::Header("")),
            ("The above exception was the direct cause of ...", Kind::Chain(Follows::Cause)),
            ("  | During handling of the above exception, ...", Kind::Chain(Follows::Handling)),
            ("  +-+---------------- 1 ----------------", Kind::Members),
            ("    +---------------- 2 ----------------", Kind::Member),
            ("    +---------------- ... ----------------", Kind::Member),
            ("    +------------------------------------", Kind::End),
            ("  [Previous line repeated 993 more times]", Kind::Repeated(993)),
            ("----> 12     print(x)", Kind::Arrow(12, "print(x)")),
            ("------------------------", Kind::Rule),
            ("    ~~^^ ~", Kind::Carets),
            ("-- no idea", Kind::Text),
            ("x = 1", Kind::Text),
        ];
        for (raw, expected) in cases {
            assert_eq!(kind(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_quoted_line_keeps_its_indentation() {
        let line = Line::read(">   File \"a.py\", line 1, in f");
        assert_eq!((line.indent, line.group), (2, 0));
        let line = Line::read("    |     f()");
        assert_eq!((line.indent, line.group, line.text), (4, 5, "f()"));
    }
}
