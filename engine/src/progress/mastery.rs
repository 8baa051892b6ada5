//! Mastery of a topic: four components, one score, one level.
//!
//! `0.40 exercises + 0.30 quizzes + 0.20 quality + 0.10 streak`, each from 0 to 100 points. What
//! is missing counts nothing in the score; the estimate says what the known ones alone would give.

use serde::{Deserialize, Serialize};

use super::points::Points;

/// Below this many graded items nobody has mastered a topic.
const GRADED_FOR_MASTERED: u32 = 3;

/// One of the four things that mastery is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// Scores of exercises.
    Exercises,
    /// Scores of quiz rounds.
    Quizzes,
    /// The quality of the student's code.
    Quality,
    /// Days in a row.
    Streak,
}

impl Component {
    /// All four, in the order in which people read them.
    pub const ALL: [Self; 4] = [Self::Exercises, Self::Quizzes, Self::Quality, Self::Streak];

    /// Its share of the score.
    pub const fn weight_pct(self) -> u8 {
        match self {
            Self::Exercises => 40,
            Self::Quizzes => 30,
            Self::Quality => 20,
            Self::Streak => 10,
        }
    }

    /// How much of a new value goes into the moving average, in tenths. A streak is what it is.
    const fn alpha_tenths(self) -> u8 {
        match self {
            Self::Exercises => 3,
            Self::Quizzes => 4,
            Self::Quality => 2,
            Self::Streak => 10,
        }
    }

    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exercises => "exercises",
            Self::Quizzes => "quizzes",
            Self::Quality => "quality",
            Self::Streak => "streak",
        }
    }
}

/// What is known of a topic's four components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Components {
    /// Scores of exercises.
    pub exercises: Option<Points>,
    /// Scores of quiz rounds.
    pub quizzes: Option<Points>,
    /// The quality of the student's code.
    pub quality: Option<Points>,
    /// Days in a row.
    pub streak: Option<Points>,
}

impl Components {
    /// One of them.
    pub const fn get(&self, component: Component) -> Option<Points> {
        match component {
            Component::Exercises => self.exercises,
            Component::Quizzes => self.quizzes,
            Component::Quality => self.quality,
            Component::Streak => self.streak,
        }
    }

    /// The score: what is missing counts nothing.
    pub fn score(&self) -> Points {
        average(self.weighted().0, 100)
    }

    /// What the known components alone would give; `None` when nothing is known.
    pub fn estimate(&self) -> Option<Points> {
        let (sum, weight) = self.weighted();
        (weight > 0).then(|| average(sum, weight))
    }

    /// What is not known.
    pub fn missing(&self) -> Vec<Component> {
        Component::ALL.into_iter().filter(|component| self.get(*component).is_none()).collect()
    }

    /// The weighted sum in hundredths of a point, and the weight that went into it.
    fn weighted(&self) -> (u32, u32) {
        let known = Component::ALL.into_iter().filter_map(|component| {
            let points = self.get(component)?;
            Some((u32::from(points.hundredths()), u32::from(component.weight_pct())))
        });
        known.fold((0, 0), |(sum, all), (points, weight)| (sum + points * weight, all + weight))
    }
}

/// A weighted sum over its weight, rounded half up.
fn average(sum: u32, weight: u32) -> Points {
    Points::clamped((2 * sum + weight) / (2 * weight))
}

/// How far a student is in a topic, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MasteryLevel {
    /// Up to 40 points.
    Beginner,
    /// Up to 70 points.
    Learning,
    /// Up to 90 points, or more with fewer than three graded items.
    Proficient,
    /// More than 90 points in at least three graded items.
    Mastered,
}

impl MasteryLevel {
    /// The level of a score. Total and monotone: no score lies between two levels.
    pub const fn of(score: Points, graded_items: u32) -> Self {
        match score.hundredths() {
            0..=4_000 => Self::Beginner,
            4_001..=7_000 => Self::Learning,
            7_001..=9_000 => Self::Proficient,
            _ if graded_items < GRADED_FOR_MASTERED => Self::Proficient,
            _ => Self::Mastered,
        }
    }

    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Beginner => "beginner",
            Self::Learning => "learning",
            Self::Proficient => "proficient",
            Self::Mastered => "mastered",
        }
    }

    /// The colour in which pages show it.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Beginner => "red",
            Self::Learning => "yellow",
            Self::Proficient => "green",
            Self::Mastered => "blue",
        }
    }
}

/// All that is said about the mastery of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mastery {
    /// The four components.
    pub components: Components,
    /// The score, from which the level follows.
    pub score: Points,
    /// What the known components alone would give.
    pub estimate: Option<Points>,
    /// Which components are not known.
    pub missing: Vec<Component>,
    /// The score in one word.
    pub level: MasteryLevel,
}

impl Mastery {
    /// What follows from the components and the number of graded items.
    pub fn of(components: Components, graded_items: u32) -> Self {
        let score = components.score();
        Self {
            components,
            score,
            estimate: components.estimate(),
            missing: components.missing(),
            level: MasteryLevel::of(score, graded_items),
        }
    }
}

