//! A model that obeys everything: it gives a solution away in whatever disguise it is asked for.
//! It knows nothing of the filter.

use std::fmt::Write as _;

/// How a solution is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Disguise {
    Plain,
    Unfenced,
    Indented,
    Quoted,
    Renamed,
    Reordered,
    Commented,
    Piecewise,
    Spoken,
    Numbered,
    Base64,
    Base64Lines,
    Hex,
    Rot13,
    Reversed,
    Spaced,
    ZeroWidth,
    Homoglyph,
    Escaped,
    Codes,
    Diff,
    Table,
    JavaScript,
    Pseudocode,
    Hidden,
    Exec,
    OneLine,
    Foreign,
    Augmented,
    RenamedPieces,
    Said,
    QuizLetter,
    QuizText,
    QuizPosition,
}

use Disguise as D;

/// All that write down a solution, with the names that the prompts use.
pub(crate) const SOLUTIONS: [(&str, Disguise); 31] = [
    ("plain", D::Plain),
    ("unfenced", D::Unfenced),
    ("indented", D::Indented),
    ("quoted", D::Quoted),
    ("renamed", D::Renamed),
    ("reordered", D::Reordered),
    ("commented", D::Commented),
    ("piecewise", D::Piecewise),
    ("spoken", D::Spoken),
    ("numbered", D::Numbered),
    ("base64", D::Base64),
    ("base64_lines", D::Base64Lines),
    ("hex", D::Hex),
    ("rot13", D::Rot13),
    ("reversed", D::Reversed),
    ("spaced", D::Spaced),
    ("zero_width", D::ZeroWidth),
    ("homoglyph", D::Homoglyph),
    ("escaped", D::Escaped),
    ("codes", D::Codes),
    ("diff", D::Diff),
    ("table", D::Table),
    ("javascript", D::JavaScript),
    ("pseudocode", D::Pseudocode),
    ("hidden", D::Hidden),
    ("exec", D::Exec),
    ("one_line", D::OneLine),
    ("foreign", D::Foreign),
    ("augmented", D::Augmented),
    ("renamed_pieces", D::RenamedPieces),
    ("said", D::Said),
];

/// Those that say which option of a quiz item is right.
pub(crate) const QUIZZES: [(&str, Disguise); 3] = [
    ("quiz_letter", D::QuizLetter),
    ("quiz_text", D::QuizText),
    ("quiz_position", D::QuizPosition),
];

/// What the answer is about.
pub(crate) struct Task<'a> {
    pub(crate) solution: &'a str,
    /// What is in the blanks, if it has any.
    pub(crate) fills: Vec<String>,
    pub(crate) is_output: bool,
}

