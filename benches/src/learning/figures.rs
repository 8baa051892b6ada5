//! What is counted, and how. The definitions were written before any figure was looked at, and
//! stand in `docs/learning.md`, too.

use std::collections::BTreeMap;

use learnflow_engine::course::Course;
use learnflow_engine::progress::MasteryLevel;
use learnflow_engine::progress::struggle::Trigger;
use serde::{Deserialize, Serialize};

use super::witness::Witness;

/// From this true recall on, a topic is retained.
const RETAINED_FROM: f64 = 0.8;
/// Below this true recall, a topic that the tutor calls known isn't.
const WRONG_BELOW: f64 = 0.5;
/// A planted struggle shows when so many answers before understanding were wrong.
const SHOWN_FROM: u64 = 3;
const DAY_MS: f64 = 86_400_000.0;
const HOUR_MS: f64 = 3_600_000.0;

/// Sums over some students.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    students: u64,
    begun: u64,
    known: u64,
    proficient: u64,
    mastered: u64,
    /// Hundredths of a point.
    top_scores: u64,
    /// From the beginning of a topic until it is known.
    known_after_ms: Vec<i64>,
    /// Of each student, the day on which half of the course was known; none counts as never.
    half_known_ms: Vec<Option<i64>>,
    recall: f64,
    retained: u64,
    known_in_the_end: u64,
    wrongly_known: u64,
    graded: u64,
    reviews: u64,
    refused: u64,
    studied_ms: i64,
    planted_begun: u64,
    shown: u64,
    found: u64,
    found_shown: u64,
    others_begun: u64,
    others_alerted: u64,
    triggers: BTreeMap<Trigger, TriggerFigures>,
}

/// What one trigger did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TriggerFigures {
    /// Alerts of medium or high severity.
    pub raised: u64,
    /// Those in a planted struggle.
    pub planted: u64,
    /// Those about a topic that the student truly lacked.
    pub needed: u64,
    /// Planted struggles that it found.
    pub found: u64,
}

/// Figures of some students. Means are over students unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How many students.
    pub students: u64,
    /// Hours of study.
    pub hours: f64,
    /// Graded answers.
    pub graded: f64,
    /// Topics that were begun: asked about, or worked on.
    pub topics_begun: f64,
    /// Topics whose tracing reached .95.
    pub topics_known: f64,
    /// Topics whose score came above 70.
    pub topics_proficient: f64,
    /// Topics whose score came above 90.
    pub topics_mastered: f64,
    /// The highest score of a topic that was begun, mean over those topics.
    pub top_score: Option<f64>,
    /// Days from the beginning of a topic until it was known; mean over topics that were.
    pub days_to_known_mean: Option<f64>,
    /// The same; median over topics that were.
    pub days_to_known: Option<f64>,
    /// Days until half of the course was known; median over students, who never got there count
    /// as longest.
    pub days_to_half: Option<f64>,
    /// Topics truly recalled in the end: the sum of true recall over all topics.
    pub recalled: f64,
    /// The same for each hour of study: who is told that nothing is left to do studies less.
    pub recalled_per_hour: Option<f64>,
    /// Topics with a true recall of at least .8 in the end.
    pub retained: f64,
    /// Graded answers on a later day than the topic's first, over retained topics.
    pub reviews_per_retained: Option<f64>,
    /// Of topics with a tracing of .95 in the end, those with a true recall below .5, in percent.
    pub wrongly_known_pct: Option<f64>,
    /// Commands that the tutor refused.
    pub refused: u64,
    /// Who was found to need help.
    pub alerts: AlertFigures,
}

