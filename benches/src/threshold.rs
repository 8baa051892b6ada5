//! Thresholds such as `ack_p99_ms<=100`: a figure, a comparison, a number.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::measure::{Count, Measure};

/// Figures that are neither a percentile nor a count.
const OTHER_FIGURES: [&str; 3] = ["turns_per_s", "errors", "violations"];

/// The text is no threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidThreshold {
    /// It lacks one of its three parts.
    #[error("`{0}` is no threshold: expected FIGURE OP NUMBER, such as ack_p99_ms<=100")]
    Shape(String),
    /// There is no such figure.
    #[error("there is no figure `{0}`: `learnflow-bench list` names them")]
    Figure(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    AtMost,
    AtLeast,
    Below,
    Above,
    Equal,
}

/// Longer signs first, so that `<=` isn't read as `<`.
const SIGNS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Below),
    (">", Comparison::Above),
];

/// One threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    text: String,
    figure: String,
    comparison: Comparison,
    limit: f64,
}

/// What became of a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The threshold as it was written.
    pub threshold: String,
    /// The figure; none when nothing was measured.
    pub actual: Option<f64>,
    /// Whether it held. Without a figure it did not.
    pub held: bool,
}

impl FromStr for Threshold {
    type Err = InvalidThreshold;

    fn from_str(text: &str) -> Result<Self, InvalidThreshold> {
        let shape = || InvalidThreshold::Shape(text.to_owned());
        let found = SIGNS.iter().find_map(|(sign, comparison)| {
            text.split_once(sign).map(|(figure, limit)| (figure.trim(), *comparison, limit.trim()))
        });
        let (figure, comparison, limit) = found.ok_or_else(shape)?;
        let limit: f64 = limit.parse().map_err(|_| shape())?;
        if figure.is_empty() || !limit.is_finite() {
            return Err(shape());
        }
        if !figure_names().iter().any(|name| name == figure) {
            return Err(InvalidThreshold::Figure(figure.to_owned()));
        }
        let (text, figure) = (text.to_owned(), figure.to_owned());
        Ok(Self { text, figure, comparison, limit })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Threshold {
    /// Holds the threshold against the figures of a run.
    pub fn judge(&self, figures: &BTreeMap<String, f64>) -> Verdict {
        let actual = figures.get(&self.figure).copied();
        let holds = |actual: f64| match self.comparison {
            Comparison::AtMost => actual <= self.limit,
            Comparison::AtLeast => actual >= self.limit,
            Comparison::Below => actual < self.limit,
            Comparison::Above => actual > self.limit,
            Comparison::Equal => (actual - self.limit).abs() < f64::EPSILON,
        };
        let held = actual.is_some_and(holds);
        Verdict { threshold: self.text.clone(), actual, held }
    }
}

/// The names of all figures.
pub fn figure_names() -> Vec<String> {
    let of_measure = |measure: Measure| {
        ["p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms", "count"]
            .map(|part| format!("{}_{part}", measure.name()))
    };
    let percentiles = Measure::ALL.into_iter().flat_map(of_measure);
    let counts = Count::ALL.into_iter().map(|count| count.name().to_owned());
    percentiles.chain(counts).chain(OTHER_FIGURES.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_judged_by_their_sign() {
        let figures = BTreeMap::from([("ack_p99_ms".to_owned(), 100.0)]);
        for (text, held) in [
            ("ack_p99_ms<=100", true),
            ("ack_p99_ms < 100", false),
            ("ack_p99_ms>=100", true),
            ("ack_p99_ms>100", false),
            ("ack_p99_ms == 100", true),
            ("ack_p99_ms==99.5", false),
            ("ack_p50_ms<=1", false),
        ] {
            let threshold: Threshold = text.parse().expect("a threshold");
            assert_eq!(threshold.judge(&figures).held, held, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for text in ["", "ack_p99_ms", "<=5", "ack_p99_ms<=", "ack_p99_ms<=fast", "errors<NaN"] {
            let refused = text.parse::<Threshold>();
            assert_eq!(refused, Err(InvalidThreshold::Shape(text.to_owned())));
        }
        let refused = "ack_p98_ms<=5".parse::<Threshold>();
        assert_eq!(refused, Err(InvalidThreshold::Figure("ack_p98_ms".into())));
    }
}
