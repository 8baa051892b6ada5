//! The rules: each reads lines of code and says, kindly, what it saw. They know no grammar, so
//! each is written to stay silent when it isn't sure.

/// Lines that are looked at.
const LINE_LIMIT: usize = 400;

/// Something good about the code, which is always there.
pub(super) fn praise(code: &str) -> &'static str {
    let lines: Vec<&str> = code.lines().take(LINE_LIMIT).collect();
    let has = |start: &str| lines.iter().any(|line| line.trim_start().starts_with(start));
    if has("\"\"\"") || has("#") {
        "you explain in words what you do. Whoever reads this later will thank you, and that may \
         be you."
    } else if has("def ") {
        "you gave a piece of your program a name by writing a function. That makes it easy to \
         test and to use again."
    } else if lines.iter().any(|line| line.contains("f\"") || line.contains("f'")) {
        "you build your text with an f-string. That is the most readable way there is."
    } else if has("for ") || has("while ") {
        "you let a loop do the repetition instead of writing lines again and again."
    } else if has("if ") {
        "your program decides by itself what to do. That is where programming gets interesting."
    } else {
        "it is short and goes straight to the point, so it is easy to follow from top to bottom."
    }
}

/// All observations, what may be wrong before what could be nicer.
pub(super) fn notes(code: &str) -> Vec<String> {
    let mut notes = problems(code);
    notes.extend(style(code));
    notes
}

/// What may make the program do something unexpected.
pub(super) fn problems(code: &str) -> Vec<String> {
    let lines = numbered(code);
    let mut notes = Vec::new();
    for &(number, line) in &lines {
        if line == "except:" {
            notes.push(format!(
                "Line {number}: `except:` catches every error, also those you didn't think of. \
                 Which error do you expect there? Name it."
            ));
        }
        let opens = ["if ", "elif ", "while ", "for ", "def ", "class ", "else", "try"];
        let opened = opens.iter().any(|word| line.starts_with(word) || line == word.trim());
        if opened && !line.contains(':') && !ends_open(line) {
            notes.push(format!(
                "Line {number}: it begins a block. What does the end of such a line need?"
            ));
        }
        if (line.starts_with("if ") || line.starts_with("elif ")) && single_equals(line) {
            notes.push(format!(
                "Line {number}: `=` gives a value, `==` compares. Which do you want here?"
            ));
        }
        if line.contains(" = input(") && compares_number(&lines, line) {
            notes.push(format!(
                "Line {number}: `input()` always gives text. What is needed before you can \
                 calculate with it or compare it with a number?"
            ));
        }
        if line.starts_with("while True:") && !lines.iter().any(|(_, l)| leaves(l)) {
            notes.push(format!(
                "Line {number}: this loop runs for ever unless something inside leaves it. Where \
                 should it end?"
            ));
        }
        if let Some(name) = shadowed(line) {
            notes.push(format!(
                "Line {number}: `{name}` is also the name of something that Python brings along, \
                 and you hide it here. Another name keeps both."
            ));
        }
    }
    notes
}

/// What could be nicer.
fn style(code: &str) -> Vec<String> {
    let lines = numbered(code);
    let mut notes = Vec::new();
    for &(number, line) in &lines {
        if ["== None", "!= None"].iter().any(|words| line.contains(words)) {
            notes.push(format!(
                "Line {number}: to ask whether something is `None`, Python has the words `is` and \
                 `is not`."
            ));
        }
        if ["== True", "== False"].iter().any(|words| line.contains(words)) {
            notes.push(format!(
                "Line {number}: the value is already true or false. Do you need the comparison?"
            ));
        }
        if line.contains("range(len(") {
            notes.push(format!(
                "Line {number}: `range(len(...))` goes over places. If you need only the items, \
                 how could the loop get them directly?"
            ));
        }
        if line.ends_with(';') {
            notes.push(format!("Line {number}: Python needs no `;` at the end of a line."));
        }
        if let Some(name) = assigned(line).filter(|name| is_camel(name)) {
            notes.push(format!(
                "Line {number}: names like `{name}` are written in Python with small letters and \
                 underscores between the words."
            ));
        }
    }
    if let Some((number, _)) =
        code.lines().zip(1..).find(|(l, _)| l.chars().count() > 88).map(|(l, n)| (n, l))
    {
        notes.push(format!("Line {number} is long. Shorter lines are easier to read."));
    }
    if let Some(name) = unused(&lines) {
        notes.push(format!(
            "`{name}` gets a value, but I don't see where it is used. Is it needed?"
        ));
    }
    if let Some(name) = vague(&lines) {
        notes.push(format!(
            "What does `{name}` hold? A name that says it saves the reader a search."
        ));
    }
    notes
}

