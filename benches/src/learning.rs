//! Learning in simulated time: a class of simulated students over some weeks, once guided by the
//! tutor and once by each of two books, with the engine's real sessions and without any server.
//!
//! Reading order: [`tutor`] (a session without its owner), [`lesson`] (one student over all days),
//! [`witness`] (what was seen of it), [`figures`] (what is counted, with every definition),
//! [`report`].
//!
//! **Invariant:** the same setting gives the same report, byte for byte: no clock, no threads.

pub mod figures;
pub mod lesson;
pub mod report;
pub mod tutor;
pub mod witness;

use std::collections::BTreeMap;

use learnflow_engine::course::{Course, CourseError};
use learnflow_engine::simulated::{self, Book, PROFILES};
use serde::{Deserialize, Serialize};

use figures::{Figures, Tally};
use lesson::Guide;
use report::{Arm, LearningReport};

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Students of the class.
    pub students: usize,
    /// Days.
    pub days: u16,
    /// Decides everything else.
    pub seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Self { students: 200, days: 28, seed: 2 }
    }
}

/// Lets the class learn three times, and says what came of it. `tick` is told how many lessons are over.
///
/// # Errors
/// [`CourseError`] when the built-in course is faulty.
pub fn run(setting: Setting, mut tick: impl FnMut(usize)) -> Result<LearningReport, CourseError> {
    let course = Course::builtin()?;
    let class = simulated::class(setting.seed, setting.students);
    let mut lessons = 0;
    let mut arm = |guide: Guide| {
        let mut total = Tally::default();
        let mut by_profile: BTreeMap<&str, Tally> = BTreeMap::new();
        for student in &class {
            let witness = lesson::learn(student, guide, setting.days, &course);
            let tally = Tally::of(&witness, &course);
            by_profile.entry(student.profile.name).or_default().add(&tally);
            total.add(&tally);
            lessons += 1;
            tick(lessons);
        }
        Arm {
            total: Figures::of(&total),
            by_profile: PROFILES
                .iter()
                .filter_map(|(profile, _)| {
                    let tally = by_profile.get(profile.name)?;
                    Some((profile.name.to_owned(), Figures::of(tally)))
                })
                .collect(),
        }
    };
    let arms = [Guide::Tutor, Guide::Book(Book::Whole), Guide::Book(Book::Short)].map(&mut arm);
    Ok(LearningReport::new(setting, course.topics().len(), arms))
}
