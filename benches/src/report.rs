//! What a run is remembered by: one JSON document, shown as text or as a page.

mod html;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::history::Violation;
use crate::machine::Machine;
use crate::measure::{Count, Measure, Percentiles, Second};
use crate::run::{End, Outcome};
use crate::scenario::Scenario;
use crate::stall::SATURATED_P99_MS;
use crate::threshold::{Threshold, Verdict};

/// The version of the document.
const SCHEMA: u32 = 1;

/// Violations that are told one by one.
const TOLD_VIOLATIONS: usize = 200;

/// A run's report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this document.
    pub schema: u32,
    /// The version of the program.
    pub version: String,
    /// When the run began, in seconds since 1970.
    pub started_unix_s: u64,
    /// The machine of the load tester.
    pub machine: Machine,
    /// The server that was tested.
    pub target: String,
    /// The load.
    pub scenario: Scenario,
    /// Whether somebody stopped the run before its end.
    pub interrupted: bool,
    /// Whether the load tester's own stalls spoil the figures.
    pub saturated: bool,
    /// Percentiles by measure.
    pub measures: BTreeMap<Measure, Percentiles>,
    /// Counts.
    pub counts: BTreeMap<Count, u64>,
    /// Complete answers a second, from the first counted ask to the last `done`.
    pub turns_per_s: f64,
    /// Errors by code or kind.
    pub errors: BTreeMap<String, u64>,
    /// Answers by source.
    pub sources: BTreeMap<String, u64>,
    /// The run second by second.
    pub seconds: Vec<Second>,
    /// How many violations there were.
    pub violations_total: usize,
    /// The first of them.
    pub violations: Vec<Violation>,
    /// What became of the thresholds.
    pub verdicts: Vec<Verdict>,
}

/// The file is no report.
#[derive(Debug, thiserror::Error)]
pub enum InvalidReport {
    /// It can't be read.
    #[error("{path} can't be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{path} is not a report: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It was written by another version.
    #[error("{path} has version {found} of the document; this program reads {SCHEMA}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
}

impl Report {
    /// Sums up a run.
    pub fn new(
        scenario: &Scenario,
        target: &str,
        started_unix_s: u64,
        outcome: Outcome,
        thresholds: &[Threshold],
    ) -> Self {
        let sums = outcome.sums;
        let busy_s = sums.busy.as_secs_f64();
        let answered = number(sums.counts.get(&Count::Answered).copied().unwrap_or_default());
        let stall = sums.measures.get(&Measure::Stall).copied().unwrap_or_default();
        let mut report = Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_unix_s,
            machine: Machine::of_this_process(),
            target: target.to_owned(),
            scenario: scenario.clone(),
            interrupted: outcome.end == End::Interrupted,
            saturated: stall.p99_ms > SATURATED_P99_MS,
            measures: sums.measures,
            counts: sums.counts,
            turns_per_s: if busy_s > 0.0 { rounded(answered / busy_s) } else { 0.0 },
            errors: sums.errors,
            sources: sums.sources,
            seconds: sums.seconds,
            violations_total: outcome.violations.len(),
            violations: outcome.violations.into_iter().take(TOLD_VIOLATIONS).collect(),
            verdicts: Vec::new(),
        };
        let figures = report.figures();
        report.verdicts = thresholds.iter().map(|one| one.judge(&figures)).collect();
        report
    }

    /// Reads a report.
    ///
    /// # Errors
    ///
    /// The file can't be read, is something else, or is of another version.
    pub fn read(path: &Path) -> Result<Self, InvalidReport> {
        let path_of = || path.to_owned();
        let bytes = std::fs::read(path)
            .map_err(|source| InvalidReport::Unreadable { path: path_of(), source })?;
        let malformed = |source| InvalidReport::Malformed { path: path_of(), source };
        let document: serde_json::Value = serde_json::from_slice(&bytes).map_err(malformed)?;
        let found = document["schema"].as_u64().unwrap_or_default();
        if found != u64::from(SCHEMA) {
            return Err(InvalidReport::Version { path: path_of(), found });
        }
        serde_json::from_value(document).map_err(malformed)
    }

    /// All figures by the names that thresholds use. What was not measured is absent.
    pub fn figures(&self) -> BTreeMap<String, f64> {
        let mut figures = BTreeMap::new();
        for (measure, all) in self.measures.iter().filter(|(_, all)| all.count > 0) {
            let name = measure.name();
            figures.insert(format!("{name}_count"), number(all.count));
            for (part, value) in [
                ("p50", all.p50_ms),
                ("p90", all.p90_ms),
                ("p99", all.p99_ms),
                ("p999", all.p999_ms),
                ("max", all.max_ms),
            ] {
                figures.insert(format!("{name}_{part}_ms"), value);
            }
        }
        let counts = self.counts.iter();
        figures.extend(counts.map(|(count, value)| (count.name().to_owned(), number(*value))));
        figures.insert("turns_per_s".to_owned(), self.turns_per_s);
        figures.insert("errors".to_owned(), number(self.errors.values().sum()));
        figures.insert("violations".to_owned(), number(self.violations_total as u64));
        figures
    }

    /// Whether every threshold held.
    pub fn held(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.held)
    }

    /// The report for a terminal.
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// The report as one page without anything from elsewhere.
    pub fn to_html(&self) -> String {
        html::render(self)
    }
}