/// Lines without comments and white space, with their numbers.
fn numbered(code: &str) -> Vec<(usize, &str)> {
    let lines = code.lines().take(LINE_LIMIT).zip(1..);
    let lines =
        lines.map(|(line, number)| (number, line.split(" #").next().unwrap_or(line).trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The name that a line gives a value to.
fn assigned(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    let plain = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (plain && !value.starts_with('=')).then_some(name)
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn shadowed(line: &str) -> Option<&str> {
    let names =
        ["list", "dict", "str", "int", "sum", "max", "min", "input", "print", "len", "set", "type"];
    assigned(line).filter(|name| names.contains(name))
}

fn leaves(line: &str) -> bool {
    ["break", "return", "exit", "quit", "raise"].iter().any(|word| line.contains(word))
}

fn ends_open(line: &str) -> bool {
    line.ends_with(['(', '[', '{', ',', '\\'])
        || line.matches('(').count() > line.matches(')').count()
}

/// Whether a condition holds a single `=` outside of quotes and brackets.
fn single_equals(line: &str) -> bool {
    let mut quote = None;
    let mut depth = 0_i32;
    let bytes = line.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth -= 1,
            (None, b'=') if depth == 0 => {
                let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied();
                let after = bytes.get(at + 1).copied();
                let part =
                    |side: Option<u8>| matches!(side, Some(b'=' | b'<' | b'>' | b'!' | b':'));
                if !part(before) && !part(after) {
                    return true;
                }
            }
            (None | Some(_), _) => {}
        }
    }
    false
}

/// Whether the name that this line reads from `input()` meets a number somewhere.
fn compares_number(lines: &[(usize, &str)], line: &str) -> bool {
    let Some(name) = assigned(line).filter(|_| line.trim_end().ends_with(')')) else {
        return false;
    };
    let operators = [" > ", " < ", " >= ", " <= ", " == ", " + ", " * ", " - ", " / ", " % "];
    lines.iter().any(|(_, other)| {
        operators.iter().any(|operator| {
            let with = format!("{name}{operator}");
            other
                .split_once(&with)
                .is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

/// A name that gets a value once and stands nowhere else.
fn unused<'a>(lines: &[(usize, &'a str)]) -> Option<&'a str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let count = |name: &str| -> usize {
        let words = lines.iter().flat_map(|(_, line)| line.split(|c| !is_word(c)));
        words.filter(|word| *word == name).count()
    };
    let names = lines.iter().filter_map(|(_, line)| assigned(line));
    let mut names = names.filter(|name| *name != "_");
    names.find(|name| count(name) == 1)
}

/// A name of one letter that isn't a usual counter.
fn vague<'a>(lines: &[(usize, &'a str)]) -> Option<&'a str> {
    let names = lines.iter().filter_map(|(_, line)| assigned(line));
    let mut names = names.filter(|name| name.len() == 1);
    names.find(|name| !["i", "j", "k", "n", "x", "y", "_"].contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_sees_its_case_and_stays_silent_on_good_code() {
        let cases = [
            ("try:\n    f()\nexcept:\n    pass", "except:"),
            ("if x = 3:\n    pass", "`==` compares"),
            ("if x > 3\n    print(x)", "begins a block"),
            ("age = input('Age? ')\nif age > 12:\n    print(age)", "always gives text"),
            ("while True:\n    print(1)", "for ever"),
            ("list = [1]\nprint(list)", "brings along"),
            ("if x == None:\n    f(x)", "`is`"),
            ("if done == True:\n    f()", "already true or false"),
            ("for i in range(len(a)):\n    print(a[i])", "directly"),
            ("print(1);", "no `;`"),
            ("myName = 1\nprint(myName)", "underscores"),
            ("total = 1\nprint(2)", "is it needed"),
            ("q = 1\nprint(q)", "What does `q` hold"),
        ];
        for (code, expected) in cases {
            let notes = notes(code).join("\n").to_lowercase();
            assert!(notes.contains(&expected.to_lowercase()), "{code}\n{notes}");
        }
        let good = "def area(width, height=2):\n    if width == height and width >= 1:\n        \
                    return width ** 2\n    return width * height\n\nprint(area(3, height=4))";
        assert_eq!(notes(good), Vec::<String>::new());
    }
}
