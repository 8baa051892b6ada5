//! Events, version 1: facts that a session decided. Stored: variants are only ever added at the
//! end of an enum, and the fields of a variant never change. A fact that needs another field is
//! another variant.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::model::{ExerciseId, TopicId};
use crate::error_code::ErrorCode;
use crate::event::practice::Practice;
use crate::id::{CommandId, SectionId, TurnId};
use crate::port::model::{AnswerSource, FinishReason, Usage};
use crate::session::command::Rating;
use crate::tutor::triage::Agent;

/// How old a student is, as far as the law cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgeBand {
    /// Nobody said.
    Unknown,
    /// Under 13: consent and a zero-retention attestation come first.
    Under13,
    /// 13 to 17.
    Teen,
    /// 18 and over.
    Adult,
}

/// Whether somebody who may has agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Not needed at this age.
    NotNeeded,
    /// Needed and not there.
    Missing,
    /// Given by a parent or the school.
    Granted,
}

/// What a section allows; a student's is the strictest of their sections'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// The highest hint rung, 1 to 5.
    pub highest_rung: u8,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// Answered in full (or up to the token limit).
    Complete,
    /// The student stopped it.
    Cancelled,
    /// It could not be answered.
    Failed,
}

impl TurnStatus {
    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Why another attempt of a turn begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptCause {
    /// The owner died with it; three of these end the turn.
    Crash,
    /// The owner handed over in order.
    HandOver,
    /// The model's stream was cut within the answer: the one counted retry.
    StreamCut,
    /// The answer would have given a solution away: the one counted rewrite, and then the course's
    /// own words.
    Rewrite,
}

/// A timer of a session. Durable: it fires after a restart too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    /// The running turn has taken longer than any attempt may: it ends as failed.
    TurnOverdue(TurnId),
    /// A topic becomes due for review.
    ReviewDue,
    /// The student may be stuck at an exercise.
    Stuck,
}

/// A fact. How many frames each yields ([`super::frame::frame_count`]) is part of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The session exists: rev 0, written by sign-up.
    Created {
        /// How old the student is.
        age_band: AgeBand,
        /// Whether consent is there.
        consent: Consent,
        /// The sections that the student belongs to.
        sections: Vec<SectionId>,
        /// The strictest policy of those.
        policy: Policy,
        /// When.
        at: Timestamp,
    },
    /// A question was accepted; its text stands in the step's texts.
    Asked {
        /// The new turn.
        turn: TurnId,
        /// The client's command.
        command: CommandId,
        /// Tokens of question and code, estimated.
        tokens: u32,
        /// The exercise that was open.
        exercise: Option<ExerciseId>,
        /// The topic that the page showed.
        topic: Option<TopicId>,
        /// When.
        at: Timestamp,
    },
    /// A turn runs: its question was routed and its first attempt begins.
    Started {
        /// Which.
        turn: TurnId,
        /// The specialist.
        agent: Agent,
        /// The topic, where one was found.
        topic: Option<TopicId>,
        /// How sure triage is.
        confidence_pct: u8,
        /// When.
        at: Timestamp,
    },
    /// Another attempt begins.
    AttemptRaised {
        /// Which turn.
        turn: TurnId,
        /// The attempt that begins.
        attempt: i16,
        /// Why.
        cause: AttemptCause,
    },
    /// A turn ended; its answer stands in the step's texts.
    Ended {
        /// Which.
        turn: TurnId,
        /// How.
        status: TurnStatus,
        /// The specialist; `None` when the turn never ran.
        agent: Option<Agent>,
        /// Who answered; `None` when nobody did.
        source: Option<AnswerSource>,
        /// How the model ended it.
        finish: Option<FinishReason>,
        /// What it cost.
        usage: Option<Usage>,
        /// Tokens of the answer, estimated.
        tokens: u32,
        /// From acceptance to end.
        ms: i64,
        /// Why it failed, or why the course's text came in place of the model's.
        code: Option<ErrorCode>,
        /// When.
        at: Timestamp,
    },
    /// A cancel was accepted, whether or not it found something to stop.
    CancelAccepted {
        /// The client's command.
        command: CommandId,
        /// The turn it names.
        turn: TurnId,
    },
    /// An answer was rated; the reason stands in the step's texts.
    Rated {
        /// The client's command.
        command: CommandId,
        /// Which turn.
        turn: TurnId,
        /// How.
        rating: Rating,
    },
    /// A gateway wants this student's frames.
    RouteAdded {
        /// Its slot.
        slot: i32,
        /// Its lease.
        slot_epoch: i64,
    },
    /// A gateway no longer wants them.
    RouteRemoved {
        /// Its slot.
        slot: i32,
        /// Its lease.
        slot_epoch: i64,
    },
    /// The oldest turn of the window went into the summary.
    Folded {
        /// Which.
        turn: TurnId,
        /// What was taken of it. The only conversation text among events.
        extract: String,
    },
    /// The page was in use.
    ActiveSeen {
        /// When.
        at: Timestamp,
    },
    /// A timer was set.
    TimerSet {
        /// Which.
        timer: Timer,
        /// When it is due.
        due: Timestamp,
    },
    /// A timer fired, or is no longer needed.
    TimerCleared {
        /// Which.
        timer: Timer,
    },
    /// The student's sections or their policies have changed.
    EnrolmentChanged {
        /// The intent's command.
        command: CommandId,
        /// The newest version counts.
        version: i64,
        /// The student's open sections.
        sections: Vec<SectionId>,
        /// The strictest policy of those.
        policy: Policy,
    },
    /// The student practised.
    Practice(Practice),
}
