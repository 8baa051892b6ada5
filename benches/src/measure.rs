//! Latencies and counts of a run. Percentiles are of all samples, never means of percentiles.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// The longest latency that is told apart: anything above counts as this much.
const LONGEST_US: u64 = 600_000_000;

/// Three significant digits.
const DIGITS: u8 = 3;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// From the planned connection to `welcome`: ticket, upgrade and hello.
    Connect,
    /// From the ask's intended start to `ack`.
    Ack,
    /// From the ask's intended start to `route`.
    Route,
    /// From the ask's intended start to the first token.
    FirstToken,
    /// The same, less the provider's own time to its first token.
    AddedFirstToken,
    /// From the ask's intended start to `done`.
    Done,
    /// From the loss of a connection to the next `welcome`.
    Resume,
    /// How late this program itself woke up.
    Stall,
}

impl Measure {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Connect,
        Self::Ack,
        Self::Route,
        Self::FirstToken,
        Self::AddedFirstToken,
        Self::Done,
        Self::Resume,
        Self::Stall,
    ];

    /// Its name in reports and thresholds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Ack => "ack",
            Self::Route => "route",
            Self::FirstToken => "first_token",
            Self::AddedFirstToken => "added_first_token",
            Self::Done => "done",
            Self::Resume => "resume",
            Self::Stall => "stall",
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Asks that were made.
    Asked,
    /// Asks that were acknowledged.
    Acked,
    /// Turns that ended complete.
    Answered,
    /// Turns that ended failed or cancelled.
    Failed,
    /// Asks that were refused for good.
    Refused,
    /// Asks without `done` at their deadline or at the end.
    Unanswered,
    /// Asks that this program held back because too many of that student's were running.
    HeldBack,
    /// Connections that were lost.
    Lost,
}

impl Count {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Asked,
        Self::Acked,
        Self::Answered,
        Self::Failed,
        Self::Refused,
        Self::Unanswered,
        Self::HeldBack,
        Self::Lost,
    ];

    /// Its name in reports and thresholds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Acked => "acked",
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
            Self::HeldBack => "held_back",
            Self::Lost => "lost",
        }
    }
}

/// The percentiles of a measure, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// Samples.
    pub count: u64,
    /// Half of the samples are at most this.
    pub p50_ms: f64,
    /// Nine of ten.
    pub p90_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// 999 of 1,000.
    pub p999_ms: f64,
    /// The largest.
    pub max_ms: f64,
}

/// One second of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Turns that ended complete.
    pub answered: u64,
    /// The slowest acknowledgement of an ask that was due in this second.
    pub ack_max_ms: f64,
}

#[derive(Debug, Default)]
struct Sheet {
    histograms: BTreeMap<Measure, Histogram<u64>>,
    counts: BTreeMap<Count, u64>,
    errors: BTreeMap<String, u64>,
    sources: BTreeMap<String, u64>,
    seconds: Vec<Second>,
    /// Samples count from here on.
    counts_from: Option<Instant>,
    last_done: Option<Instant>,
}

/// Where all virtual students write. One lock, held for well under a microsecond.
#[derive(Debug, Default)]
pub struct Board {
    sheet: Mutex<Sheet>,
}

/// Everything that was written, ready for a report.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Percentiles by measure; absent where there is no sample.
    pub measures: BTreeMap<Measure, Percentiles>,
    /// All counts.
    pub counts: BTreeMap<Count, u64>,
    /// Errors by code or kind.
    pub errors: BTreeMap<String, u64>,
    /// Answers by source.
    pub sources: BTreeMap<String, u64>,
    /// The run second by second, warm-up not included.
    pub seconds: Vec<Second>,
    /// From the first counted ask's due time to the last `done`.
    pub busy: Duration,
}

impl Board {
    /// From now on asks that are due at `from` or later count; earlier ones are the warm-up.
    pub fn count_from(&self, from: Instant) {
        self.sheet.lock().counts_from = Some(from);
    }

    /// Records how long after `intended` something was seen.
    pub fn record(&self, measure: Measure, intended: Instant, seen: Instant) {
        let span = seen.saturating_duration_since(intended);
        let mut sheet = self.sheet.lock();
        if !sheet.counts(intended) {
            return;
        }
        sheet.sample(measure, span);
        if measure == Measure::Ack {
            let second = sheet.second(intended);
            second.ack_max_ms = second.ack_max_ms.max(millis(micros(span)));
        }
    }

    /// Records a span that has no place in the schedule.
    pub fn record_span(&self, measure: Measure, span: Duration) {
        self.sheet.lock().sample(measure, span);
    }

    /// Counts an event of an ask that was due at `intended`.
    pub fn count(&self, count: Count, intended: Instant) {
        let mut sheet = self.sheet.lock();
        if sheet.counts(intended) {
            *sheet.counts.entry(count).or_default() += 1;
        }
    }

