//! Which step comes next, over a small course: `a`, `b` on `a`, `p` (planned) on `b`, `c` on `p`,
//! and `d` by itself.

use super::*;
use crate::course::CourseKey;
use crate::progress::change::Change;
use crate::progress::evidence::Correctness;
use crate::progress::quiz_round::{QuizRound, RoundEnd};
use crate::progress::review::{Rating, review};

const COURSE: &str = r#"
format = 1
id = "small"
title = "Small"
version = "1.0.0"
[[module]]
id = "m"
title = "M"
[[module.topic]]
id = "a"
[[module.topic]]
id = "b"
requires = ["m.a"]
[[module.topic]]
id = "p"
requires = ["m.b"]
[[module.topic]]
id = "c"
requires = ["m.p"]
[[module.topic]]
id = "d"
"#;

/// The start of a topic's file; `@` stands for its name.
const HEAD: &str = r#"
title = "@"
summary = "About @."
suggested_questions = ["What is @?", "Why @?"]
keywords = { @ = 5 }
"#;

const CONTENT: &str = r#"
explanations = { beginner = "x", learning = "y", proficient = "z" }
misconception = [{ id = "wrong_@", description = "An idea." }]
example = [
    { title = "One", code = "print(1)", output = "1", explanation = "It prints." },
    { title = "Two", code = "print(2)", output = "2", explanation = "It prints." },
]
follow_up = [
    { ask = "Which @?", answer = "This." },
    { ask = "Whose @?", answer = "Ours." },
]
"#;

/// An exercise; `#` stands for its difficulty.
const EXERCISE: &str = r##"
[[exercise]]
id = "#"
title = "X"
kind = "predict-output"
difficulty = "#"
statement = "Say it."
starter = "print(1)"
hints = ["one", "two", "three", "four"]
solution = "1"
test = [{ expect = "1" }]
wrong = [{ misconception = "wrong_@", code = "2" }]
"##;

const ITEM: &str = r##"
[[quiz]]
id = "#"
stem = "?"
correct = 0
options = [{ text = "yes" }, { text = "no", why = "It is yes." }]
"##;

fn full(name: &str) -> String {
    let exercises = ["hard", "easy", "medium"].map(|name| EXERCISE.replace('#', name));
    let items = ["q1", "q2", "q3", "q4"].map(|name| ITEM.replace('#', name));
    [HEAD, CONTENT, &exercises.concat(), &items.concat()].concat().replace('@', name)
}

fn planned(name: &str) -> String {
    [HEAD, "planned = true"].concat().replace('@', name)
}

fn course() -> Course {
    let files = ["a", "b", "c", "d"].map(full);
    Course::load(&[
        ("course.toml", COURSE),
        ("m/a.toml", &files[0]),
        ("m/b.toml", &files[1]),
        ("m/p.toml", &planned("p")),
        ("m/c.toml", &files[2]),
        ("m/d.toml", &files[3]),
    ])
    .unwrap()
}

fn id(name: &str) -> TopicId {
    TopicId::parse(&format!("m.{name}")).unwrap()
}

fn key(name: &str) -> CourseKey {
    id(name).key()
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000 + hours * 3_600_000)
}

/// A student who knows topics so well, in percent; each was asked about once.
fn knowing(topics: &[(&str, u32)]) -> Learning {
    let mut learning = Learning::default();
    for (name, percent) in topics {
        learning.ask(key(name));
        let known = Known::from_f64(f64::from(*percent) / 100.0);
        learning.apply(&Change::Traced { topic: key(name), known });
    }
    learning
}

fn answered(item: &str, round: QuizRound) -> Change {
    let item = ItemId::parse(item).unwrap();
    Change::Quiz {
        topic: item.topic().key(),
        item: item.key(),
        correctness: Correctness::Correct,
        component: Points::FULL,
        round,
        end: RoundEnd::Open,
    }
}

fn passed(exercise: &str) -> Change {
    let exercise = ExerciseId::parse(exercise).unwrap();
    Change::Exercise {
        topic: exercise.topic().key(),
        exercise: exercise.key(),
        points: Points::FULL,
        correctness: Correctness::Correct,
        component: Points::FULL,
    }
}

/// The step that is expected to be in a topic.
fn step(learning: &Learning, now: Timestamp) -> Step {
    match next_step(&course(), learning, None, now) {
        NextStep::Topic(step) => step,
        none @ (NextStep::Done | NextStep::PendingQuestion(_)) => panic!("{none:?}"),
    }
}

/// The step of who knows topics so well: why and which, or `done`.
fn check(topics: &[(&str, u32)], expected: &str) {
    let found = match next_step(&course(), &knowing(topics), None, at(0)) {
        NextStep::Topic(Step { topic, why, .. }) => format!("{} {topic}", why.as_str()),
        NextStep::Done => "done".to_owned(),
        NextStep::PendingQuestion(pending) => format!("{pending:?}"),
    };
    assert_eq!(found, expected, "{topics:?}");
}

