//! With whom an answer may be shared: the prompt says it, the caller may only narrow it.

use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::tutor::prompt::{Prompt, Scope};

/// What else may be done with the answer to a personal prompt. There is no way from here to a
/// scope that other students are in: only a
/// [`SharedPrompt`](learnflow_engine::tutor::prompt::SharedPrompt) has one, and that can't be
/// made of a student's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reuse {
    /// Nothing: not stored, not joined.
    #[default]
    Nothing,
    /// The same turn may have it again: a repeated attempt after a crash costs no second call.
    SameTurn,
    /// The same student may have it again.
    SameStudent,
}

/// The scope of a call: the prompt's own, or a personal one that its student keeps.
pub(super) fn scope_of(prompt: &Prompt, reuse: Reuse, student: StudentId, turn: TurnId) -> Scope {
    match (prompt.scope(), reuse) {
        (Scope::NoStore, Reuse::SameTurn) => Scope::Session(student, turn),
        (Scope::NoStore, Reuse::SameStudent) => Scope::Student(student),
        (scope, Reuse::Nothing | Reuse::SameTurn | Reuse::SameStudent) => scope,
    }
}

/// The kind of a scope, without its id: a label, a lifetime, a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// Nobody.
    NoStore,
    /// The same turn.
    Session,
    /// The same student.
    Student,
    /// The same course.
    Course,
    /// Everybody.
    Public,
}

impl ScopeKind {
    /// The kind of a scope.
    pub const fn of(scope: &Scope) -> Self {
        match scope {
            Scope::NoStore => Self::NoStore,
            Scope::Session(..) => Self::Session,
            Scope::Student(_) => Self::Student,
            Scope::Course(_) => Self::Course,
            Scope::Public => Self::Public,
        }
    }

    /// The metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoStore => "no_store",
            Self::Session => "session",
            Self::Student => "student",
            Self::Course => "course",
            Self::Public => "public",
        }
    }

    /// Whether the call goes on when its last follower has left: somebody else will ask again.
    pub(super) const fn when_left(self) -> WhenLeft {
        match self {
            Self::NoStore | Self::Session | Self::Student => WhenLeft::Cancel,
            Self::Course | Self::Public => WhenLeft::GoOn,
        }
    }
}

/// What a flight does when its last follower has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenLeft {
    /// It ends the call upstream.
    Cancel,
    /// It finishes the answer for the next who asks.
    GoOn,
}