    /// Counts a complete answer.
    pub fn count_answer(&self, source: &str, intended: Instant, seen: Instant) {
        let mut sheet = self.sheet.lock();
        if !sheet.counts(intended) {
            return;
        }
        *sheet.counts.entry(Count::Answered).or_default() += 1;
        *sheet.sources.entry(source.to_owned()).or_default() += 1;
        sheet.last_done = sheet.last_done.max(Some(seen));
        sheet.second(seen).answered += 1;
    }

    /// Counts an error by its code or kind; also during the warm-up.
    pub fn count_error(&self, code: &str) {
        *self.sheet.lock().errors.entry(code.to_owned()).or_default() += 1;
    }

    /// A count as it stands.
    pub fn value(&self, count: Count) -> u64 {
        self.sheet.lock().counts.get(&count).copied().unwrap_or_default()
    }

    /// A measure's percentiles as they stand.
    pub fn percentiles(&self, measure: Measure) -> Percentiles {
        self.sheet.lock().histograms.get(&measure).map(percentiles).unwrap_or_default()
    }

    /// Everything as it stands.
    pub fn sums(&self) -> Sums {
        let sheet = self.sheet.lock();
        let measures = sheet.histograms.iter().map(|(name, all)| (*name, percentiles(all)));
        let counted = |count: Count| sheet.counts.get(&count).copied().unwrap_or_default();
        let span = sheet.counts_from.zip(sheet.last_done);
        Sums {
            measures: measures.collect(),
            counts: Count::ALL.into_iter().map(|count| (count, counted(count))).collect(),
            errors: sheet.errors.clone(),
            sources: sheet.sources.clone(),
            seconds: sheet.seconds.clone(),
            busy: span.map(|(from, to)| to.saturating_duration_since(from)).unwrap_or_default(),
        }
    }
}

impl Sheet {
    fn counts(&self, intended: Instant) -> bool {
        self.counts_from.is_none_or(|from| intended >= from)
    }

    fn sample(&mut self, measure: Measure, span: Duration) {
        let histogram = self.histograms.entry(measure).or_insert_with(empty_histogram);
        histogram.saturating_record(micros(span).max(1));
    }

    fn second(&mut self, at: Instant) -> &mut Second {
        let from = *self.counts_from.get_or_insert(at);
        let index = usize::try_from(at.saturating_duration_since(from).as_secs()).unwrap_or(0);
        // A day's worth of seconds at most.
        let index = index.min(86_400);
        if self.seconds.len() <= index {
            self.seconds.resize(index + 1, Second::default());
        }
        &mut self.seconds[index]
    }
}

#[expect(clippy::expect_used, reason = "the bounds are constants, and a test makes one")]
fn empty_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, DIGITS).expect("the bounds are valid")
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |percent: f64| millis(histogram.value_at_percentile(percent));
    Percentiles {
        count: histogram.len(),
        p50_ms: at(50.0),
        p90_ms: at(90.0),
        p99_ms: at(99.0),
        p999_ms: at(99.9),
        max_ms: millis(histogram.max()),
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds as milliseconds, with their decimals.
fn millis(micros: u64) -> f64 {
    // The longest fits 32 bits; dividing keeps the decimals short, so that JSON keeps them too.
    f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= expected * 0.002, "{actual} is not {expected}");
    }

    #[test]
    fn percentiles_are_those_of_the_samples() {
        let board = Board::default();
        let start = Instant::now();
        for ms in 1..=1_000 {
            board.record(Measure::Ack, start, start + Duration::from_millis(ms));
        }
        let ack = board.percentiles(Measure::Ack);
        assert_eq!(ack.count, 1_000);
        near(ack.p50_ms, 500.0);
        near(ack.p90_ms, 900.0);
        near(ack.p99_ms, 990.0);
        near(ack.p999_ms, 999.0);
        near(ack.max_ms, 1_000.0);
        assert_eq!(board.percentiles(Measure::Done), Percentiles::default());
    }

    #[test]
    fn what_takes_too_long_counts_as_the_longest_and_not_as_nothing() {
        let board = Board::default();
        board.record_span(Measure::Done, Duration::from_hours(1));
        near(board.percentiles(Measure::Done).max_ms, 600_000.0);
    }

    #[test]
    fn the_warm_up_does_not_count() {
        let board = Board::default();
        let start = Instant::now();
        let from = start + Duration::from_secs(5);
        board.count_from(from);
        board.record(Measure::Ack, start, start + Duration::from_secs(9));
        board.count(Count::Asked, start);
        board.count_answer("model", start, from);
        board.record(Measure::Ack, from, from + Duration::from_millis(2));
        board.count(Count::Asked, from);
        board.count_answer("model", from, from + Duration::from_secs(2));
        let sums = board.sums();
        assert_eq!(sums.measures[&Measure::Ack].count, 1);
        assert_eq!((sums.counts[&Count::Asked], sums.counts[&Count::Answered]), (1, 1));
        assert_eq!(sums.busy, Duration::from_secs(2));
        assert_eq!(sums.seconds.iter().map(|s| s.answered).collect::<Vec<_>>(), [0, 0, 1]);
        near(sums.seconds[0].ack_max_ms, 2.0);
    }
}
