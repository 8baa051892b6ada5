//! The offline tutor over the whole course: useful, of a fair length, and it never tells.
#![cfg(test)]

use std::collections::BTreeMap;

use learnflow_engine::course::model::{Exercise, ExerciseKind};
use learnflow_engine::course::{Course, Level, Topic, TopicId};
use learnflow_engine::tutor::offline::{
    OfflineAnswer, OfflineBrief, PreviousTurn, answer, degraded, follow_ups,
};
use learnflow_engine::tutor::triage::{Agent, AskText, Route, TriageContext, triage};

const LEVELS: [Level; 3] = [Level::Beginner, Level::Learning, Level::Proficient];
const AGENTS: [Agent; 7] = [
    Agent::Concepts,
    Agent::CodeReview,
    Agent::Debug,
    Agent::Exercise,
    Agent::Progress,
    Agent::Clarify,
    Agent::OffTopic,
];

fn route(agent: Agent, topic: Option<&TopicId>) -> Route {
    Route { agent, topic: topic.cloned(), confidence_pct: 90, options: Vec::new() }
}

fn asked(course: &Course, route: &Route, text: &str, level: Level) -> OfflineAnswer {
    answer(course, &OfflineBrief { route, text, code: None, previous: None, level })
}

/// Answers a text as the engine does: triage first.
fn say(course: &Course, text: &str, code: Option<&str>) -> String {
    let route = triage(course, &AskText { text, code }, &TriageContext::default());
    let brief = OfflineBrief { route: &route, text, code, previous: None, level: Level::Beginner };
    answer(course, &brief).text
}

/// Everything that the tutor can say about a topic.
fn all_answers(course: &Course, topic: &Topic) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let texts = [
        "What is it?",
        "explain that again",
        "another example",
        "an easy exercise",
        "a medium exercise",
        "a hard exercise",
        "just give me the solution!",
        "I get an error",
    ];
    for agent in AGENTS {
        let route = route(agent, Some(&topic.id));
        for level in LEVELS {
            for text in texts.into_iter().chain(topic.authored_questions()) {
                let first = asked(course, &route, text, level).text;
                let previous =
                    PreviousTurn { question: text, answer: &first, agent, topic: Some(&topic.id) };
                let brief = OfflineBrief {
                    route: &route,
                    text: "another one please, again",
                    code: None,
                    previous: Some(previous),
                    level,
                };
                said.push((format!("{agent:?} {text} again"), answer(course, &brief).text));
                said.push((format!("{agent:?} {text}"), first));
            }
        }
        let brief = OfflineBrief {
            route: &route,
            text: "What is it?",
            code: None,
            previous: None,
            level: Level::Beginner,
        };
        said.push((format!("{agent:?} degraded"), degraded(course, &brief)));
    }
    said
}

/// A text in which only what a reader would recognise counts.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn secrets(exercise: &Exercise) -> Vec<String> {
    let key = &exercise.key;
    let solution = match exercise.kind {
        // What is printed is a few digits; only as a whole block it is the answer.
        ExerciseKind::PredictOutput => format!("```text\n{}\n```", key.solution.trim()),
        ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction => {
            key.solution.clone()
        }
    };
    let wrong = key.wrong.iter().map(|wrong| wrong.code.clone());
    let wrong = wrong.filter(|_| exercise.kind != ExerciseKind::PredictOutput);
    let hidden = key.tests.iter().filter(|test| test.hidden);
    let calls = hidden
        .filter_map(|test| test.call.clone())
        .filter(|call| call.contains('(') && !call.starts_with('('));
    let visible: Vec<_> = exercise.visible_tests().filter_map(|test| test.call.clone()).collect();
    // What the exercise itself says is no secret.
    let shown = bare(&format!("{}{}", exercise.statement, exercise.starter));
    let calls = calls.filter(|call| !visible.contains(call));
    let secrets = std::iter::once(solution).chain(wrong).chain(calls);
    secrets.filter(|secret| !shown.contains(&bare(secret))).collect()
}

#[test]
fn no_answer_tells_a_solution_or_a_hidden_test() {
    let course = Course::builtin().unwrap();
    let mut looked_at = 0;
    for topic in course.topics() {
        // Many questions get the same answer: each text is looked at once.
        let answers: BTreeMap<String, String> =
            all_answers(&course, topic).into_iter().map(|(how, text)| (bare(&text), how)).collect();
        for exercise in course.topics().iter().flat_map(|topic| &topic.exercises) {
            for secret in secrets(exercise) {
                let secret = bare(&secret);
                for (text, how) in &answers {
                    looked_at += 1;
                    assert!(!text.contains(&secret), "{} told by {how}:\n{text}", exercise.id);
                }
            }
        }
    }
    assert!(looked_at > 10_000, "only {looked_at} pairs");
}

