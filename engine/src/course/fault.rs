//! What is wrong with a course, said so that its author can mend it in one go.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, as it was given to the loader.
    pub file: String,
    /// The place in it, such as `exercise swap.hints` or `line 12`.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, problem, remedy } = self;
        write!(f, "{file}: {place}: {problem}; {remedy}")
    }
}

/// The course can't be used; every fault that was found is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the course has {} fault(s):{}", .faults.len(), listed(.faults))]
pub struct CourseError {
    /// All of them, in the order of the files.
    pub faults: Vec<Fault>,
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().fold(String::new(), |listed, fault| listed + "\n  " + &fault.to_string())
}

/// Collects faults of one file.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    file: &'a str,
    found: &'a mut Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(super) const fn new(file: &'a str, found: &'a mut Vec<Fault>) -> Self {
        Self { file, found }
    }

    /// Notes a fault.
    pub(super) fn note(&mut self, place: &str, problem: impl Into<String>, remedy: &str) {
        self.found.push(Fault {
            file: self.file.to_owned(),
            place: place.to_owned(),
            problem: problem.into(),
            remedy: remedy.to_owned(),
        });
    }
}
