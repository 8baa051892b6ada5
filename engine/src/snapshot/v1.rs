//! Snapshots of version 1: read, never written.
//!
//! Version 1 knew nothing of what a student has learned: only how often a topic was asked about.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::model::{ExerciseId, TopicId};
use crate::event::v1::Timer;
use crate::id::{StudentId, TurnId};
use crate::progress::Learning;
use crate::session::state::{
    CommandRing, Position, Profile, QueuedTurn, Route, RunningTurn, State, WindowTurn,
};
use crate::tutor::triage::Agent;

/// The state as version 1 wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateV1 {
    student: StudentId,
    rev: i64,
    last_frame: i64,
    last_event: i64,
    position: Option<Position>,
    last_at: Timestamp,
    profile: Option<Profile>,
    commands: CommandRing,
    routes: Vec<Route>,
    running: Option<RunningTurnV1>,
    queue: VecDeque<QueuedTurnV1>,
    window: VecDeque<WindowTurn>,
    summary: String,
    last_route: Option<(Agent, Option<TopicId>)>,
    topics: BTreeMap<TopicId, TopicActivity>,
    turns_total: i64,
    complete_total: i64,
    last_active_at: Timestamp,
    timers: Vec<(Timestamp, Timer)>,
}

/// The turn that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RunningTurnV1 {
    turn: TurnId,
    question_rev: i64,
    tokens: u32,
    attempt: i16,
    crashes: i16,
    cuts: i16,
    agent: Agent,
    topic: Option<TopicId>,
    confidence_pct: u8,
    exercise: Option<ExerciseId>,
    asked_at: Timestamp,
}

impl From<RunningTurnV1> for RunningTurn {
    fn from(old: RunningTurnV1) -> Self {
        Self {
            turn: old.turn,
            question_rev: old.question_rev,
            tokens: old.tokens,
            attempt: old.attempt,
            crashes: old.crashes,
            cuts: old.cuts,
            agent: old.agent,
            topic: old.topic,
            confidence_pct: old.confidence_pct,
            exercise: old.exercise.as_ref().map(ExerciseId::key),
            asked_at: old.asked_at,
        }
    }
}

/// A turn that waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct QueuedTurnV1 {
    turn: TurnId,
    question_rev: i64,
    tokens: u32,
    exercise: Option<ExerciseId>,
    topic: Option<TopicId>,
    asked_at: Timestamp,
}

impl From<QueuedTurnV1> for QueuedTurn {
    fn from(old: QueuedTurnV1) -> Self {
        Self {
            turn: old.turn,
            question_rev: old.question_rev,
            tokens: old.tokens,
            exercise: old.exercise.as_ref().map(ExerciseId::key),
            topic: old.topic.as_ref().map(TopicId::key),
            asked_at: old.asked_at,
        }
    }
}

/// What the student had asked about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct TopicActivity {
    asked_total: i64,
    last_at: Timestamp,
}

impl From<StateV1> for State {
    fn from(old: StateV1) -> Self {
        let mut learning = Learning::default();
        for (topic, activity) in &old.topics {
            for _ in 0..activity.asked_total {
                learning.ask(topic.key());
            }
        }
        Self {
            rev: old.rev,
            last_frame: old.last_frame,
            last_event: old.last_event,
            position: old.position,
            last_at: old.last_at,
            profile: old.profile,
            commands: old.commands,
            routes: old.routes,
            running: old.running.map(RunningTurn::from),
            queue: old.queue.into_iter().map(QueuedTurn::from).collect(),
            window: old.window,
            summary: old.summary,
            last_route: old.last_route,
            turns_total: old.turns_total,
            complete_total: old.complete_total,
            last_active_at: old.last_active_at,
            timers: old.timers,
            learning,
            ..Self::new(old.student)
        }
    }
}
