//! The course loader: the built-in course is whole, and each broken rule is named with its place.
#![cfg(test)]

use std::collections::BTreeSet;

use learnflow_engine::course::{Course, CourseError, TopicId};

const COURSE: &str = r#"
format = 1
id = "tiny"
title = "Tiny"
version = "1.0.0"
[[module]]
id = "m"
title = "M"
[[module.topic]]
id = "a"
[[module.topic]]
id = "b"
requires = ["m.a"]
"#;

const PLANNED: &str = r#"
title = "B"
summary = "About b."
planned = true
suggested_questions = ["What is b?", "Why b?"]
[keywords]
b = 5
"#;

const FULL: &str = r#"
title = "A"
summary = "About a."
suggested_questions = ["What is a?", "Why a?"]
[keywords]
a = 5
[explanations]
beginner = "x"
learning = "y"
proficient = "z"
[[example]]
title = "One"
code = "print(1)"
output = "1"
explanation = "It prints."
[[example]]
title = "Two"
code = "print(2)"
output = "2"
explanation = "It prints."
[[misconception]]
id = "wrong_idea"
description = "An idea."
[[exercise]]
id = "first"
title = "First"
kind = "fill-in"
difficulty = "easy"
statement = "Do it."
starter = "print(____)"
hints = ["one", "two", "three", "four"]
solution = "print(1)"
[[exercise.test]]
expect = "1"
[[exercise.wrong]]
misconception = "wrong_idea"
code = "print(2)"
[[exercise]]
id = "second"
title = "Second"
kind = "predict-output"
difficulty = "easy"
statement = "Say it."
starter = "print(1)"
hints = ["one", "two", "three", "four"]
solution = "1"
[[exercise.test]]
expect = "1"
[[exercise.wrong]]
misconception = "wrong_idea"
code = "2"
[[exercise]]
id = "third"
title = "Third"
kind = "write-function"
difficulty = "hard"
statement = "Write it."
starter = "def f(): pass"
hints = ["one", "two", "three", "four"]
solution = "def f(): return 1"
[[exercise.test]]
call = "f()"
expect = "1"
[[exercise.wrong]]
misconception = "wrong_idea"
code = "def f(): return 2"
[[quiz]]
id = "q1"
stem = "?"
correct = 0
options = [{ text = "yes" }, { text = "no", why = "It is yes." }]
[[quiz]]
id = "q2"
stem = "?"
correct = 0
options = [{ text = "yes" }, { text = "no", why = "It is yes." }]
[[quiz]]
id = "q3"
stem = "?"
correct = 0
options = [{ text = "yes" }, { text = "no", why = "It is yes." }]
[[quiz]]
id = "q4"
stem = "?"
correct = 0
options = [{ text = "yes" }, { text = "no", why = "It is yes." }]
[[follow_up]]
ask = "Which a?"
answer = "This."
[[follow_up]]
ask = "Whose a?"
answer = "Ours."
"#;

fn load(course: &str, a: &str, b: &str) -> Result<Course, CourseError> {
    Course::load(&[("course.toml", course), ("m/a.toml", a), ("m/b.toml", b)])
}

#[test]
fn the_built_in_course_is_whole() {
    let course = Course::builtin().unwrap();
    assert_eq!(course.id(), "python");
    assert_eq!(course.modules().len(), 8);
    assert_eq!(course.topics().len(), 31);
    let expected = "basics: variables data_types input_output operators type_conversion \
                    control_flow: conditionals for_loops while_loops break_continue \
                    data_structures: lists tuples dictionaries sets \
                    functions: defining parameters return_values scope \
                    oop: classes_objects attributes_methods inheritance encapsulation \
                    files: reading_writing csv json \
                    errors: try_except exception_types custom_exceptions debugging \
                    libraries: installing_packages apis virtual_environments";
    let mut module = String::new();
    let mut ids = Vec::new();
    for word in expected.split_whitespace() {
        match word.strip_suffix(':') {
            Some(name) => name.clone_into(&mut module),
            None => ids.push(TopicId::parse(&format!("{module}.{word}")).unwrap()),
        }
    }
    assert_eq!(course.topics().iter().map(|topic| topic.id.clone()).collect::<Vec<_>>(), ids);
    for topic in course.topics() {
        assert!(!topic.is_planned(), "{}", topic.id);
        assert!(topic.examples.len() >= 2 && topic.exercises.len() >= 4, "{}", topic.id);
        assert!(topic.quiz.len() >= 6 && topic.follow_ups.len() >= 2, "{}", topic.id);
        let difficulties: BTreeSet<_> = topic.exercises.iter().map(|one| one.difficulty).collect();
        assert_eq!(difficulties.len(), 3, "{}", topic.id);
        assert_eq!(course.topic(&topic.id).unwrap().title, topic.title);
        for exercise in &topic.exercises {
            assert_eq!(course.exercise(&exercise.id), Some(exercise));
            assert!((1..=4).all(|rung| exercise.hint(rung).is_some()));
            assert_eq!((exercise.hint(0), exercise.hint(5)), (None, None));
        }
        for item in &topic.quiz {
            assert_eq!(course.quiz_item(&item.id), Some(item));
        }
    }
}

