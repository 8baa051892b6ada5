//! Decision tables: what each kind of work changes, and what it leaves alone.

use super::*;
use crate::course::{ExerciseId, ItemId, TopicId};
use crate::progress::evidence::{Attempt, Correctness, Pace};
use crate::progress::quiz_round::RoundEnd;
use crate::progress::tracing::Known;
use crate::progress::{Mastery, MasteryLevel};

const DAY_MS: i64 = 86_400_000;

fn topic() -> CourseKey {
    TopicId::parse("basics.variables").unwrap().key()
}

fn item() -> CourseKey {
    ItemId::parse("basics.variables.swap").unwrap().key()
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_760_000_000_000 + ms)
}

fn submission(exercise: &str, points: f64) -> ExerciseEvidence {
    ExerciseEvidence {
        topic: topic(),
        exercise: ExerciseId::parse(&format!("basics.variables.{exercise}")).unwrap().key(),
        points: Points::from_f64(points),
        attempt: Attempt::First,
        rung: 0,
        pace: Pace::Unknown,
    }
}

fn fold(learning: &mut Learning, changes: &[Change]) {
    for change in changes {
        learning.apply(change);
    }
}

fn submit(learning: &mut Learning, evidence: &ExerciseEvidence, ms: i64) -> Vec<Change> {
    let changes = decide_exercise(learning, evidence, at(ms));
    fold(learning, &changes);
    changes
}

fn answer(learning: &mut Learning, correctness: Correctness, ms: i64) -> Vec<Change> {
    let evidence = QuizEvidence { topic: topic(), item: item(), correctness };
    let changes = decide_quiz(learning, evidence, at(ms));
    fold(learning, &changes);
    changes
}

fn is_review(change: &Change) -> bool {
    matches!(change, Change::Reviewed { .. })
}

#[test]
fn the_first_submission_seeds_everything() {
    let mut learning = Learning::default();
    let changes = submit(&mut learning, &submission("a", 80.0), 0);
    assert!(matches!(
        changes[..],
        [
            Change::Exercise { correctness: Correctness::Wrong, .. },
            Change::Traced { .. },
            Change::Reviewed { .. }
        ]
    ));
    let progress = learning.topic(topic()).unwrap();
    assert_eq!(progress.exercises, Some(Points::from_f64(80.0)));
    assert_eq!(progress.known, update(Known::PRIOR, Evidence::Wrong));
    assert_eq!(progress.card, Some(review(None, Rating::Again, at(0))));
    assert!(!learning.has_passed(submission("a", 80.0).exercise));
}

#[test]
fn a_hint_lowers_what_is_known_and_not_the_score() {
    for (rung, evidence, rating) in [
        (0, Evidence::Correct, Rating::Good),
        (2, Evidence::CorrectWithHints, Rating::Hard),
        (3, Evidence::Wrong, Rating::Hard),
        (4, Evidence::Wrong, Rating::Again),
    ] {
        let mut learning = Learning::default();
        submit(&mut learning, &ExerciseEvidence { rung, ..submission("a", 100.0) }, 0);
        let progress = learning.topic(topic()).unwrap();
        assert_eq!(progress.exercises, Some(Points::FULL), "rung {rung}");
        assert_eq!(progress.known, update(Known::PRIOR, evidence), "rung {rung}");
        assert_eq!(progress.card, Some(review(None, rating, at(0))), "rung {rung}");
    }
}

#[test]
fn a_passed_exercise_counts_again_only_as_a_due_review() {
    let mut learning = Learning::default();
    let solved = submission("a", 100.0);
    submit(&mut learning, &solved, 0);
    let due_ms = 2 * DAY_MS;
    for (evidence, ms, expected) in [
        (solved, 1, 0),
        (solved, due_ms - 1, 0),
        (submission("a", 0.0), 1, 0),
        (submission("b", 0.0), 1, 3),
        (submission("b", 100.0), 1, 2),
        (solved, due_ms, 3),
        (submission("a", 0.0), due_ms, 3),
    ] {
        let changes = decide_exercise(&learning, &evidence, at(ms));
        assert_eq!(changes.len(), expected, "{evidence:?} after {ms} ms: {changes:?}");
    }
}

