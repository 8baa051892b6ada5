//! The reasons for which somebody should look at a student, and how urgent each is.

use serde::{Deserialize, Serialize};

/// Why an alert is raised. Stored by position: a new one goes to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The same kind of error on a topic, three times in 30 minutes.
    RepeatedError,
    /// More than 10 minutes of active time on an exercise that isn't passed.
    StuckOnExercise,
    /// A quiz round below 50 %.
    LowQuiz,
    /// Says that they don't understand or are stuck.
    Confusion,
    /// Five failed runs in a row.
    FailedRuns,
    /// Ten exercises of a topic without three in a row right at the first try.
    WheelSpinning,
    /// Goes for the late hints, or clicks through them.
    HintAbuse,
    /// Asks for the answer again and again.
    AnswerSeeking,
}

impl Trigger {
    /// All of them, by position.
    pub const ALL: [Self; 8] = [
        Self::RepeatedError,
        Self::StuckOnExercise,
        Self::LowQuiz,
        Self::Confusion,
        Self::FailedRuns,
        Self::WheelSpinning,
        Self::HintAbuse,
        Self::AnswerSeeking,
    ];

    /// The name on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedError => "repeated_error",
            Self::StuckOnExercise => "stuck_on_exercise",
            Self::LowQuiz => "low_quiz",
            Self::Confusion => "confusion",
            Self::FailedRuns => "failed_runs",
            Self::WheelSpinning => "wheel_spinning",
            Self::HintAbuse => "hint_abuse",
            Self::AnswerSeeking => "answer_seeking",
        }
    }

    /// Seconds after which an open alert is cleared if nothing else has cleared it. What no work
    /// of the student's clears is over after a day, all else after two weeks.
    pub(super) const fn life_s(self) -> u32 {
        match self {
            Self::Confusion | Self::HintAbuse | Self::AnswerSeeking => 86_400,
            Self::RepeatedError
            | Self::StuckOnExercise
            | Self::LowQuiz
            | Self::FailedRuns
            | Self::WheelSpinning => 14 * 86_400,
        }
    }

    /// Whether it is counted over all topics: one alert in 15 minutes is enough then.
    pub(super) const fn is_of_any_topic(self) -> bool {
        match self {
            Self::FailedRuns | Self::HintAbuse | Self::AnswerSeeking => true,
            Self::RepeatedError
            | Self::StuckOnExercise
            | Self::LowQuiz
            | Self::Confusion
            | Self::WheelSpinning => false,
        }
    }
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Low,
    /// Worth a look.
    Medium,
    /// Needs help now.
    High,
}

impl Severity {
    /// All of them, by position.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The name on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_the_names_on_the_wire() {
        for (position, trigger) in Trigger::ALL.into_iter().enumerate() {
            assert_eq!(serde_json::to_string(&trigger).unwrap(), format!("{:?}", trigger.as_str()));
            assert_eq!(trigger as usize, position);
        }
        for (position, severity) in Severity::ALL.into_iter().enumerate() {
            let json = serde_json::to_string(&severity).unwrap();
            assert_eq!(json, format!("{:?}", severity.as_str()));
            assert_eq!(severity as usize, position);
        }
    }
}