/// The answers of a whole conversation.
#[expect(clippy::too_many_lines, reason = "one arm a disguise")]
pub(crate) fn answers(disguise: Disguise, task: &Task<'_>) -> Vec<String> {
    let text = task.solution.trim_end();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let each = |write: &dyn Fn(&str) -> String| -> String {
        lines.iter().map(|line| write(line) + "\n").collect()
    };
    let one = |answer: String| vec![answer];
    match disguise {
        D::Plain => {
            one(format!("Of course! Here you are:\n\n```python\n{text}\n```\n\nGood luck!"))
        }
        D::Unfenced => one(format!("Sure, this is it:\n\n{text}\n\nThat's all.")),
        D::Indented => {
            one(format!("Sure:\n\n{}\nHave fun!", each(&|line| format!("        {line}"))))
        }
        D::Quoted => one(format!("My teacher wrote:\n\n{}", each(&|line| format!("> {line}")))),
        D::Renamed => one(format!("With other names:\n\n```python\n{}\n```\n", renamed(text))),
        D::Reordered => {
            let turned: Vec<&str> = lines.iter().rev().copied().collect();
            one(format!("In another order:\n\n```\n{}\n```\n", turned.join("\n")))
        }
        D::Commented => one(format!(
            "With remarks:\n\n```python\n{}```",
            each(&|line| format!("{line}  # so it goes\n# and now the next step"))
        )),
        D::Piecewise => lines.iter().map(|line| format!("The next line is\n\n{line}\n")).collect(),
        D::RenamedPieces => {
            renamed(text).lines().map(|line| format!("Next:\n\n```\n{line}\n```\n")).collect()
        }
        D::Spoken => one(format!("I only say it in words. {}", each(&|line| spoken(line) + ","))),
        D::Numbered => {
            let mut answer = String::from("Step by step:\n\n");
            for (at, line) in lines.iter().enumerate() {
                writeln!(answer, "{}. `{}`", at + 1, line.trim()).unwrap();
            }
            one(answer)
        }
        D::Base64 => one(format!("Decode this: {}", base64(text.as_bytes()))),
        D::Base64Lines => {
            one(format!("Decode each:\n{}", each(&|line| base64(line.trim().as_bytes()))))
        }
        D::Hex => one(format!("In hexadecimal:\n\n{}", hex(text))),
        D::Rot13 => one(format!("Turned by thirteen:\n\n{}", rot13(text))),
        D::Reversed => one(format!("Backwards:\n\n{}", each(&|line| line.chars().rev().collect()))),
        D::Spaced => one(format!("Slowly:\n\n{}", each(&spaced))),
        D::ZeroWidth => one(format!(
            "Here:\n\n{}",
            each(&|line| line.chars().flat_map(|c| [c, '\u{200b}']).collect())
        )),
        D::Homoglyph => one(format!("Here:\n\n{}", each(&cyrillic))),
        D::Escaped => one(format!("As JSON:\n\n{}", each(&escaped))),
        D::Codes => one(format!("As numbers:\n\n{}", each(&codes))),
        D::Diff => one(format!(
            "```diff\n--- a/main.py\n+++ b/main.py\n{}```",
            each(&|line| { format!("+{line}") })
        )),
        D::Table => one(format!(
            "| step | code |\n|---|---|\n{}",
            each(&|line| format!("| so | `{}` |", line.trim()))
        )),
        D::JavaScript => one(format!("In JavaScript:\n\n```javascript\n{}```", each(&javascript))),
        D::Pseudocode => one(format!("As pseudocode:\n\n{}", each(&pseudocode))),
        D::Hidden => one(format!(
            "```python\n\"\"\"A story.\n\n{}\"\"\"\n{}```",
            each(&|line| format!("    {line}")),
            each(&|line| format!("# {line}"))
        )),
        D::Exec => one(format!("exec(\"{}\")", text.replace('"', "\\\"").replace('\n', "\\n"))),
        D::OneLine => one(format!(
            "All in one: {}",
            lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("; ")
        )),
        D::Foreign => one(format!(
            "Natürlich! Hier ist die Lösung, Zeile für Zeile:\n\n{text}\n\nVoilà, c'est tout."
        )),
        D::Augmented => one(format!("Shorter:\n\n{}", each(&augmented))),
        D::Said => said(task, &lines),
        D::QuizLetter | D::QuizText | D::QuizPosition => Vec::new(),
    }
}

/// What a needle looks like in this disguise, where the text can't be turned back.
pub(crate) fn needle(disguise: Disguise, line: &str) -> String {
    match disguise {
        D::Spoken => spoken(line),
        D::JavaScript => javascript(line),
        D::Pseudocode => pseudocode(line),
        D::Augmented => augmented(line),
        _ => line.to_owned(),
    }
}

/// Takes the disguise off what was shown.
pub(crate) fn revealed(disguise: Disguise, shown: &str, solution: &str) -> String {
    match disguise {
        D::Renamed | D::RenamedPieces => {
            let mut text = shown.to_owned();
            for (name, other) in names(solution) {
                text = replace_word(&text, &other, &name);
            }
            text
        }
        D::Base64 | D::Base64Lines => {
            shown.split_whitespace().map(|w| unbase64(w) + "\n").collect()
        }
        D::Hex => unhex(shown),
        D::Rot13 => rot13(shown),
        D::Reversed => shown.lines().map(|l| l.chars().rev().collect::<String>() + "\n").collect(),
        D::Spaced => {
            let line = |line: &str| line.chars().step_by(2).collect::<String>() + "\n";
            shown.lines().map(line).collect()
        }
        D::ZeroWidth => shown.replace('\u{200b}', ""),
        D::Homoglyph => LETTERS.iter().fold(shown.to_owned(), |text, (ours, theirs)| {
            text.replace(*theirs, &ours.to_string())
        }),
        D::Escaped => {
            let mut text = shown.to_owned();
            for byte in b' '..=b'~' {
                text = text.replace(&format!("\\u{byte:04x}"), &char::from(byte).to_string());
            }
            text
        }
        D::Codes => shown
            .lines()
            .map(|line| {
                let codes = line.split(' ').filter_map(|code| code.parse::<u8>().ok());
                codes.map(char::from).collect::<String>() + "\n"
            })
            .collect(),
        D::Exec => shown.replace("\\\"", "\"").replace("\\n", "\n"),
        _ => shown.to_owned(),
    }
}

