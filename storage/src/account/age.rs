//! How old a student is, as far as the law cares, from a birth year alone.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::v1::{AgeBand, Consent};

/// The age band. Only the year is known, so the birthday is taken to be still ahead: a band is
/// never older than the student.
pub fn band(birth_year: Option<i32>, now: Timestamp) -> AgeBand {
    let Some(birth_year) = birth_year else { return AgeBand::Unknown };
    match year_of(now).saturating_sub(birth_year).saturating_sub(1) {
        ..13 => AgeBand::Under13,
        13..18 => AgeBand::Teen,
        18.. => AgeBand::Adult,
    }
}

/// The consent that a new student of this band has: none, where it is needed. Whoever doesn't
/// say how old they are is not known to be a child (16 CFR 312.2, actual knowledge).
pub const fn at_sign_up(band: AgeBand) -> Consent {
    match band {
        AgeBand::Under13 => Consent::Missing,
        AgeBand::Unknown | AgeBand::Teen | AgeBand::Adult => Consent::NotNeeded,
    }
}

/// The calendar year (UTC) of a moment. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`.
pub fn year_of(moment: Timestamp) -> i32 {
    const DAY_MICROS: i64 = 86_400_000_000;
    let day = moment.as_micros().div_euclid(DAY_MICROS) + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // The algorithm's years begin in March: its days from 306 on are the next year's.
    let year = year_of_era + era * 400 + i64::from(day_of_year >= 306);
    i32::try_from(year).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_moment_has_its_calendar_year() {
        let cases = [
            (0, 1970),
            (-1, 1969),
            (951_782_399, 2000),   // 2000-02-28T23:59:59Z
            (1_704_067_199, 2023), // the last second of 2023
            (1_704_067_200, 2024), // the first second of 2024
            (1_735_689_599, 2024), // the last second of a leap year
            (1_767_225_600, 2026), // 2026-01-01
            (4_102_444_800, 2100), // 2100-01-01, no leap year
        ];
        for (seconds, year) in cases {
            assert_eq!(year_of(micros(seconds)), year, "{seconds}");
        }
    }

    #[test]
    fn a_band_is_never_older_than_the_student() {
        let in_2026 = micros(1_795_000_000);
        let cases = [
            (None, AgeBand::Unknown),
            (Some(2020), AgeBand::Under13),
            (Some(2013), AgeBand::Under13),
            (Some(2012), AgeBand::Teen),
            (Some(2008), AgeBand::Teen),
            (Some(2007), AgeBand::Adult),
            (Some(i32::MIN), AgeBand::Adult),
            (Some(i32::MAX), AgeBand::Under13),
        ];
        for (birth_year, expected) in cases {
            assert_eq!(band(birth_year, in_2026), expected, "{birth_year:?}");
        }
    }

    #[test]
    fn only_a_known_child_needs_consent() {
        assert_eq!(at_sign_up(AgeBand::Under13), Consent::Missing);
        for band in [AgeBand::Unknown, AgeBand::Teen, AgeBand::Adult] {
            assert_eq!(at_sign_up(band), Consent::NotNeeded);
        }
    }
}
