//! A run: connect all students, start them together, and sum up what they saw.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::client::{Account, Http, StudentClient};
use crate::history::{StudentHistory, Violation, check};
use crate::measure::{Board, Sums};
use crate::scenario::Scenario;
use crate::stall;
use crate::virtual_student::{Connected, Stage, VirtualStudent};

/// From the last connection to the first ask.
const BREATH: Duration = Duration::from_millis(200);

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// Latencies and counts.
    pub sums: Sums,
    /// What must not have happened.
    pub violations: Vec<Violation>,
    /// What every student saw.
    pub histories: Vec<StudentHistory>,
    /// Whether it was ended early.
    pub end: End,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All students asked all they meant to, or could not.
    Complete,
    /// Somebody stopped it.
    Interrupted,
}

/// Runs a scenario with these accounts, one a student. Ends early when `stop` is cancelled.
///
/// # Cancellation
///
/// Dropping it ends all students at once.
pub async fn run(
    scenario: Scenario,
    http: &Http,
    accounts: &[Account],
    run_name: String,
    board: Arc<Board>,
    stop: CancellationToken,
) -> Outcome {
    let students = usize::try_from(scenario.students).unwrap_or(usize::MAX).min(accounts.len());
    let (start_told, start) = watch::channel(None);
    let (connected_told, mut connected) = mpsc::channel(students.max(1));
    let stage = Arc::new(Stage {
        scenario,
        run: run_name,
        board: Arc::clone(&board),
        connect_at: Instant::now(),
        start,
        stop: stop.clone(),
        connected: connected_told,
        busy: AtomicU32::new(u32::try_from(students).unwrap_or(u32::MAX)),
        all_done: CancellationToken::new(),
    });
    let mut watcher = JoinSet::new();
    watcher.spawn(stall::watch(Arc::clone(&board)));
    let mut tasks = JoinSet::new();
    for (number, account) in (0..).zip(&accounts[..students]) {
        let client = StudentClient::new(http.clone(), account);
        tasks.spawn(VirtualStudent::new(Arc::clone(&stage), number, client).run());
    }
    for _ in 0..students {
        let (Some(Connected::Yes | Connected::No) | None) = connected.recv().await;
    }
    let start_at = Instant::now() + BREATH;
    board.count_from(start_at + Duration::from_millis(stage.scenario.warmup_ms));
    start_told.send_replace(Some(start_at));
    let histories = tasks.join_all().await;
    let end = if stop.is_cancelled() { End::Interrupted } else { End::Complete };
    let mut violations = check(&histories);
    if end == End::Interrupted {
        // Turns that ran when it was stopped have no end to show.
        violations.retain(|found| found.kind != crate::history::ViolationKind::NoDone);
    }
    Outcome { sums: board.sums(), violations, histories, end }
}
