//! What a session durably knows. Changed only by [`super::evolve`].
//!
//! No conversation text but the summary. Every part is bounded, so that a snapshot stays within
//! 8 KiB in its fullest state.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::CourseKey;
use crate::course::model::TopicId;
use crate::event::v1::{AgeBand, Consent, Policy, Timer};
use crate::id::{CommandId, SectionId, StudentId, TurnId};
use crate::port::log::Record;
use crate::progress::Learning;
use crate::progress::struggle::Struggle;
use crate::tutor::hint::Ladders;
use crate::tutor::leak::Exposure;
use crate::tutor::triage::Agent;

/// Asks that may wait behind a running turn.
pub const QUEUE_LIMIT: usize = 8;
/// Gateways that may want one student's frames.
pub const ROUTE_LIMIT: usize = 8;
/// Command ids that are remembered.
pub const COMMAND_LIMIT: usize = 256;
/// Turns that the window keeps, whatever their size.
pub const WINDOW_LIMIT: usize = 16;
/// Bytes of the summary.
pub const SUMMARY_LIMIT_BYTES: usize = 1_024;
/// Exercises of which it is remembered what answers have shown.
pub const SHOWN_LIMIT: usize = 12;

/// A place in the log: newer positions of the same generation have greater offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The log's generation.
    pub generation: i64,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl Position {
    /// Where a record stands.
    pub const fn of(record: &Record, generation: i64) -> Self {
        Self { generation, partition: record.partition.0, offset: record.offset }
    }

    /// Whether a session that stands at `last` has already seen this position.
    pub fn is_after(&self, last: &Self) -> bool {
        self.generation != last.generation
            || self.partition != last.partition
            || self.offset > last.offset
    }
}

/// A gateway that wants the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its slot.
    pub slot: i32,
    /// Its lease.
    pub slot_epoch: i64,
}

/// The turn that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningTurn {
    /// Which.
    pub turn: TurnId,
    /// Rev of the row with its question.
    pub question_rev: i64,
    /// Tokens of its question.
    pub tokens: u32,
    /// Which attempt runs.
    pub attempt: i16,
    /// How many owners died with it.
    pub crashes: i16,
    /// How often its stream was cut.
    pub cuts: i16,
    /// The specialist.
    pub agent: Agent,
    /// The topic.
    pub topic: Option<TopicId>,
    /// How sure triage was.
    pub confidence_pct: u8,
    /// The exercise that was open.
    pub exercise: Option<CourseKey>,
    /// When it was accepted.
    pub asked_at: Timestamp,
}

/// A turn that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedTurn {
    /// Which.
    pub turn: TurnId,
    /// Rev of the row with its question.
    pub question_rev: i64,
    /// Tokens of its question.
    pub tokens: u32,
    /// The exercise that was open.
    pub exercise: Option<CourseKey>,
    /// The topic that the page showed.
    pub topic: Option<CourseKey>,
    /// When it was accepted.
    pub asked_at: Timestamp,
}

/// A turn whose texts still go into prompts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowTurn {
    /// Which.
    pub turn: TurnId,
    /// Rev of the row with its question.
    pub question_rev: i64,
    /// Rev of the row with its answer.
    pub answer_rev: i64,
    /// Tokens of both.
    pub tokens: u32,
}

/// Who the student is, as far as the session must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// How old.
    pub age_band: AgeBand,
    /// Whether consent is there.
    pub consent: Consent,
    /// The sections.
    pub sections: Vec<SectionId>,
    /// The strictest policy of those.
    pub policy: Policy,
}

impl Profile {
    /// Whether the law lets this student's words go anywhere: nobody who is known to be under 13
    /// without consent. Source: 16 CFR 312.2, actual knowledge.
    pub const fn may_converse(&self) -> bool {
        match self.consent {
            Consent::Granted => true,
            Consent::Missing => false,
            Consent::NotNeeded => !matches!(self.age_band, AgeBand::Under13),
        }
    }
}

/// The durable state of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Whose.
    pub student: StudentId,
    /// The last step; -1 before rev 0.
    pub rev: i64,
    /// The newest frame.
    pub last_frame: i64,
    /// The newest event.
    pub last_event: i64,
    /// The last record that led to a step.
    pub position: Option<Position>,
    /// The last command's time.
    pub last_at: Timestamp,
    /// Set by `Created`; a session without it accepts nothing.
    pub profile: Option<Profile>,
    /// The last command ids.
    pub commands: CommandRing,
    /// Gateways that want the frames.
    pub routes: Vec<Route>,
    /// The turn that runs.
    pub running: Option<RunningTurn>,
    /// Turns that wait, oldest first.
    pub queue: VecDeque<QueuedTurn>,
    /// Turns of the conversation window, oldest first.
    pub window: VecDeque<WindowTurn>,
    /// What older turns were about, in their own words.
    pub summary: String,
    /// The topic and specialist of the last routed turn.
    pub last_route: Option<(Agent, Option<TopicId>)>,
    /// Turns that were accepted.
    pub turns_total: i64,
    /// Turns that ended complete.
    pub complete_total: i64,
    /// When the student last did something.
    pub last_active_at: Timestamp,
    /// Timers by due time.
    pub timers: Vec<(Timestamp, Timer)>,
    /// The version of what the sections said last.
    pub enrolment_version: i64,
    /// What the student knows, topic by topic.
    pub learning: Learning,
    /// How far the student has been helped with exercises.
    pub ladders: Ladders,
    /// What is remembered in order to notice who needs help.
    pub struggle: Struggle,
    /// The exercise that the student turned to last.
    pub open_exercise: Option<CourseKey>,
    /// Answers of the model today.
    pub quota: Quota,
    /// What answers have shown of the solutions of open exercises.
    pub shown: Shown,
    /// How often an answer to the running turn was held back.
    pub rewrites: u8,
}

