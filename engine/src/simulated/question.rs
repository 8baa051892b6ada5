//! What simulated students ask: the course's questions, the same with slips of the finger,
//! follow-ups, practice, and errors with the code that makes them.

use super::profile::Profile;
use super::random::SplitMix64;
use crate::course::model::Topic;

const ON: [&str; 10] = [
    "can you explain that again?",
    "another example please",
    "and why?",
    "I still don't get it",
    "in simpler words please",
    "what do you mean?",
    "can you show me one more example",
    "ok and then?",
    "give me an exercise",
    "why is that?",
];

const PROGRESS: [&str; 4] =
    ["How am I doing?", "What should I learn next?", "show my progress", "what are my weak spots?"];

const STUCK: [&str; 4] =
    ["I don't understand", "help", "I'm stuck", "I don't get it, can you help me?"];

/// (topic, question, code): programs that go wrong, with what Python says about them.
const BROKEN: [(&str, &str, &str); 14] = [
    (
        "basics.variables",
        "why do I get this?\nTraceback (most recent call last):\n  File \"main.py\", line 2, in <module>\n    print(scoer)\nNameError: name 'scoer' is not defined",
        "score = 10\nprint(scoer)",
    ),
    (
        "basics.variables",
        "my program prints the word instead of the number",
        "age = 12\nprint(\"age\")",
    ),
    (
        "basics.data_types",
        "it doesn't change to capital letters, what is wrong?",
        "name = \"ada\"\nname.upper()\nprint(name)",
    ),
    (
        "basics.input_output",
        "it stops with an error\nTraceback (most recent call last):\n  File \"main.py\", line 2, in <module>\n    print(\"Next year:\", age + 1)\nTypeError: can only concatenate str (not \"int\") to str",
        "age = input(\"Your age? \")\nprint(\"Next year:\", age + 1)",
    ),
    (
        "basics.input_output",
        "why doesn't it print my name?",
        "name = input()\nprint(\"Hello {name}\")",
    ),
    (
        "basics.operators",
        "ZeroDivisionError: division by zero\nwhat does that mean for my code",
        "friends = 0\nprint(20 / friends)",
    ),
    (
        "basics.type_conversion",
        "ValueError: invalid literal for int() with base 10: '2.5'",
        "price = int(\"2.5\")\nprint(price)",
    ),
    (
        "control_flow.conditionals",
        "  File \"main.py\", line 2\n    if age = 12:\n       ^^^^^^^^\nSyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
        "age = 12\nif age = 12:\n    print(\"twelve\")",
    ),
    (
        "control_flow.conditionals",
        "whats wrong with my if\nIndentationError: expected an indented block after 'if' statement on line 1",
        "if 3 > 2:\nprint(\"yes\")",
    ),
    (
        "control_flow.for_loops",
        "my sum is always the last number, why doesn't it work?",
        "for n in [1, 2, 3]:\n    total = 0\n    total = total + n\nprint(total)",
    ),
    (
        "control_flow.for_loops",
        "TypeError: 'int' object is not iterable",
        "for i in 5:\n    print(i)",
    ),
    ("control_flow.while_loops", "my loop never stops", "n = 3\nwhile n > 0:\n    print(n)"),
    (
        "control_flow.while_loops",
        "it says NameError: name 'count' is not defined",
        "while count < 3:\n    count = count + 1",
    ),
    (
        "control_flow.break_continue",
        "why is my program stuck in a loop?",
        "n = 0\nwhile n < 5:\n    if n == 3:\n        continue\n    n = n + 1",
    ),
];

const REVIEW: [(&str, &str); 4] = [
    (
        "can you review my code?",
        "numbers = [3, 5, 8]\nfor i in range(len(numbers)):\n    print(numbers[i])",
    ),
    ("is this good?", "def area(w, h):\n    return w * h\n\nprint(area(3, 4))"),
    ("could this be written better?", "ready = True\nif ready == True:\n    print(\"go\")"),
    ("any feedback on my program?", "myScore = 10\nmyScore = myScore + 5\nprint(myScore)"),
];

