//! Commands that await an answer: sent in their order, and again with the same id.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::history::CommandKind;

/// Commands that may await an answer at a time.
pub(super) const MAX_PENDING: usize = 32;

/// The shortest wait before a refused command is sent again.
const MIN_RETRY: Duration = Duration::from_millis(500);

/// A command that the server has not answered.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) cmd: Uuid,
    pub(super) kind: CommandKind,
    pub(super) frame: String,
    /// When it was sent after the latest `hello`.
    pub(super) sent_at: Option<Instant>,
    pub(super) sends: u32,
    not_before: Option<Instant>,
}

impl Pending {
    pub(super) fn is_ask(&self) -> bool {
        self.kind == CommandKind::Ask
    }
}

/// All of them, in the order in which they were given.
#[derive(Debug, Default)]
pub(super) struct Commands {
    waiting: Vec<Pending>,
}

impl Commands {
    /// Takes a command in; `false` when too many wait.
    pub(super) fn add(&mut self, cmd: Uuid, kind: CommandKind, frame: String) -> bool {
        let has_room = self.waiting.len() < MAX_PENDING;
        if has_room {
            let pending = Pending { cmd, kind, frame, sent_at: None, sends: 0, not_before: None };
            self.waiting.push(pending);
        }
        has_room
    }

    /// Those that are to be sent now; they count as sent.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Pending> {
        let is_due = |pending: &&mut Pending| {
            pending.sent_at.is_none() && pending.not_before.is_none_or(|at| at <= now)
        };
        let due = self.waiting.iter_mut().filter(is_due);
        due.map(|pending| {
            pending.sent_at = Some(now);
            pending.sends += 1;
            pending.clone()
        })
        .collect()
    }

    /// After `hello`, what is unanswered is sent again.
    pub(super) fn unsend(&mut self) {
        self.waiting.iter_mut().for_each(|pending| pending.sent_at = None);
    }

    /// A command was answered.
    pub(super) fn settle(&mut self, cmd: Uuid) -> Option<Pending> {
        let place = self.waiting.iter().position(|pending| pending.cmd == cmd)?;
        Some(self.waiting.remove(place))
    }

    /// A command was refused for now.
    pub(super) fn put_off(&mut self, cmd: Uuid, retry_ms: u64, now: Instant) -> bool {
        let wait = Duration::from_millis(retry_ms).max(MIN_RETRY);
        let pending = self.waiting.iter_mut().find(|pending| pending.cmd == cmd);
        pending.is_some_and(|pending| {
            pending.sent_at = None;
            pending.not_before = Some(now + wait);
            true
        })
    }

    /// The largest that was sent: the one for which a socket is closed with 1009.
    pub(super) fn settle_largest(&mut self) -> Option<Pending> {
        let sent = self.waiting.iter().filter(|pending| pending.sent_at.is_some());
        let largest = sent.max_by_key(|pending| pending.frame.len())?.cmd;
        self.settle(largest)
    }

    /// Whether one has been unanswered for this long.
    pub(super) fn is_one_late(&self, now: Instant, limit: Duration) -> bool {
        let sent = self.waiting.iter().filter_map(|pending| pending.sent_at);
        sent.into_iter().any(|at| now.saturating_duration_since(at) >= limit)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}
