//! What a session calls: from a prompt to a stream of its answer.
//!
//! The look into the cache happens in the caller's task; only a miss is mailed to the supervisor.
//! Prompts that need no model (asking back, off topic, progress) are answered by the course's own
//! words whatever model is configured, and so is everything where the model is the offline tutor.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use learnflow_engine::clock::Clock;
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{
    AnswerSource, FinishReason, Model, ModelError, ModelRequest, Usage,
};
use learnflow_engine::tutor::prompt::{Prompt, Scope};
use learnflow_engine::tutor::triage::Agent;
use parking_lot::RwLock;
use ractor::{Actor, ActorCell, ActorRef, SpawnErr};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cache::AnswerCache;
use super::config::{Config, InvalidConfig};
use super::events::{Origin, followed, local, one_event, watched};
use super::key::{CacheKey, ModelIdentity};
use super::scope::{Reuse, ScopeKind, scope_of};
use super::supervisor::{CompletionSupervisor, Message, Open, Opened, Shared};
use super::upstream::{Job, Upstream};

/// A question for the tutor.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who asks.
    pub student: StudentId,
    /// In which turn.
    pub turn: TurnId,
    /// What to ask.
    pub prompt: Prompt,
    /// What else may be done with the answer to a personal prompt.
    pub reuse: Reuse,
    /// The most tokens that the answer may have.
    pub max_tokens: u32,
    /// A pseudonym of the student for the provider's abuse checks; never an id of ours.
    pub safety_identifier: String,
    /// W3C trace context of the frame that caused the call.
    pub traceparent: Option<String>,
}

/// What is heard of an answer: pieces, then exactly one of the other two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompletionEvent {
    /// More text.
    Text(String),
    /// The answer is whole.
    Finished {
        /// Why it ended: `Stop`, or `Length` for one that was too long.
        reason: FinishReason,
        /// What it cost; none where nothing was paid.
        usage: Option<Usage>,
        /// Who answered.
        source: AnswerSource,
    },
    /// There is no more, and what came is not an answer.
    Failed {
        /// Why.
        error: ModelError,
    },
}

/// What the request actor is made of.
#[derive(Debug)]
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The model that answers.
    pub model: Arc<dyn Model>,
    /// Where it answers, its base URL: keeps apart the stored answers of different servers.
    pub endpoint: String,
    /// The course's own words, for prompts that need no model.
    pub authored: Arc<dyn Model>,
    /// Randomness for jitter.
    pub clock: Arc<dyn Clock>,
}

/// The request actor could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// The actor did not come up.
    #[error("the completion supervisor did not start")]
    Spawn(#[from] SpawnErr),
}

/// The way to the request actor. Cheap to clone.
#[derive(Clone)]
pub struct CompletionHandle {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    identity: ModelIdentity,
    authored: Arc<dyn Model>,
    model: Arc<dyn Model>,
    shared: Arc<Shared>,
    supervisor: RwLock<ActorRef<Message>>,
    credits: Arc<Semaphore>,
}

impl fmt::Debug for CompletionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionHandle").field("model", &self.inner.model).finish_non_exhaustive()
    }
}

