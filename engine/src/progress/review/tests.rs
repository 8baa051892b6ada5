//! Cards: ratings, due times, and what is left of the golden vector after storage.

use super::*;

const START_S: i64 = 1_760_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis((START_S + seconds) * 1_000)
}

const DAY: i64 = DAY_S as i64;

#[test]
fn an_answer_is_rated_by_help_and_time() {
    use Attempt::{First, Later};
    use Correctness::{Correct, Wrong};
    use Pace::{Fast, Slow, Unknown, Usual};
    let cases = [
        (Wrong, 0, First, Fast, Rating::Again),
        (Wrong, 5, Later, Slow, Rating::Again),
        (Correct, 5, First, Fast, Rating::Again),
        (Correct, 4, First, Fast, Rating::Again),
        (Correct, 3, First, Fast, Rating::Hard),
        (Correct, 1, Later, Unknown, Rating::Hard),
        (Correct, 0, First, Slow, Rating::Hard),
        (Correct, 0, Later, Slow, Rating::Hard),
        (Correct, 0, First, Usual, Rating::Good),
        (Correct, 0, First, Unknown, Rating::Good),
        (Correct, 0, Later, Fast, Rating::Good),
        (Correct, 0, First, Fast, Rating::Easy),
    ];
    for (correctness, rung, attempt, pace, expected) in cases {
        let recall = Recall { correctness, attempt, rung, pace };
        assert_eq!(rating(recall), expected, "{recall:?}");
    }
}

#[test]
fn the_golden_vector_survives_storage() {
    let vector = [
        (0, Rating::Good, 2.306_500, 2.118_104),
        (3, Rating::Good, 13.826_904, 2.111_214),
        (8, Rating::Again, 1.632_487, 7.392_238),
        (1, Rating::Good, 3.653_683, 7.380_074),
        (5, Rating::Easy, 17.000_208, 6.489_846),
    ];
    let (mut card, mut now_s) = (None, 0);
    for (gap_days, rating, stability_days, difficulty) in vector {
        now_s += gap_days * DAY;
        let found = review(card, rating, at(now_s));
        assert!((found.stability_days() - stability_days).abs() <= 1e-4, "{found:?}");
        assert!((found.difficulty() - difficulty).abs() <= 2e-6, "{found:?}");
        card = Some(found);
    }
    let card = card.unwrap();
    assert_eq!((card.reviews, card.lapses), (5, 1));
}

/// Reviews after the given gaps in seconds; expects the last interval in seconds.
fn check_interval(reviews: &[(i64, Rating)], expected_s: i64) {
    let (mut card, mut now_s) = (None, 0);
    for (gap_s, rating) in reviews {
        now_s += gap_s;
        card = Some(review(card, *rating, at(now_s)));
    }
    let card = card.unwrap();
    assert_eq!(i64::from(card.reviewed_at_s), START_S + now_s, "{reviews:?}");
    assert_eq!(i64::from(card.due_at_s - card.reviewed_at_s), expected_s, "{reviews:?}");
    assert!(!card.is_due(at(now_s + expected_s - 1)) && card.is_due(at(now_s + expected_s)));
}

#[test]
fn an_interval_is_a_day_to_a_year_and_ten_minutes_after_a_lapse() {
    use Rating::{Again, Easy, Good, Hard};
    check_interval(&[(0, Again)], DAY);
    check_interval(&[(0, Hard)], DAY);
    check_interval(&[(0, Good)], 2 * DAY);
    check_interval(&[(0, Easy)], 8 * DAY);
    check_interval(&[(0, Good), (3 * DAY, Good)], 14 * DAY);
    check_interval(&[(0, Good), (3 * DAY, Again)], 600);
    check_interval(&[(0, Again), (1, Again)], 600);
    check_interval(&[(0, Good), (3 * DAY, Again), (600, Good)], DAY);
    check_interval(&[(0, Easy), (300 * DAY, Easy), (365 * DAY, Easy)], 365 * DAY);
}

#[test]
fn a_clock_that_runs_backwards_moves_no_review_back() {
    let card = review(None, Rating::Good, at(1_000));
    let again = review(Some(card), Rating::Good, at(0));
    assert_eq!(again.reviewed_at_s, card.reviewed_at_s);
    assert!(again.due_at_s > again.reviewed_at_s);
    assert_eq!(card.elapsed_days(at(0)), 0);
}

#[test]
fn recall_fades_by_whole_days() {
    let card = review(None, Rating::Good, at(0));
    assert!((retrievability(&card, at(DAY - 1)) - 1.0).abs() < f64::EPSILON);
    let first = retrievability(&card, at(DAY));
    assert!(first < 1.0 && retrievability(&card, at(2 * DAY)) < first);
}

#[test]
fn counters_and_stability_stop_at_their_limits() {
    let mut card = review(None, Rating::Easy, at(0));
    for day in 1..400 {
        card = review(Some(card), Rating::Easy, at(day * 365 * DAY));
    }
    assert_eq!(card.stability, Card::STABILITY_LIMIT);
    for _ in 0..400 {
        card = review(Some(card), Rating::Again, at(0));
    }
    assert_eq!((card.lapses, card.reviews), (u8::MAX, 800));
    assert!(card.stability >= 1);
    assert!(card.difficulty() > 9.9 && card.difficulty() <= 10.0);
}
