//! What virtual students ask: clear questions of beginners, each of them once.

/// Questions that triage sends to a specialist, so that every turn costs a model call.
pub const QUESTIONS: [&str; 12] = [
    "What is a for loop in Python and when do I use it?",
    "Can you explain how a while loop knows when to stop?",
    "What is the difference between a variable and a value?",
    "How do if, elif and else work together?",
    "What is a string and how do I join two strings?",
    "Explain what break and continue do inside a loop.",
    "How do I turn text from input() into a number?",
    "What does the modulo operator do in Python?",
    "Explain data types in Python: int, float, str and bool.",
    "How does range work in a for loop?",
    "What is a boolean expression in an if statement?",
    "How do I print several values on one line?",
];

/// The question of a student's turn. `run` makes it differ from those of other runs, so that no
/// answer comes from a cache that an earlier run has filled.
pub fn question(run: &str, student: u32, turn: u32) -> String {
    let known = QUESTIONS.len();
    let place = (student as usize).wrapping_mul(7).wrapping_add(turn as usize) % known;
    format!("{} (question {} of student {student} in {run})", QUESTIONS[place], turn + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use learnflow_engine::course::model::Course;
    use learnflow_engine::tutor::triage::{AskText, TriageContext, triage};

    use super::*;

    #[test]
    fn every_question_goes_to_a_specialist() {
        let course = Course::builtin().expect("the course that comes along is valid");
        for student in 0..12 {
            let text = question("0123abcd", student, 0);
            let ask = AskText { text: &text, code: None };
            let route = triage(&course, &ask, &TriageContext::default());
            assert!(route.agent.is_specialist(), "{text}: {route:?}");
        }
    }

    #[test]
    fn no_question_is_asked_twice() {
        let all: HashSet<String> = (0..20)
            .flat_map(|student| (0..30).map(move |turn| question("run", student, turn)))
            .collect();
        assert_eq!(all.len(), 600);
        assert!(!all.contains(&question("other run", 0, 0)));
    }
}