#[test]
fn answers_have_a_fair_length_and_follow_ups() {
    let course = Course::builtin().unwrap();
    for topic in course.topics() {
        for agent in AGENTS {
            for level in LEVELS {
                let route = route(agent, Some(&topic.id));
                let answer = asked(&course, &route, "What is it?", level);
                let length = answer.text.chars().count();
                assert!((300..=2_400).contains(&length), "{} {agent:?}: {length}", topic.id);
                assert!((2..=3).contains(&answer.follow_ups.len()), "{} {agent:?}", topic.id);
                assert_eq!(answer.text.matches("```").count() % 2, 0, "{} {agent:?}", topic.id);
            }
        }
    }
    for agent in AGENTS {
        let route = route(agent, None);
        assert!((2..=3).contains(&follow_ups(&course, &route).len()), "{agent:?}");
        assert!(asked(&course, &route, "?", Level::Beginner).text.chars().count() >= 300);
    }
}

#[test]
fn each_level_gets_its_own_explanation() {
    let course = Course::builtin().unwrap();
    for topic in course.topics().iter().filter(|topic| !topic.is_planned()) {
        let route = route(Agent::Concepts, Some(&topic.id));
        for level in LEVELS {
            let text = asked(&course, &route, "What is it?", level).text;
            let explanation = topic.explanations.as_ref().unwrap().at(level).trim();
            assert!(text.contains(explanation), "{} {level:?}", topic.id);
            assert!(text.contains(&topic.examples[0].title), "{} {level:?}", topic.id);
        }
    }
}

#[test]
fn asked_again_it_says_something_else() {
    let course = Course::builtin().unwrap();
    for topic in course.topics().iter().filter(|topic| !topic.is_planned()) {
        let route = route(Agent::Concepts, Some(&topic.id));
        let mut said = asked(&course, &route, "What is it?", Level::Learning).text;
        for text in ["explain that again", "another example please", "I don't get it"] {
            let previous = PreviousTurn {
                question: "",
                answer: &said,
                agent: Agent::Concepts,
                topic: Some(&topic.id),
            };
            let brief = OfflineBrief {
                route: &route,
                text,
                code: None,
                previous: Some(previous),
                level: Level::Learning,
            };
            let next = answer(&course, &brief).text;
            assert_ne!(next, said, "{} {text}", topic.id);
            said = next;
        }
    }
}

#[test]
fn the_courses_questions_get_the_courses_answers() {
    let course = Course::builtin().unwrap();
    for topic in course.topics() {
        for follow_up in &topic.follow_ups {
            let text = say(&course, &follow_up.ask, None);
            assert!(text.contains(follow_up.answer.trim()), "{}", follow_up.ask);
        }
    }
}

#[test]
fn each_error_is_explained_without_mended_code() {
    let course = Course::builtin().unwrap();
    let cases = [
        ("NameError: name 'scoer' is not defined", "`scoer`"),
        ("TypeError: can only concatenate str (not \"int\") to str", "joins two texts"),
        ("TypeError: 'int' object is not iterable", "go through something"),
        ("TypeError: something new", "a type that it can't work with"),
        ("ValueError: invalid literal for int() with base 10: 'x'", "whole number"),
        ("IndexError: list index out of range", "counted from 0"),
        ("KeyError: 'age'", "dictionary"),
        ("AttributeError: 'NoneType' object has no attribute 'x'", "`None`"),
        ("ZeroDivisionError: division by zero", "divided by zero"),
        ("IndentationError: expected an indented block", "four spaces"),
        ("SyntaxError: '(' was never closed", "bracket"),
        ("ModuleNotFoundError: No module named 'x'", "installed"),
        ("FileNotFoundError: [Errno 2] No such file", "folder"),
        ("json.decoder.JSONDecodeError: Expecting value: line 1", "valid JSON"),
        ("ShopError: closed", "can't do and stopped"),
    ];
    for (error, words) in cases {
        let traceback = format!(
            "Traceback (most recent call last):\n  File \"main.py\", line 7, in <module>\n    \
             go()\n{error}"
        );
        let text = say(&course, &traceback, None);
        assert!(text.contains(words), "{error}\n{text}");
        assert!(text.contains("line 7"), "{error}\n{text}");
        assert!(text.contains('?'), "{error}\n{text}");
        assert!(!text.contains("```"), "{error}\n{text}");
    }
}