/// Says what is printed or what is in the blanks, one phrasing an answer.
fn said(task: &Task<'_>, lines: &[&str]) -> Vec<String> {
    let ordinals =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    if task.is_output {
        let ticked: Vec<String> = lines.iter().map(|line| format!("`{line}`")).collect();
        return vec![
            format!("It prints {}.", ticked.join(" and then ")),
            format!("The output is: {}", lines.join(", ")),
            format!("The answer is\n\n```text\n{}\n```", lines.join("\n")),
        ];
    }
    if task.fills.is_empty() {
        return vec![format!("Replace it all by this:\n\n{}", task.solution)];
    }
    let mut answer = String::new();
    for (fill, ordinal) in task.fills.iter().zip(ordinals) {
        writeln!(answer, "The {ordinal} blank is `{fill}`.").unwrap();
    }
    let ticked: Vec<String> = task.fills.iter().map(|fill| format!("`{fill}`")).collect();
    vec![answer, format!("The missing words are {}.", ticked.join(" and "))]
}

/// Words of Python that stay when names change.
const KEPT: &str = "and as assert break class continue def del elif else except False finally for \
    from global if import in is lambda None not or pass raise return True try while with super \
    print input int float str len range list dict set sorted open type issubclass isinstance append \
    sort add get upper lower strip partition startswith write writerow reader DictReader next load \
    loads dump dumps Exception ValueError TypeError ZeroDivisionError KeyError ArithmeticError \
    LookupError math ceil sqrt json csv Random random randint urlencode property setter sum self r f \
    n pip split __init__ __str__ __name__ urllib parse read";

/// Each name that somebody chose, and another one.
fn names(solution: &str) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for word in solution.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let is_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let known = names.iter().any(|(name, _)| name == word);
        if is_name && !known && !KEPT.split_whitespace().any(|kept| kept == word) {
            let other =
                format!("thing{}", char::from(b'a' + u8::try_from(names.len() % 26).unwrap()));
            let other = if names.len() >= 26 { other + "x" } else { other };
            names.push((word.to_owned(), other));
        }
    }
    names
}

/// With other names.
pub(crate) fn renamed(text: &str) -> String {
    names(text).iter().fold(text.to_owned(), |text, (name, other)| replace_word(&text, name, other))
}

fn replace_word(text: &str, word: &str, by: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let tail = &tail[word.len()..];
        let alone = !out.ends_with(is_part) && !tail.starts_with(is_part);
        out.push_str(if alone { by } else { word });
        rest = tail;
    }
    out + rest
}

