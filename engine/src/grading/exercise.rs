//! Submissions of exercises: weighted tests, partial credit, and which wrong idea they show.

use crate::course::model::{Comparator, Exercise, TestCase};
use crate::grading::comparator::matches;
use crate::progress::Points;

/// What grading found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The score.
    pub points: Points,
    /// Tests that passed.
    pub passed_total: u16,
    /// All tests.
    pub tests_total: u16,
    /// Which of the course's wrong ideas it shows.
    pub misconception: Option<String>,
    /// What the student is told. Nothing of it gives the answer away.
    pub said: String,
}

/// The score of some tests: the weight of those that passed, of all.
pub fn score<'a>(outcomes: impl Iterator<Item = (&'a TestCase, Outcome)>) -> Points {
    let (mut passed, mut all) = (0_u32, 0_u32);
    for (test, outcome) in outcomes {
        all += u32::from(test.weight);
        passed += match outcome {
            Outcome::Passed => u32::from(test.weight),
            Outcome::Failed => 0,
        };
    }
    Points::percent(passed, all)
}

/// What became of one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It found what it expects.
    Passed,
    /// It didn't.
    Failed,
}

/// Grades what a student says that a program prints.
///
/// A line that is right in its place is worth its share: who has most of a table right has
/// understood most of it. Only the whole passes.
pub fn grade_answer(exercise: &Exercise, answer: &str) -> Report {
    let expected = &exercise.key.solution;
    let comparator = exercise.key.tests.first().map_or(Comparator::default(), |t| t.comparator);
    let right = matches(comparator, answer, expected);
    let lines: Vec<&str> = expected.trim().lines().map(str::trim_end).collect();
    let found: Vec<&str> = answer.trim().lines().map(str::trim_end).collect();
    let same = lines.iter().zip(&found).filter(|(line, found)| line == found).count();
    let of = lines.len().max(found.len()).max(1);
    let passed_total = if right { of } else { same.min(of - 1) };
    let count = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let wrong = exercise.key.wrong.iter().find(|w| matches(comparator, answer, &w.code));
    Report {
        points: Points::percent(u32::from(count(passed_total)), u32::from(count(of))),
        passed_total: count(passed_total),
        tests_total: count(of),
        misconception: wrong.filter(|_| !right).map(|wrong| wrong.misconception.clone()),
        said: said(right, (passed_total, lines.len(), found.len())),
    }
}

fn said(right: bool, (same, expected, found): (usize, usize, usize)) -> String {
    if right {
        return "That is exactly what it prints. Well done!".to_owned();
    }
    let lines =
        |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let mut said = if same == 0 {
        "Not yet.".to_owned()
    } else {
        format!("Not yet: {} of your answer stand where they should.", lines(same))
    };
    if found != expected {
        let (expected, found) = (lines(expected), lines(found));
        said = format!("{said} The program prints {expected}, you wrote {found}.");
    }
    said.push_str(" Go through the program line by line, and note what each variable holds.");
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::model::ExerciseKind;
    use crate::course::{Course, ExerciseId};

    fn check(answer: &str, points: f64, tests: (u16, u16)) -> Report {
        let course = Course::builtin().unwrap();
        let id = ExerciseId::parse("control_flow.for_loops.last_round").unwrap();
        let report = grade_answer(course.exercise(&id).unwrap(), answer);
        assert_eq!(report.points, Points::from_f64(points), "{answer:?}");
        assert_eq!((report.passed_total, report.tests_total), tests, "{answer:?}");
        report
    }

    #[test]
    fn lines_in_their_place_count_and_only_the_whole_passes() {
        check("0 0\n1 1\n2 3\nend 3\n", 100.0, (4, 4));
        check("0 0  \n1 1\n2 3\nend 3", 100.0, (4, 4));
        check("0 0\n1 1\n2 3", 75.0, (3, 4));
        check("0 0\n1 1\n2 3\nend 3\nbye", 80.0, (4, 5));
        check("", 0.0, (0, 4));
        check("END 3", 0.0, (0, 4));
    }

    #[test]
    fn a_typical_mistake_is_known_by_its_misconception() {
        let report = check("1 1\n2 3\n3 6\nend 6", 0.0, (0, 4));
        assert_eq!(report.misconception.as_deref(), Some("range_starts_at_one"));
        assert_eq!(check("0 0\n1 1\n2 3\nend 3", 100.0, (4, 4)).misconception, None);
    }

    #[test]
    fn every_reference_answer_passes_every_wrong_one_fails_and_nothing_is_given_away() {
        let course = Course::builtin().unwrap();
        let exercises = course.topics().iter().flat_map(|topic| &topic.exercises);
        let mut seen = 0;
        for exercise in exercises.filter(|one| one.kind == ExerciseKind::PredictOutput) {
            assert_eq!(grade_answer(exercise, &exercise.key.solution).points, Points::FULL);
            for wrong in &exercise.key.wrong {
                let report = grade_answer(exercise, &wrong.code);
                assert_ne!(report.points, Points::FULL, "{}", exercise.id);
                let last = exercise.key.solution.trim().lines().last().unwrap();
                assert!(!report.said.contains(last) || last.len() < 4, "{}", exercise.id);
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn a_score_is_the_weight_that_passed() {
        let test = |weight| TestCase {
            input: None,
            call: None,
            setup: None,
            files: std::collections::BTreeMap::new(),
            expect: String::new(),
            comparator: Comparator::Exact,
            weight,
            hidden: false,
        };
        let tests = [test(2), test(1), test(1)];
        let outcomes = [Outcome::Passed, Outcome::Failed, Outcome::Passed];
        assert_eq!(score(tests.iter().zip(outcomes)), Points::from_f64(75.0));
        assert_eq!(score(std::iter::empty()), Points::ZERO);
    }
}