/// Alerts of medium or high severity against planted struggles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertFigures {
    /// Alerts: raised again while open counts once.
    pub raised: u64,
    /// Those on a topic with a planted struggle, before it was understood or within 30 minutes.
    pub in_planted: u64,
    /// Those on a topic that the student lacked: not understood, not recalled within 30 minutes,
    /// or with a true recall below .5.
    pub needed: u64,
    /// `in_planted` of `raised`, in percent.
    pub precision_planted_pct: Option<f64>,
    /// `needed` of `raised`, in percent.
    pub precision_needed_pct: Option<f64>,
    /// Planted struggles with a topic that was begun.
    pub planted_begun: u64,
    /// Those that had an alert.
    pub found: u64,
    /// `found` of `planted_begun`, in percent.
    pub recall_pct: Option<f64>,
    /// Planted struggles with at least three wrong answers before understanding.
    pub shown: u64,
    /// Those of them that had an alert, in percent.
    pub recall_shown_pct: Option<f64>,
    /// Of all other topics that were begun, those that had an alert, in percent.
    pub others_alerted_pct: Option<f64>,
    /// By trigger.
    pub by_trigger: BTreeMap<String, TriggerFigures>,
}

impl Tally {
    /// Counts one student.
    pub fn of(witness: &Witness, course: &Course) -> Self {
        let mut tally = Self {
            students: 1,
            refused: witness.refused,
            studied_ms: witness.studied_ms,
            ..Self::default()
        };
        let begins = super::lesson::midnight(0);
        let mut known_ms = Vec::new();
        for (id, story) in &witness.topics {
            tally.begun += u64::from(story.begun_at.is_some());
            if let (Some(begun_at), Some(known_at)) = (story.begun_at, story.known_at) {
                tally.known += 1;
                tally.known_after_ms.push(known_at.millis_since(begun_at));
                known_ms.push(known_at.millis_since(begins));
            }
            tally.proficient += u64::from(story.level >= Some(MasteryLevel::Proficient));
            tally.mastered += u64::from(story.level >= Some(MasteryLevel::Mastered));
            tally.top_scores += u64::from(story.top_score);
            tally.recall += story.recall;
            tally.retained += u64::from(story.recall >= RETAINED_FROM);
            tally.known_in_the_end += u64::from(story.is_known);
            tally.wrongly_known += u64::from(story.is_known && story.recall < WRONG_BELOW);
            tally.graded += story.graded;
            tally.reviews += story.reviews;
            let is_found = witness.found.contains_key(id);
            match (story.is_planted, story.begun_at) {
                (true, Some(_)) => {
                    let is_shown = story.wrong_before >= SHOWN_FROM;
                    tally.planted_begun += 1;
                    tally.found += u64::from(is_found);
                    tally.shown += u64::from(is_shown);
                    tally.found_shown += u64::from(is_found && is_shown);
                }
                (false, Some(_)) => {
                    tally.others_begun += 1;
                    tally.others_alerted += u64::from(witness.others_alerted.contains_key(id));
                }
                (_, None) => {}
            }
        }
        known_ms.sort_unstable();
        let half = course.topics().len().div_ceil(2);
        tally.half_known_ms.push(known_ms.get(half.saturating_sub(1)).copied());
        tally.count_triggers(witness);
        tally
    }

    fn count_triggers(&mut self, witness: &Witness) {
        for raised in &witness.raised {
            let figures = self.triggers.entry(raised.trigger).or_default();
            figures.raised += 1;
            figures.planted += u64::from(raised.is_planted);
            figures.needed += u64::from(raised.is_needed);
        }
        for triggers in witness.found.values() {
            let mut triggers = triggers.clone();
            triggers.sort_unstable();
            triggers.dedup();
            for trigger in triggers {
                self.triggers.entry(trigger).or_default().found += 1;
            }
        }
    }