/// What answers have shown of solutions, for the exercises of which one has shown anything last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shown {
    exercises: VecDeque<(CourseKey, Exposure)>,
}

impl Shown {
    /// What has been shown of an exercise's solution.
    pub fn of(&self, exercise: CourseKey) -> Exposure {
        let known = self.exercises.iter().find(|(known, _)| *known == exercise);
        known.map_or(Exposure::default(), |(_, shown)| *shown)
    }

    /// Remembers it, forgetting the one that was shown longest ago when there are too many.
    pub fn set(&mut self, exercise: CourseKey, shown: Exposure) {
        self.exercises.retain(|(known, _)| *known != exercise);
        if self.exercises.len() == SHOWN_LIMIT {
            self.exercises.pop_front();
        }
        self.exercises.push_back((exercise, shown));
    }
}

/// How many answers of the model a student has had on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quota {
    /// The UTC day, counted from 1970-01-01.
    pub day: u16,
    /// Answers on that day.
    pub used: u16,
}

impl Quota {
    /// Answers that were had on a day.
    pub const fn used_on(self, day: u16) -> u16 {
        if self.day == day { self.used } else { 0 }
    }
}

impl State {
    /// A session of which nothing is known yet.
    pub fn new(student: StudentId) -> Self {
        Self {
            student,
            rev: -1,
            last_frame: 0,
            last_event: 0,
            position: None,
            last_at: Timestamp::EPOCH,
            profile: None,
            commands: CommandRing::default(),
            routes: Vec::new(),
            running: None,
            queue: VecDeque::new(),
            window: VecDeque::new(),
            summary: String::new(),
            last_route: None,
            turns_total: 0,
            complete_total: 0,
            last_active_at: Timestamp::EPOCH,
            timers: Vec::new(),
            enrolment_version: 0,
            learning: Learning::default(),
            ladders: Ladders::default(),
            struggle: Struggle::default(),
            open_exercise: None,
            quota: Quota::default(),
            shown: Shown::default(),
            rewrites: 0,
        }
    }

    /// The sections that the student belongs to.
    pub fn sections(&self) -> &[SectionId] {
        self.profile.as_ref().map_or(&[], |profile| &profile.sections)
    }

    /// The earliest timer's due time.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.timers.iter().map(|(due, _)| *due).min()
    }

    /// Whether passivation would lose nothing but memory.
    pub const fn is_quiet(&self) -> bool {
        self.running.is_none()
    }

    /// Revs of the journal rows whose texts a prompt may need.
    pub fn text_revs(&self) -> Vec<i64> {
        let mut revs: Vec<i64> = self
            .window
            .iter()
            .flat_map(|turn| [turn.question_rev, turn.answer_rev])
            .chain(self.running.iter().map(|turn| turn.question_rev))
            .chain(self.queue.iter().map(|turn| turn.question_rev))
            .collect();
        revs.sort_unstable();
        revs.dedup();
        revs
    }
}

/// The last [`COMMAND_LIMIT`] command ids, each as 8 bytes of BLAKE3 and the seq of its `ack`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommandRing {
    /// 12 bytes an entry, oldest first.
    bytes: VecDeque<u8>,
}

impl CommandRing {
    const ENTRY: usize = 12;

    /// Where the `ack` of a command stands, if it is among the last.
    pub fn find(&self, command: CommandId) -> Option<i64> {
        let prefix = prefix(command);
        let mut at = self.bytes.len();
        while at >= Self::ENTRY {
            at -= Self::ENTRY;
            if self.bytes.range(at..at + 8).eq(prefix.iter()) {
                let mut seq = [0_u8; 4];
                for (to, from) in seq.iter_mut().zip(self.bytes.range(at + 8..at + 12)) {
                    *to = *from;
                }
                return Some(i64::from(u32::from_le_bytes(seq)));
            }
        }
        None
    }

    /// Remembers a command, forgetting the oldest when full.
    pub fn push(&mut self, command: CommandId, ack_seq: i64) {
        if self.len() == COMMAND_LIMIT {
            self.bytes.drain(..Self::ENTRY);
        }
        self.bytes.extend(prefix(command));
        self.bytes.extend(u32::try_from(ack_seq).unwrap_or(u32::MAX).to_le_bytes());
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.bytes.len() / Self::ENTRY
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

fn prefix(command: CommandId) -> [u8; 8] {
    let hash = blake3::hash(command.as_uuid().as_bytes());
    let mut prefix = [0_u8; 8];
    prefix.copy_from_slice(&hash.as_bytes()[..8]);
    prefix
}
