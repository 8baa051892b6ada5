//! What goes on in a simulated student: it takes up what it is told to do, and does it step by
//! step as its knowledge and its habits say.
//!
//! A [`Mind`] that is free takes up a proposal, which becomes intents: read, answer, try, ask. Each
//! step carries out the first of them, and may put others before the rest: a hint after a mistake,
//! another question, a word of despair.

use std::collections::{BTreeMap, VecDeque};

use super::action::Action;
use super::answer::Answering;
use super::guide::Proposal;
use super::memory::Memory;
use super::profile::Profile;
use super::question::{self, Words};
use super::random::SplitMix64;
use super::{SimulatedStudent, planted};
use crate::clock::Timestamp;
use crate::course::model::{Course, Exercise, ExerciseId, ExerciseKind, ItemId, Topic, TopicId};
use crate::progress::next_step::Activity;

/// A day's time for learning.
pub const SITTING_MS: i64 = 40 * 60_000;
/// An item is read and thought about for so long, on average.
const ITEM_MS: u64 = 45_000;
/// Work on an exercise between two signs of life.
const WORK_MS: u64 = 60_000;
/// Signs of life in a try at an exercise.
const WORK_STEPS: usize = 2;
/// Tries at an exercise before it is given up.
const TRIES: u8 = 4;
/// An answer is asked on about so often.
const ASKS_ON: u8 = 2;
/// Something else comes to mind before so many proposals of a hundred.
const ASIDE_PCT: u8 = 8;

/// What an explanation, feedback to an item, a hint, practice teach, as shares of one go.
const BY_EXPLANATION: f64 = 1.0;
const BY_FEEDBACK: f64 = 0.5;
const BY_HINT: f64 = 0.5;
const BY_PRACTICE: f64 = 0.7;

/// What a student means to do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Intent {
    /// Takes so long, on average.
    Wait(u64),
    /// Works on the page.
    Work,
    /// Asks about a topic; how often it has asked on.
    Explain(TopicId, u8),
    /// Says that it is stuck.
    Despair(TopicId, Option<ExerciseId>),
    /// Shows a program that fails.
    ShowError(TopicId),
    /// Asks something else.
    Aside(TopicId),
    /// Answers an item.
    Item(ItemId),
    /// Hands in a try at an exercise; how many there were before.
    Try(ExerciseId, u8),
    /// Takes a hint.
    Hint(ExerciseId),
    /// Has worked through an exercise that can't be handed in.
    Practised(ExerciseId),
}

/// What goes on in a simulated student.
#[derive(Debug, Clone, PartialEq)]
pub struct Mind {
    profile: Profile,
    random: SplitMix64,
    memory: Memory,
    intents: VecDeque<Intent>,
    ends_at: Timestamp,
    /// Items that it chose itself, by topic.
    chosen: BTreeMap<TopicId, usize>,
    /// Exercises that can't be handed in and were worked through.
    practised: Vec<ExerciseId>,
}

impl Mind {
    /// A student's mind before the course.
    pub(super) fn new(student: &SimulatedStudent, course: &Course, now: Timestamp) -> Self {
        let mut random = SplitMix64::new(student.seed);
        let planted = planted::topics(student.seed, course);
        let memory = Memory::new(student.profile, planted, course, &mut random, now);
        Self {
            profile: student.profile,
            random,
            memory,
            intents: VecDeque::new(),
            ends_at: now,
            chosen: BTreeMap::new(),
            practised: Vec::new(),
        }
    }

    /// What it truly knows.
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Sits down for [`SITTING_MS`].
    pub fn sit_down(&mut self, now: Timestamp) {
        self.intents.clear();
        self.ends_at = now.plus_millis(SITTING_MS);
    }

    /// Whether it waits to be told what to do.
    pub fn is_free(&self) -> bool {
        self.intents.is_empty()
    }

