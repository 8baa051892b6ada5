//! One student over all days.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::Course;
use learnflow_engine::simulated::{Action, Book, FixedOrder, Mind, SimulatedStudent, guide};

use super::tutor::Tutor;
use super::witness::Witness;

/// The first midnight: 2027-01-04, a Monday.
const BEGINS_MS: i64 = 1_799_020_800_000;
const DAY_MS: i64 = 86_400_000;
/// How long a command takes a student.
const CLICK_MS: i64 = 1_000;

/// Who says what is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guide {
    /// The tutor's next step.
    Tutor,
    /// A book, the same for all.
    Book(Book),
}

/// The beginning of a day, counted from 0.
pub fn midnight(day: u16) -> Timestamp {
    Timestamp::from_millis(BEGINS_MS + i64::from(day) * DAY_MS)
}

/// Lets a student learn for so many days. The tutor watches in either case.
pub fn learn(student: &SimulatedStudent, guide: Guide, days: u16, course: &Course) -> Witness {
    let begin = midnight(0);
    let mut lesson = Lesson {
        course,
        book: match guide {
            Guide::Tutor => None,
            Guide::Book(book) => Some(FixedOrder::new(book)),
        },
        mind: student.mind(course, begin),
        tutor: Tutor::new(course, begin),
        witness: Witness::default(),
    };
    for day in 0..days {
        if let Some(ms) = student.sits_down_ms(day) {
            let at = midnight(day).plus_millis(i64::try_from(ms).unwrap_or(0));
            lesson.day(at);
        }
    }
    lesson.end(midnight(days))
}

struct Lesson<'a> {
    course: &'a Course,
    /// Without one, the tutor says what is next.
    book: Option<FixedOrder>,
    mind: Mind,
    tutor: Tutor<'a>,
    witness: Witness,
}

impl Lesson<'_> {
    fn day(&mut self, begins_at: Timestamp) {
        let mut now = begins_at;
        self.mind.sit_down(now);
        if let Some(book) = &mut self.book {
            book.begin_day(self.course);
        }
        loop {
            if self.mind.is_free() {
                self.advise(now);
            }
            let action = self.mind.next(self.course, now);
            now = now.plus_millis(match &action {
                Action::Pause { ms } => i64::try_from(*ms).unwrap_or(0),
                Action::Active
                | Action::Ask { .. }
                | Action::Quiz { .. }
                | Action::Submit { .. }
                | Action::Hint { .. } => CLICK_MS,
                Action::Stop => break,
            });
            if let Some(command) = action.command() {
                let mut seen = Vec::new();
                self.tutor.tell(command, now, &mut seen);
                self.witness.see(&seen, self.mind.memory());
            }
        }
        self.witness.sat(now.millis_since(begins_at));
    }

    fn advise(&mut self, now: Timestamp) {
        let proposal = match &mut self.book {
            Some(book) => book.next(self.course),
            None => guide::recommended(self.course, &self.tutor.state().learning, now),
        };
        if let Some(proposal) = proposal {
            self.mind.take_up(&proposal, self.course);
        }
    }

    fn end(mut self, now: Timestamp) -> Witness {
        let mut seen = Vec::new();
        self.tutor.pass_time(now, &mut seen);
        self.witness.see(&seen, self.mind.memory());
        self.witness.end(self.course, &self.mind, self.tutor.refused_total(), now);
        self.witness
    }
}
