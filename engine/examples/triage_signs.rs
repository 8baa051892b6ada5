//! Prints the signs of the labelled questions to tune on, one line a question: what
//! `deploy/dev/triage_train.py` learns the weights of triage from.

use learnflow_engine::course::Course;
use learnflow_engine::tutor::triage::{Agent, AskText, TriageContext, signs};

const SETS: [(&str, &str); 4] = [
    ("triage", include_str!("../tests/data/triage.tsv")),
    ("triage_tune", include_str!("../tests/data/triage_tune.tsv")),
    ("triage_judge", include_str!("../tests/data/triage_judge.tsv")),
    ("triage_more", include_str!("../tests/data/triage_more.tsv")),
];
/// With whom a conversation can go on.
const SPECIALISTS: [Agent; 5] =
    [Agent::Concepts, Agent::CodeReview, Agent::Debug, Agent::Exercise, Agent::Progress];
/// A question of more words says what it wants, whatever was said before it.
const WHOLE_WORDS: usize = 3;

#[expect(clippy::expect_used, reason = "an example without its data must stop")]
fn main() {
    let course = Course::builtin().expect("the course that comes along is valid");
    for (set, text) in SETS {
        for (number, row) in text.lines().filter(|line| !line.starts_with('#')).enumerate() {
            let cells: Vec<String> =
                row.split('\t').map(|cell| cell.replace("\\n", "\n")).collect();
            let [question, agent, _, last, code] = cells.as_slice() else { continue };
            let ask = AskText { text: question, code: (code != "-").then_some(code) };
            let before = last.split_once('@').and_then(|(name, _)| named(name));
            let place = format!("{set}\t{number}");
            print(&course, &ask, before, &format!("{place}\tas is\t{agent}"));
            let is_whole = question.split(' ').count() > WHOLE_WORDS;
            if last == "-" && agent != "clarify" && is_whole {
                let before = SPECIALISTS.get(number % SPECIALISTS.len()).copied();
                print(&course, &ask, before, &format!("{place}\tlater\t{agent}"));
            }
        }
    }
}

fn named(name: &str) -> Option<Agent> {
    SPECIALISTS.into_iter().find(|agent| agent.as_str() == name)
}

#[expect(clippy::print_stdout, reason = "the script reads the signs from standard output")]
fn print(course: &Course, ask: &AskText<'_>, last_agent: Option<Agent>, head: &str) {
    let context = TriageContext { last_agent, ..TriageContext::default() };
    let last = last_agent.map_or("-", Agent::as_str);
    let signs = signs(course, ask, &context).join("\t");
    println!("{head}\t{last}\t{signs}");
}