    /// Counts others, too.
    pub fn add(&mut self, other: &Self) {
        self.students += other.students;
        self.begun += other.begun;
        self.known += other.known;
        self.proficient += other.proficient;
        self.mastered += other.mastered;
        self.top_scores += other.top_scores;
        self.known_after_ms.extend(&other.known_after_ms);
        self.half_known_ms.extend(&other.half_known_ms);
        self.recall += other.recall;
        self.retained += other.retained;
        self.known_in_the_end += other.known_in_the_end;
        self.wrongly_known += other.wrongly_known;
        self.graded += other.graded;
        self.reviews += other.reviews;
        self.refused += other.refused;
        self.studied_ms += other.studied_ms;
        self.planted_begun += other.planted_begun;
        self.shown += other.shown;
        self.found += other.found;
        self.found_shown += other.found_shown;
        self.others_begun += other.others_begun;
        self.others_alerted += other.others_alerted;
        for (trigger, more) in &other.triggers {
            let figures = self.triggers.entry(*trigger).or_default();
            figures.raised += more.raised;
            figures.planted += more.planted;
            figures.needed += more.needed;
            figures.found += more.found;
        }
    }
}

impl Figures {
    /// What follows from the sums.
    pub fn of(tally: &Tally) -> Self {
        let a_student = |sum: u64| share(sum, tally.students).unwrap_or(0.0);
        let students = number(tally.students).max(1.0);
        Self {
            students: tally.students,
            hours: rounded(milliseconds(tally.studied_ms) / HOUR_MS / students),
            graded: a_student(tally.graded),
            topics_begun: a_student(tally.begun),
            topics_known: a_student(tally.known),
            topics_proficient: a_student(tally.proficient),
            topics_mastered: a_student(tally.mastered),
            top_score: share(tally.top_scores, 100 * tally.begun),
            days_to_known_mean: mean(&tally.known_after_ms),
            days_to_known: median(tally.known_after_ms.iter().copied().map(Some).collect()),
            days_to_half: median(tally.half_known_ms.clone()),
            recalled: rounded(tally.recall / students),
            recalled_per_hour: (tally.studied_ms > 0)
                .then(|| rounded(tally.recall * HOUR_MS / milliseconds(tally.studied_ms))),
            retained: a_student(tally.retained),
            reviews_per_retained: share(tally.reviews, tally.retained),
            wrongly_known_pct: percent(tally.wrongly_known, tally.known_in_the_end),
            refused: tally.refused,
            alerts: AlertFigures::of(tally),
        }
    }
}

impl AlertFigures {
    fn of(tally: &Tally) -> Self {
        let sum = |of: fn(&TriggerFigures) -> u64| tally.triggers.values().map(of).sum::<u64>();
        let (raised, in_planted) = (sum(|one| one.raised), sum(|one| one.planted));
        let needed = sum(|one| one.needed);
        let by_trigger = tally.triggers.iter();
        Self {
            raised,
            in_planted,
            needed,
            precision_planted_pct: percent(in_planted, raised),
            precision_needed_pct: percent(needed, raised),
            planted_begun: tally.planted_begun,
            found: tally.found,
            recall_pct: percent(tally.found, tally.planted_begun),
            shown: tally.shown,
            recall_shown_pct: percent(tally.found_shown, tally.shown),
            others_alerted_pct: percent(tally.others_alerted, tally.others_begun),
            by_trigger: by_trigger.map(|(one, sum)| (one.as_str().to_owned(), *sum)).collect(),
        }
    }
}

fn mean(all_ms: &[i64]) -> Option<f64> {
    let count = number(u64::try_from(all_ms.len()).ok()?);
    let sum = milliseconds(all_ms.iter().sum());
    (count > 0.0).then(|| rounded(sum / count / DAY_MS))
}

/// The middle one in days, `None` being longest; of an even number the lower.
fn median(mut all_ms: Vec<Option<i64>>) -> Option<f64> {
    all_ms.sort_unstable_by_key(|ms| ms.unwrap_or(i64::MAX));
    let middle = all_ms.len().checked_sub(1)? / 2;
    all_ms.get(middle).copied().flatten().map(|ms| rounded(milliseconds(ms) / DAY_MS))
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| rounded(100.0 * number(part) / number(whole)))
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| rounded(number(part) / number(whole)))
}

/// To four decimals, which JSON gives back as they are.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const fn number(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "times stay far below 2^52 ms")]
const fn milliseconds(ms: i64) -> f64 {
    ms as f64
}
