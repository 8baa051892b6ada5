//! Prints what knowledge tracing and review scheduling make of pseudo-random histories, one JSON
//! object a line: what `deploy/dev/oracle.py` recomputes with pyBKT and py-fsrs.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::progress::review::fsrs::{self, Memory};
use learnflow_engine::progress::review::{Card, Rating, review};
use learnflow_engine::progress::tracing::{Evidence, Known, Parameters, traced, update};
use serde_json::{Value, json};

const TRACES: usize = 200;
const ANSWERS: usize = 40;
const CARDS: usize = 400;
const REVIEWS: usize = 25;
/// The first review, in seconds since 1970.
const START_S: u32 = 1_600_000_000;
const DAY_S: u32 = 86_400;

/// A linear congruential generator with Knuth's MMIX constants.
struct Lcg(u64);

impl Lcg {
    /// A number from 0 to below `end`.
    const fn below(&mut self, end: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [_, _, _, _, a, b, c, d] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d]) % end
    }
}

#[expect(clippy::print_stdout, reason = "the script reads the vectors from standard output")]
fn main() {
    let mut random = Lcg(0x1ea7);
    for _ in 0..TRACES {
        println!("{}", trace(&mut random));
    }
    for _ in 0..CARDS {
        println!("{}", card(&mut random));
    }
}

/// Answers of one student in one topic, and what is known after each.
fn trace(random: &mut Lcg) -> Value {
    let right_of_ten = 2 + random.below(8);
    let (mut exact, mut stored) = (Parameters::DEFAULT.prior, Known::PRIOR);
    let (mut evidences, mut known, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ANSWERS {
        let (evidence, name) = match (random.below(10) < right_of_ten, random.below(3)) {
            (false, _) => (Evidence::Wrong, "wrong"),
            (true, 0) => (Evidence::CorrectWithHints, "hinted"),
            (true, _) => (Evidence::Correct, "correct"),
        };
        exact = traced(exact, evidence, &Parameters::DEFAULT);
        stored = update(stored, evidence);
        evidences.push(name);
        known.push(exact);
        kept.push(stored.as_f64());
    }
    json!({ "kind": "trace", "evidence": evidences, "known": known, "stored": kept })
}

/// Reviews of one card after pauses of minutes to years, and what is remembered after each.
fn card(random: &mut Lcg) -> Value {
    let mut now_s = START_S;
    let mut memory: Option<Memory> = None;
    let mut stored: Option<Card> = None;
    let mut steps = Vec::new();
    for _ in 0..REVIEWS {
        let gap_s = match random.below(4) {
            0 => random.below(DAY_S),
            1 | 2 => random.below(20 * DAY_S),
            _ => random.below(400 * DAY_S),
        };
        let (rating, grade) = match random.below(8) {
            0 | 1 => (Rating::Again, 1),
            2 => (Rating::Hard, 2),
            3..7 => (Rating::Good, 3),
            _ => (Rating::Easy, 4),
        };
        now_s += gap_s;
        let days = gap_s / DAY_S;
        let recall = memory.map(|memory| fsrs::retrievability(memory.stability_days, days));
        let next = memory.map_or_else(|| fsrs::first(rating), |m| fsrs::next(m, days, rating));
        let card = review(stored, rating, Timestamp::from_millis(i64::from(now_s) * 1_000));
        steps.push(json!({
            "at_s": now_s,
            "grade": grade,
            "recall": recall,
            "stability": next.stability_days,
            "difficulty": next.difficulty,
            "interval_days": fsrs::interval_days(next.stability_days),
            "stored_stability": card.stability_days(),
            "stored_difficulty": card.difficulty(),
        }));
        (memory, stored) = (Some(next), Some(card));
    }
    json!({ "kind": "card", "steps": steps })
}
