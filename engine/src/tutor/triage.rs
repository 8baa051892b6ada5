//! Triage: which specialist answers a question, and about which topic. No model call.
//!
//! A scored classifier whose features can be explained: words and phrases of the course's topics,
//! cues for each specialist, tracebacks and code recognised as such, and the turn before.
//! The topic follows from the course's own tables alone. The agent follows from how much each sign
//! of the question speaks for it (`sign`), weights that were learned once (`learned`).
//! Misspelt words count when they are one slip away from a word that is known.
//! Below [`SURE_PCT`] it asks back. The percents are a scale of how clear a question is, no
//! probability.

mod cue;
mod feature;
mod index;
mod learned;
mod score;
mod sign;
pub(crate) mod source;
mod spelling;
mod words;

use serde::{Deserialize, Serialize};

use crate::course::model::{Course, ExerciseId, TopicId};

pub(crate) use index::Index;

/// Confidence from which a question goes to a specialist.
pub const SURE_PCT: u8 = 70;

/// Who answers. The names on the wire are in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    /// Explains.
    Concepts,
    /// Reviews code.
    CodeReview,
    /// Helps to find what is wrong.
    Debug,
    /// Gives practice.
    Exercise,
    /// Speaks about progress.
    Progress,
    /// Asks back what is meant.
    Clarify,
    /// Kindly brings back to programming.
    OffTopic,
}

impl Agent {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concepts => "concepts",
            Self::CodeReview => "code_review",
            Self::Debug => "debug",
            Self::Exercise => "exercise",
            Self::Progress => "progress",
            Self::Clarify => "clarify",
            Self::OffTopic => "off_topic",
        }
    }

    /// Whether it is a specialist with whom a conversation goes on.
    pub const fn is_specialist(self) -> bool {
        match self {
            Self::Concepts | Self::CodeReview | Self::Debug | Self::Exercise | Self::Progress => {
                true
            }
            Self::Clarify | Self::OffTopic => false,
        }
    }
}

/// What a student asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskText<'a> {
    /// The question.
    pub text: &'a str,
    /// Code that came with it.
    pub code: Option<&'a str>,
}

/// What stands around a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TriageContext {
    /// The topic of the turn before.
    pub last_topic: Option<TopicId>,
    /// The specialist of the turn before.
    pub last_agent: Option<Agent>,
    /// The exercise that is open.
    pub exercise: Option<ExerciseId>,
    /// The topic that the page shows.
    pub topic: Option<TopicId>,
}

/// Where a question goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Who answers.
    pub agent: Agent,
    /// About what, if it is clear.
    pub topic: Option<TopicId>,
    /// How sure that is, in percent; below [`SURE_PCT`] the agent is [`Agent::Clarify`].
    pub confidence_pct: u8,
    /// What it may have meant, likeliest first; only where the agent asks back.
    pub options: Vec<TopicId>,
}

/// Names the signs of a question that the learned weights speak about, some of them more than once:
/// what the weights are trained on.
pub fn signs(course: &Course, ask: &AskText<'_>, context: &TriageContext) -> Vec<String> {
    let mut named = Vec::new();
    let features = feature::read(course, ask);
    sign::each_sign(&features, context, &mut |sign| named.push(sign.to_owned()));
    named
}

/// Finds the specialist and the topic of a question. Total and deterministic.
pub fn triage(course: &Course, ask: &AskText<'_>, context: &TriageContext) -> Route {
    let features = feature::read(course, ask);
    score::decide(course, &features, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_have_their_wire_names() {
        let all = [
            Agent::Concepts,
            Agent::CodeReview,
            Agent::Debug,
            Agent::Exercise,
            Agent::Progress,
            Agent::Clarify,
            Agent::OffTopic,
        ];
        for agent in all {
            let json = serde_json::to_string(&agent).unwrap();
            assert_eq!(json, format!("{:?}", agent.as_str()));
        }
    }
}
