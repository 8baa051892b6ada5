//! Who says what a student does next: the tutor, or a book that is the same for all.

use crate::clock::Timestamp;
use crate::course::model::{Course, Topic, TopicId};
use crate::progress::Learning;
use crate::progress::next_step::{Activity, NextStep, next_step};

/// Quiz items of a topic that the book asks before it goes on.
const BOOK_ITEMS: usize = 5;

/// What a student is to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// In which topic.
    pub topic: TopicId,
    /// What.
    pub activity: Activity,
}

/// What the tutor recommends; `None` when it has nothing more for now.
pub fn recommended(course: &Course, learning: &Learning, now: Timestamp) -> Option<Proposal> {
    match next_step(course, learning, None, now) {
        NextStep::Topic(step) => Some(Proposal { topic: step.topic, activity: step.activity }),
        NextStep::PendingQuestion(_) | NextStep::Done => None,
    }
}

/// How much of a topic a book holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// Its explanation, five quiz items and all exercises.
    Whole,
    /// The same without the exercises.
    Short,
}

/// A book without a look at the student, as a baseline: topics in the course's order, and each day
/// begins with one quiz item of every topic that was gone through. After the last topic it begins
/// again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedOrder {
    book: Book,
    /// Topics gone through; grows beyond the course when it begins again.
    gone_through: usize,
    /// Steps done in the present one.
    steps_done: usize,
    /// Reviews that today still holds.
    to_review: usize,
    /// Days so far: another item each day.
    days: usize,
}

impl FixedOrder {
    /// A book at its first page.
    pub const fn new(book: Book) -> Self {
        Self { book, gone_through: 0, steps_done: 0, to_review: 0, days: 0 }
    }

    /// A new day: everything is reviewed first.
    pub fn begin_day(&mut self, course: &Course) {
        self.to_review = self.gone_through.min(written(course).count());
        self.days += 1;
    }

    /// What the book says.
    pub fn next(&mut self, course: &Course) -> Option<Proposal> {
        if let Some(left) = self.to_review.checked_sub(1) {
            self.to_review = left;
            return self.review(course, left);
        }
        let topics: Vec<&Topic> = written(course).collect();
        let at = self.gone_through.checked_rem(topics.len())?;
        let topic = topics.get(at)?;
        let items = topic.quiz.len().min(BOOK_ITEMS);
        let exercises = match self.book {
            Book::Whole => topic.exercises.as_slice(),
            Book::Short => &[],
        };
        let step = self.steps_done;
        self.steps_done += 1;
        let activity = match step.checked_sub(1) {
            None => Activity::Explanation,
            Some(at) if at < items => Activity::Quiz(topic.quiz.get(at)?.id.clone()),
            Some(at) => Activity::Exercise(exercises.get(at - items)?.id.clone()),
        };
        if self.steps_done > items + exercises.len() {
            self.gone_through += 1;
            self.steps_done = 0;
        }
        Some(Proposal { topic: topic.id.clone(), activity })
    }

    fn review(&self, course: &Course, at: usize) -> Option<Proposal> {
        let topic = written(course).nth(at)?;
        let item = topic.quiz.get(self.days.checked_rem(topic.quiz.len())?)?;
        Some(Proposal { topic: topic.id.clone(), activity: Activity::Quiz(item.id.clone()) })
    }
}

fn written(course: &Course) -> impl Iterator<Item = &Topic> {
    course.topics().iter().filter(|topic| !topic.is_planned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(book: Book, exercises: impl Fn(&Topic) -> usize) {
        let course = Course::builtin().unwrap();
        let mut book = FixedOrder::new(book);
        book.begin_day(&course);
        for topic in course.topics() {
            for step in 0..1 + BOOK_ITEMS + exercises(topic) {
                let proposal = book.next(&course).unwrap();
                assert_eq!(proposal.topic, topic.id, "step {step}");
                assert_eq!(proposal.activity == Activity::Explanation, step == 0);
            }
        }
        book.begin_day(&course);
        let mut reviewed: Vec<TopicId> =
            course.topics().iter().map(|_| book.next(&course).unwrap().topic).collect();
        reviewed.reverse();
        assert!(reviewed.iter().eq(course.topics().iter().map(|topic| &topic.id)));
        assert_eq!(book.next(&course).unwrap().topic, course.topics()[0].id);
    }

    #[test]
    fn a_book_goes_through_every_topic_and_reviews_all_that_it_went_through() {
        check(Book::Whole, |topic| topic.exercises.len());
        check(Book::Short, |_| 0);
    }
}
