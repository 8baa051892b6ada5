//! The ledger: what was asked of the provider, and how each call ended.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::answer::ChatRequest;
use super::profile::{Bodies, Fault};

/// Calls that are remembered one by one; older ones remain in the counts.
const KEPT_CALLS: usize = 100_000;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still being answered.
    Running,
    /// Answered to the end, with a `finish_reason`.
    Finished,
    /// The caller went away first.
    Aborted,
    /// Ended by a fault that was asked for.
    Faulted,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Counted from 1.
    pub id: u64,
    /// Digest of all messages.
    pub digest: String,
    /// Digest of the last message of the user.
    pub question_digest: String,
    /// The model that was asked for.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Messages of the prompt.
    pub messages: usize,
    /// Bytes of the messages' contents.
    pub prompt_bytes: usize,
    /// Bytes of the request's body.
    pub body_bytes: usize,
    /// The fault that the call met.
    pub fault: Fault,
    /// How it ended.
    pub outcome: Outcome,
    /// Tokens that were sent.
    pub sent_tokens: u32,
    /// Milliseconds from the provider's start to the call.
    pub started_ms: u64,
    /// Milliseconds from the call to its end; absent while it runs.
    pub took_ms: Option<u64>,
    /// The request's body, if bodies are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What `GET /ledger` tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// Calls since the start or the last reset.
    pub calls: u64,
    /// Calls that are being answered now.
    pub running: u64,
    /// Calls that were answered to the end.
    pub finished: u64,
    /// Calls whose caller went away.
    pub aborted: u64,
    /// Calls that a fault ended.
    pub faulted: u64,
    /// Different prompts.
    pub distinct: usize,
    /// Prompts that came more than once, by digest, with their number of calls.
    pub repeated: BTreeMap<String, u64>,
    /// The calls, oldest first.
    pub items: Vec<CallRecord>,
}

#[derive(Debug, Default)]
struct Books {
    report: LedgerReport,
    by_digest: BTreeMap<String, u64>,
    items: VecDeque<CallRecord>,
    file: Option<File>,
}

/// Counts calls and remembers them.
#[derive(Debug)]
pub(super) struct Ledger {
    books: Mutex<Books>,
    bodies: Bodies,
    started: Instant,
}

impl Ledger {
    /// Opens the books, and the file if one is named.
    pub(super) fn new(bodies: Bodies, file: Option<&Path>) -> io::Result<Self> {
        let file = file.map(|path| OpenOptions::new().create(true).append(true).open(path));
        let books = Books { file: file.transpose()?, ..Books::default() };
        Ok(Self { books: Mutex::new(books), bodies, started: Instant::now() })
    }

    /// Enters a call. It counts as aborted unless its end is told before it is dropped.
    pub(super) fn enter(
        self: &Arc<Self>,
        request: &ChatRequest,
        body: &[u8],
        fault: Fault,
    ) -> OpenCall {
        let began = Instant::now();
        let record = CallRecord {
            id: 0,
            digest: request.digest(),
            question_digest: request.question_digest(),
            model: request.model.clone(),
            stream: request.stream,
            messages: request.messages.len(),
            prompt_bytes: request.prompt_bytes(),
            body_bytes: body.len(),
            fault,
            outcome: Outcome::Running,
            sent_tokens: 0,
            started_ms: millis(began - self.started),
            took_ms: None,
            body: (self.bodies == Bodies::Keep).then(|| String::from_utf8_lossy(body).into_owned()),
        };
        let id = self.books.lock().enter(record);
        OpenCall { ledger: Arc::clone(self), id, began, sent_tokens: 0, is_open: true }
    }

    /// Counts, digests and calls.
    pub(super) fn report(&self) -> LedgerReport {
        let books = self.books.lock();
        let repeated = books.by_digest.iter().filter(|(_, calls)| **calls > 1);
        LedgerReport {
            distinct: books.by_digest.len(),
            repeated: repeated.map(|(digest, calls)| (digest.clone(), *calls)).collect(),
            items: books.items.iter().cloned().collect(),
            ..books.report
        }
    }

    /// The calls whose body holds the text, oldest first.
    pub(super) fn containing(&self, text: &str) -> Vec<CallRecord> {
        // Bodies are JSON: what is looked for stands there with its quotes and breaks escaped.
        let quoted = serde_json::Value::from(text).to_string();
        let needle = quoted.trim_matches('"');
        let books = self.books.lock();
        let holds = |call: &&CallRecord| call.body.as_ref().is_some_and(|b| b.contains(needle));
        books.items.iter().filter(holds).cloned().collect()
    }

