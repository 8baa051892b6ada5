//! A streamed answer: first planned as steps (pure), then played against the clock.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use super::ledger::{OpenCall, Outcome};
use super::profile::{Fault, Profile};

/// One step of a streamed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Waits until this long after the request's arrival.
    Until(Duration),
    /// Sends a piece that is no content.
    Send(Bytes),
    /// Sends a piece of content.
    Token(Bytes),
    /// Says nothing more, until the caller goes away or the limit for hanging is over.
    Hang,
    /// Breaks the connection.
    Cut,
    /// Enters the end into the ledger and sends the last piece.
    End(Outcome, Bytes),
}

/// The connection is to be broken here.
#[derive(Debug, thiserror::Error)]
#[error("cut off on purpose")]
pub(super) struct CutOff;

/// What the chunks of one answer share.
#[derive(Clone, Debug)]
pub(super) struct Chunks {
    /// The id of the completion.
    pub(super) id: String,
    /// The model's name.
    pub(super) model: String,
}

impl Chunks {
    fn event(&self, choices: &Value, usage: &Value) -> Bytes {
        let chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": super::CREATED,
            "model": self.model, "choices": choices, "usage": usage,
        });
        Bytes::from(format!("data: {chunk}\n\n"))
    }

    fn delta(&self, delta: &Value, finish_reason: Option<&str>) -> Bytes {
        let choice = json!([{"index": 0, "delta": delta, "finish_reason": finish_reason}]);
        self.event(&choice, &Value::Null)
    }
}

/// Plans the answer. `usage` is the last chunk's, if the caller asked for one.
pub(super) fn plan(
    profile: &Profile,
    fault: Fault,
    chunks: &Chunks,
    tokens: &[String],
    usage: Option<&Value>,
) -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    let is_whole = fault == Fault::None;
    let kept = if is_whole { tokens.len() } else { tokens.len().div_ceil(2) };
    steps.push_back(Step::Until(profile.due(0)));
    steps.push_back(Step::Send(chunks.delta(&json!({"role": "assistant", "content": ""}), None)));
    for (index, token) in (0..).zip(&tokens[..kept]) {
        steps.push_back(Step::Until(profile.due(index)));
        steps.push_back(Step::Token(chunks.delta(&json!({ "content": token }), None)));
    }
    let nothing = Bytes::new();
    match fault {
        Fault::HangInside => steps.push_back(Step::Hang),
        Fault::Cut => steps.push_back(Step::Cut),
        Fault::CutClean => steps.push_back(Step::End(Outcome::Faulted, nothing)),
        Fault::Garbage => {
            let garbage = Bytes::from_static(b"data: {\"choices\": [{\"delta\": \xff\xfe}}}\n\n");
            steps.push_back(Step::Send(garbage));
            steps.push_back(Step::End(Outcome::Faulted, nothing));
        }
        Fault::Length => finish(&mut steps, chunks, "length", usage),
        Fault::Filter => finish(&mut steps, chunks, "content_filter", usage),
        Fault::None
        | Fault::Refuse
        | Fault::HangFirst
        | Fault::InternalError
        | Fault::Unavailable
        | Fault::RateLimited => finish(&mut steps, chunks, "stop", usage),
    }
    steps
}

fn finish(steps: &mut VecDeque<Step>, chunks: &Chunks, reason: &str, usage: Option<&Value>) {
    steps.push_back(Step::Send(chunks.delta(&json!({}), Some(reason))));
    if let Some(usage) = usage {
        steps.push_back(Step::Send(chunks.event(&json!([]), usage)));
    }
    let done = Bytes::from_static(b"data: [DONE]\n\n");
    steps.push_back(Step::End(Outcome::Finished, done));
}

struct Player {
    steps: VecDeque<Step>,
    call: OpenCall,
    hang: Duration,
}

/// Plays the steps as a response body. A caller that goes away ends the call as aborted.
pub(super) fn play(steps: VecDeque<Step>, call: OpenCall, hang: Duration) -> Body {
    let player = Player { steps, call, hang };
    Body::from_stream(stream::unfold(player, |mut player| async move {
        let piece = player.next_piece().await?;
        Some((piece, player))
    }))
}

impl Player {
    async fn next_piece(&mut self) -> Option<Result<Bytes, CutOff>> {
        loop {
            match self.steps.pop_front()? {
                Step::Until(due) => tokio::time::sleep_until(self.call.began() + due).await,
                Step::Send(bytes) => return Some(Ok(bytes)),
                Step::Token(bytes) => {
                    self.call.count_token();
                    return Some(Ok(bytes));
                }
                Step::Hang => {
                    tokio::time::sleep(self.hang).await;
                    self.call.end(Outcome::Faulted);
                    return None;
                }
                Step::Cut => {
                    // Lets what was sent leave first: a break throws away what still waits.
                    tokio::task::yield_now().await;
                    self.call.end(Outcome::Faulted);
                    return Some(Err(CutOff));
                }
                Step::End(outcome, bytes) => {
                    self.call.end(outcome);
                    return (!bytes.is_empty()).then_some(Ok(bytes));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(fault: Fault) -> String {
        let profile = Profile { tokens_per_s: 0, ..Profile::default() };
        let chunks = Chunks { id: "c".into(), model: "m".into() };
        let tokens = ["one", " two", " three", " four"].map(str::to_owned);
        let usage = json!({"total_tokens": 9});
        let describe = |step: Step| match step {
            Step::Until(_) => String::new(),
            Step::Hang => "hang".into(),
            Step::Cut => "cut".into(),
            Step::Send(bytes) | Step::Token(bytes) => String::from_utf8_lossy(&bytes).into(),
            Step::End(outcome, bytes) => {
                format!("{}{outcome:?}", String::from_utf8_lossy(&bytes))
            }
        };
        plan(&profile, fault, &chunks, &tokens, Some(&usage)).into_iter().map(describe).collect()
    }

    #[test]
    fn each_fault_leaves_its_mark_in_the_plan() {
        let table = [
            (Fault::None, vec![" four", "\"stop\"", "total_tokens", "[DONE]", "Finished"]),
            (Fault::HangInside, vec![" two", "hang"]),
            (Fault::Cut, vec![" two", "cut"]),
            (Fault::CutClean, vec![" two", "Faulted"]),
            (Fault::Garbage, vec![" two", "\u{fffd}", "Faulted"]),
            (Fault::Length, vec![" two", "\"length\"", "[DONE]", "Finished"]),
            (Fault::Filter, vec![" two", "\"content_filter\"", "[DONE]", "Finished"]),
        ];
        for (fault, marks) in table {
            let text = planned(fault);
            let places: Vec<_> = marks.iter().map(|mark| text.find(mark)).collect();
            assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{fault:?}: {text}");
            assert_eq!(text.contains(" three"), fault == Fault::None, "{fault:?}");
        }
    }
}
