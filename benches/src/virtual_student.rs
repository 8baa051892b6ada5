//! One virtual student: asks when it is due, measures from then, and follows the client's rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::client::{DurableFrame, Seen, StopReason, StudentClient, Update};
use crate::history::StudentHistory;
use crate::measure::{Board, Count, Measure};
use crate::question::question;
use crate::scenario::Scenario;

/// One running and eight queued asks: what a server takes of one student at a time.
const MAX_IN_FLIGHT: usize = 9;

/// How long the first connection may take.
const CONNECT_LIMIT: Duration = Duration::from_mins(1);

/// What all virtual students of a run share.
#[derive(Debug)]
pub struct Stage {
    /// The load.
    pub scenario: Scenario,
    /// Makes the questions of this run its own.
    pub run: String,
    /// Where results go.
    pub board: Arc<Board>,
    /// When connecting begins.
    pub connect_at: Instant,
    /// When asks begin, once all are connected.
    pub start: watch::Receiver<Option<Instant>>,
    /// Ends the run early.
    pub stop: CancellationToken,
    /// Told once by every student: connected, or not.
    pub connected: mpsc::Sender<Connected>,
    /// Students that have not asked all they mean to; all stay connected until none is left.
    pub busy: AtomicU32,
    /// Cancelled when no student is busy any more.
    pub all_done: CancellationToken,
}

/// Whether a student got in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connected {
    /// Welcome came.
    Yes,
    /// It did not come in time.
    No,
}

/// An ask that has no end yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    intended: Instant,
    turn: Option<Uuid>,
    has_token: bool,
}

/// One virtual student.
#[derive(Debug)]
pub struct VirtualStudent {
    stage: Arc<Stage>,
    number: u32,
    client: StudentClient,
    random: StdRng,
    asked: u32,
    next_due: Option<Instant>,
    start: Instant,
    open: BTreeMap<Uuid, Open>,
    lost_at: Option<Instant>,
    is_stopped: bool,
    is_held_back: bool,
}

impl VirtualStudent {
    /// The student with this number, counted from 0.
    pub fn new(stage: Arc<Stage>, number: u32, client: StudentClient) -> Self {
        let seed = stage.scenario.seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        let start = stage.connect_at;
        Self {
            stage,
            number,
            client,
            random: StdRng::seed_from_u64(seed),
            asked: 0,
            next_due: None,
            start,
            open: BTreeMap::new(),
            lost_at: None,
            is_stopped: false,
            is_held_back: false,
        }
    }

