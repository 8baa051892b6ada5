//! How a batch is built: out-sequences, batch numbers and watermarks are set here, and only here.

use std::collections::VecDeque;
use std::sync::Arc;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::port::log::Outgoing;
use learnflow_engine::port::store::{Batch, Step};
use ractor::ActorRef;
use tokio::sync::oneshot;

use super::{StepSubmission, Submission};
use crate::config::Config;
use crate::partition::ledger::Ledger;
use crate::session::Message as SessionMessage;

/// A batch, and whom to tell about it.
#[derive(Debug, Default)]
pub struct Built {
    /// What the store gets.
    pub batch: Batch,
    /// The claims in it.
    pub ledgers: Vec<Arc<Ledger>>,
    /// One note a step, in order.
    pub notes: Vec<Note>,
    /// Partitions that were handed over.
    pub hand_overs: Vec<oneshot::Sender<()>>,
}

/// What happens once a step is durable.
#[derive(Debug)]
pub struct Note {
    /// The claim.
    pub ledger: Arc<Ledger>,
    /// The step's place in the outbox.
    pub out_seq: i64,
    /// The step's number.
    pub rev: i64,
    /// The time of the record that led to it, for a step that has one.
    pub recorded_at: Option<Timestamp>,
    /// What leaves.
    pub outgoing: Vec<Outgoing>,
    /// Who is told.
    pub session: ActorRef<SessionMessage>,
}

impl Built {
    /// Whether there is nothing to commit.
    pub const fn is_empty(&self) -> bool {
        self.ledgers.is_empty()
    }
}

/// Takes submissions from the front until the batch is full.
///
/// What belongs to a lost claim is dropped: its session is being stopped.
pub fn build(waiting: &mut VecDeque<Submission>, config: &Config) -> Built {
    let mut built = Built::default();
    let mut clean = Vec::new();
    let mut bytes = 0;
    while built.batch.steps.len() < config.batch_steps && bytes < config.batch_bytes {
        match waiting.pop_front() {
            None => break,
            Some(Submission::Step(submission)) => {
                if !submission.ledger.is_fenced() {
                    bytes += size(&submission.step);
                    add_step(&mut built, *submission);
                }
            }
            Some(Submission::Touch(ledger)) => {
                if !ledger.is_fenced() {
                    add_ledger(&mut built.ledgers, &ledger);
                }
            }
            Some(Submission::Snapshot(ledger, snapshot)) => {
                if !ledger.is_fenced() {
                    bytes += snapshot.snapshot.state.len();
                    add_ledger(&mut built.ledgers, &ledger);
                    built.batch.snapshots.push(snapshot);
                }
            }
            Some(Submission::HandOver(hand_over)) => {
                if !hand_over.ledger.is_fenced() {
                    add_ledger(&mut built.ledgers, &hand_over.ledger);
                    clean.push(hand_over.ledger.partition);
                    built.batch.snapshots.extend(hand_over.snapshots);
                    built.hand_overs.push(hand_over.done);
                }
            }
        }
    }
    built.ledgers.sort_by_key(|ledger| ledger.partition);
    for ledger in &built.ledgers {
        let positions = built
            .batch
            .steps
            .iter()
            .filter(|step| step.row.partition == ledger.partition)
            .map(|step| step.row.position);
        let update = ledger.update(positions, clean.contains(&ledger.partition));
        built.batch.owners.push(update);
    }
    built
}

fn add_step(built: &mut Built, submission: StepSubmission) {
    let StepSubmission { mut step, ledger, outgoing, session } = submission;
    add_ledger(&mut built.ledgers, &ledger);
    step.row.out_seq = ledger.next_out_seq();
    if step.row.position >= 0 {
        ledger.settle(step.row.position);
    }
    built.notes.push(Note {
        recorded_at: (step.row.position >= 0).then_some(step.row.at),
        out_seq: step.row.out_seq,
        rev: step.row.rev,
        ledger,
        outgoing,
        session,
    });
    built.batch.steps.push(step);
}

fn add_ledger(ledgers: &mut Vec<Arc<Ledger>>, ledger: &Arc<Ledger>) {
    if !ledgers.iter().any(|known| Arc::ptr_eq(known, ledger)) {
        ledgers.push(Arc::clone(ledger));
    }
}

fn size(step: &Step) -> usize {
    step.row.facts.len()
        + step.row.text.as_ref().map_or(0, Vec::len)
        + step.snapshot.as_ref().map_or(0, |snapshot| snapshot.state.len())
}
