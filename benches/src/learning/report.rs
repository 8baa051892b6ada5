//! What came of it, as one JSON document and as text: the guided class beside the same class with
//! each of the two books.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::Setting;
use super::figures::{AlertFigures, Figures};

/// The version of the document.
const SCHEMA: u32 = 1;

/// One class with one guide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// All students.
    pub total: Figures,
    /// By profile.
    pub by_profile: BTreeMap<String, Figures>,
}

/// The report of a simulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningReport {
    /// The version of this document.
    pub schema: u32,
    /// The version of the program.
    pub version: String,
    /// What was simulated.
    pub setting: Setting,
    /// Topics of the course.
    pub topics: usize,
    /// The class that followed the tutor's next step.
    pub guided: Arm,
    /// The same class with the whole book.
    pub book: Arm,
    /// The same class with the book without exercises.
    pub short_book: Arm,
}

/// A line of the table: its name and what it takes from the figures.
type Line = (&'static str, fn(&Figures) -> Option<f64>);

const LINES: [Line; 16] = [
    ("hours of study", |f| Some(f.hours)),
    ("graded answers", |f| Some(f.graded)),
    ("topics begun", |f| Some(f.topics_begun)),
    ("topics known (tracing >= .95)", |f| Some(f.topics_known)),
    ("topics with a score > 70", |f| Some(f.topics_proficient)),
    ("topics mastered (score > 90)", |f| Some(f.topics_mastered)),
    ("highest score of a topic", |f| f.top_score),
    ("days to known, mean of topics", |f| f.days_to_known_mean),
    ("days to known, median of topics", |f| f.days_to_known),
    ("days to half the course known", |f| f.days_to_half),
    ("topics truly recalled", |f| Some(f.recalled)),
    ("... for each hour of study", |f| f.recalled_per_hour),
    ("topics retained (recall >= .8)", |f| Some(f.retained)),
    ("reviews per retained topic", |f| f.reviews_per_retained),
    ("known but recalled < .5, %", |f| f.wrongly_known_pct),
    ("others alerted, %", |f| f.alerts.others_alerted_pct),
];

const ALERT_LINES: [Line; 4] = [
    ("precision, planted, %", |f| f.alerts.precision_planted_pct),
    ("precision, needed, %", |f| f.alerts.precision_needed_pct),
    ("recall, all planted, %", |f| f.alerts.recall_pct),
    ("recall, those that showed, %", |f| f.alerts.recall_shown_pct),
];

impl LearningReport {
    /// Puts the three beside each other.
    pub fn new(setting: Setting, topics: usize, [guided, book, short_book]: [Arm; 3]) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA, version, setting, topics, guided, book, short_book }
    }

    /// The report for a terminal.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // Writing to memory doesn't fail.
        let _in_memory = self.head(&mut out).and_then(|()| self.alerts(&mut out));
        out
    }

    fn head(&self, out: &mut String) -> fmt::Result {
        let Setting { students, days, seed } = self.setting;
        writeln!(
            out,
            "learning: {students} students x {days} days, {} topics, seed {seed}; the tutor's next \
             step : a book in fixed order : the same book without exercises",
            self.topics
        )?;
        write!(out, "\n{:<34}{:>22}", "a student, on average", "all")?;
        let names: Vec<&String> = self.guided.by_profile.keys().collect();
        let names = sorted(names);
        for name in &names {
            write!(out, "{name:>22}")?;
        }
        for (title, figure) in LINES.iter().chain(&ALERT_LINES) {
            write!(out, "\n{title:<34}{:>22}", self.pair(None, *figure))?;
            for name in &names {
                write!(out, "{:>22}", self.pair(Some(name), *figure))?;
            }
        }
        writeln!(out)
    }

    /// What a figure is with the tutor and with the books.
    fn pair(&self, profile: Option<&str>, figure: fn(&Figures) -> Option<f64>) -> String {
        let of = |arm: &Arm| {
            let figures = match profile {
                Some(name) => arm.by_profile.get(name),
                None => Some(&arm.total),
            };
            match figures.and_then(figure) {
                None => "-".to_owned(),
                Some(value) if value < 10.0 => format!("{value:.2}"),
                Some(value) => format!("{value:.1}"),
            }
        };
        [&self.guided, &self.book, &self.short_book].map(of).join(" : ")
    }

    const fn arms(&self) -> [(&'static str, &Arm); 3] {
        [("tutor", &self.guided), ("book", &self.book), ("short book", &self.short_book)]
    }

    fn alerts(&self, out: &mut String) -> fmt::Result {
        for (guide, arm) in self.arms() {
            let AlertFigures { raised, planted_begun, shown, found, .. } = arm.total.alerts;
            let weeks = f64::from(self.setting.days) / 7.0;
            let students = u32::try_from(arm.total.students).map_or(f64::MAX, f64::from);
            let often = u32::try_from(raised).map_or(f64::MAX, f64::from) / students / weeks;
            writeln!(
                out,
                "\n{guide}: {raised} alerts of medium or high severity, {often:.1} a student and \
                 week; {planted_begun} planted \
                 struggles begun, {shown} showed, {found} found; {} commands refused",
                arm.total.refused
            )?;
            for (trigger, one) in &arm.total.alerts.by_trigger {
                writeln!(
                    out,
                    "  {trigger:<18} raised {:>6}, in planted {:>6}, needed {:>6}, found {:>5}",
                    one.raised, one.planted, one.needed, one.found
                )?;
            }
        }
        Ok(())
    }
}

/// In the order of the profiles, from the one that needs most help.
fn sorted(mut names: Vec<&String>) -> Vec<&String> {
    let place = |name: &String| {
        let profiles = learnflow_engine::simulated::PROFILES;
        profiles.iter().position(|(profile, _)| profile.name == name)
    };
    names.sort_by_key(|name| place(name));
    names
}
