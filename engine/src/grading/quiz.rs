//! Answers to quiz items.

use crate::course::model::QuizItem;
use crate::progress::Correctness;

/// A graded answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradedAnswer<'a> {
    /// Whether it is right.
    pub correctness: Correctness,
    /// Index of the right option.
    pub answer: u8,
    /// What who chooses this option probably believes.
    pub misconception: Option<&'a str>,
    /// What the course says to this option.
    pub said: &'a str,
}

/// Grades the choice of an option; `None` when the item has no such option.
pub fn grade(item: &QuizItem, choice: u8) -> Option<GradedAnswer<'_>> {
    let option = item.options.get(usize::from(choice))?;
    let right = usize::from(choice) == item.correct;
    Some(GradedAnswer {
        correctness: if right { Correctness::Correct } else { Correctness::Wrong },
        answer: u8::try_from(item.correct).ok()?,
        misconception: option.misconception.as_deref(),
        said: option.why.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Course;

    #[test]
    fn one_option_of_each_item_is_right_and_each_says_why() {
        let course = Course::builtin().unwrap();
        for item in course.topics().iter().flat_map(|topic| &topic.quiz) {
            let choices = 0..u8::try_from(item.options.len()).unwrap();
            let graded: Vec<_> = choices.map(|choice| grade(item, choice).unwrap()).collect();
            let right = graded.iter().filter(|one| one.correctness == Correctness::Correct).count();
            assert_eq!(right, 1, "{}", item.id);
            assert!(graded.iter().all(|one| !one.said.trim().is_empty()), "{}", item.id);
            assert_eq!(grade(item, u8::try_from(item.options.len()).unwrap()), None);
        }
    }
}