/// To three decimals, which JSON keeps as they are.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measure::Sums;
    use crate::threshold::figure_names;

    /// A report of one measure, all percentiles of which are `ack_ms`.
    pub(crate) fn sample(ack_ms: f64) -> Report {
        let all = Percentiles {
            count: 10,
            p50_ms: ack_ms,
            p90_ms: ack_ms,
            p99_ms: ack_ms,
            p999_ms: ack_ms,
            max_ms: ack_ms,
        };
        let sums = Sums {
            measures: BTreeMap::from([(Measure::Ack, all)]),
            counts: Count::ALL.into_iter().map(|count| (count, 10)).collect(),
            errors: BTreeMap::from([("LF0501".to_owned(), 2), ("close_1006".to_owned(), 1)]),
            sources: BTreeMap::from([("model".to_owned(), 10)]),
            seconds: vec![Second { answered: 10, ack_max_ms: ack_ms }],
            busy: Duration::from_secs(5),
        };
        let violations = Vec::new();
        let outcome = Outcome { sums, violations, histories: Vec::new(), end: End::Complete };
        let thresholds = ["ack_p99_ms<=100".parse().expect("a threshold")];
        let scenario = Scenario::unnamed(2, 5);
        Report::new(&scenario, "http://127.0.0.1:8080", 0, outcome, &thresholds)
    }

    #[test]
    fn figures_bear_the_names_that_thresholds_know() {
        let figures = sample(2.0).figures();
        let names = figure_names();
        assert!(figures.keys().all(|name| names.contains(name)), "{figures:?}");
        let expect = [("ack_p99_ms", 2.0), ("turns_per_s", 2.0), ("errors", 3.0), ("asked", 10.0)];
        for (name, value) in expect {
            assert!((figures[name] - value).abs() < 1e-9, "{name} is {}", figures[name]);
        }
        assert!(!figures.contains_key("done_p99_ms"));
    }

    #[test]
    fn a_broken_threshold_shows_everywhere() {
        let fine = sample(2.0);
        let broken = sample(200.0);
        assert!(fine.held() && !broken.held());
        assert!(fine.to_text().contains("held") && !fine.to_text().contains("BROKEN"));
        assert!(broken.to_text().contains("BROKEN  ack_p99_ms<=100"));
        assert!(broken.to_html().contains("broken"));
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        let report = sample(2.0);
        let json = serde_json::to_vec(&report).expect("JSON");
        std::fs::write(&path, json).expect("it can be written");
        assert_eq!(Report::read(&path).expect("it can be read"), report);
        std::fs::write(&path, r#"{"schema":7}"#).expect("it can be written");
        assert!(matches!(Report::read(&path), Err(InvalidReport::Version { found: 7, .. })));
        std::fs::write(&path, "7").expect("it can be written");
        assert!(matches!(Report::read(&path), Err(InvalidReport::Version { found: 0, .. })));
        std::fs::write(&path, "{").expect("it can be written");
        assert!(matches!(Report::read(&path), Err(InvalidReport::Malformed { .. })));
    }
}