/// The exponential moving average of a component: a new value moves the old one by a part of the
/// difference, .3 for exercises, .4 for quizzes, .2 for quality. The first value stands as it is.
pub fn smoothed(previous: Option<Points>, next: Points, component: Component) -> Points {
    let Some(previous) = previous else { return next };
    let alpha = u32::from(component.alpha_tenths());
    let (old, new) = (u32::from(previous.hundredths()), u32::from(next.hundredths()));
    average(old * (10 - alpha) + new * alpha, 10)
}

/// The points of a streak: ten a day, up to 100.
pub fn streak(days: u32) -> Points {
    Points::clamped(days.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(points: [Option<f64>; 4]) -> Components {
        let [exercises, quizzes, quality, streak] =
            points.map(|points| points.map(Points::from_f64));
        Components { exercises, quizzes, quality, streak }
    }

    fn check(
        points: [Option<f64>; 4],
        graded_items: u32,
        score: f64,
        estimate: Option<f64>,
        level: MasteryLevel,
    ) {
        let mastery = Mastery::of(components(points), graded_items);
        assert_eq!(mastery.score, Points::from_f64(score), "score of {points:?}");
        assert_eq!(mastery.estimate, estimate.map(Points::from_f64), "estimate of {points:?}");
        assert_eq!(mastery.level, level, "level of {points:?} after {graded_items}");
        let missing = points.iter().filter(|points| points.is_none()).count();
        assert_eq!(mastery.missing.len(), missing, "missing in {points:?}");
    }

    #[test]
    fn the_score_counts_what_is_missing_as_nothing_and_the_estimate_leaves_it_out() {
        use MasteryLevel::{Beginner, Learning, Mastered, Proficient};
        let third = 160.0 / 3.0;
        let maya = [Some(60.0), Some(third), Some(65.0), Some(70.0)];
        check(maya, 9, 60.0, Some(60.0), Learning);
        check([maya[0], Some(80.0), maya[2], maya[3]], 10, 68.0, Some(68.0), Learning);
        let full = [Some(100.0); 4];
        check(full, 3, 100.0, Some(100.0), Mastered);
        check(full, 2, 100.0, Some(100.0), Proficient);
        check(full, 0, 100.0, Some(100.0), Proficient);
        check([None; 4], 0, 0.0, None, Beginner);
        check([None, Some(100.0), None, None], 5, 30.0, Some(100.0), Beginner);
        check([Some(80.0), None, None, Some(20.0)], 5, 34.0, Some(68.0), Beginner);
        check([Some(0.01), None, None, None], 1, 0.0, Some(0.01), Beginner);
        check([Some(100.0), Some(100.0), Some(100.0), None], 4, 90.0, Some(100.0), Proficient);
    }

    #[test]
    fn every_score_has_one_level_and_levels_only_rise() {
        let mut last = MasteryLevel::Beginner;
        for hundredths in 0..=10_000_u16 {
            let score = Points::from_hundredths(hundredths);
            let level = MasteryLevel::of(score, 3);
            let expected = match score.as_f64() {
                points if points <= 40.0 => MasteryLevel::Beginner,
                points if points <= 70.0 => MasteryLevel::Learning,
                points if points <= 90.0 => MasteryLevel::Proficient,
                _ => MasteryLevel::Mastered,
            };
            assert_eq!(level, expected, "{hundredths}");
            assert!(level >= last, "{hundredths}");
            last = level;
            for graded_items in 0..3 {
                let few = MasteryLevel::of(score, graded_items);
                assert_eq!(few, level.min(MasteryLevel::Proficient), "{hundredths}");
            }
        }
    }

    #[test]
    fn a_new_value_moves_a_component_by_its_own_part() {
        let cases = [
            (Component::Exercises, None, 37.0, 37.0),
            (Component::Exercises, Some(50.0), 100.0, 65.0),
            (Component::Quizzes, Some(50.0), 100.0, 70.0),
            (Component::Quality, Some(50.0), 100.0, 60.0),
            (Component::Streak, Some(50.0), 100.0, 100.0),
            (Component::Exercises, Some(0.0), 0.05, 0.02),
            (Component::Quizzes, Some(80.0), 0.0, 48.0),
        ];
        for (component, previous, next, expected) in cases {
            let previous = previous.map(Points::from_f64);
            let found = smoothed(previous, Points::from_f64(next), component);
            assert_eq!(found, Points::from_f64(expected), "{component:?} {previous:?} {next}");
        }
    }

    #[test]
    fn a_streak_gives_ten_points_a_day_up_to_a_hundred() {
        let cases = [(0, 0.0), (1, 10.0), (7, 70.0), (10, 100.0), (11, 100.0), (u32::MAX, 100.0)];
        for (days, expected) in cases {
            assert_eq!(streak(days), Points::from_f64(expected), "{days} days");
        }
    }

    #[test]
    fn words_on_the_wire_are_those_of_the_serialised_form() {
        for component in Component::ALL {
            let word = serde_json::to_string(&component).unwrap();
            assert_eq!(word, format!("\"{}\"", component.as_str()));
        }
        let levels = [
            (MasteryLevel::Beginner, "red"),
            (MasteryLevel::Learning, "yellow"),
            (MasteryLevel::Proficient, "green"),
            (MasteryLevel::Mastered, "blue"),
        ];
        for (level, colour) in levels {
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{}\"", level.as_str()));
            assert_eq!(level.colour(), colour);
        }
    }
}