    /// Connects, waits for the others, asks all its questions, and answers what it saw.
    pub async fn run(mut self) -> StudentHistory {
        if self.connect().await {
            self.wait_for_start().await;
            self.asks().await;
        }
        if self.stage.busy.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stage.all_done.cancel();
        }
        self.stay().await;
        for open in self.open.values() {
            self.stage.board.count(Count::Unanswered, open.intended);
        }
        self.client.finish().await
    }

    async fn connect(&mut self) -> bool {
        let due = self.stage.connect_at + self.stage.scenario.connect_offset(self.number);
        let stop = self.stage.stop.clone();
        let connected = tokio::select! {
            () = stop.cancelled() => false,
            connected = async {
                tokio::time::sleep_until(due).await;
                self.client.welcomed(due + CONNECT_LIMIT).await.is_ok()
            } => connected,
        };
        if connected {
            self.stage.board.record_span(Measure::Connect, due.elapsed());
        } else {
            self.stage.board.count_error("not_connected");
        }
        let told = if connected { Connected::Yes } else { Connected::No };
        // Nobody listens any more when the run was given up.
        let _given_up = self.stage.connected.send(told).await;
        connected
    }

    /// Keeps the connection alive until all are there.
    async fn wait_for_start(&mut self) {
        let mut start = self.stage.start.clone();
        let stop = self.stage.stop.clone();
        loop {
            let told = *start.borrow_and_update();
            if let Some(at) = told {
                self.start = at;
                self.next_due = Some(at + self.stage.scenario.ask_offset(self.number, 0));
                return;
            }
            let soon = Instant::now() + Duration::from_secs(1);
            let update = tokio::select! {
                () = stop.cancelled() => return,
                _ = start.changed() => None,
                update = self.client.next_update(soon) => update,
            };
            if let Some(update) = update {
                self.see(update);
            }
        }
    }

    async fn asks(&mut self) {
        let stop = self.stage.stop.clone();
        while !(self.is_stopped || stop.is_cancelled()) {
            self.ask_what_is_due();
            self.give_up_late();
            if self.next_due.is_none() && self.open.is_empty() {
                return;
            }
            let until = self.wake_at();
            let update = tokio::select! {
                () = stop.cancelled() => None,
                update = self.client.next_update(until) => update,
            };
            if let Some(update) = update {
                self.see(update);
            }
        }
    }

    /// Stays connected, so that the load is that of all students to the end, and then as long as
    /// the scenario says.
    async fn stay(&mut self) {
        let (all_done, stop) = (self.stage.all_done.clone(), self.stage.stop.clone());
        let mut until = None;
        loop {
            let soon = Instant::now() + Duration::from_secs(1);
            let update = tokio::select! {
                () = stop.cancelled() => return,
                () = all_done.cancelled(), if until.is_none() => {
                    let hold = Duration::from_millis(self.stage.scenario.hold_ms);
                    until = Some(Instant::now() + hold);
                    None
                }
                update = self.client.next_update(until.unwrap_or(soon).min(soon)) => update,
            };
            if let Some(update) = update {
                self.see(update);
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                return;
            }
        }
    }

    fn deadline(&self, open: &Open) -> Instant {
        open.intended + Duration::from_millis(self.stage.scenario.deadline_ms)
    }

    fn wake_at(&self) -> Instant {
        let deadlines = self.open.values().map(|open| self.deadline(open));
        let due = self.next_due.filter(|_| !self.is_held_back);
        let far = Instant::now() + Duration::from_mins(1);
        deadlines.chain(due).min().unwrap_or(far)
    }

    fn ask_what_is_due(&mut self) {
        while let Some(due) = self.next_due.filter(|due| *due <= Instant::now()) {
            if self.open.len() >= MAX_IN_FLIGHT {
                if !std::mem::replace(&mut self.is_held_back, true) {
                    self.stage.board.count(Count::HeldBack, due);
                }
                return;
            }
            self.is_held_back = false;
            let text = question(&self.stage.run, self.number, self.asked);
            let Ok(cmd) = self.client.ask(&text) else { return };
            self.stage.board.count(Count::Asked, due);
            self.open.insert(cmd, Open { intended: due, turn: None, has_token: false });
            self.asked += 1;
            let is_last = self.asked >= self.stage.scenario.turns;
            self.next_due = if is_last || self.stage.scenario.rate_per_s.is_none() {
                None
            } else {
                Some(self.start + self.stage.scenario.ask_offset(self.number, self.asked))
            };
        }
    }

    /// In the closed loop, an end is the beginning of a pause.
    fn ended(&mut self, at: Instant) {
        self.is_held_back = false;
        let is_closed_loop = self.stage.scenario.rate_per_s.is_none();
        if is_closed_loop && self.asked < self.stage.scenario.turns && self.next_due.is_none() {
            let share = self.random.random_range(0.5..=1.5);
            let pause = Duration::from_millis(self.stage.scenario.think_ms).mul_f64(share);
            self.next_due = Some(at + pause);
        }
    }

    fn give_up_late(&mut self) {
        let now = Instant::now();
        let is_late = |open: &Open| self.deadline(open) <= now;
        let late: Vec<Uuid> =
            self.open.iter().filter(|(_, open)| is_late(open)).map(|(cmd, _)| *cmd).collect();
        for cmd in late {
            if let Some(open) = self.open.remove(&cmd) {
                self.stage.board.count(Count::Unanswered, open.intended);
                self.stage.board.count_error("unanswered");
                self.ended(now);
            }
        }
    }

    fn see(&mut self, update: Update) {
        let at = update.at;
        match update.what {
            Seen::Welcome { .. } => {
                if let Some(lost_at) = self.lost_at.take() {
                    self.stage.board.record(Measure::Resume, lost_at, at);
                }
            }
            Seen::Acked { cmd, turn } => self.acked(cmd, turn, at),
            Seen::Routed { turn } => self.measured(Measure::Route, turn, at),
            Seen::FirstToken { turn, .. } => self.first_token(turn, at),
            Seen::Done(done) => self.done(&done, at),
            Seen::DoneUnseen { turn } => {
                if let Some((_, open)) = self.take_turn(turn) {
                    self.stage.board.count_answer("resync", open.intended, at);
                    self.ended(at);
                }
            }
            Seen::Durable(_) => {}
            Seen::Refused { cmd, code, will_retry } => self.refused(cmd, &code, will_retry, at),
            Seen::Lost { code } => {
                self.lost_at.get_or_insert(at);
                self.stage.board.count(Count::Lost, at);
                self.stage.board.count_error(&format!("close_{code}"));
            }
            Seen::NotConnected { status } => {
                let status = status.map_or("unreachable".to_owned(), |code| code.to_string());
                self.stage.board.count_error(&format!("connect_{status}"));
            }
            Seen::Stopped(reason) => self.stopped(reason),
        }
    }

    fn acked(&mut self, cmd: Uuid, turn: Option<Uuid>, at: Instant) {
        if let Some(open) = self.open.get_mut(&cmd) {
            open.turn = turn;
            self.stage.board.record(Measure::Ack, open.intended, at);
            self.stage.board.count(Count::Acked, open.intended);
        }
    }

    fn measured(&self, measure: Measure, turn: Uuid, at: Instant) {
        if let Some(open) = self.open.values().find(|open| open.turn == Some(turn)) {
            self.stage.board.record(measure, open.intended, at);
        }
    }

    fn first_token(&mut self, turn: Uuid, at: Instant) {
        let of_turn = |open: &&mut Open| open.turn == Some(turn) && !open.has_token;
        let Some(open) = self.open.values_mut().find(of_turn) else { return };
        open.has_token = true;
        self.stage.board.record(Measure::FirstToken, open.intended, at);
        if let Some(provider_ms) = self.stage.scenario.provider_first_token_ms {
            // The schedule is moved, not the sample: the warm-up is judged by the ask's due time.
            let provider = Duration::from_millis(provider_ms);
            let seen = at.checked_sub(provider).unwrap_or(at);
            self.stage.board.record(Measure::AddedFirstToken, open.intended, seen);
        }
    }

    fn take_turn(&mut self, turn: Uuid) -> Option<(Uuid, Open)> {
        let found = self.open.iter().find(|(_, open)| open.turn == Some(turn));
        let (cmd, open) = found.map(|(cmd, open)| (*cmd, *open))?;
        self.open.remove(&cmd);
        Some((cmd, open))
    }

    fn done(&mut self, done: &DurableFrame, at: Instant) {
        let Some((_, open)) = done.turn.and_then(|turn| self.take_turn(turn)) else { return };
        if done.status.as_deref() == Some("complete") {
            self.stage.board.record(Measure::Done, open.intended, at);
            let source = done.source.as_deref().unwrap_or("none");
            self.stage.board.count_answer(source, open.intended, at);
        } else {
            self.stage.board.count(Count::Failed, open.intended);
            self.stage.board.count_error(done.code.as_deref().unwrap_or("failed"));
        }
        self.ended(at);
    }

    fn refused(&mut self, cmd: Option<Uuid>, code: &str, will_retry: bool, at: Instant) {
        self.stage.board.count_error(code);
        let given_up = cmd.filter(|_| !will_retry).and_then(|cmd| self.open.remove(&cmd));
        if let Some(open) = given_up {
            self.stage.board.count(Count::Refused, open.intended);
            self.ended(at);
        }
    }

    fn stopped(&mut self, reason: StopReason) {
        self.is_stopped = true;
        self.stage.board.count_error(match reason {
            StopReason::SignedOut => "signed_out",
            StopReason::Forbidden => "forbidden",
            StopReason::TooManySockets => "too_many_sockets",
            StopReason::Misunderstood => "misunderstood",
        });
    }
}
