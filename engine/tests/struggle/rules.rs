//! Each trigger's rule: what raises it, with which evidence, and what clears it.

use learnflow_engine::progress::struggle::{
    ALERT_LIMIT, FirstTry, Observation, Severity, Struggle, Trigger, Verdict,
};
use learnflow_engine::tutor::traceback::ErrorClass;

use crate::play::{Play, at, attempt, error, hint, key, opened, words};

/// (seconds, what is seen, verdicts in words)
type Step = (i64, Observation, &'static str);

fn check(rule: &str, steps: &[Step]) {
    let mut play = Play::default();
    for (place, (at_s, seen, expected)) in steps.iter().enumerate() {
        assert_eq!(play.told(*seen, *at_s), *expected, "{rule}, step {place}: {seen:?}");
    }
}

fn quiz(topic: u8, percent: u8) -> Observation {
    Observation::QuizRound { topic: key(topic), percent }
}

fn passed(topic: u8, exercise: u8) -> Observation {
    Observation::ExercisePassed { topic: key(topic), exercise: key(100 + exercise) }
}

fn failed(topic: Option<u8>) -> Observation {
    Observation::RunFailed { topic: topic.map(key) }
}

fn succeeded(topic: u8) -> Observation {
    Observation::RunSucceeded { topic: Some(key(topic)) }
}

fn confused(topic: u8) -> Observation {
    Observation::Confused { topic: Some(key(topic)) }
}

fn sought(topic: u8) -> Observation {
    Observation::AnswerSought { topic: Some(key(topic)), exercise: None }
}

const MINUTE: i64 = 60;

#[test]
fn the_same_error_three_times_in_half_an_hour_is_repeated() {
    let name = error(ErrorClass::NameError, Some(1));
    check(
        "three at once",
        &[(0, name, ""), (1, name, ""), (2, name, "+repeated_error high [1, 2, 3]"), (3, name, "")],
    );
    check(
        "both ends of the window count",
        &[(0, name, ""), (1, name, ""), (30 * MINUTE, name, "+repeated_error high [1, 2, 3]")],
    );
    check("a second later they don't", &[(0, name, ""), (1, name, ""), (1_801, name, "")]);
    check(
        "another class, another topic, no topic: each by itself",
        &[
            (0, name, ""),
            (1, error(ErrorClass::TypeError, Some(1)), ""),
            (2, error(ErrorClass::NameError, Some(2)), ""),
            (3, error(ErrorClass::NameError, None), ""),
            (4, name, ""),
            (5, error(ErrorClass::NameError, None), ""),
            (6, name, "+repeated_error high [1, 5, 7]"),
            (7, error(ErrorClass::NameError, None), "+repeated_error high [4, 6, 9]"),
        ],
    );
}

#[test]
fn errors_that_are_read_at_once_stay_as_far_apart_as_they_happened() {
    let name = error(ErrorClass::NameError, Some(1));
    check(
        "20 minutes apart",
        &[(0, name, ""), (20 * MINUTE, name, ""), (40 * MINUTE, name, ""), (60 * MINUTE, name, "")],
    );
}

#[test]
fn a_pass_on_the_topic_clears_a_repeated_error_and_it_starts_from_nothing() {
    let name = error(ErrorClass::NameError, Some(1));
    check(
        "pass",
        &[
            (0, name, ""),
            (1, name, ""),
            (2, name, "+repeated_error high [1, 2, 3]"),
            (3, passed(2, 1), ""),
            (4, passed(1, 1), "-repeated_error"),
            (5, name, ""),
            (6, name, ""),
            (7, name, "+repeated_error high [8, 9, 10]"),
        ],
    );
    let nowhere = error(ErrorClass::NameError, None);
    check(
        "met outside of a topic",
        &[
            (0, nowhere, ""),
            (1, nowhere, ""),
            (2, nowhere, "+repeated_error high [1, 2, 3]"),
            (3, passed(2, 1), "-repeated_error"),
        ],
    );
}

#[test]
fn an_open_alert_is_raised_again_after_a_quarter_of_an_hour() {
    let name = error(ErrorClass::NameError, Some(1));
    check(
        "again",
        &[
            (0, name, ""),
            (1, name, ""),
            (2, name, "+repeated_error high [1, 2, 3]"),
            (2 + 15 * MINUTE - 1, name, ""),
            (2 + 15 * MINUTE, name, "+repeated_error high [1, 2, 3, 5, 6]"),
            (2 + 29 * MINUTE, name, ""),
        ],
    );
}

#[test]
fn a_quiz_round_below_half_is_low_until_one_that_is_not() {
    check(
        "quiz",
        &[
            (0, quiz(1, 50), ""),
            (1, quiz(1, 49), "+low_quiz medium [2]"),
            (2, quiz(1, 10), ""),
            (3, quiz(2, 0), "+low_quiz medium [5]"),
            (4, quiz(1, 50), "-low_quiz"),
            (5, quiz(1, 49), "+low_quiz medium [9]"),
            (6, quiz(3, 100), ""),
        ],
    );
}

#[test]
fn confusion_is_low_and_twice_in_ten_minutes_high() {
    check(
        "same topic",
        &[
            (0, confused(1), "+confusion low [1]"),
            (10 * MINUTE, confused(1), "+confusion high [1, 3]"),
            (11 * MINUTE, confused(1), ""),
        ],
    );
    check(
        "too long ago",
        &[
            (0, confused(1), "+confusion low [1]"),
            (10 * MINUTE + 1, confused(1), ""),
            (26 * MINUTE, confused(1), "+confusion low [4]"),
        ],
    );
    check(
        "another topic is the same student",
        &[(0, confused(1), "+confusion low [1]"), (MINUTE, confused(2), "+confusion high [1, 3]")],
    );
}

#[test]
fn five_failed_runs_in_a_row_until_the_first_success() {
    let run = failed(Some(1));
    check(
        "five",
        &[
            (0, run, ""),
            (1, run, ""),
            (2, run, ""),
            (3, run, ""),
            (9_000, run, "+failed_runs high [1, 2, 3, 4, 5]"),
            (9_001, run, ""),
            (9_002, succeeded(2), "-failed_runs"),
            (9_003, run, ""),
        ],
    );
    check(
        "a success in between",
        &[
            (0, run, ""),
            (1, run, ""),
            (2, run, ""),
            (3, run, ""),
            (4, succeeded(1), ""),
            (5, run, ""),
        ],
    );
    check(
        "over all topics, and told once",
        &[
            (0, run, ""),
            (1, failed(None), ""),
            (2, run, ""),
            (3, run, ""),
            (4, failed(Some(2)), "+failed_runs high [1, 2, 3, 4, 5]"),
            (5, run, ""),
            (4 + 15 * MINUTE, run, "+failed_runs high [3, 4, 5, 7, 8]"),
            (1_000, succeeded(3), "-failed_runs -failed_runs"),
        ],
    );
}

#[test]
fn ten_exercises_without_three_in_a_row_are_spinning_wheels() {
    use FirstTry::{Correct, NotCorrect};

    let mut play = Play::default();
    for exercise in 1..=9 {
        // Two right, one wrong, and so on: never three in a row. Each is tried twice.
        let first = if exercise % 3 == 0 { NotCorrect } else { Correct };
        for first_try in [first, NotCorrect] {
            assert_eq!(play.told(attempt(1, exercise, first_try), exercise.into()), "");
        }
    }
    assert_eq!(play.told(attempt(2, 10, NotCorrect), 20), "", "another topic");
    let tenth = play.told(attempt(1, 10, NotCorrect), 21);
    assert_eq!(tenth, "+wheel_spinning high [1, 20]");
    assert_eq!(play.told(attempt(1, 11, Correct), 22), "");
    assert_eq!(play.told(attempt(1, 12, Correct), 23), "");
    assert_eq!(play.told(attempt(1, 13, Correct), 24), "-wheel_spinning");
    for exercise in 14..=22 {
        assert_eq!(play.told(attempt(1, exercise, NotCorrect), 30), "", "it starts anew");
    }
}

#[test]
fn three_right_in_a_row_start_the_count_anew() {
    use FirstTry::{Correct, NotCorrect};

    let mut play = Play::default();
    for round in 0..10_u8 {
        for step in 0..9_u8 {
            let first_try = if step < 6 { NotCorrect } else { Correct };
            let seen = attempt(1, round * 9 + step, first_try);
            assert_eq!(play.told(seen, 0), "", "round {round} step {step}");
        }
    }
}

#[test]
fn late_hints_on_three_exercises_or_hints_in_a_rush_are_abuse() {
    check(
        "late on three exercises",
        &[
            (0, hint(1, 1, 4), ""),
            (60, hint(1, 1, 5), ""),
            (120, hint(1, 2, 3), ""),
            (180, hint(1, 2, 4), ""),
            (240, hint(1, 3, 4), "+hint_abuse low [2, 4, 5]"),
            (300, hint(2, 4, 4), ""),
        ],
    );
    check(
        "over more than a quarter of an hour",
        &[(0, hint(1, 1, 4), ""), (60, hint(1, 2, 4), ""), (15 * MINUTE + 1, hint(1, 3, 4), "")],
    );
    check(
        "in a rush",
        &[
            (0, hint(1, 1, 1), ""),
            (4, hint(1, 1, 2), ""),
            (9, hint(1, 1, 3), ""),
            (13, hint(1, 2, 1), ""),
            (17, hint(2, 3, 1), "+hint_abuse low [2, 4, 5]"),
            (18, hint(3, 3, 2), ""),
        ],
    );
}

#[test]
fn asking_for_the_answer_three_times_in_a_session_is_seeking() {
    check(
        "three",
        &[
            (0, sought(1), ""),
            (25 * MINUTE, sought(2), ""),
            (50 * MINUTE, sought(1), "+answer_seeking low [1, 2, 3]"),
            (51 * MINUTE, sought(2), ""),
            (66 * MINUTE, sought(2), "+answer_seeking low [3, 5, 6]"),
        ],
    );
    check(
        "a pause of half an hour ends a session",
        &[(0, sought(1), ""), (1, sought(1), ""), (30 * MINUTE + 2, sought(1), "")],
    );
    check(
        "half an hour itself doesn't",
        &[
            (0, sought(1), ""),
            (1, sought(1), ""),
            (30 * MINUTE + 1, sought(1), "+answer_seeking low [1, 2, 3]"),
        ],
    );
    check(
        "not if something else happens in between",
        &[
            (0, sought(1), ""),
            (1, sought(1), ""),
            (20 * MINUTE, Observation::Active, ""),
            (40 * MINUTE, sought(1), "+answer_seeking low [1, 2, 4]"),
        ],
    );
}

#[test]
fn ten_active_minutes_on_an_exercise_are_too_long() {
    let mut steps = vec![(0, opened(1, 1), "")];
    steps.extend((1..=5).map(|n| (n * 2 * MINUTE, Observation::Active, "")));
    steps.push((601, Observation::Active, "+stuck_on_exercise medium [1, 7]"));
    steps.push((602, opened(1, 1), ""));
    let passes = [passed(1, 1), Observation::Left, opened(1, 2), opened(2, 3)];
    for over in passes {
        let mut steps = steps.clone();
        steps.push((603, passed(1, 9), ""));
        steps.push((604, over, "-stuck_on_exercise"));
        steps.push((605, Observation::Active, ""));
        check("stuck", &steps);
    }
}

#[test]
fn pauses_count_for_three_minutes() {
    check(
        "three pauses of an hour are nine minutes",
        &[
            (0, opened(1, 1), ""),
            (3_600, Observation::Active, ""),
            (7_200, Observation::Active, ""),
            (10_800, Observation::Active, ""),
            (10_860, Observation::Active, ""),
            (10_861, Observation::Active, "+stuck_on_exercise medium [1, 6]"),
        ],
    );
}

/// Does these things until something is raised, clears it, and does them again: as many are
/// needed as before.
fn check_cleared(trigger: Trigger, least: usize, things: &dyn Fn(u8) -> Observation) {
    let mut play = Play::default();
    let mut done = 0;
    for round in 0..2 {
        for _ in 1..least {
            done += 1;
            assert_eq!(play.told(things(done), done.into()), "", "{trigger:?} in round {round}");
        }
        done += 1;
        let told = play.told(things(done), done.into());
        assert!(told.starts_with(&format!("+{}", trigger.as_str())), "{trigger:?}: {told}");
        let (_, topic) =
            play.state.alerts().map(|alert| (alert.trigger, alert.topic)).next().unwrap();
        let clear = Verdict::Clear { trigger, topic };
        play.decide(vec![clear.clone(), clear], at(done.into()));
        assert_eq!(play.state.alerts().count(), 0, "{trigger:?}");
    }
}

#[test]
fn what_an_instructor_clears_starts_from_nothing() {
    let name = error(ErrorClass::NameError, Some(1));
    check_cleared(Trigger::RepeatedError, 3, &|_| name);
    check_cleared(Trigger::LowQuiz, 1, &|_| quiz(1, 0));
    check_cleared(Trigger::FailedRuns, 5, &|_| failed(Some(1)));
    check_cleared(Trigger::WheelSpinning, 10, &|n| attempt(1, n, FirstTry::NotCorrect));
    check_cleared(Trigger::HintAbuse, 3, &|n| hint(1, n % 3, if n % 7 == 0 { 5 } else { 4 }));
    check_cleared(Trigger::AnswerSeeking, 3, &|_| sought(1));

    let mut play = Play::default();
    assert_eq!(play.told(confused(1), 0), "+confusion low [1]");
    play.decide(vec![Verdict::Clear { trigger: Trigger::Confusion, topic: Some(key(1)) }], at(1));
    assert_eq!(play.told(confused(1), 2), "+confusion low [4]", "once again it is the first");
}

#[test]
fn who_is_cleared_of_being_stuck_has_another_ten_minutes() {
    let mut play = Play::default();
    play.told(opened(1, 1), 0);
    for minute in 1..=10 {
        play.told(Observation::Active, minute * MINUTE);
    }
    assert_eq!(play.told(Observation::Active, 601), "+stuck_on_exercise medium [1, 12]");
    let clear = Verdict::Clear { trigger: Trigger::StuckOnExercise, topic: Some(key(1)) };
    play.decide(vec![clear], at(601));
    for minute in 11..=20 {
        assert_eq!(play.told(Observation::Active, minute * MINUTE), "", "minute {minute}");
    }
    assert_eq!(play.told(Observation::Active, 1_202), "+stuck_on_exercise medium [1, 25]");
}

#[test]
fn two_errors_of_one_event_are_two_errors_and_one_piece_of_evidence() {
    let name = error(ErrorClass::NameError, Some(1));
    let mut state = Struggle::default();
    for event in [5, 5, 6] {
        state.observe(name, event, at(0));
    }
    assert_eq!(words(&state.verdicts(name, at(0))), "+repeated_error high [5, 6]");
}

#[test]
fn time_never_runs_backwards() {
    let mut play = Play::default();
    play.told(opened(1, 1), 0);
    for (late, early) in [(100, 0), (200, 0), (300, 0), (400, 0), (500, 0), (600, 0)] {
        assert_eq!(play.told(Observation::Active, late), "");
        assert_eq!(play.told(Observation::Active, early), "", "{early} counts as {late}");
    }
    assert_eq!(play.state.stuck_due(), Some(at(600).plus_millis(1)));
}

#[test]
fn of_too_many_alerts_the_oldest_is_cleared_for_the_new_one() {
    let mut play = Play::default();
    let limit = u8::try_from(ALERT_LIMIT).unwrap();
    for topic in 0..limit {
        play.told(quiz(topic, 0), topic.into());
    }
    assert_eq!(play.state.alerts().count(), ALERT_LIMIT);
    let verdicts = play.see(quiz(limit, 0), at(100));
    let oldest = Verdict::Clear { trigger: Trigger::LowQuiz, topic: Some(key(0)) };
    assert_eq!(verdicts[0], oldest);
    assert!(matches!(verdicts[1], Verdict::Raise { topic, .. } if topic == Some(key(limit))));
    assert_eq!(play.state.alerts().count(), ALERT_LIMIT);
    let newest = play.state.alerts().last().unwrap();
    assert_eq!((newest.topic, newest.severity), (Some(key(limit)), Severity::Medium));
    assert_eq!(newest.raised_at(), at(100));
    assert_eq!(newest.event(), play.journal.last().unwrap().1);
}