    /// Takes up what it is told to do.
    pub fn take_up(&mut self, proposal: &Proposal, course: &Course) {
        let Some(topic) = course.topic(&proposal.topic) else { return };
        if self.random.chance(ASIDE_PCT) {
            self.intents.extend([Intent::Aside(topic.id.clone()), Intent::Wait(ITEM_MS)]);
        }
        match &proposal.activity {
            Activity::Explanation => self.intents.push_back(Intent::Explain(topic.id.clone(), 0)),
            Activity::Quiz(item) => self.answer_item(item.clone()),
            Activity::Exercise(id) => {
                match course.exercise(id).map(|exercise| exercise.kind) {
                    Some(ExerciseKind::PredictOutput) => self.attempt(id, 0),
                    Some(
                        ExerciseKind::FillIn | ExerciseKind::BugFix | ExerciseKind::WriteFunction,
                    ) if !self.practised.contains(id) => self.practise(id),
                    // It can't be handed in, so it is proposed again and again.
                    Some(_) | None => self.choose_item(topic),
                }
            }
        }
    }

    /// What it does now. [`Action::Stop`] when the day is over or nothing is left to do.
    pub fn next(&mut self, course: &Course, now: Timestamp) -> Action {
        let intent = self.intents.pop_front().filter(|_| now < self.ends_at);
        let action = intent.and_then(|intent| self.carry_out(intent, course, now));
        action.unwrap_or_else(|| {
            self.intents.clear();
            Action::Stop
        })
    }

    /// Carries out an intent; nothing when the course doesn't have what it is about.
    fn carry_out(&mut self, intent: Intent, course: &Course, now: Timestamp) -> Option<Action> {
        Some(match intent {
            // From half to one and a half times the average.
            Intent::Wait(ms) => Action::Pause { ms: ms / 2 + self.random.below(ms) },
            Intent::Work => Action::Active,
            Intent::Explain(id, asked) => self.explain(course.topic(&id)?, asked, now),
            Intent::Despair(id, exercise) => {
                let words = question::stuck(&mut self.random);
                self.be_taught(course.topic(&id)?, BY_FEEDBACK, now);
                ask(words, id, exercise)
            }
            Intent::ShowError(id) => {
                let topic = course.topic(&id)?;
                let words = question::broken(&mut self.random, topic);
                self.be_taught(topic, BY_FEEDBACK, now);
                ask(words, id, None)
            }
            Intent::Aside(id) => {
                let words = question::aside(&mut self.random, course.topic(&id)?);
                ask(words, id, None)
            }
            Intent::Item(item) => self.item(course, item, now)?,
            Intent::Try(id, before) => self.submit(course, &id, before, now)?,
            Intent::Hint(id) => {
                self.be_taught(course.topic(&id.topic())?, BY_HINT, now);
                Action::Hint { exercise: id }
            }
            Intent::Practised(id) => {
                self.be_taught(course.topic(&id.topic())?, BY_PRACTICE, now);
                self.practised.push(id);
                Action::Active
            }
        })
    }

    fn explain(&mut self, topic: &Topic, asked: u8, now: Timestamp) -> Action {
        let words = if asked == 0 {
            question::about(&mut self.random, &self.profile, topic)
        } else {
            question::on(&mut self.random)
        };
        self.be_taught(topic, BY_EXPLANATION, now);
        if !self.memory.has_learned(&topic.id) {
            if asked < ASKS_ON && self.random.chance(self.profile.hint_seeking_pct) {
                self.intents.push_front(Intent::Explain(topic.id.clone(), asked + 1));
            } else {
                self.may_despair(&topic.id, None);
            }
        }
        self.intents.push_front(Intent::Wait(self.profile.think_ms));
        ask(words, topic.id.clone(), None)
    }

    fn item(&mut self, course: &Course, id: ItemId, now: Timestamp) -> Option<Action> {
        let item = course.quiz_item(&id)?;
        let topic = course.topic(&id.topic())?;
        let choice = self.answering(now).choice(item);
        self.be_taught(topic, BY_FEEDBACK, now);
        let is_wrong = usize::from(choice) != item.correct;
        if is_wrong && !self.memory.has_learned(&topic.id) {
            if self.random.chance(self.profile.hint_seeking_pct / 3) {
                self.intents.push_front(Intent::Explain(topic.id.clone(), 1));
                self.intents.push_front(Intent::Wait(ITEM_MS));
            } else {
                self.may_despair(&topic.id, None);
            }
        }
        Some(Action::Quiz { item: id, choice })
    }

