//! What holds of the guard whatever a model writes and however it arrives.

use learnflow_engine::tutor::leak::{Checked, Exposure, Guard, LeakReason, Secret};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::disguise::{SOLUTIONS, answers};
use crate::oracle::task;
use crate::stream::{shown, streamed};
use crate::{COURSE, exercises};

/// A line or block that is longer is shown in pieces.
const HELD_BYTES: usize = 8 * 1024;

fn secret(at: usize) -> Secret {
    let exercise = exercises().nth(at % exercises().count()).unwrap();
    Secret::exercise(&COURSE, exercise, 1, Exposure::default())
}

/// Pieces of answers: prose, fences, code, signs that mean something, and what nobody expects.
fn answer() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "```python\n",
        "```\n",
        "~~~\n",
        "\n",
        "\n\n",
        "    ",
        "> ",
        "| a | b |",
        "1. ",
        "`",
        "**",
        "return ",
        "count = count + 1",
        "for x in y:",
        "if a < b:",
        "the answer is ",
        "It prints ",
        "def f(x):",
        "\\n",
        "\\u0041",
        "%41",
        "&#65;",
        "&#x41",
        "cmV0dXJuIGNvdW50",
        "72 65 74",
        "é",
        "🦀",
        "\u{200b}",
        "r e t",
        "''",
        "\"",
        "{",
        "}",
        "?",
        "!",
        ".",
        "++",
        "+=",
        "//=",
        "\t",
        "\r\n",
        "more than ",
        "at least ",
        "set x to ",
        "increase x by ",
        "or equal to ",
        "not equal",
        "\u{0}",
    ]);
    let piece = prop_oneof![4 => words.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// The text in pieces of these lengths, again and again.
fn pieces(text: &str, lengths: &[usize]) -> Vec<String> {
    let mut characters = text.chars().peekable();
    let mut lengths = lengths.iter().cycle();
    let mut pieces = Vec::new();
    while characters.peek().is_some() {
        pieces.push(characters.by_ref().take(*lengths.next().unwrap()).collect());
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 250,
        rng_seed: RngSeed::Fixed(0x1ea7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn pieces_do_not_matter(
        text in answer(),
        at in 0_usize..200,
        lengths in prop::collection::vec(1_usize..40, 1..6),
    ) {
        let whole = shown(vec![secret(at)], &[], &text, usize::MAX);
        let split = streamed(vec![secret(at)], &[], &pieces(&text, &lengths));
        prop_assert_eq!(&whole, &split);
        prop_assert!(text.starts_with(&whole.text));
        prop_assert!(whole.reason.is_some() || whole.text == text);
    }

    #[test]
    fn nothing_is_shown_after_a_block(text in answer(), at in 0_usize..200) {
        let mut guard = Guard::new(vec![secret(at)], &[]);
        let mut blocked = false;
        for piece in pieces(&text, &[3]) {
            match guard.push(&piece) {
                Checked::Clear(clear) => prop_assert!(!blocked || clear.is_empty()),
                Checked::Blocked(_) => blocked = true,
            }
        }
    }
}

#[test]
fn disguises_may_arrive_in_any_pieces() {
    for (at, exercise) in exercises().enumerate().step_by(23) {
        for (_, disguise) in SOLUTIONS {
            for answer in answers(disguise, &task(exercise)) {
                let whole = shown(vec![secret(at)], &[], &answer, usize::MAX);
                for lengths in [&[1][..], &[2, 5], &[17, 1, 64]] {
                    let split = streamed(vec![secret(at)], &[], &pieces(&answer, lengths));
                    assert_eq!(whole, split, "{answer}");
                }
            }
        }
    }
}

#[test]
fn a_line_that_never_ends_is_shown_in_pieces() {
    let block = format!("```\n{}", "a b\n".repeat(10_000));
    for text in ["x".repeat(40_000), "ü".repeat(40_000), block] {
        let mut guard = Guard::new(vec![Secret::quiz(&COURSE.topics()[0].quiz[0])], &[]);
        let (mut given, mut taken) = (0, 0);
        for piece in pieces(&text, &[100]) {
            taken += piece.len();
            if let Checked::Clear(clear) = guard.push(&piece) {
                given += clear.len();
            }
            assert!(taken - given <= HELD_BYTES, "{taken} {given}");
        }
    }
}

#[test]
fn what_the_student_wrote_may_be_quoted() {
    for exercise in exercises() {
        let solution = exercise.key.solution.as_str();
        let secret = || vec![Secret::exercise(&COURSE, exercise, 1, Exposure::default())];
        let answer = format!("You wrote:\n\n```python\n{solution}\n```\n\nWhat does line 1 do?");
        let quoted = shown(secret(), &["is it right?", solution], &answer, 9);
        assert_eq!(quoted.reason, None, "{}", exercise.id);
        let told = shown(secret(), &["is it right?", "x = 1"], &answer, 9);
        assert!(told.reason.is_some(), "{}", exercise.id);
    }
}

#[test]
fn only_what_was_shown_is_remembered() {
    let exercise = exercises().find(|e| e.id.as_str() == "control_flow.for_loops.count_letter");
    let secret = Secret::exercise(&COURSE, exercise.unwrap(), 1, Exposure::default());
    let answer = "    for character in word:\n    if character == letter:\n    count = count + 1\n";
    let seen = shown(vec![secret], &[], answer, 4);
    assert_eq!(seen.reason, Some(LeakReason::Solution));
    assert_eq!(seen.text, "    for character in word:\n");
    assert_eq!(seen.exposures[0].1.bits().count_ones(), 1);
}

#[test]
fn new_code_is_counted_and_known_code_is_not() {
    let exercise = exercises().find(|e| e.id.as_str() == "control_flow.for_loops.count_letter");
    let exercise = exercise.unwrap();
    let reason = |rung: u8, answer: &str| {
        let secret = Secret::exercise(&COURSE, exercise, rung, Exposure::default());
        shown(vec![secret], &["my_line = 7"], answer, 4).reason
    };
    let three = "a = 1\nb = a\nprint(b)\n";
    assert_eq!(reason(1, three), None);
    assert_eq!(reason(1, &format!("{three}c = 8\n")), Some(LeakReason::CodeTooLong));
    assert_eq!(reason(1, &format!("{three}my_line = 7\n    count = 0\n")), None);
    assert_eq!(reason(4, &format!("{three}c = 8\n")), None);
    assert_eq!(reason(4, &three.repeat(5)), Some(LeakReason::CodeTooLong));
    let other = "```python\ndef count_letter(word, letter):\n    return word.count(letter)\n```\n";
    assert_eq!(reason(1, other), Some(LeakReason::Solution));
    assert_eq!(reason(5, &exercise.key.solution), None);
}
