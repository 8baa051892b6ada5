//! Scenarios: how many students do what, as a TOML file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::threshold::{InvalidThreshold, Threshold};

/// The scenarios that come with the program, by name.
const BUILT_IN: [(&str, &str); 4] = [
    ("smoke", include_str!("../scenarios/smoke.toml")),
    ("class", include_str!("../scenarios/class.toml")),
    ("hundred", include_str!("../scenarios/hundred.toml")),
    ("thousand", include_str!("../scenarios/thousand.toml")),
];

/// A load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name in reports.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Virtual students.
    pub students: u32,
    /// Asks of each student.
    pub turns: u32,
    /// Closed loop: the mean pause between a `done` and the next ask; half to one and a half of it.
    #[serde(default)]
    pub think_ms: u64,
    /// Open loop: asks a second of all students together, whatever has been answered.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// Closed loop: the first asks are spread over this long. Absent: over `think_ms`.
    #[serde(default)]
    pub ramp_ms: Option<u64>,
    /// Asks that are due this early don't count.
    #[serde(default)]
    pub warmup_ms: u64,
    /// Connections a second at the start.
    #[serde(default = "default_connects")]
    pub connects_per_s: f64,
    /// An ask without `done` after this long is unanswered.
    #[serde(default = "default_deadline")]
    pub deadline_ms: u64,
    /// How long all stay connected after the last answer, to look at an idle server.
    #[serde(default)]
    pub hold_ms: u64,
    /// What the provider is set to, to be taken off the time to first token.
    #[serde(default)]
    pub provider_first_token_ms: Option<u64>,
    /// Seeds pauses and questions.
    #[serde(default)]
    pub seed: u64,
    /// What must hold.
    #[serde(default)]
    pub thresholds: Vec<String>,
}

fn default_connects() -> f64 {
    100.0
}

fn default_deadline() -> u64 {
    60_000
}

