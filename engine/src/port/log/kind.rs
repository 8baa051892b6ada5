//! The kinds of what goes through the log, as its clear headers and topics name them.

/// The kinds of command, as the clear header names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// A question.
    Ask,
    /// Stop a turn.
    Cancel,
    /// Rate an answer.
    Feedback,
    /// A socket wants the student's frames.
    Attach,
    /// A gateway has no socket of the student any more.
    Detach,
    /// The page is in use.
    Active,
    /// The student's sections or their policies have changed: from an intent.
    Enrolled,
    /// A hint for an exercise.
    Hint,
    /// A solution of an exercise.
    Submit,
    /// An answer to a quiz item.
    Quiz,
}

impl CommandKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Ask,
        Self::Cancel,
        Self::Feedback,
        Self::Attach,
        Self::Detach,
        Self::Active,
        Self::Enrolled,
        Self::Hint,
        Self::Submit,
        Self::Quiz,
    ];

    /// The header's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Cancel => "cancel",
            Self::Feedback => "feedback",
            Self::Attach => "attach",
            Self::Detach => "detach",
            Self::Active => "active",
            Self::Enrolled => "enrolled",
            Self::Hint => "hint",
            Self::Submit => "submit",
            Self::Quiz => "quiz",
        }
    }

    /// The kind that a header names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The public topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventTopic {
    /// A question was accepted.
    LearningQuery,
    /// A turn ended.
    LearningResponse,
    /// Something about what the student knows changed.
    ProgressUpdated,
    /// A solution was handed in.
    ExerciseSubmitted,
    /// A submission or a quiz answer was graded.
    ExerciseGraded,
    /// A hint was given.
    HintGiven,
    /// A topic will be due for review.
    ReviewScheduled,
    /// Somebody should look after a student.
    StruggleDetected,
}

impl EventTopic {
    /// Every topic that the engine publishes to.
    pub const ALL: [Self; 8] = [
        Self::LearningQuery,
        Self::LearningResponse,
        Self::ProgressUpdated,
        Self::ExerciseSubmitted,
        Self::ExerciseGraded,
        Self::HintGiven,
        Self::ReviewScheduled,
        Self::StruggleDetected,
    ];

    /// The topic's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LearningQuery => "learning.query",
            Self::LearningResponse => "learning.response",
            Self::ProgressUpdated => "progress.updated",
            Self::ExerciseSubmitted => "exercise.submitted",
            Self::ExerciseGraded => "exercise.graded",
            Self::HintGiven => "hint.given",
            Self::ReviewScheduled => "review.scheduled",
            Self::StruggleDetected => "struggle.detected",
        }
    }
}