impl CompletionHandle {
    /// Starts the supervisor, linked to `parent` where there is one: it then hears of its failure
    /// and calls [`Self::restart`].
    ///
    /// # Errors
    /// Wrong settings, or an actor that doesn't come up.
    pub async fn start(parts: Parts, parent: Option<ActorCell>) -> Result<Self, StartError> {
        let Parts { config, model, endpoint, authored, clock } = parts;
        config.validate()?;
        let shared = Arc::new(Shared {
            upstream: Upstream::new(Arc::clone(&model), clock, &config),
            cache: AnswerCache::new(&config),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        let supervisor = spawn(&shared, parent).await?;
        let inner = Inner {
            identity: ModelIdentity { name: model.name().to_owned(), endpoint },
            credits: Arc::new(Semaphore::new(config.mailbox_max)),
            supervisor: RwLock::new(supervisor),
            config,
            authored,
            model,
            shared,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts a new supervisor after the old one has failed. Cache, places, breaker and running
    /// flights stay; only who joins a flight that the old one knew flies again.
    ///
    /// # Errors
    /// The actor doesn't come up.
    pub async fn restart(&self, parent: Option<ActorCell>) -> Result<(), StartError> {
        let supervisor = spawn(&self.inner.shared, parent).await?;
        *self.inner.supervisor.write() = supervisor;
        Ok(())
    }

    /// Ends every flight and waits for their tasks, at most so long.
    pub async fn stop(&self, within: Duration) {
        let shared = &self.inner.shared;
        self.inner.supervisor.read().stop(None);
        shared.stop.cancel();
        shared.tasks.close();
        if timeout_at(Instant::now() + within, shared.tasks.wait()).await.is_err() {
            tracing::warn!(flights = shared.tasks.len(), "completion flights outlived the drain");
        }
    }

    /// Whether the model has failed so often that calls are held back for now.
    pub fn is_degraded(&self) -> bool {
        self.inner.shared.upstream.is_held_back()
    }

    /// Asks. Nothing happens before the stream is polled for the first time.
    ///
    /// The stream ends after exactly one [`CompletionEvent::Finished`] or
    /// [`CompletionEvent::Failed`], at most `total_ms` after the first poll.
    ///
    /// # Cancellation
    /// Dropping the stream is leaving: the call upstream ends with the last who leaves, unless its
    /// answer is for everybody.
    pub fn complete(&self, call: Call) -> BoxStream<CompletionEvent> {
        let handle = self.clone();
        stream::once(async move { handle.open(call).await }).flatten().boxed()
    }

    async fn open(&self, call: Call) -> BoxStream<CompletionEvent> {
        let scope = scope_of(&call.prompt, call.reuse, call.student, call.turn);
        self.open_in(&scope, call).await
    }

    /// Opens in a scope that the prompt allows.
    async fn open_in(&self, scope: &Scope, call: Call) -> BoxStream<CompletionEvent> {
        let asked = Instant::now();
        let deadline = asked + self.inner.config.total();
        let kind = ScopeKind::of(scope);
        if let Some((model, source)) = self.local_model(&call.prompt) {
            let origin = Origin { kind, source, asked };
            return watched(origin, local(model.answer(request(call)), source, deadline));
        }
        let messages = call.prompt.messages();
        let key = CacheKey::of(scope, &self.inner.identity, messages, call.max_tokens);
        let (source, events) = self.fetch(call, key, kind, deadline).await;
        watched(Origin { kind, source, asked }, events)
    }

    /// Whether the course's own words answer this, without a call upstream.
    pub fn answers_locally(&self, prompt: &Prompt) -> bool {
        self.local_model(prompt).is_some()
    }

    /// Who answers without a call upstream, and how that is labelled.
    fn local_model(&self, prompt: &Prompt) -> Option<(&dyn Model, AnswerSource)> {
        let source = self.inner.model.source();
        match (needs_model(prompt.brief().route.agent), source) {
            (Need::Words, _) => Some((self.inner.authored.as_ref(), AnswerSource::Authored)),
            (Need::Model, AnswerSource::Model | AnswerSource::Cache) => None,
            (Need::Model, AnswerSource::Authored | AnswerSource::Offline) => {
                Some((self.inner.model.as_ref(), source))
            }
        }
    }

    /// The answer from the cache or a flight.
    async fn fetch(
        &self,
        call: Call,
        key: Option<CacheKey>,
        kind: ScopeKind,
        deadline: Instant,
    ) -> (AnswerSource, BoxStream<CompletionEvent>) {
        if let Some(key) = key
            && let Some(text) = self.inner.shared.cache.get(&key).await
        {
            return (AnswerSource::Cache, stored(&text));
        }
        match self.mail(call, key, kind).await {
            Some(Opened::Stored(text)) => (AnswerSource::Cache, stored(&text)),
            Some(Opened::Flight(follower)) => (follower.source(), followed(follower, deadline)),
            None => {
                let error = ModelError::Overloaded;
                (AnswerSource::Model, one_event(CompletionEvent::Failed { error }))
            }
        }
    }

    /// Mails a miss; none when the mailbox is full or nobody reads it within the queue's wait.
    async fn mail(&self, call: Call, key: Option<CacheKey>, kind: ScopeKind) -> Option<Opened> {
        let credit = Arc::clone(&self.inner.credits).try_acquire_owned().ok()?;
        let (reply, opened) = oneshot::channel();
        let job = Job { student: call.student, request: request(call) };
        let open = Message::Open(Box::new(Open { job, key, kind, reply, credit }));
        self.inner.supervisor.read().send_message(open).ok()?;
        let until = Instant::now() + Duration::from_millis(self.inner.config.queue_ms);
        timeout_at(until, opened).await.ok()?.ok()
    }
}

async fn spawn(
    shared: &Arc<Shared>,
    parent: Option<ActorCell>,
) -> Result<ActorRef<Message>, SpawnErr> {
    let arguments = Arc::clone(shared);
    // The join handle isn't needed: the parent hears of the actor's end, `stop` waits for flights.
    let (actor, _join) = match parent {
        Some(parent) => Actor::spawn_linked(None, CompletionSupervisor, arguments, parent).await?,
        None => Actor::spawn(None, CompletionSupervisor, arguments).await?,
    };
    Ok(actor)
}

/// Whether a specialist needs a model at all.
enum Need {
    Model,
    Words,
}

const fn needs_model(agent: Agent) -> Need {
    match agent {
        Agent::Concepts | Agent::CodeReview | Agent::Debug | Agent::Exercise => Need::Model,
        Agent::Progress | Agent::Clarify | Agent::OffTopic => Need::Words,
    }
}

fn request(call: Call) -> ModelRequest {
    ModelRequest {
        messages: call.prompt.messages().to_vec(),
        brief: call.prompt.brief().clone(),
        max_tokens: call.max_tokens,
        safety_identifier: call.safety_identifier,
        traceparent: call.traceparent,
    }
}

/// A stored answer: whole, at once, for nothing.
fn stored(text: &str) -> BoxStream<CompletionEvent> {
    let finished = CompletionEvent::Finished {
        reason: FinishReason::Stop,
        usage: None,
        source: AnswerSource::Cache,
    };
    stream::iter([CompletionEvent::Text(text.to_owned()), finished]).boxed()
}

#[cfg(test)]
mod tests;