/// The scenario can't be run.
#[derive(Debug, thiserror::Error)]
pub enum InvalidScenario {
    /// There is neither a built-in scenario nor a file of this name.
    #[error("there is no scenario `{0}`: `learnflow-bench list` names those that come along")]
    Unknown(String),
    /// The file can't be read.
    #[error("{path} can't be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not the TOML of a scenario.
    #[error("{name}: {source}")]
    Malformed {
        /// The scenario or file.
        name: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A number makes no sense.
    #[error("{name}: {field} must be {expected}")]
    Field {
        /// The scenario.
        name: String,
        /// The field.
        field: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A threshold is wrong.
    #[error(transparent)]
    Threshold(#[from] InvalidThreshold),
}

impl Scenario {
    /// The scenario that was given by flags alone.
    pub fn unnamed(students: u32, turns: u32) -> Self {
        Self {
            name: "custom".to_owned(),
            description: String::new(),
            students,
            turns,
            think_ms: 0,
            rate_per_s: None,
            ramp_ms: None,
            warmup_ms: 0,
            connects_per_s: default_connects(),
            deadline_ms: default_deadline(),
            hold_ms: 0,
            provider_first_token_ms: None,
            seed: 0,
            thresholds: Vec::new(),
        }
    }

    /// The names of the built-in scenarios.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Finds a built-in scenario, or reads a file.
    ///
    /// # Errors
    ///
    /// [`InvalidScenario`]; retrying doesn't help.
    pub fn find(name_or_path: &str) -> Result<Self, InvalidScenario> {
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == name_or_path);
        match built_in {
            Some((name, text)) => Self::parse(name, text),
            None if Path::new(name_or_path).exists() => Self::read(Path::new(name_or_path)),
            None => Err(InvalidScenario::Unknown(name_or_path.to_owned())),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`InvalidScenario`]; retrying doesn't help.
    pub fn read(path: &Path) -> Result<Self, InvalidScenario> {
        let text = std::fs::read_to_string(path);
        let unreadable = |source| InvalidScenario::Unreadable { path: path.to_owned(), source };
        Self::parse(&path.display().to_string(), &text.map_err(unreadable)?)
    }

    fn parse(name: &str, text: &str) -> Result<Self, InvalidScenario> {
        let malformed =
            |source| InvalidScenario::Malformed { name: name.to_owned(), source: Box::new(source) };
        let scenario: Self = toml::from_str(text).map_err(malformed)?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// Checks that it can be run. Answers its thresholds.
    ///
    /// # Errors
    ///
    /// The first field that makes no sense.
    pub fn validate(&self) -> Result<Vec<Threshold>, InvalidScenario> {
        let is_rate = |rate: f64| rate.is_finite() && rate > 0.0 && rate <= 1e6;
        let checks = [
            ((1..=100_000).contains(&self.students), "students", "1 to 100,000"),
            ((1..=1_000_000).contains(&self.turns), "turns", "1 to 1,000,000"),
            (self.rate_per_s.is_none_or(is_rate), "rate_per_s", "above 0"),
            (is_rate(self.connects_per_s), "connects_per_s", "above 0"),
            ((1..=600_000).contains(&self.deadline_ms), "deadline_ms", "1 to 600,000"),
            (self.think_ms <= 3_600_000, "think_ms", "at most an hour"),
        ];
        if let Some((_, field, expected)) = checks.into_iter().find(|(is_fine, ..)| !is_fine) {
            return Err(InvalidScenario::Field { name: self.name.clone(), field, expected });
        }
        let thresholds = self.thresholds.iter().map(|text| text.parse());
        Ok(thresholds.collect::<Result<_, _>>()?)
    }

    /// When this student's connection is due after the start of connecting.
    pub fn connect_offset(&self, student: u32) -> Duration {
        Duration::from_secs_f64(f64::from(student) / self.connects_per_s)
    }

    /// When this student's ask is due after the start: always in the open loop, in the closed loop
    /// only the first.
    pub fn ask_offset(&self, student: u32, turn: u32) -> Duration {
        if let Some(rate) = self.rate_per_s {
            let place = f64::from(turn) * f64::from(self.students) + f64::from(student);
            return Duration::from_secs_f64(place / rate);
        }
        let ramp = Duration::from_millis(self.ramp_ms.unwrap_or(self.think_ms));
        ramp.mul_f64(f64::from(student) / f64::from(self.students))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_scenarios_are_sound_and_bear_their_names() {
        for name in Scenario::built_in_names() {
            let scenario = Scenario::find(name).expect("a sound scenario");
            assert_eq!(scenario.name, name);
            assert!(!scenario.description.is_empty());
        }
    }

    #[test]
    fn the_open_loop_asks_at_an_even_rate() {
        let open = Scenario { rate_per_s: Some(4.0), ..Scenario::unnamed(2, 3) };
        let due = [(0, 0), (1, 0), (0, 1), (1, 2)].map(|(s, t)| open.ask_offset(s, t).as_millis());
        assert_eq!(due, [0, 250, 500, 1_250]);
        let closed = Scenario { think_ms: 1_000, ..Scenario::unnamed(4, 3) };
        assert_eq!(closed.ask_offset(1, 0).as_millis(), 250);
        assert_eq!(closed.connect_offset(50).as_millis(), 500);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let table = [
            ("students = 1", "missing field `name`"),
            ("name='a'\nstudents=1\nturns=1\nspeed=1", "speed"),
            ("name='a'\nstudents=0\nturns=1", "students must be"),
            ("name='a'\nstudents=1\nturns=1\nrate_per_s=-1.0", "rate_per_s must be"),
            ("name='a'\nstudents=1\nturns=1\nthresholds=['x<1']", "no figure `x`"),
        ];
        for (text, expected) in table {
            let problem = Scenario::parse("file.toml", text).expect_err("it makes no sense");
            assert!(problem.to_string().contains(expected), "{problem}");
        }
        let unknown = Scenario::find("nowhere").expect_err("there is none");
        assert!(unknown.to_string().contains("nowhere"));
    }
}
