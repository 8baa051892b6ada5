//! A model that says what a test wrote down, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{
    AnswerSource, FinishReason, Model, ModelError, ModelPiece, ModelRequest, Usage,
};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::sleep;

/// One thing that happens in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It says this.
    Say(String),
    /// It is silent so long (tokio's time, which tests may pause).
    Wait(Duration),
    /// It is silent until [`ScriptedModel::release`] is called once more than before.
    Gate,
    /// It ends in order.
    Finish(FinishReason, Option<Usage>),
    /// It fails.
    Fail(ModelError),
    /// It says nothing more, for ever.
    Hang,
    /// Its task panics.
    Crash,
}

impl Step {
    /// Says a piece.
    pub fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }

    /// Ends as an answer that was said in full.
    pub const fn stop() -> Self {
        Self::Finish(FinishReason::Stop, None)
    }
}

/// The model. A script that runs out without an end is a cut stream.
#[derive(Debug)]
pub struct ScriptedModel {
    name: String,
    source: AnswerSource,
    usual: Vec<Step>,
    next: Mutex<VecDeque<Vec<Step>>>,
    asked: Mutex<Vec<ModelRequest>>,
    open: Arc<AtomicUsize>,
    released: watch::Sender<usize>,
}

impl ScriptedModel {
    /// A model that plays `usual` in every call.
    pub fn new(usual: Vec<Step>) -> Self {
        Self {
            name: "scripted".to_owned(),
            source: AnswerSource::Model,
            usual,
            next: Mutex::default(),
            asked: Mutex::default(),
            open: Arc::default(),
            released: watch::Sender::new(0),
        }
    }

    /// The same, labelled otherwise.
    #[must_use]
    pub fn labelled(self, source: AnswerSource) -> Self {
        Self { source, ..self }
    }

    /// Plays `script` in the next call that has none yet.
    pub fn then(&self, script: Vec<Step>) {
        self.next.lock().push_back(script);
    }

    /// What it was asked, oldest first.
    pub fn asked(&self) -> Vec<ModelRequest> {
        self.asked.lock().clone()
    }

    /// How often it was asked.
    pub fn calls(&self) -> usize {
        self.asked.lock().len()
    }

    /// Streams that nobody has dropped yet.
    pub fn open_streams(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Opens every [`Step::Gate`] once.
    pub fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }
}

impl Model for ScriptedModel {
    fn source(&self) -> AnswerSource {
        self.source
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn answer(&self, request: ModelRequest) -> BoxStream<Result<ModelPiece, ModelError>> {
        self.asked.lock().push(request);
        let script = self.next.lock().pop_front().unwrap_or_else(|| self.usual.clone());
        self.open.fetch_add(1, Ordering::SeqCst);
        let play = Play {
            steps: script.into(),
            released: self.released.subscribe(),
            passed: 0,
            open: Arc::clone(&self.open),
        };
        stream::unfold(play, |mut play| async move {
            let piece = play.next().await?;
            Some((piece, play))
        })
        .boxed()
    }
}

struct Play {
    steps: VecDeque<Step>,
    released: watch::Receiver<usize>,
    passed: usize,
    open: Arc<AtomicUsize>,
}

impl Play {
    async fn next(&mut self) -> Option<Result<ModelPiece, ModelError>> {
        loop {
            match self.steps.pop_front()? {
                Step::Say(text) => return Some(Ok(ModelPiece::Text(text))),
                Step::Wait(duration) => sleep(duration).await,
                Step::Gate => self.gate().await,
                Step::Finish(reason, usage) => {
                    return Some(Ok(ModelPiece::Finished { reason, usage }));
                }
                Step::Fail(error) => {
                    self.steps.clear();
                    return Some(Err(error));
                }
                Step::Hang => std::future::pending().await,
                Step::Crash => crash(),
            }
        }
    }

    async fn gate(&mut self) {
        self.passed += 1;
        let passed = self.passed;
        if self.released.wait_for(|count| *count >= passed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[expect(clippy::panic, reason = "the crash that tests ask for")]
fn crash() -> ! {
    panic!("scripted crash")
}

impl Drop for Play {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}