/// What a student writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) code: Option<String>,
}

/// Asks what a topic is about: one of the course's own questions, sometimes misspelt.
pub(super) fn about(random: &mut SplitMix64, profile: &Profile, topic: &Topic) -> Words {
    let questions: Vec<&str> = topic.authored_questions().collect();
    let question = random.pick(&questions).copied().unwrap_or("What is a variable?");
    if random.chance(profile.slip_pct) {
        plain(misspelt(random, question))
    } else {
        plain(question.to_owned())
    }
}

/// Goes on about what was just answered.
pub(super) fn on(random: &mut SplitMix64) -> Words {
    said(random, &ON)
}

/// Says that it is stuck.
pub(super) fn stuck(random: &mut SplitMix64) -> Words {
    said(random, &STUCK)
}

/// Brings a program that goes wrong, of this topic where there is one.
pub(super) fn broken(random: &mut SplitMix64, topic: &Topic) -> Words {
    let mut broken: Vec<_> = BROKEN.iter().filter(|row| row.0 == topic.id.as_str()).collect();
    if broken.is_empty() {
        broken.extend(&BROKEN);
    }
    with_code(random.pick(&broken).map(|(_, text, code)| (*text, *code)))
}

/// Something else that comes to mind: how it stands, a look at its code, more practice.
pub(super) fn aside(random: &mut SplitMix64, topic: &Topic) -> Words {
    match random.below(3) {
        0 => said(random, &PROGRESS),
        1 => with_code(random.pick(&REVIEW).map(|(text, code)| (*text, *code))),
        _ => plain(format!("give me an exercise about {}", topic.title.to_lowercase())),
    }
}

fn said(random: &mut SplitMix64, texts: &[&str]) -> Words {
    plain(random.pick(texts).map_or_else(String::new, |text| (*text).to_owned()))
}

const fn plain(text: String) -> Words {
    Words { text, code: None }
}

fn with_code(found: Option<(&str, &str)>) -> Words {
    let (text, code) = found.unwrap_or(("can you review my code?", "print(\"hello\")"));
    Words { text: text.to_owned(), code: Some(code.to_owned()) }
}

/// The question in small letters, with two neighbouring letters of its longest word exchanged.
fn misspelt(random: &mut SplitMix64, question: &str) -> String {
    let text = question.to_lowercase();
    let words = || text.split(|c: char| !c.is_ascii_alphabetic());
    let Some(longest) = words().max_by_key(|word| word.len()).filter(|word| word.len() > 4) else {
        return text;
    };
    let mut letters: Vec<char> = longest.chars().collect();
    // Neither the first nor the last letter moves: that is how people slip.
    let inner = u64::try_from(letters.len() - 3).unwrap_or(1);
    let at = 1 + usize::try_from(random.below(inner)).unwrap_or(0);
    letters.swap(at, at + 1);
    let slipped: String = letters.into_iter().collect();
    text.replacen(longest, &slipped, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::model::{Course, TopicId};
    use crate::progress::struggle::phrase::{Heard, confusion};

    #[test]
    fn who_says_that_they_are_stuck_is_heard() {
        // A bare call for help may be about anything.
        for text in STUCK.into_iter().filter(|text| *text != "help") {
            assert_eq!(confusion(text), Heard::Yes, "{text}");
        }
    }

    #[test]
    fn broken_programs_belong_to_topics_that_exist() {
        let course = Course::builtin().unwrap();
        for (topic, _, _) in BROKEN {
            assert!(course.topic(&TopicId::parse(topic).unwrap()).is_some(), "{topic}");
        }
    }

    #[test]
    fn a_slip_moves_two_letters() {
        let mut random = SplitMix64::new(5);
        let slipped = misspelt(&mut random, "What is a variable?");
        assert_ne!(slipped, "what is a variable?");
        assert_eq!(slipped.len(), "what is a variable?".len());
        assert!(slipped.contains(" v") && slipped.ends_with("e?"), "{slipped}");
        assert_eq!(misspelt(&mut random, "Why?"), "why?");
    }
}
