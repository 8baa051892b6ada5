//! FSRS-6, the memory model: how stability and difficulty follow from ratings and gaps.
//!
//! Source: open-spaced-repetition, *The FSRS algorithm* (version 6) and py-fsrs 6.3, against which
//! `deploy/dev/oracle.sh` compares every function here. The weights are its defaults.

use super::Rating;
use crate::progress::nearest;

/// The probability of recall at which a review is due.
const DESIRED_RETENTION: f64 = 0.9;
/// The least stability, in days.
const LEAST_STABILITY_DAYS: f64 = 0.001;
/// The longest interval.
const LONGEST_DAYS: u32 = 365;

/// The weights by what they do; the comment gives the published index.
mod weight {
    /// 0 to 3: the first stability, by rating.
    pub(super) const FIRST_STABILITY_DAYS: [f64; 4] = [0.212, 1.2931, 2.3065, 8.2956];
    /// 4 and 5: the first difficulty.
    pub(super) const FIRST_DIFFICULTY: f64 = 6.4133;
    pub(super) const FIRST_DIFFICULTY_SLOPE: f64 = 0.8334;
    /// 6 and 7: how difficulty moves, and how it is drawn back.
    pub(super) const DIFFICULTY_STEP: f64 = 3.0194;
    pub(super) const DIFFICULTY_REVERSION: f64 = 0.001;
    /// 8 to 10: growth after a success.
    pub(super) const GROWTH: f64 = 1.8722;
    pub(super) const GROWTH_BY_STABILITY: f64 = 0.1666;
    pub(super) const GROWTH_BY_FORGETTING: f64 = 0.796;
    /// 11 to 14: what is left after a failure.
    pub(super) const LEFT: f64 = 1.4835;
    pub(super) const LEFT_BY_DIFFICULTY: f64 = 0.0614;
    pub(super) const LEFT_BY_STABILITY: f64 = 0.2629;
    pub(super) const LEFT_BY_FORGETTING: f64 = 1.6483;
    /// 15 and 16: less growth when it was hard, more when it was easy.
    pub(super) const HARD: f64 = 0.6014;
    pub(super) const EASY: f64 = 1.8729;
    /// 17 to 19: a second review on the same day.
    pub(super) const SAME_DAY: f64 = 0.5425;
    pub(super) const SAME_DAY_SHIFT: f64 = 0.0912;
    pub(super) const SAME_DAY_BY_STABILITY: f64 = 0.0658;
    /// 20: the shape of forgetting.
    pub(super) const DECAY: f64 = 0.1542;
}

/// What is remembered, as the model sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Days until recall has fallen to nine in ten.
    pub stability_days: f64,
    /// From 1, easy, to 10, hard.
    pub difficulty: f64,
}

/// The memory after the first review.
pub fn first(rating: Rating) -> Memory {
    let [again, hard, good, easy] = weight::FIRST_STABILITY_DAYS;
    let stability_days = match rating {
        Rating::Again => again,
        Rating::Hard => hard,
        Rating::Good => good,
        Rating::Easy => easy,
    };
    Memory { stability_days, difficulty: first_difficulty(rating).clamp(1.0, 10.0) }
}

/// The memory after a review that came some whole days after the last one.
pub fn next(memory: Memory, elapsed_days: u32, rating: Rating) -> Memory {
    let recall = retrievability(memory.stability_days, elapsed_days);
    let stability_days = match (elapsed_days, rating) {
        (0, _) => same_day(memory.stability_days, rating),
        (_, Rating::Again) => after_failure(memory, recall),
        (_, Rating::Hard) => after_success(memory, recall, weight::HARD),
        (_, Rating::Good) => after_success(memory, recall, 1.0),
        (_, Rating::Easy) => after_success(memory, recall, weight::EASY),
    };
    Memory {
        stability_days: stability_days.max(LEAST_STABILITY_DAYS),
        difficulty: next_difficulty(memory.difficulty, rating),
    }
}

/// The probability of recall after some whole days.
pub fn retrievability(stability_days: f64, elapsed_days: u32) -> f64 {
    (1.0 + factor() * f64::from(elapsed_days) / stability_days).powf(-weight::DECAY)
}

/// Whole days until the probability of recall has fallen to nine in ten: 1 to 365.
pub fn interval_days(stability_days: f64) -> u16 {
    let days = stability_days / factor() * (DESIRED_RETENTION.powf(-1.0 / weight::DECAY) - 1.0);
    u16::try_from(nearest(days, 1, LONGEST_DAYS)).unwrap_or(u16::MAX)
}

/// Makes a stability of so many days mean a recall of nine in ten after them.
fn factor() -> f64 {
    0.9_f64.powf(-1.0 / weight::DECAY) - 1.0
}

/// The rating as the formulas count it.
const fn grade(rating: Rating) -> f64 {
    match rating {
        Rating::Again => 1.0,
        Rating::Hard => 2.0,
        Rating::Good => 3.0,
        Rating::Easy => 4.0,
    }
}

fn first_difficulty(rating: Rating) -> f64 {
    weight::FIRST_DIFFICULTY - (weight::FIRST_DIFFICULTY_SLOPE * (grade(rating) - 1.0)).exp() + 1.0
}