const HEADER: &str = "Traceback (most recent call last):\n";

fn frame(line: u32, code: &str) -> String {
    format!("  File \"main.py\", line {line}, in play\n    {code}\n")
}

/// A question, what its answer says, and what it must not say.
type Told<'a> = (String, &'a [&'a str], &'a [&'a str]);

fn check_told(cases: &[Told<'_>]) {
    let course = Course::builtin().unwrap();
    for (question, told, untold) in cases {
        let text = say(&course, question, None);
        assert!(!text.contains("```"), "{question}\n{text}");
        for words in *told {
            assert!(text.contains(words), "{question}: {words}\n{text}");
        }
        for words in *untold {
            assert!(!text.contains(words), "{question}: {words}\n{text}");
        }
    }
}

#[test]
fn of_several_errors_the_one_to_mend_is_explained() {
    let first = format!("{HEADER}{}KeyError: 'Tom'\n\n", frame(3, "ages['Tom']"));
    let handling = "During handling of the above exception, another exception occurred:\n\n";
    let slip =
        format!("{HEADER}{}NameError: name 'nmae' is not defined\n", frame(5, "print(nmae)"));
    let again = format!("{HEADER}{}ValueError: no such child\n", frame(6, "raise ValueError('x')"));
    let group = "  + Exception Group Traceback (most recent call last):\n  |   File \"main.py\", \
                 line 1, in f\n  |     f()\n  | ExceptionGroup: two (2 sub-exceptions)\n  \
                 +-+---------------- 1 ----------------\n    | ValueError: one\n    \
                 +---------------- 2 ----------------\n    | TypeError: two\n    \
                 +------------------------------------\n";
    check_told(&[
        (
            format!("{first}{handling}{slip}"),
            &[
                "### NameError",
                "At line 5, in `play`: `print(nmae)`.",
                "`KeyError` at line 3, was caught",
            ],
            &["dictionary"],
        ),
        (
            format!("{first}{handling}{again}"),
            &["### KeyError", "At line 3, in `play`", "`ValueError`, follows from the first"],
            &["At line 6"],
        ),
        (group.to_owned(), &["### ValueError", "`ExceptionGroup` holds several errors"], &[]),
    ]);
}

#[test]
fn the_line_of_an_error_is_one_of_the_students_own() {
    let library =
        "  File \"/usr/lib/python3.11/json/decoder.py\", line 355, in raw_decode\n    raise\n";
    check_told(&[
        (
            format!(
                "{HEADER}{}{library}json.decoder.JSONDecodeError: Expecting value: line 1 column 1",
                frame(8, "data = json.loads(text)")
            ),
            &["### JSONDecodeError", "At line 8, in `play`: `data = json.loads(text)`."],
            &["355"],
        ),
        (
            format!(
                "{HEADER}{}  [Previous line repeated 993 more times]\nRecursionError: maximum \
                 recursion depth exceeded",
                frame(2, "play()")
            ),
            &["It ran 993 times more in a row.", "calls itself"],
            &[],
        ),
        (
            "my program crashes with a NameError, please help me fix it".to_owned(),
            &["### NameError", "just above its last line"],
            &["At line"],
        ),
    ]);
}

#[test]
fn code_is_reviewed_with_praise_first() {
    let course = Course::builtin().unwrap();
    let code = "for i in range(len(names)):\n    if names[i] == None:\n        print(i)";
    let text = say(&course, "can you review my code?", Some(code));
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in\n{text}"));
    assert!(place("What I like") < place("To think about"));
    place("range(len(");
    place("`is`");
    assert!(say(&course, "can you review my code?", None).contains("paste your code"));
}

#[test]
fn what_was_never_said_to_be_an_error_gets_a_way_to_search() {
    let course = Course::builtin().unwrap();
    let code = "age = input()\nif age > 12:\n    print('big')";
    let text = say(&course, "my program doesn't work, please fix it", Some(code));
    assert!(text.contains("Say what you expect") && text.contains("always gives text"), "{text}");
    assert!(!text.contains("int(input"), "{text}");
}