    /// Forgets everything but the calls that run.
    pub(super) fn reset(&self) {
        self.books.lock().reset();
    }

    pub(super) fn keeps_bodies(&self) -> bool {
        self.bodies == Bodies::Keep
    }
}

impl Books {
    fn enter(&mut self, mut record: CallRecord) -> u64 {
        self.report.calls += 1;
        self.report.running += 1;
        record.id = self.items.back().map_or(0, |call| call.id).max(self.report.calls - 1) + 1;
        let id = record.id;
        *self.by_digest.entry(record.digest.clone()).or_default() += 1;
        if self.items.len() == KEPT_CALLS {
            self.items.pop_front();
        }
        self.items.push_back(record);
        id
    }

    fn end(&mut self, id: u64, outcome: Outcome, sent_tokens: u32, took_ms: u64) {
        self.report.running = self.report.running.saturating_sub(1);
        match outcome {
            Outcome::Running => {}
            Outcome::Finished => self.report.finished += 1,
            Outcome::Aborted => self.report.aborted += 1,
            Outcome::Faulted => self.report.faulted += 1,
        }
        let Ok(place) = self.items.binary_search_by_key(&id, |call| call.id) else { return };
        let call = &mut self.items[place];
        (call.outcome, call.sent_tokens, call.took_ms) = (outcome, sent_tokens, Some(took_ms));
        let line = serde_json::to_string(call).unwrap_or_default();
        // A full disk must not stop the answers: the counts in memory stay right.
        let written = self.file.as_mut().map(|file| writeln!(file, "{line}"));
        if matches!(written, Some(Err(_))) {
            self.file = None;
        }
    }

    fn reset(&mut self) {
        self.items.retain(|call| call.outcome == Outcome::Running);
        let running = self.items.len() as u64;
        self.report = LedgerReport { calls: running, running, ..LedgerReport::default() };
        self.by_digest.clear();
        for call in &self.items {
            *self.by_digest.entry(call.digest.clone()).or_default() += 1;
        }
    }
}

/// A call that is being answered.
#[derive(Debug)]
pub(super) struct OpenCall {
    ledger: Arc<Ledger>,
    id: u64,
    began: Instant,
    sent_tokens: u32,
    is_open: bool,
}

impl OpenCall {
    pub(super) fn began(&self) -> Instant {
        self.began
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn count_token(&mut self) {
        self.sent_tokens += 1;
    }

    /// Tells how the call ended; only the first time counts.
    pub(super) fn end(&mut self, outcome: Outcome) {
        if std::mem::replace(&mut self.is_open, false) {
            let took_ms = millis(self.began.elapsed());
            self.ledger.books.lock().end(self.id, outcome, self.sent_tokens, took_ms);
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.end(Outcome::Aborted);
    }
}

fn millis(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> (ChatRequest, Vec<u8>) {
        let body = format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]}}"#);
        (serde_json::from_str(&body).expect("a request"), body.into_bytes())
    }

    #[test]
    fn every_call_is_counted_once_and_by_its_end() {
        let ledger = Arc::new(Ledger::new(Bodies::Keep, None).expect("no file to open"));
        let enter = |text: &str| {
            let (request, body) = request(text);
            ledger.enter(&request, &body, Fault::None)
        };
        let mut finished = enter("a");
        finished.end(Outcome::Finished);
        drop(finished);
        drop(enter("a"));
        let mut faulted = enter("b \\\"q\\\"");
        faulted.end(Outcome::Faulted);
        let running = enter("c");
        let report = ledger.report();
        assert_eq!((report.calls, report.running, report.finished), (4, 1, 1));
        assert_eq!((report.aborted, report.faulted, report.distinct), (1, 1, 3));
        assert_eq!(report.repeated.values().copied().collect::<Vec<_>>(), [2]);
        assert_eq!(ledger.containing("b \"q\"").len(), 1);
        ledger.reset();
        drop(running);
        let report = ledger.report();
        assert_eq!((report.calls, report.running, report.aborted), (1, 0, 1));
        assert_eq!(report.items[0].outcome, Outcome::Aborted);
    }

    #[test]
    fn ids_stay_ordered_after_a_reset() {
        let ledger = Arc::new(Ledger::new(Bodies::Forget, None).expect("no file to open"));
        let (request, body) = request("a");
        let calls: Vec<OpenCall> =
            (0..3).map(|_| ledger.enter(&request, &body, Fault::None)).collect();
        ledger.reset();
        calls.into_iter().take(2).for_each(drop);
        let last = ledger.enter(&request, &body, Fault::None);
        let ids: Vec<u64> = ledger.report().items.iter().map(|call| call.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert_eq!(last.id(), 4);
    }
}
