//! How a simulated student answers: which option, which output. It reads the key that only graders
//! see, in order to be right or wrong as its knowledge says.

use super::memory::{Memory, Recalled};
use super::random::SplitMix64;
use crate::clock::Timestamp;
use crate::course::model::{Exercise, QuizItem, TopicId};

/// Nobody guesses a whole output as easily as one of four options.
const OUTPUT_GUESSES: f64 = 0.25;
/// What is written when the course has no typical mistake.
const NO_IDEA: &str = "?";

/// What goes into an answer besides knowledge.
#[derive(Debug)]
pub(super) struct Answering<'a> {
    pub(super) memory: &'a mut Memory,
    pub(super) random: &'a mut SplitMix64,
    pub(super) slip_pct: u8,
    pub(super) now: Timestamp,
}

impl Answering<'_> {
    /// The option that is chosen.
    pub(super) fn choice(&mut self, item: &QuizItem) -> u8 {
        let right = self.is_right(&item.id.topic(), 1.0);
        let wrong: Vec<usize> = (0..item.options.len()).filter(|at| *at != item.correct).collect();
        let choice = if right { Some(&item.correct) } else { self.random.pick(&wrong) };
        u8::try_from(choice.copied().unwrap_or(0)).unwrap_or(0)
    }

    /// The output that is written.
    pub(super) fn output(&mut self, exercise: &Exercise) -> String {
        if self.is_right(&exercise.id.topic(), OUTPUT_GUESSES) {
            return exercise.key.solution.clone();
        }
        let wrong = self.random.pick(&exercise.key.wrong);
        wrong.map_or_else(|| NO_IDEA.to_owned(), |wrong| wrong.code.clone())
    }

    /// Whether an answer is right: recalled and no slip, or not recalled and lucky.
    fn is_right(&mut self, topic: &TopicId, guesses: f64) -> bool {
        match self.memory.retrieve(topic, self.random, self.now) {
            Recalled::Yes => !self.random.chance(self.slip_pct),
            Recalled::No => {
                let luck = self.memory.luck(topic, guesses);
                self.random.happens(luck)
            }
        }
    }
}
