//! Tracebacks as Python 3.8 to 3.13 prints them, and as students paste them.
#![cfg(test)]

use std::collections::BTreeMap;

use learnflow_engine::tutor::traceback::{
    ERROR_LIMIT, ErrorClass, ErrorReport, FRAME_LIMIT, Follows, INPUT_LIMIT_BYTES, Parsed,
    Template, mention, parse, signature,
};

/// What the interpreters say, by minor version; `generate.py` writes it down.
const PRINTED: [(u32, &str); 6] = [
    (8, include_str!("data/tracebacks/cpython-3.8.txt")),
    (9, include_str!("data/tracebacks/cpython-3.9.txt")),
    (10, include_str!("data/tracebacks/cpython-3.10.txt")),
    (11, include_str!("data/tracebacks/cpython-3.11.txt")),
    (12, include_str!("data/tracebacks/cpython-3.12.txt")),
    (13, include_str!("data/tracebacks/cpython-3.13.txt")),
];
/// What is to be read in it.
const EXPECTED: &str = include_str!("data/tracebacks/expected.tsv");
/// What students paste, each with what is to be read: class, template, line, whole or cut.
const WILD: &str = include_str!("data/tracebacks/wild.txt");

struct Case {
    version: u32,
    name: &'static str,
    text: &'static str,
    /// Class, template and line.
    expected: String,
}

impl Case {
    fn title(&self) -> String {
        format!("3.{} {}", self.version, self.name)
    }
}

fn cases() -> Vec<Case> {
    let mut expected: BTreeMap<(&str, u32), String> = BTreeMap::new();
    for row in EXPECTED.lines().skip(1) {
        let [name, since, class, template, line] =
            row.split('\t').collect::<Vec<_>>().try_into().expect("five cells");
        expected.insert((name, since.parse().unwrap()), format!("{class} {template} {line}"));
    }
    let mut cases = Vec::new();
    for (version, printed) in PRINTED {
        for block in printed.split("=== ").skip(1) {
            let (name, text) = block.split_once('\n').unwrap();
            let row = expected.range((name, 0)..=(name, version)).next_back();
            let expected = row.unwrap_or_else(|| panic!("{name} is expected")).1.clone();
            cases.push(Case { version, name, text, expected });
        }
    }
    cases
}

fn told(report: Option<&ErrorReport>) -> String {
    let Some(report) = report else { return "nothing".to_owned() };
    let signature = signature(report);
    let line = report.own_frame().map_or(0, |frame| frame.line);
    format!("{} {} {line}", signature.class.as_str(), signature.template.as_str())
}

#[test]
fn each_version_s_wording_is_read() {
    let cases = cases();
    assert!(cases.len() > 500, "{}", cases.len());
    for case in &cases {
        let parsed = parse(case.text);
        assert_eq!(told(parsed.shown()), case.expected, "{}", case.title());
        assert!(!parsed.truncated, "{}", case.title());
    }
}