/// Answers a quiz item right at 0, then once more after `ms`.
fn check_early(correctness: Correctness, ms: i64, expected: bool) {
    let mut learning = Learning::default();
    answer(&mut learning, Correctness::Correct, 0);
    let changes = answer(&mut learning, correctness, ms);
    let reviewed = changes.iter().any(is_review);
    assert_eq!(reviewed, expected, "{correctness:?} after {ms} ms");
    assert!(changes.iter().any(|change| matches!(change, Change::Traced { .. })));
}

#[test]
fn cramming_moves_no_card_and_a_mistake_always_does() {
    check_early(Correctness::Correct, 0, false);
    check_early(Correctness::Correct, DAY_MS - 1_000, false);
    check_early(Correctness::Correct, DAY_MS, true);
    check_early(Correctness::Wrong, 0, true);
    check_early(Correctness::Wrong, DAY_MS, true);
}

#[test]
fn after_a_lapse_the_next_right_answer_counts_once_ten_minutes_are_over() {
    let mut learning = Learning::default();
    answer(&mut learning, Correctness::Correct, 0);
    answer(&mut learning, Correctness::Wrong, 2 * DAY_MS);
    let lapsed_ms = 2 * DAY_MS;
    assert!(
        !answer(&mut learning, Correctness::Correct, lapsed_ms + 599_000).iter().any(is_review)
    );
    assert!(answer(&mut learning, Correctness::Correct, lapsed_ms + 600_000).iter().any(is_review));
}

#[test]
fn a_round_of_five_ends_with_its_score() {
    use Correctness::{Correct, Wrong};
    let mut learning = Learning::default();
    let mut ends = Vec::new();
    for correctness in [Correct, Correct, Wrong, Correct, Correct, Wrong] {
        for change in answer(&mut learning, correctness, 0) {
            if let Change::Quiz { end, .. } = change {
                ends.push(end);
            }
        }
    }
    let open = RoundEnd::Open;
    let ended = RoundEnd::Ended { percent: Points::from_f64(80.0) };
    assert_eq!(ends, [open, open, open, open, ended, open]);
    let progress = learning.topic(topic()).unwrap();
    assert_eq!(progress.quizzes, Some(Points::from_f64(48.0)));
    assert_eq!(progress.graded_total, 6);
}

#[test]
fn quality_is_smoothed_and_says_nothing_about_knowing() {
    let mut learning = Learning::default();
    for (points, expected) in [(65.0, 65.0), (100.0, 72.0)] {
        let changes = decide_quality(&learning, topic(), Points::from_f64(points));
        fold(&mut learning, &changes);
        let progress = learning.topic(topic()).unwrap();
        assert_eq!(progress.quality, Some(Points::from_f64(expected)));
        assert_eq!((progress.known, progress.card), (Known::PRIOR, None));
    }
}

#[test]
fn a_streak_grows_by_neighbouring_days_and_breaks_over_a_gap() {
    let mut learning = Learning::default();
    for (day, expected) in [
        (20_000, Some(1)),
        (20_000, None),
        (20_001, Some(2)),
        (20_000, None),
        (20_002, Some(3)),
        (20_004, Some(1)),
        (20_005, Some(2)),
    ] {
        let change = decide_streak(&learning, day);
        assert_eq!(change, expected.map(|days| Change::StreakDay { day, days }), "{day}");
        fold(&mut learning, change.as_slice());
    }
    let first = decide_streak(&Learning::default(), 0);
    assert_eq!(first, Some(Change::StreakDay { day: 0, days: 1 }));
}

#[test]
fn everything_right_for_ten_days_is_mastery() {
    let mut learning = Learning::default();
    for day in 0..10 {
        let change = decide_streak(&learning, 20_000 + day);
        fold(&mut learning, change.as_slice());
    }
    submit(&mut learning, &submission("a", 100.0), 0);
    answer(&mut learning, Correctness::Correct, 1);
    let quality = decide_quality(&learning, topic(), Points::FULL);
    fold(&mut learning, &quality);
    let two = learning.mastery(topic());
    assert_eq!((two.score, two.level), (Points::FULL, MasteryLevel::Proficient));
    answer(&mut learning, Correctness::Correct, 2);
    let Mastery { score, estimate, level, missing, .. } = learning.mastery(topic());
    assert_eq!(
        (score, estimate, level),
        (Points::FULL, Some(Points::FULL), MasteryLevel::Mastered)
    );
    assert_eq!(missing, []);
}