#[test]
fn the_weakest_open_topic_comes_before_a_new_one() {
    check(&[], "new_topic m.a");
    check(&[("a", 30)], "weakest_topic m.a");
    check(&[("a", 69)], "weakest_topic m.a");
    check(&[("a", 94)], "weakest_topic m.a");
    check(&[("a", 95)], "new_topic m.b");
    check(&[("a", 80), ("b", 75)], "weakest_topic m.b");
    check(&[("a", 75), ("b", 75)], "weakest_topic m.a");
    check(&[("a", 96), ("b", 96), ("c", 96), ("d", 96)], "done");
}

#[test]
fn a_topic_waits_until_what_it_builds_on_is_known() {
    check(&[("b", 30)], "new_topic m.a");
    check(&[("a", 69), ("b", 30)], "weakest_topic m.a");
    check(&[("a", 70), ("b", 30)], "weakest_topic m.b");
    check(&[("a", 96), ("c", 20)], "new_topic m.b");
}

#[test]
fn a_planned_topic_is_never_offered_and_what_it_builds_on_stands_in_for_it() {
    check(&[("a", 96), ("b", 96)], "new_topic m.c");
    check(&[("a", 96), ("b", 96), ("p", 30)], "new_topic m.c");
    check(&[("a", 96), ("b", 60), ("c", 30), ("d", 96)], "weakest_topic m.b");
    let mut learning = knowing(&[("p", 30)]);
    let card = review(None, Rating::Again, at(0));
    learning.apply(&Change::Reviewed { topic: key("p"), card });
    assert_eq!(reviews(&course(), &learning, at(100)), []);
}

#[test]
fn what_waits_comes_before_everything() {
    let mut learning = knowing(&[("a", 30)]);
    let card = review(None, Rating::Again, at(0));
    learning.apply(&Change::Reviewed { topic: key("a"), card });
    let item = Pending::Item(ItemId::parse("m.a.q1").unwrap());
    let found = next_step(&course(), &learning, Some(item.clone()), at(100));
    assert_eq!(found, NextStep::PendingQuestion(item));
}

#[test]
fn what_is_recalled_least_is_reviewed_first() {
    let mut learning = knowing(&[("a", 99), ("b", 99), ("c", 99), ("d", 50)]);
    for (name, rating) in
        [("a", Rating::Good), ("b", Rating::Again), ("c", Rating::Hard), ("d", Rating::Easy)]
    {
        let card = review(None, rating, at(0));
        learning.apply(&Change::Reviewed { topic: key(name), card });
    }
    let due = reviews(&course(), &learning, at(3 * 24));
    let names: Vec<&str> = due.iter().map(|due| due.topic.as_str()).collect();
    assert_eq!(names, ["m.b", "m.c", "m.a"]);
    assert!(due.is_sorted_by_key(|due| due.recall) && due[2].recall > Points::from_f64(80.0));
    let activity = Activity::Quiz(ItemId::parse("m.b.q1").unwrap());
    let expected = Step { topic: id("b"), why: Why::DueReview, activity };
    assert_eq!(step(&learning, at(3 * 24)), expected);
    assert_eq!(reviews(&course(), &learning, at(23)), []);
}

/// A topic is due; so many other cards had this review an hour minus `spare_s` ago.
fn check_sitting(held: usize, reviews: u16, spare_s: i64, expected: Why) {
    let mut learning = knowing(&[("a", 50)]);
    let card = review(None, Rating::Again, at(0));
    learning.apply(&Change::Reviewed { topic: key("a"), card });
    let now = at(100);
    let reviewed_at = now.plus_millis((spare_s - 3_600) * 1_000);
    for number in 0..held {
        let other = TopicId::parse(&format!("other.topic_{number}")).unwrap().key();
        let mut card = review(None, Rating::Good, reviewed_at);
        card.reviews = reviews;
        learning.apply(&Change::Reviewed { topic: other, card });
    }
    let found = step(&learning, now);
    assert_eq!(found.why, expected, "{held} held {reviews} times, {spare_s} s");
}

#[test]
fn a_sitting_has_at_most_five_reviews() {
    check_sitting(4, 2, 1, Why::DueReview);
    check_sitting(5, 2, 1, Why::WeakestTopic);
    check_sitting(5, 2, 0, Why::DueReview);
    // What was met for the first time was no review.
    check_sitting(5, 1, 1, Why::DueReview);
}