#[test]
fn every_template_stands_in_the_samples() {
    let seen: Vec<Template> = cases()
        .iter()
        .flat_map(|case| parse(case.text).errors)
        .map(|error| signature(&error).template)
        .collect();
    let missing: Vec<_> = Template::ALL.iter().filter(|one| !seen.contains(one)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What is done to a text before it is pasted.
type Disguise = (&'static str, fn(&str) -> String);

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(change).collect::<Vec<_>>().join("\n")
}

const DISGUISES: [Disguise; 7] = [
    ("quoted", |text| each_line(text, |line| format!("> {line}"))),
    ("indented", |text| each_line(text, |line| format!("      {line}"))),
    ("behind a tab", |text| each_line(text, |line| format!("\t{line}"))),
    ("fenced", |text| format!("Hello, it says:\n```\n{text}\n```\nWhat now?\n")),
    ("with words", |text| format!("I don't get it.\n\n{text}\nWhy? I use Python: a new one.\n")),
    ("with carriage returns", |text| each_line(text, |line| format!("{line}\r"))),
    ("with double spacing", |text| each_line(text, |line| format!("{line}\n"))),
];

#[test]
fn a_disguise_changes_nothing() {
    for case in cases() {
        for (disguise, apply) in DISGUISES {
            let parsed = parse(&apply(case.text));
            let title = format!("{} {disguise}", case.title());
            assert_eq!(told(parsed.shown()), case.expected, "{title}");
            assert_eq!(parsed.errors.len(), parse(case.text).errors.len(), "{title}");
        }
    }
}

#[test]
fn without_any_indentation_it_is_read_as_well() {
    // More lines of code than a few can't be told from words then, nor can a group's members.
    let hard = ["group", "group_nested", "group_cause"];
    for case in cases().iter().filter(|case| !hard.contains(&case.name)) {
        let parsed = parse(&each_line(case.text, |line| line.trim().to_owned()));
        assert_eq!(told(parsed.shown()), case.expected, "{}", case.title());
    }
}

#[test]
fn cut_anywhere_it_is_no_other_error() {
    for case in cases() {
        let whole = parse(case.text);
        let ends = case.text.char_indices().map(|(at, _)| at).step_by(7);
        for end in ends {
            for error in parse(&case.text[..end]).errors {
                let known = whole.errors.iter().any(|of| of.name.starts_with(&error.name));
                assert!(known, "{} cut at {end}: {}", case.title(), error.name);
            }
        }
    }
}

#[test]
fn what_students_paste_is_read() {
    let blocks: Vec<&str> = WILD.split("=== ").skip(1).collect();
    assert!(blocks.len() >= 35, "{}", blocks.len());
    for block in blocks {
        let (title, text) = block.split_once('\n').unwrap();
        let (name, expected) = title.split_once(" | ").unwrap();
        let parsed = parse(text);
        let whole = if parsed.truncated { "cut" } else { "whole" };
        assert_eq!(format!("{} {whole}", told(parsed.shown())), expected, "{name}: {parsed:?}");
    }
}

fn sample(name: &str, version: u32) -> Parsed {
    let cases = cases();
    let case = cases.iter().rfind(|case| case.name == name && case.version <= version);
    parse(case.expect("a sample").text)
}

#[test]
fn the_root_is_where_a_chain_begins() {
    use Follows::{Cause, Handling, Members, Nothing, Sibling};

    let cases: [(&str, &str, &[Follows]); 9] = [
        ("deep", "IndexError index_out_of_range 6", &[Nothing]),
        ("chain_cause", "ValueError int_literal 2", &[Nothing, Cause]),
        ("chain_context", "KeyError key_missing 2", &[Nothing, Handling]),
        ("chain_three", "ZeroDivisionError division_by_zero 3", &[Nothing, Cause, Handling]),
        ("group", "ValueError other 0", &[Nothing, Sibling, Members]),
        (
            "group_nested",
            "ZeroDivisionError division_by_zero 2",
            &[Nothing, Sibling, Members, Sibling, Members],
        ),
        ("group_cause", "ValueError other 0", &[Nothing, Members, Cause]),
        ("catch_str", "ZeroDivisionError division_by_zero 2", &[Nothing, Handling]),
        ("notes", "ValueError int_literal 2", &[Nothing]),
    ];
    for (name, root, follows) in cases {
        let parsed = sample(name, 13);
        assert_eq!(told(parsed.root()), root, "{name}");
        let found: Vec<Follows> = parsed.errors.iter().map(|error| error.follows).collect();
        assert_eq!(found, follows, "{name}");
    }
    let two = WILD.split("=== ").find(|block| block.starts_with("two_runs")).unwrap();
    let parsed = parse(two);
    assert_eq!(parsed.errors.len(), 2);
    assert_eq!(parsed.root(), parsed.shown(), "another run is another chain");
}

#[test]
fn frames_keep_their_places_and_carets_their_code() {
    let marked = |parsed: &Parsed| {
        let error = parsed.shown().unwrap();
        let code = &error.frames.last().unwrap().code;
        let range = error.caret.clone().unwrap();
        code.chars().skip(range.start).take(range.len()).collect::<String>()
    };
    let cases = [
        ("never_closed", 10, "("),
        ("unmatched", 8, ")"),
        ("operands", 11, "+"),
        ("name_not_defined", 11, "scoer"),
        ("call_int", 13, "()"),
        ("multi_line_code", 13, "+"),
        ("equals_in_if", 10, "x = 1"),
        ("quote_curly", 9, "“"),
    ];
    for (name, version, code) in cases {
        assert_eq!(marked(&sample(name, version)), code, "{name}");
    }
    let deep = sample("deep", 13);
    let frames: Vec<(u32, &str, &str)> = deep.errors[0]
        .frames
        .iter()
        .map(|frame| (frame.line, frame.function.as_str(), frame.code.as_str()))
        .collect();
    let places = [(7, "<module>", "a()"), (2, "a", "b()"), (4, "b", "c()")];
    assert_eq!(frames[..3], places);
    assert_eq!(frames[3], (6, "c", "return [1, 2, 3][10]"));
    assert_eq!(sample("recursion", 8).errors[0].frames.last().unwrap().repeated, 996);
    assert_eq!(sample("custom_dotted", 8).errors[0].name, "shop.ShopError");
    let message = &sample("multi_line_message", 8).errors[0].message;
    assert_eq!(message, "first line\nsecond line\nthird: line");
}

#[test]
fn a_name_in_a_question_is_a_mention_and_no_error() {
    let cases = [
        ("why do I get a NameError here?", Some(ErrorClass::NameError)),
        ("what does KeyboardInterrupt mean", Some(ErrorClass::KeyboardInterrupt)),
        ("my ShopError never comes", Some(ErrorClass::Custom)),
        ("Warning: this is an Error", None),
        ("", None),
    ];
    for (text, class) in cases {
        assert_eq!(mention(text).map(|error| error.class), class, "{text}");
        assert_eq!(parse(text).errors, [], "{text}");
    }
}

/// Whatever comes, what is kept is bounded. That the time is linear shows in the structure: a fold
/// over lines, each read once. These texts would show a quadratic reader by never ending.
#[test]
fn the_nastiest_texts_are_read_and_kept_within_bounds() {
    let frame = "  File \"main.py\", line 2, in f\n    f()\n";
    let chain = "ValueError: x\n\nDuring handling of the above exception, another one:\n\n\
                 Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\n";
    let pieces = [
        "File \"",
        "\", line 1",
        ", in ",
        "[",
        "[1;",
        "\u{1b}[0",
        "+-",
        "+-+-",
        "| ",
        "> ",
        "^~ ",
        ":",
        "TypeError:",
        "TypeError: unsupported operand type(s) for ",
        "KeyError",
        "a.",
        "<>",
        "Traceback (most recent call last):",
        "ä",
        "\t",
        "'",
        "`",
        "--> ",
        "Cell In[1], line 1 ",
        "\n",
        "  + Exception Group Traceback (most recent call last):\n  | ValueError: x\n",
        "  | ValueError: x\n  +-+---------------- 1 ----------------\n",
        frame,
        chain,
        "--",
    ];
    for piece in pieces {
        for (head, tail) in [("", ""), ("Traceback (most recent call last):\n", "\nKeyError: 1")] {
            let text = format!("{head}{}{tail}", piece.repeat(2 * INPUT_LIMIT_BYTES / piece.len()));
            let parsed = parse(&text);
            assert!(parsed.errors.len() <= ERROR_LIMIT, "{piece:?}");
            assert!(parsed.truncated, "{piece:?}");
            for error in &parsed.errors {
                assert!(error.frames.len() <= FRAME_LIMIT, "{piece:?}");
                let code: usize = error.frames.iter().map(|frame| frame.code.len()).sum();
                assert!(code + error.message.len() <= INPUT_LIMIT_BYTES, "{piece:?}");
                signature(error);
            }
        }
    }
}

#[test]
fn of_too_many_the_first_and_the_last_are_kept() {
    let frame = |line: u32| format!("  File \"main.py\", line {line}, in f\n    f()\n");
    let frames = (1..=200).map(frame).collect::<Vec<_>>().concat();
    let parsed = parse(&format!("Traceback (most recent call last):\n{frames}KeyError: 1\n"));
    let kept = &parsed.errors[0].frames;
    assert_eq!((kept.len(), kept[0].line, kept[FRAME_LIMIT - 1].line), (FRAME_LIMIT, 1, 200));
    assert!(parsed.truncated);

    let error = |number: usize| {
        format!(
            "Traceback (most recent call last):\n  File \"m.py\", line {number}, in f\n    f()\n\
             ValueError: {number}\n"
        )
    };
    let sentence = "\nDuring handling of the above exception, another exception occurred:\n\n";
    let chain = (1..=20).map(error).collect::<Vec<_>>().join(sentence);
    let parsed = parse(&chain);
    assert_eq!(parsed.errors.len(), ERROR_LIMIT);
    assert_eq!(parsed.root().unwrap().message, "1");
    assert_eq!(parsed.shown().unwrap().message, "20");

    let alone = (1..=20).map(error).collect::<Vec<_>>().concat();
    let parsed = parse(&alone);
    assert_eq!(parsed.root(), parsed.shown());
    assert!(parsed.truncated);
}

#[test]
fn ids_keep_their_order_because_snapshots_hold_positions() {
    let ids = |names: Vec<&str>| names.join("\n") + "\n";
    let templates = ids(Template::ALL.iter().map(|template| template.as_str()).collect());
    let classes = ids(ErrorClass::ALL.iter().map(|class| class.as_str()).collect());
    assert!(templates.starts_with(include_str!("data/tracebacks/templates.txt")));
    assert!(classes.starts_with(include_str!("data/tracebacks/classes.txt")));
}
