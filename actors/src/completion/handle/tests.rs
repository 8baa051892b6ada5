//! Calls through the whole request actor, with a scripted model and paused time.

mod deadlines;
mod sharing;
mod trouble;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::model::Course;
use learnflow_engine::tutor::prompt::{Again, Material, PersonalPrompt, Quiz};
use learnflow_engine::tutor::triage::Route;

use super::*;
use crate::completion::scripted::{ScriptedModel, Step};

/// A clock whose randomness is a counter; jitter then is around a tenth of a second.
#[derive(Debug)]
struct Counter(AtomicU64);

impl Default for Counter {
    fn default() -> Self {
        Self(AtomicU64::new(100))
    }
}

impl Clock for Counter {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    fn seed(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::SeqCst)) << 64
    }
}

/// A running request actor and its model.
struct Setting {
    handle: CompletionHandle,
    model: Arc<ScriptedModel>,
}

impl Setting {
    async fn new(usual: Vec<Step>) -> Self {
        Self::with(Config::default(), usual).await
    }

    async fn with(config: Config, usual: Vec<Step>) -> Self {
        let model = Arc::new(ScriptedModel::new(usual));
        let authored = vec![Step::say("The course says so."), Step::stop()];
        let parts = Parts {
            config,
            model: Arc::clone(&model) as Arc<dyn Model>,
            endpoint: "test".to_owned(),
            authored: Arc::new(ScriptedModel::new(authored).labelled(AnswerSource::Offline)),
            clock: Arc::new(Counter::default()),
        };
        let handle = CompletionHandle::start(parts, None).await.unwrap();
        Self { handle, model }
    }

    /// Asks in a scope of the test's choice.
    fn ask_in(&self, scope: Scope, call: Call) -> BoxStream<CompletionEvent> {
        let handle = self.handle.clone();
        stream::once(async move { handle.open_in(&scope, call).await }).flatten().boxed()
    }

    /// Lets every task run until the model has no open stream.
    async fn all_streams_close(&self) {
        for _ in 0..1_000 {
            if self.model.open_streams() == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{} streams of the model are still open", self.model.open_streams());
    }
}

fn student(number: u8) -> StudentId {
    StudentId::new(uuid::Uuid::from_bytes([number; 16]))
}

fn turn(number: u8) -> TurnId {
    TurnId::new(uuid::Uuid::from_bytes([number; 16]))
}

fn course() -> Scope {
    Scope::Course("python@1".into())
}

/// Loaded once: a thousand callers ask about it.
static COURSE: LazyLock<Arc<Course>> = LazyLock::new(|| Course::builtin().unwrap());

fn call(who: u8, agent: Agent) -> Call {
    let route = Route { agent, topic: None, confidence_pct: 90, options: Vec::new() };
    let material = Material {
        course: &COURSE,
        route: &route,
        summary: "",
        window: &[],
        last_route: None,
        question: "What is a loop?",
        code: None,
        level: learnflow_engine::course::model::Level::Beginner,
        open: None,
        quiz: Quiz::Elsewhere,
        again: Again::First,
    };
    Call {
        student: student(who),
        turn: turn(who),
        prompt: Prompt::Personal(PersonalPrompt::new(&material)),
        reuse: Reuse::Nothing,
        max_tokens: 500,
        safety_identifier: "pseudonym".to_owned(),
        traceparent: None,
    }
}

fn question(who: u8) -> Call {
    call(who, Agent::Concepts)
}

/// What a caller heard.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heard {
    text: String,
    end: CompletionEvent,
}

/// Listens to the end, and checks that there is exactly one.
async fn hear(mut events: BoxStream<CompletionEvent>) -> Heard {
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event {
            CompletionEvent::Text(more) => text.push_str(&more),
            end @ (CompletionEvent::Finished { .. } | CompletionEvent::Failed { .. }) => {
                assert_eq!(events.next().await, None, "something came after {end:?}");
                return Heard { text, end };
            }
        }
    }
    panic!("the stream ended without an end after {text:?}");
}

fn finished(reason: FinishReason, source: AnswerSource) -> CompletionEvent {
    CompletionEvent::Finished { reason, usage: None, source }
}

fn failed(error: ModelError) -> CompletionEvent {
    CompletionEvent::Failed { error }
}

fn whole(text: &str, source: AnswerSource) -> Heard {
    Heard { text: text.to_owned(), end: finished(FinishReason::Stop, source) }
}

fn loop_answer() -> Vec<Step> {
    vec![Step::say("A loop "), Step::say("repeats."), Step::stop()]
}
