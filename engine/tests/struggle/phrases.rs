//! What is heard in words, judged by labelled sentences.

use learnflow_engine::progress::struggle::phrase::{Heard, answer_seeking, confusion};

const CONFUSION: &str = include_str!("../data/confusion.tsv");
const SEEKING: &str = include_str!("../data/answer_seeking.tsv");
/// Demanded of the sentences that nothing was tuned on, so that a change can't make it worse
/// unnoticed.
const JUDGE_GATE_PCT: usize = 85;

fn judge(table: &str, set: &str, hear: fn(&str) -> Heard) -> (usize, usize, String) {
    let (mut right, mut all, mut wrong) = (0, 0, String::new());
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let [of, label, text] =
            row.split('\t').collect::<Vec<_>>().try_into().expect("three cells");
        if of != set {
            continue;
        }
        all += 1;
        let expected = if label == "yes" { Heard::Yes } else { Heard::No };
        if hear(text) == expected {
            right += 1;
        } else {
            wrong = format!("{wrong}  {text:?} is {label}\n");
        }
    }
    println!("{set}: {right} of {all}\n{wrong}");
    (right, all, wrong)
}

fn check(table: &str, least: usize, hear: fn(&str) -> Heard) {
    let (right, all, wrong) = judge(table, "tuned", hear);
    assert!(all >= least, "{all}");
    assert_eq!(right, all, "all that it was tuned on:\n{wrong}");
    let (right, all, wrong) = judge(table, "judge", hear);
    assert!(right * 100 >= all * JUDGE_GATE_PCT, "{right} of {all}:\n{wrong}");
}

#[test]
fn confusion_is_heard_and_its_traps_are_not() {
    check(CONFUSION, 120, confusion);
}

#[test]
fn the_wish_for_an_answer_is_heard_and_its_traps_are_not() {
    check(SEEKING, 100, answer_seeking);
}

#[test]
fn any_text_is_heard() {
    let texts =
        ["", " ", "\u{0}", "🦀", "'", "\"", "`", "```", ">", "i", "the", "i dont", "what is"];
    for text in texts {
        for text in [text.to_owned(), text.repeat(10_000)] {
            assert_eq!(confusion(&text), Heard::No, "{text:.20}");
            assert_eq!(answer_seeking(&text), Heard::No, "{text:.20}");
        }
    }
}