fn next_difficulty(difficulty: f64, rating: Rating) -> f64 {
    let step = -weight::DIFFICULTY_STEP * (grade(rating) - 3.0);
    let damped = difficulty + (10.0 - difficulty) * step / 9.0;
    // What it is drawn to is not clamped: the model was fitted like that.
    let target = first_difficulty(Rating::Easy);
    let reverted =
        weight::DIFFICULTY_REVERSION * target + (1.0 - weight::DIFFICULTY_REVERSION) * damped;
    reverted.clamp(1.0, 10.0)
}

fn after_success(memory: Memory, recall: f64, factor: f64) -> f64 {
    let Memory { stability_days, difficulty } = memory;
    let growth = weight::GROWTH.exp()
        * (11.0 - difficulty)
        * stability_days.powf(-weight::GROWTH_BY_STABILITY)
        * (((1.0 - recall) * weight::GROWTH_BY_FORGETTING).exp() - 1.0)
        * factor;
    stability_days * (1.0 + growth)
}

fn after_failure(memory: Memory, recall: f64) -> f64 {
    let Memory { stability_days, difficulty } = memory;
    let left = weight::LEFT
        * difficulty.powf(-weight::LEFT_BY_DIFFICULTY)
        * ((stability_days + 1.0).powf(weight::LEFT_BY_STABILITY) - 1.0)
        * ((1.0 - recall) * weight::LEFT_BY_FORGETTING).exp();
    left.min(stability_days / (weight::SAME_DAY * weight::SAME_DAY_SHIFT).exp())
}

fn same_day(stability_days: f64, rating: Rating) -> f64 {
    let growth = (weight::SAME_DAY * (grade(rating) - 3.0 + weight::SAME_DAY_SHIFT)).exp()
        * stability_days.powf(-weight::SAME_DAY_BY_STABILITY);
    match rating {
        Rating::Again => stability_days * growth,
        Rating::Hard | Rating::Good | Rating::Easy => stability_days * growth.max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reviews after so many days; expects stability and difficulty after each.
    fn check(reviews: &[(u32, Rating, f64, f64)]) {
        let mut memory: Option<Memory> = None;
        for (gap_days, rating, stability_days, difficulty) in reviews {
            let found = memory.map_or_else(|| first(*rating), |m| next(m, *gap_days, *rating));
            assert!((found.stability_days - stability_days).abs() <= 5e-7, "{found:?}");
            assert!((found.difficulty - difficulty).abs() <= 5e-7, "{found:?}");
            memory = Some(found);
        }
    }

    #[test]
    fn the_golden_vector_holds_to_six_decimals() {
        check(&[
            (0, Rating::Good, 2.306_500, 2.118_104),
            (3, Rating::Good, 13.826_904, 2.111_214),
            (8, Rating::Again, 1.632_487, 7.392_238),
            (1, Rating::Good, 3.653_683, 7.380_074),
            (5, Rating::Easy, 17.000_208, 6.489_846),
        ]);
    }

    #[test]
    fn reviews_on_one_day_give_what_py_fsrs_gives() {
        check(&[
            (0, Rating::Good, 2.306_500, 2.118_104),
            (0, Rating::Good, 2.306_500, 2.111_214),
            (0, Rating::Again, 0.775_084, 7.392_238),
            (0, Rating::Hard, 0.775_084, 8.254_075),
            (0, Rating::Easy, 1.424_694, 7.655_896),
            (2, Rating::Hard, 3.261_346, 8.429_103),
            (0, Rating::Again, 1.071_255, 9.468_885),
        ]);
    }

    #[test]
    fn however_often_it_is_rated_alike_a_memory_keeps_its_bounds() {
        let repeated = |rating| (0..50).fold(first(rating), |memory, _| next(memory, 0, rating));
        let worst = repeated(Rating::Again);
        assert!((worst.stability_days - LEAST_STABILITY_DAYS).abs() < f64::EPSILON, "{worst:?}");
        assert!(worst.difficulty > 9.9 && worst.difficulty <= 10.0, "{worst:?}");
        for easy in [first(Rating::Easy), repeated(Rating::Easy)] {
            assert!((easy.difficulty - 1.0).abs() < f64::EPSILON, "{easy:?}");
        }
    }

    #[test]
    fn recall_is_nine_in_ten_after_the_stability_and_that_is_the_interval() {
        for days in [1, 2, 10, 100, 365] {
            let recall = retrievability(f64::from(days), days);
            assert!((recall - 0.9).abs() < 1e-12, "{recall} after {days} days");
            assert_eq!(u32::from(interval_days(f64::from(days))), days);
        }
    }

    #[test]
    fn an_interval_is_whole_days_from_one_to_a_year() {
        let cases = [(0.001, 1), (1.4, 1), (1.6, 2), (364.6, 365), (366.0, 365), (1e9, 365)];
        for (stability_days, expected) in cases {
            assert_eq!(interval_days(stability_days), expected, "{stability_days}");
        }
    }

    #[test]
    fn a_success_on_the_same_day_never_lowers_stability_and_a_failure_does() {
        for stability_days in [0.001, 0.5, 2.0, 50.0, 5_000.0] {
            let memory = Memory { stability_days, difficulty: 5.0 };
            for rating in [Rating::Hard, Rating::Good, Rating::Easy] {
                assert!(next(memory, 0, rating).stability_days >= stability_days);
            }
            let failed = next(memory, 0, Rating::Again).stability_days;
            assert!(failed < stability_days || failed <= LEAST_STABILITY_DAYS, "{failed}");
        }
    }
}