#[test]
fn written_modules_have_every_kind_of_exercise() {
    let course = Course::builtin().unwrap();
    for module in course.modules().iter().map(|module| module.id.as_str()) {
        let topics = || course.topics().iter().filter(|topic| topic.id.module() == module);
        let mut kinds: Vec<_> =
            topics().flat_map(|topic| &topic.exercises).map(|exercise| exercise.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), 4, "{module}");
        let mut levels: Vec<_> = topics()
            .flat_map(|topic| &topic.exercises)
            .map(|exercise| exercise.difficulty)
            .collect();
        levels.sort_unstable();
        levels.dedup();
        assert_eq!(levels.len(), 3, "{module}");
    }
}

#[test]
fn the_version_follows_every_byte() {
    let version = |b: &str| load(COURSE, FULL, b).unwrap().version().to_string();
    let one = version(PLANNED);
    assert!(one.starts_with("1.0.0+") && one.len() == "1.0.0+".len() + 12, "{one}");
    assert_eq!(one, version(PLANNED));
    assert_ne!(one, version(&PLANNED.replace("About b", "About  b")));
}

#[test]
fn only_the_courses_own_questions_are_authored() {
    let course = load(COURSE, FULL, PLANNED).unwrap();
    let cases = [
        ("Which a?", Some(("m.a", 0))),
        ("  Whose \n a?  ", Some(("m.a", 1))),
        ("What is a?", Some(("m.a", 2))),
        ("Why b?", Some(("m.b", 1))),
        ("which a?", None),
        ("Which a? My name is Zoe.", None),
        ("", None),
    ];
    for (text, expected) in cases {
        let found = course.authored_question(text);
        let found_ids = found.as_ref().map(|(topic, index)| (topic.as_str(), *index));
        assert_eq!(found_ids, expected, "{text:?}");
        if let Some((topic, index)) = &found {
            let own = course.authored_text(topic, *index).unwrap();
            assert_eq!(own, text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

/// Breaks one thing, and demands that a fault names the file and the place.
fn check(broken: Result<Course, CourseError>, file: &str, words: &str) {
    let error = broken.err().unwrap_or_else(|| panic!("no fault for {file}: {words}"));
    let named = error.faults.iter().any(|fault| {
        fault.file == file && fault.to_string().contains(words) && !fault.remedy.is_empty()
    });
    assert!(named, "expected {file}: {words}, found {error}");
}

#[test]
fn each_broken_rule_of_a_topic_is_named() {
    let cases = [
        (r#"title = "A""#, r#"title = """#, "title: it is empty"),
        ("a = 5", "a = 11", "weight is not 1 to 10"),
        (r#"hints = ["one", "two", "three", "four"]"#, r#"hints = ["one"]"#, "not exactly four"),
        (r#""three""#, r#""""#, "hints[3]: it is empty"),
        (r#"why = "It is yes.""#, r#"why = """#, "a wrong option has no explanation"),
        ("correct = 0", "correct = 2", "no option has this index"),
        (r#"id = "q2""#, r#"id = "q1""#, "its id stands twice"),
        (r#"id = "second""#, r#"id = "first""#, "its id stands twice"),
        (r#"id = "first""#, r#"id = "First""#, "its id has another shape"),
        (r#"id = "q1""#, r#"id = "q 1""#, "its id has another shape"),
        (r#"misconception = "wrong_idea""#, r#"misconception = "no_idea""#, "not a misconception"),
        (r#"ask = "Whose a?""#, r#"ask = "Which  a?""#, "stands in m.a too"),
        (r#"answer = "This.""#, r#"answer = """#, "answer: it is empty"),
        (
            r#"output = "1""#,
            r#"output = "1"
surprise = 1"#,
            "unknown field",
        ),
        ("print(____)", "print(1)", "its starter has no blank"),
        ("call = \"f()\"", "", "a test calls no function"),
        (r#"solution = "1""#, r#"solution = "7""#, "a test expects another text"),
        (r#"expect = "1""#, "expect = \"1\"\nhidden = true", "none is visible"),
        (r#"expect = "1""#, "expect = \"1\"\nweight = 0", "a weight is 0"),
        (r#"kind = "fill-in""#, r#"kind = "essay""#, "line "),
        (r#"{ text = "yes" }, "#, "", "not 2 to 6"),
    ];
    for (from, to, words) in cases {
        assert!(FULL.contains(from), "{from}");
        let broken = FULL.replacen(from, to, 1);
        check(load(COURSE, &broken, PLANNED), "m/a.toml", words);
    }
    let (kept, _) = FULL.split_once("[[follow_up]]").unwrap();
    check(load(COURSE, kept, PLANNED), "m/a.toml", "follow_up: there are 0, not 2 to 3");
    let planned_and_full = format!("planned = true\n{FULL}");
    check(load(COURSE, &planned_and_full, PLANNED), "m/a.toml", "either planned or has");
    let same = FULL.replace("Whose a?", "Why b?");
    check(load(COURSE, &same, PLANNED), "m/b.toml", "stands in m.a too");
    let alike = FULL.replace(
        "misconception = \"wrong_idea\"\ncode = \"2\"",
        "misconception = \"wrong_idea\"\ncode = \"1\"",
    );
    check(load(COURSE, &alike, PLANNED), "m/a.toml", "it is the solution");
    let told = FULL
        .replace("\"three\"", "'''say\nprint(1)\nx = 1'''")
        .replace("solution = \"print(1)\"", "solution = '''print(1)\nx = 1'''");
    check(load(COURSE, &told, PLANNED), "m/a.toml", "it tells the whole solution");
}

#[test]
fn each_broken_rule_of_a_course_is_named() {
    let cases = [
        ("format = 1", "format = 2", "this format is unknown"),
        (r#"version = "1.0.0""#, r#"version = "1.0""#, "not a semantic version"),
        (r#"id = "tiny""#, r#"id = "Tiny""#, "it is not an id"),
        (r#"requires = ["m.a"]"#, r#"requires = ["m.c"]"#, "m.c is not a topic"),
        (r#"requires = ["m.a"]"#, r#"requires = ["a"]"#, "expected module.topic"),
        (r#"requires = ["m.a"]"#, r#"requires = ["m.b"]"#, "it requires itself"),
        (r#"id = "a""#, "id = \"a\"\nrequires = [\"m.b\"]", "over a circle"),
        (r#"id = "b""#, r#"id = "a""#, "it stands twice"),
        (r#"title = "M""#, "colour = 1", "line "),
    ];
    for (from, to, words) in cases {
        assert!(COURSE.contains(from), "{from}");
        check(load(&COURSE.replace(from, to), FULL, PLANNED), "course.toml", words);
    }
    check(Course::load(&[]), "course.toml", "it is missing");
    check(Course::load(&[("course.toml", COURSE), ("m/a.toml", FULL)]), "m/b.toml", "is missing");
    let stranger =
        [("course.toml", COURSE), ("m/a.toml", FULL), ("m/b.toml", PLANNED), ("m/c.toml", PLANNED)];
    check(Course::load(&stranger), "m/c.toml", "no topic of course.toml names it");
}

#[test]
fn every_fault_is_listed_at_once() {
    let a = FULL.replace("title = \"A\"", "title = \"\"").replace("correct = 0", "correct = 9");
    let error = load(&COURSE.replace("format = 1", "format = 3"), &a, "title = 1").unwrap_err();
    let files: Vec<&str> = error.faults.iter().map(|fault| fault.file.as_str()).collect();
    for file in ["course.toml", "m/a.toml", "m/b.toml"] {
        assert!(files.contains(&file), "{file} in {error}");
    }
    assert!(error.faults.len() >= 7, "{error}");
}