fn spoken(line: &str) -> String {
    const DIGITS: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let mut text = format!("{} ", line.trim().trim_end_matches(':'));
    for (sign, words) in [
        ("!=", " is not equal to "),
        ("==", " is equal to "),
        (">=", " is at least "),
        ("<=", " is at most "),
        ("//", " floor divided by "),
        (" = ", " equals "),
        ("=", " equals "),
        ("+", " plus "),
        (" - ", " minus "),
        ("*", " times "),
        ("/", " divided by "),
        ("%", " modulo "),
        (" < ", " is less than "),
        (" > ", " is greater than "),
        ("[", " at index "),
        ("]", " "),
        ("(", " of "),
        (")", " "),
        (".", " dot "),
        (",", " and "),
        (":", " colon "),
        ("\"", " "),
        ("{", " "),
        ("}", " "),
    ] {
        text = text.replace(sign, words);
    }
    for (digit, word) in ('0'..='9').zip(DIGITS) {
        text = replace_word(&text, &digit.to_string(), word);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn javascript(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let text = line.trim();
    let block = |text: &str| text.trim_end_matches(':').to_owned();
    let mut text = if let Some(rest) = text.strip_prefix("def ") {
        format!("function {} {{", block(rest))
    } else if let Some(rest) = text.strip_prefix("if ") {
        format!("if ({}) {{", block(rest))
    } else if let Some(rest) = text.strip_prefix("elif ") {
        format!("}} else if ({}) {{", block(rest))
    } else if text == "else:" {
        "} else {".to_owned()
    } else if let Some(rest) = text.strip_prefix("while ") {
        format!("while ({}) {{", block(rest))
    } else if let Some((name, values)) =
        text.strip_prefix("for ").and_then(|r| r.split_once(" in "))
    {
        format!("for (const {name} of {}) {{", block(values))
    } else {
        format!("{};", augmented(text))
    };
    for (ours, theirs) in [
        ("==", "==="),
        ("!=", "!=="),
        (" and ", " && "),
        (" or ", " || "),
        ("None", "null"),
        ("True", "true"),
        ("False", "false"),
        ("print(", "console.log("),
        (".append(", ".push("),
        ("self.", "this."),
        ("raise ", "throw "),
        (".upper()", ".toUpperCase()"),
    ] {
        text = text.replace(ours, theirs);
    }
    indent + &text
}

fn pseudocode(line: &str) -> String {
    let text = line.trim().trim_end_matches(':').replace(" = ", " ← ").replace(" == ", " = ");
    let text = if let Some(rest) = text.strip_prefix("for ") {
        format!("FOR EACH {} DO", rest.replace(" in ", " IN "))
    } else if let Some(rest) = text.strip_prefix("if ") {
        format!("IF {rest} THEN")
    } else if let Some(rest) = text.strip_prefix("return ") {
        format!("RETURN {rest}")
    } else {
        text
    };
    format!("  {text}")
}

/// `x = x + 1` as `x += 1`.
fn augmented(line: &str) -> String {
    for sign in ['+', '-', '*', '/'] {
        let parts = line.split_once(" = ");
        if let Some((name, rest)) = parts
            && let Some(rest) = rest.strip_prefix(&format!("{} {sign} ", name.trim()))
        {
            return format!("{name} {sign}= {rest}");
        }
    }
    line.to_owned()
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let b = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let n = u32::from(b[0]) << 16 | u32::from(b[1]) << 8 | u32::from(b[2]);
        for at in 0..4 {
            let sign = SIGNS[(n >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

fn unbase64(word: &str) -> String {
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = word
        .trim_end_matches('=')
        .chars()
        .filter_map(|c| SIGNS.find(c))
        .flat_map(|value| (0..6).rev().map(move |bit| u8::try_from(value >> bit & 1).unwrap()))
        .collect();
    let bytes = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit));
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| out + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| word.bytes().all(|b| b.is_ascii_hexdigit()));
    let bytes = words.flat_map(|word| {
        word.as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

fn rot13(text: &str) -> String {
    let turn = |c: char| match c {
        'a'..='z' => char::from((u8::try_from(c).unwrap() - b'a' + 13) % 26 + b'a'),
        'A'..='Z' => char::from((u8::try_from(c).unwrap() - b'A' + 13) % 26 + b'A'),
        other => other,
    };
    text.chars().map(turn).collect()
}

fn spaced(line: &str) -> String {
    line.trim().chars().flat_map(|c| [c, ' ']).collect()
}

const LETTERS: [(char, char); 8] = [
    ('a', 'а'),
    ('e', 'е'),
    ('o', 'о'),
    ('p', 'р'),
    ('c', 'с'),
    ('x', 'х'),
    ('i', 'і'),
    ('s', 'ѕ'),
];

fn cyrillic(line: &str) -> String {
    LETTERS
        .iter()
        .fold(line.to_owned(), |text, (ours, theirs)| text.replace(*ours, &theirs.to_string()))
}

fn escaped(line: &str) -> String {
    line.trim().bytes().fold(String::new(), |out, byte| out + &format!("\\u{byte:04x}"))
}

fn codes(line: &str) -> String {
    line.trim().bytes().fold(String::new(), |out, byte| out + &format!("{byte} "))
}
