//! A session as its owner runs it, without the owner: decides, stores, says, dies and comes back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::model::Course;
use learnflow_engine::event::frame::{DurableFrame, frames};
use learnflow_engine::event::v1::{AgeBand, Consent, Event, Policy};
use learnflow_engine::event::{StepTexts, decode_facts, decode_texts, encode_facts, encode_texts};
use learnflow_engine::id::StudentId;
use learnflow_engine::invariants;
use learnflow_engine::session::decide::{decide, is_stale};
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::input::{Context, Input, Limits, Texts, TurnText};
use learnflow_engine::session::state::State;
use uuid::Uuid;

/// Two planned topics: small, quick to load, and of no concern to who writes the real course.
pub(crate) static COURSE: LazyLock<Course> = LazyLock::new(|| {
    let header = "format = 1\nid = \"tiny\"\ntitle = \"Tiny\"\nversion = \"1.0.0\"\n\
        [[module]]\nid = \"basics\"\ntitle = \"Basics\"\n\
        [[module.topic]]\nid = \"loops\"\n[[module.topic]]\nid = \"names\"\n";
    let topic = |title: &str, question: &str| {
        format!(
            "title = \"{title}\"\nsummary = \"About {title}.\"\nplanned = true\n\
             suggested_questions = [\"What is a {question}?\", \"Why would I need a {question}?\"]\n\
             [keywords]\n\"{question}\" = 8\n"
        )
    };
    let (loops, names) = (topic("Loops", "loop"), topic("Names", "name"));
    let files = [
        ("course.toml", header),
        ("basics/loops.toml", loops.as_str()),
        ("basics/names.toml", names.as_str()),
    ];
    Course::load(&files).expect("the tiny course is valid")
});

/// What a step stored.
pub(crate) struct Row {
    pub(crate) head: StepHead,
    facts: Vec<u8>,
    texts: Option<Vec<u8>>,
}

impl Row {
    /// The events as they come back from the store.
    pub(crate) fn events(&self) -> Vec<Event> {
        decode_facts(&self.facts).expect("stored facts decode")
    }

    fn texts(&self) -> StepTexts {
        self.texts
            .as_deref()
            .map_or_else(StepTexts::default, |bytes| decode_texts(bytes).expect("texts decode"))
    }
}

/// What an input led to.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Event>,
    pub(crate) frames: Vec<DurableFrame>,
    pub(crate) effects: Vec<Effect>,
}

/// A session and everything around it.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) texts: Texts,
    pub(crate) limits: Limits,
    pub(crate) course: &'static Course,
    pub(crate) rows: Vec<Row>,
    pub(crate) now: Timestamp,
    seed: u128,
}

impl World {
    /// A session of which nothing is stored yet.
    pub(crate) fn unborn() -> Self {
        Self {
            state: State::new(student()),
            texts: Texts::default(),
            limits: Limits::default(),
            course: &COURSE,
            rows: Vec::new(),
            now: Timestamp::from_millis(1_800_000_000_000),
            seed: 0,
        }
    }

    /// A session as sign-up leaves it.
    pub(crate) fn created(age_band: AgeBand, consent: Consent) -> Self {
        let mut world = Self::unborn();
        let created = Event::Created {
            age_band,
            consent,
            sections: Vec::new(),
            policy: Policy { highest_rung: 4 },
            at: world.now,
        };
        let head = StepHead { rev: 0, position: None, at: world.now };
        world.store(head, &[created], &StepTexts::default());
        world
    }

    /// Hands an input in, as the session's owner does.
    pub(crate) fn step(&mut self, input: &Input) -> Outcome {
        let position = match input {
            Input::Command { position, at, .. } if is_stale(&self.state, *position, *at) => {
                return Outcome::default();
            }
            Input::Command { position, .. } => Some(*position),
            Input::Piece { .. }
            | Input::Finished { .. }
            | Input::Failed { .. }
            | Input::Guarded { .. }
            | Input::Recovered { .. }
            | Input::TimerDue { .. } => None,
        };
        let at = match input {
            Input::Command { at, .. } => (*at).max(self.state.last_at),
            Input::Piece { .. }
            | Input::Finished { .. }
            | Input::Failed { .. }
            | Input::Guarded { .. }
            | Input::Recovered { .. }
            | Input::TimerDue { .. } => self.now,
        };
        self.seed += 1 << 100;
        let context = Context {
            now: at,
            clock: self.now,
            seed: self.seed,
            course: self.course,
            texts: &self.texts,
            limits: &self.limits,
        };
        let decision = decide(&self.state, input, &context);
        let again = decide(&self.state, input, &context);
        assert_eq!(decision.events, again.events, "a decision repeats");
        for effect in &decision.effects {
            if let Effect::Token { text, .. } = effect {
                self.texts.push_streamed(text);
            }
        }
        let first_seq = self.state.last_frame + 1;
        if !decision.events.is_empty() {
            let head = StepHead { rev: self.state.rev + 1, position, at };
            self.store(head, &decision.events, &decision.texts);
            self.texts.follow(&self.state, &decision);
        }
        let frames = frames(&decision.events, &decision.texts, first_seq);
        Outcome { frames, events: decision.events, effects: decision.effects }
    }

    fn store(&mut self, head: StepHead, events: &[Event], texts: &StepTexts) {
        let before = self.state.clone();
        apply(&mut self.state, &head, events);
        assert_eq!(invariants::step(&before, events, &self.state), Ok(()), "{events:?}");
        self.rows.push(Row { head, facts: encode_facts(events), texts: encode_texts(texts) });
    }

    /// The owner dies: only what was stored comes back.
    pub(crate) fn lose_memory(&mut self) {
        let mut state = State::new(student());
        for row in &self.rows {
            apply(&mut state, &row.head, &row.events());
        }
        assert_eq!(state, self.state, "what was stored is what was live");
        self.state = state;
        self.texts = self.stored_texts();
    }

    /// The texts that a prompt may need, read by the revs that the state names.
    fn stored_texts(&self) -> Texts {
        let by_rev: BTreeMap<i64, StepTexts> = self
            .state
            .text_revs()
            .into_iter()
            .filter_map(|rev| Some((rev, self.rows.get(usize::try_from(rev).ok()?)?.texts())))
            .collect();
        let mut texts = Texts::default();
        let state = &self.state;
        let asked = (state.running.iter().map(|t| (t.turn, t.question_rev, None)))
            .chain(state.queue.iter().map(|t| (t.turn, t.question_rev, None)))
            .chain(state.window.iter().map(|t| (t.turn, t.question_rev, Some(t.answer_rev))));
        for (turn, question_rev, answer_rev) in asked {
            let step = by_rev[&question_rev].clone();
            let answer = answer_rev.and_then(|rev| by_rev[&rev].answer.clone());
            let question = step.question.expect("the question stands in its row");
            texts.insert(turn, TurnText { question, code: step.code, answer });
        }
        texts
    }
}

fn student() -> StudentId {
    StudentId::new(Uuid::from_u128(7))
}