#[test]
fn what_is_due_is_never_done_with() {
    let course = Course::builtin().unwrap();
    let mut learning = Learning::default();
    for topic in course.topics() {
        let key = topic.id.key();
        learning.ask(key);
        learning.apply(&Change::Traced { topic: key, known: Known::from_millionths(990_000) });
        learning.apply(&Change::Reviewed { topic: key, card: review(None, Rating::Good, at(0)) });
    }
    let now = at(24 * 60);
    let mut held = 0;
    while let NextStep::Topic(step) = next_step(&course, &learning, None, now) {
        assert_eq!(step.why, Why::DueReview);
        let key = step.topic.key();
        let card = learning.topic(key).unwrap().card.unwrap();
        let card = review(Some(card), Rating::Good, now);
        learning.apply(&Change::Reviewed { topic: key, card });
        held += 1;
        assert!(held <= course.topics().len(), "it ends");
    }
    assert_eq!(held, course.topics().len(), "all that was due was reviewed");
}

#[test]
fn a_list_of_reviews_names_at_most_five() {
    let course = Course::builtin().unwrap();
    let mut learning = Learning::default();
    let card = review(None, Rating::Again, at(0));
    for topic in course.topics() {
        learning.apply(&Change::Reviewed { topic: topic.id.key(), card });
    }
    let first: Vec<&TopicId> = written(&course).map(|topic| &topic.id).take(5).collect();
    let due = reviews(&course, &learning, at(48));
    assert_eq!(due.iter().map(|due| &due.topic).collect::<Vec<_>>(), first);
}

/// What the next step in `a` asks for.
fn check_activity(known: u32, changes: &[Change], expected: &str) {
    let mut learning = knowing(&[("a", known)]);
    for change in changes {
        learning.apply(change);
    }
    let found = match step(&learning, at(0)).activity {
        Activity::Explanation => "explanation".to_owned(),
        Activity::Quiz(item) => item.to_string(),
        Activity::Exercise(exercise) => exercise.to_string(),
    };
    assert_eq!(found, expected, "{known} {changes:?}");
}

#[test]
fn a_round_is_finished_then_exercises_are_solved_then_a_round_begins() {
    let open = QuizRound { base: None, correct: 1, answered: 1 };
    let over = QuizRound { base: Some(Points::FULL), correct: 0, answered: 0 };
    let all = ["m.a.easy", "m.a.medium", "m.a.hard"].map(passed);
    check_activity(30, &[], "m.a.q1");
    check_activity(30, &[answered("m.a.q1", open)], "m.a.q2");
    check_activity(30, &[answered("m.a.q1", over)], "m.a.easy");
    check_activity(30, &[answered("m.a.q1", over), all[0], all[1], all[2]], "m.a.q2");
}

#[test]
fn a_new_topic_begins_with_an_explanation() {
    let expected = Step { topic: id("a"), why: Why::NewTopic, activity: Activity::Explanation };
    assert_eq!(step(&Learning::default(), at(0)), expected);
}

/// The exercise for who knows `a` so well and has passed some of it.
fn check_exercise(known: u32, done: &[&str], expected: Option<&str>) {
    let mut learning = knowing(&[("a", known)]);
    for name in done {
        learning.apply(&passed(&format!("m.a.{name}")));
    }
    let found = next_exercise(&course(), &learning, &id("a"));
    let expected = expected.map(|name| ExerciseId::parse(&format!("m.a.{name}")).unwrap());
    assert_eq!(found, expected, "{known} {done:?}");
}

#[test]
fn an_exercise_is_as_hard_as_fits_or_the_nearest() {
    check_exercise(39, &[], Some("easy"));
    check_exercise(40, &[], Some("medium"));
    check_exercise(69, &[], Some("medium"));
    check_exercise(70, &[], Some("hard"));
    check_exercise(30, &["easy"], Some("medium"));
    check_exercise(30, &["easy", "medium"], Some("hard"));
    check_exercise(50, &["medium"], Some("easy"));
    check_exercise(80, &["hard"], Some("medium"));
    check_exercise(80, &["hard", "easy", "medium"], None);
    assert_eq!(next_exercise(&course(), &Learning::default(), &id("p")), None);
    assert_eq!(next_exercise(&course(), &Learning::default(), &id("stranger")), None);
}

#[test]
fn a_quiz_item_returns_only_when_all_others_were_asked() {
    let (course, mut learning) = (course(), Learning::default());
    let mut asked = Vec::new();
    for _ in 0..9 {
        let item = next_quiz_item(&course, &learning, &id("a")).unwrap();
        learning.apply(&answered(item.as_str(), QuizRound::default()));
        asked.push(item.as_str().replace("m.a.", ""));
    }
    assert_eq!(asked.join(" "), "q1 q2 q3 q4 q1 q2 q3 q4 q1");
    assert_eq!(next_quiz_item(&course, &learning, &id("p")), None);
}
