//! What the passing of time alone does.

use learnflow_engine::progress::struggle::Observation;

use crate::play::{Play, at, hint, key, opened, words};

const MINUTE: i64 = 60;

#[test]
fn the_timer_is_set_once_three_minutes_of_silence_would_be_enough() {
    let mut play = Play::default();
    assert_eq!(play.state.stuck_due(), None, "no exercise is open");
    play.told(opened(1, 1), 0);
    for minute in 0..=6 {
        play.told(Observation::Active, minute * MINUTE);
        assert_eq!(play.state.stuck_due(), None, "minute {minute}");
    }
    // While the student works the time stays the same, so the timer needn't be set again.
    let due = at(10 * MINUTE).plus_millis(1);
    for minute in 8..=10 {
        play.told(Observation::Active, minute * MINUTE);
        assert_eq!(play.state.stuck_due(), Some(due), "minute {minute}");
    }
    assert_eq!(words(&play.timer(at(10 * MINUTE))), "", "too early");
    assert_eq!(words(&play.timer(due)), "+stuck_on_exercise medium [1, 11]");
    assert_eq!(play.state.stuck_due(), None, "the alert is fresh");
}

#[test]
fn a_student_who_has_gone_sets_no_timer_until_they_come_back() {
    let mut play = Play::default();
    play.told(opened(1, 1), 0);
    for minute in [3, 6] {
        play.told(Observation::Active, minute * MINUTE);
    }
    assert_eq!(words(&play.timer(at(9 * MINUTE))), "");
    assert_eq!(words(&play.timer(at(600 * MINUTE))), "", "nobody was there");
    play.told(Observation::Active, 600 * MINUTE);
    let due = at(601 * MINUTE).plus_millis(1);
    assert_eq!(play.state.stuck_due(), Some(due), "nine minutes are counted");
    assert_eq!(words(&play.timer(due)), "+stuck_on_exercise medium [1, 4]");
}

#[test]
fn who_is_still_stuck_is_told_again_after_a_quarter_of_an_hour() {
    let mut play = Play::default();
    play.told(opened(1, 1), 0);
    for minute in 1..=10 {
        play.told(Observation::Active, minute * MINUTE);
    }
    let first = at(10 * MINUTE).plus_millis(1);
    assert_eq!(play.timer(first).len(), 1);
    for minute in 11..=22 {
        assert_eq!(play.told(Observation::Active, minute * MINUTE), "", "minute {minute}");
    }
    // To the second in which the first was raised.
    let again = at(25 * MINUTE);
    assert_eq!(play.state.stuck_due(), Some(again));
    assert_eq!(words(&play.timer(again)), "+stuck_on_exercise medium [1, 24]");
    assert_eq!(play.state.alerts().count(), 1);
}

#[test]
fn no_alert_stays_open_for_ever() {
    let day = 24 * 60 * MINUTE;
    let mut play = Play::default();
    assert_eq!(play.state.expiry_due(), None);
    play.told(Observation::QuizRound { topic: key(1), percent: 0 }, 0);
    play.told(Observation::Confused { topic: None }, 10);
    assert_eq!(play.state.expiry_due(), Some(at(day + 10)));
    assert_eq!(words(&play.timer(at(day + 9))), "");
    assert_eq!(words(&play.timer(at(day + 10))), "-confusion");
    assert_eq!(play.state.expiry_due(), Some(at(14 * day)));
    assert_eq!(play.told(Observation::Active, 14 * day - 1), "");
    assert_eq!(play.told(Observation::Active, 14 * day), "-low_quiz");
    assert_eq!(play.state.expiry_due(), None);

    for at_s in [0, 4, 8, 12] {
        play.told(hint(1, 1, 1), 20 * day + at_s);
    }
    for at_s in 0..3 {
        let sought = Observation::AnswerSought { topic: None, exercise: None };
        play.told(sought, 20 * day + 20 + at_s);
    }
    assert_eq!(play.state.alerts().count(), 2);
    let both = play.told(Observation::Active, 21 * day + 22);
    assert_eq!(both, "-hint_abuse -answer_seeking");
}