    fn submit(
        &mut self,
        course: &Course,
        id: &ExerciseId,
        before: u8,
        now: Timestamp,
    ) -> Option<Action> {
        let exercise = course.exercise(id)?;
        let topic = course.topic(&id.topic())?;
        let answer = self.answering(now).output(exercise);
        let is_wrong = answer != exercise.key.solution;
        self.be_taught(topic, BY_FEEDBACK, now);
        if is_wrong && before + 1 < TRIES {
            self.try_again(exercise, before + 1);
        } else if is_wrong {
            self.may_despair(&topic.id, Some(id));
        }
        Some(Action::Submit { exercise: id.clone(), answer })
    }

    fn try_again(&mut self, exercise: &Exercise, before: u8) {
        let rest = std::mem::take(&mut self.intents);
        if self.random.chance(self.profile.hint_seeking_pct) {
            self.intents.extend([Intent::Hint(exercise.id.clone()), Intent::Wait(ITEM_MS)]);
        }
        self.attempt(&exercise.id, before);
        self.intents.extend(rest);
    }

    /// Works on a predict-output exercise and hands in what it thinks.
    fn attempt(&mut self, id: &ExerciseId, before: u8) {
        self.work(WORK_STEPS);
        self.intents.push_back(Intent::Try(id.clone(), before));
    }

    /// Works through an exercise whose answer is a program.
    fn practise(&mut self, id: &ExerciseId) {
        let topic = id.topic();
        let is_known = self.memory.has_learned(&topic);
        let hints = self.random.chance(self.profile.hint_seeking_pct);
        self.work(WORK_STEPS);
        if hints && !is_known {
            self.intents.extend([Intent::Hint(id.clone()), Intent::Wait(ITEM_MS)]);
        }
        // Who has a wrong idea meets the same error again.
        let errors = match (is_known, self.memory.struggles_with(&topic)) {
            (true, _) => u64::from(self.random.chance(self.profile.slip_pct)),
            (false, true) => 1 + self.random.below(3),
            (false, false) => self.random.below(2),
        };
        for _ in 0..errors {
            self.intents.extend([Intent::ShowError(topic.clone()), Intent::Wait(ITEM_MS)]);
        }
        self.work(WORK_STEPS);
        self.intents.push_back(Intent::Practised(id.clone()));
    }

    fn work(&mut self, steps: usize) {
        for _ in 0..steps {
            self.intents.extend([Intent::Wait(WORK_MS), Intent::Work]);
        }
    }

    fn answer_item(&mut self, item: ItemId) {
        self.intents.extend([Intent::Wait(ITEM_MS), Intent::Item(item)]);
    }

    /// Another item of the topic, one after the other.
    fn choose_item(&mut self, topic: &Topic) {
        let chosen = self.chosen.entry(topic.id.clone()).or_default();
        let at = chosen.checked_rem(topic.quiz.len()).unwrap_or(0);
        *chosen += 1;
        if let Some(item) = topic.quiz.get(at) {
            self.answer_item(item.id.clone());
        }
    }

    /// Whoever seeks help says so at times, and oftener where a wrong idea is in the way.
    fn may_despair(&mut self, topic: &TopicId, exercise: Option<&ExerciseId>) {
        let part = if self.memory.struggles_with(topic) { 3 } else { 8 };
        if self.random.chance(self.profile.hint_seeking_pct / part) {
            self.intents.push_front(Intent::Despair(topic.clone(), exercise.cloned()));
            self.intents.push_front(Intent::Wait(ITEM_MS));
        }
    }

    fn be_taught(&mut self, topic: &Topic, share: f64, now: Timestamp) {
        self.memory.be_taught(topic, share, &mut self.random, now);
    }

    const fn answering(&mut self, now: Timestamp) -> Answering<'_> {
        let (memory, random) = (&mut self.memory, &mut self.random);
        Answering { memory, random, slip_pct: self.profile.slip_pct, now }
    }
}

fn ask(words: Words, topic: TopicId, exercise: Option<ExerciseId>) -> Action {
    Action::Ask { text: words.text, code: words.code, topic: Some(topic), exercise }
}
