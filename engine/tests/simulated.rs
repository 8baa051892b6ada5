//! Simulated students without a tutor: the same seed does the same, and what they do fits them.
#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::Course;
use learnflow_engine::simulated::{
    Action, Book, FixedOrder, Mind, PROFILES, SimulatedStudent, class, profile,
};

static COURSE: LazyLock<Arc<Course>> = LazyLock::new(|| Course::builtin().unwrap());
const DAY_MS: i64 = 86_400_000;

fn at_day(day: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + day * DAY_MS)
}

/// What a student does in some days with the book.
fn with_the_book(student: &SimulatedStudent, days: i64) -> (Vec<Action>, Mind) {
    let mut mind = student.mind(&COURSE, at_day(0));
    let mut book = FixedOrder::new(Book::Whole);
    let mut done = Vec::new();
    for day in 0..days {
        let mut now = at_day(day);
        mind.sit_down(now);
        book.begin_day(&COURSE);
        loop {
            if mind.is_free() {
                mind.take_up(&book.next(&COURSE).unwrap(), &COURSE);
            }
            let action = mind.next(&COURSE, now);
            match &action {
                Action::Pause { ms } => now = now.plus_millis(i64::try_from(*ms).unwrap()),
                Action::Stop => break,
                Action::Active
                | Action::Ask { .. }
                | Action::Quiz { .. }
                | Action::Submit { .. }
                | Action::Hint { .. } => now = now.plus_millis(1),
            }
            done.push(action);
        }
    }
    (done, mind)
}

#[test]
fn the_same_seed_gives_the_same_class_and_steps() {
    assert_eq!(class(7, 30), class(7, 30));
    assert_ne!(class(7, 30), class(8, 30));
    let student = &class(7, 5)[2];
    assert_eq!(with_the_book(student, 3), with_the_book(student, 3));
    assert_ne!(with_the_book(student, 3).0, with_the_book(&class(8, 5)[2], 3).0);
    let times = |student: &SimulatedStudent| {
        (0..60).map(|day| student.sits_down_ms(day)).collect::<Vec<_>>()
    };
    assert_eq!(times(student), times(student));
    let free = times(student).iter().flatten().count();
    assert!((40..58).contains(&free), "{free}");
}

#[test]
fn a_class_has_unique_names_and_all_profiles() {
    for n in [0, 1, 30, 100, 1_000] {
        let class = class(1, n);
        let mut names: Vec<&str> = class.iter().map(|s| s.display_name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n);
        if n >= 30 {
            for (profile, share_pct) in PROFILES {
                let count = class.iter().filter(|s| s.profile == profile).count();
                let expected = n * usize::from(share_pct) / 100;
                assert!(count.abs_diff(expected) <= 1, "{}: {count} of {n}", profile.name);
            }
        }
    }
}

#[test]
fn nearly_a_third_struggles_with_two_of_the_first_topics() {
    let planted: Vec<usize> = class(3, 1_000)
        .iter()
        .map(|student| student.mind(&COURSE, at_day(0)))
        .inspect(|mind| {
            let first: Vec<_> = COURSE.topics().iter().take(9).map(|topic| &topic.id).collect();
            let memory = mind.memory();
            assert!(memory.planted().iter().all(|id| first.contains(&id)));
            assert!(memory.planted().iter().all(|id| !memory.has_learned(id)));
        })
        .map(|mind| mind.memory().planted().len())
        .collect();
    let strugglers = planted.iter().filter(|topics| **topics == 2).count();
    assert!((250..350).contains(&strugglers), "{strugglers}");
    assert!(planted.iter().all(|topics| [0, 2].contains(topics)));
}

/// Of each profile: topics known at the end, shares of right answers and of hints and asks.
fn habits() -> BTreeMap<&'static str, (f64, f64, f64)> {
    let mut sums: BTreeMap<&'static str, (f64, f64, f64, f64)> = BTreeMap::new();
    for student in class(5, 120) {
        let (done, mind) = with_the_book(&student, 6);
        let sum = sums.entry(student.profile.name).or_default();
        let known: f64 =
            COURSE.topics().iter().map(|topic| mind.memory().recall(&topic.id, at_day(6))).sum();
        sum.0 += known;
        for action in &done {
            match action {
                Action::Quiz { item, choice } => {
                    sum.1 += 1.0;
                    let right = COURSE.quiz_item(item).unwrap().correct == usize::from(*choice);
                    sum.2 += f64::from(u8::from(right));
                }
                Action::Ask { .. } | Action::Hint { .. } => sum.3 += 1.0,
                Action::Pause { .. } | Action::Active | Action::Submit { .. } | Action::Stop => {}
            }
        }
    }
    let students = |name| class(5, 120).iter().filter(|s| s.profile.name == name).count();
    let of = |name| f64::from(u32::try_from(students(name)).unwrap());
    sums.into_iter()
        .map(|(name, sum)| (name, (sum.0 / of(name), sum.2 / sum.1, sum.3 / of(name))))
        .collect()
}

#[test]
fn who_is_better_knows_more_answers_better_and_asks_for_less_help() {
    let habits = habits();
    let names: Vec<&str> = PROFILES.iter().map(|(profile, _)| profile.name).collect();
    for pair in names.windows(2) {
        let (worse, better) = (habits[pair[0]], habits[pair[1]]);
        assert!(worse.0 < better.0 && worse.1 < better.1, "{pair:?}: {worse:?} {better:?}");
    }
    assert!(habits[profile::REMEDIAL.name].2 > habits[profile::EXCELLENT.name].2, "{habits:?}");
}

#[test]
fn what_a_student_does_is_a_command_of_the_protocol_and_varies() {
    let (done, _) = with_the_book(&class(11, 9)[4], 12);
    let mut texts = Vec::new();
    for action in &done {
        let is_silent = matches!(action, Action::Pause { .. } | Action::Stop);
        assert_eq!(action.command().is_none(), is_silent);
        if let Action::Ask { text, .. } = action {
            assert!(!text.trim().is_empty());
            texts.push(text.as_str());
        }
    }
    texts.sort_unstable();
    texts.dedup();
    assert!(texts.len() >= 15, "{texts:?}");
}
