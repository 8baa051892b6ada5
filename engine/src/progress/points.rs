//! A score from 0 to 100 with two decimals, without floating point.

use serde::{Deserialize, Serialize};

use super::nearest;

/// Points: hundredths, from 0.00 to 100.00.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(u16);

impl Points {
    /// None at all.
    pub const ZERO: Self = Self(0);
    /// All of them.
    pub const FULL: Self = Self(10_000);

    /// From hundredths; more than all are all.
    pub const fn from_hundredths(hundredths: u16) -> Self {
        if hundredths > Self::FULL.0 { Self::FULL } else { Self(hundredths) }
    }

    /// From a number of points, rounded half away from zero and kept within 0 to 100.
    pub fn from_f64(points: f64) -> Self {
        Self::clamped(nearest(points * 100.0, 0, u32::from(Self::FULL.0)))
    }

    /// What share of a weight was earned, as a percentage; none of nothing, all of more than all.
    pub fn percent(passed_weight: u32, all_weight: u32) -> Self {
        let all = u64::from(all_weight);
        if all == 0 {
            return Self::ZERO;
        }
        let hundredths = (u64::from(passed_weight) * 20_000 + all) / (2 * all);
        Self::clamped(u32::try_from(hundredths).unwrap_or(u32::MAX))
    }

    /// Hundredths of a point.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// The points as a number, such as 53.33.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// From a wider number of hundredths; more than all are all.
    pub(super) fn clamped(hundredths: u32) -> Self {
        u16::try_from(hundredths).map_or(Self::FULL, Self::from_hundredths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_rounded_half_away_from_zero_and_clamped() {
        let cases = [
            (0.0, 0),
            (53.333_333, 5_333),
            (66.666_667, 6_667),
            (0.125, 13),
            (0.375, 38),
            (99.994, 9_999),
            (100.0, 10_000),
            (100.4, 10_000),
            (-0.1, 0),
            (f64::NAN, 0),
            (f64::INFINITY, 10_000),
            (f64::NEG_INFINITY, 0),
        ];
        for (points, expected) in cases {
            assert_eq!(Points::from_f64(points).hundredths(), expected, "{points}");
        }
    }

    #[test]
    fn a_percentage_is_rounded_and_never_leaves_its_bounds() {
        let cases = [
            (0, 0, 0),
            (3, 0, 0),
            (0, 5, 0),
            (4, 5, 8_000),
            (1, 3, 3_333),
            (2, 3, 6_667),
            (1, 8, 1_250),
            (1, 20_000, 1),
            (1, 20_001, 0),
            (5, 5, 10_000),
            (6, 5, 10_000),
            (u32::MAX, u32::MAX, 10_000),
        ];
        for (passed, all, expected) in cases {
            assert_eq!(Points::percent(passed, all).hundredths(), expected, "{passed} of {all}");
        }
    }

    #[test]
    fn every_number_of_hundredths_comes_back() {
        for hundredths in 0..=10_000 {
            let points = Points::from_hundredths(hundredths);
            assert_eq!(Points::from_f64(points.as_f64()), points);
        }
        assert_eq!(Points::from_hundredths(10_001), Points::FULL);
    }
}
