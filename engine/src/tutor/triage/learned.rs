//! The learned weights: how much each sign of a question speaks for each agent.
//!
//! A linear model in whole numbers, so that a question gets the same route on every machine.
//! `weights.tsv` is made by `deploy/dev/triage_train.py` from the labelled sets to tune on.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::feature::Features;
use super::sign::each_sign;
use super::{Agent, TriageContext};

const TEXT: &str = include_str!("weights.tsv");

/// The agents in the order of the weights' columns; one more column speaks for staying with the
/// agent of the turn before.
pub(super) const AGENTS: [Agent; 7] = [
    Agent::Concepts,
    Agent::CodeReview,
    Agent::Debug,
    Agent::Exercise,
    Agent::Progress,
    Agent::Clarify,
    Agent::OffTopic,
];
const COLUMNS: usize = AGENTS.len() + 1;

type Row = [i16; COLUMNS];

static WEIGHTS: LazyLock<HashMap<&'static str, Row>> =
    LazyLock::new(|| rows().filter_map(read_row).collect());

fn rows() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.starts_with('#'))
}

fn read_row(line: &'static str) -> Option<(&'static str, Row)> {
    let mut cells = line.split('\t');
    let sign = cells.next()?;
    let mut row = [0; COLUMNS];
    for weight in &mut row {
        *weight = cells.next()?.parse().ok()?;
    }
    cells.next().is_none().then_some((sign, row))
}

/// What speaks for each of [`AGENTS`], in hundredths of a natural logarithm of odds.
pub(super) fn scores(features: &Features, context: &TriageContext) -> [i32; AGENTS.len()] {
    let mut sums = [0_i32; COLUMNS];
    each_sign(features, context, &mut |sign| {
        if let Some(row) = WEIGHTS.get(sign) {
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += i32::from(*weight);
            }
        }
    });
    let [agents @ .., stay] = sums;
    let mut scores = agents;
    for (score, agent) in scores.iter_mut().zip(AGENTS) {
        if agent.is_specialist() && context.last_agent == Some(agent) {
            *score += stay;
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_weights_is_read() {
        assert!(rows().count() > 500);
        assert_eq!(WEIGHTS.len(), rows().count(), "a row twice, or one that can't be read");
    }
}
