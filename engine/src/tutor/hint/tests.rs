//! The ladder: what climbs it, what does not, and what no sequence can do.

use proptest::prelude::*;

use super::*;
use crate::course::ExerciseId;

const FREE: Policy = Policy { highest_rung: 5 };

fn exercise(number: usize) -> CourseKey {
    ExerciseId::parse(&format!("basics.variables.e{number}")).unwrap().key()
}

fn at(seconds: u32) -> Timestamp {
    Timestamp::from_millis(i64::from(seconds) * 1_000)
}

/// `h` asks for a hint, `a` tries, `s` solves, `?` asks for the answer, a number lets seconds pass.
fn check(policy: Policy, script: &str, rungs: &[u8]) {
    let mut ladders = Ladders::default();
    let (mut now_s, mut shown) = (1_000, Vec::new());
    let one = exercise(1);
    for word in script.split_whitespace() {
        match word {
            "h" => {
                let given = ladders.ask(one, policy, at(now_s));
                let climbed = match given {
                    Given::Climbed { .. } => Climbed::Yes,
                    Given::Repeated { .. } => Climbed::No,
                };
                ladders.given(one, given.rung(), climbed, at(now_s));
                shown.push(given.rung());
            }
            "a" => ladders.attempted(one, Standing::Open),
            "s" => ladders.attempted(one, Standing::Closed),
            "?" => ladders.sought(one),
            seconds => now_s += seconds.parse::<u32>().unwrap(),
        }
    }
    assert_eq!(shown, rungs, "{script}");
}

#[test]
fn a_rung_is_climbed_after_an_attempt_or_a_minute() {
    check(FREE, "h h h", &[1, 1, 1]);
    check(FREE, "h 59 h 1 h", &[1, 1, 2]);
    check(FREE, "h a h h a h", &[1, 2, 2, 3]);
    check(FREE, "a a a h h", &[1, 1]);
    check(FREE, "h ? ? ? ? h", &[1, 1]);
}

#[test]
fn the_solution_needs_three_attempts_and_rung_four_or_a_closed_exercise() {
    check(FREE, "h 60 h 60 h 60 h 60 h 600 h", &[1, 2, 3, 4, 4, 4]);
    check(FREE, "h a h a h a h a h", &[1, 2, 3, 4, 5]);
    check(FREE, "a a a h 60 h 60 h 60 h 60 h", &[1, 2, 3, 4, 5]);
    check(FREE, "h 60 h 60 h s h 60 h", &[1, 2, 3, 4, 5]);
}

#[test]
fn a_policy_tightens_and_never_loosens() {
    check(Policy { highest_rung: 2 }, "h a h a h a h", &[1, 2, 2, 2]);
    check(Policy { highest_rung: 4 }, "h a h a h a h a h s h", &[1, 2, 3, 4, 4, 4]);
    check(Policy { highest_rung: 200 }, "h 60 h 60 h 60 h 60 h", &[1, 2, 3, 4, 4]);
    check(Policy { highest_rung: 0 }, "h a h", &[1, 1]);
}

#[test]
fn a_policy_that_was_lowered_since_forbids_the_rung_that_was_shown() {
    let mut ladders = Ladders::default();
    for rung in 1..=4 {
        ladders.given(exercise(1), rung, Climbed::Yes, at(100));
    }
    for highest_rung in 1..=4 {
        let given = ladders.ask(exercise(1), Policy { highest_rung }, at(500));
        assert_eq!(given, Given::Repeated { rung: highest_rung, wait_ms: None });
    }
}

#[test]
fn a_repeat_says_how_long_the_next_rung_takes() {
    let mut ladders = Ladders::default();
    ladders.given(exercise(1), 1, Climbed::Yes, at(100));
    let given = ladders.ask(exercise(1), FREE, at(115));
    assert_eq!(given, Given::Repeated { rung: 1, wait_ms: Some(45_000) });
    let given = ladders.ask(exercise(1), Policy { highest_rung: 1 }, at(500));
    assert_eq!(given, Given::Repeated { rung: 1, wait_ms: None });
}

#[test]
fn the_ladder_that_was_touched_longest_ago_is_forgotten() {
    let mut ladders = Ladders::default();
    for number in 0..=LADDERS_LIMIT {
        ladders.given(exercise(number), 3, Climbed::Yes, at(9));
        ladders.attempted(exercise(1), Standing::Open);
    }
    assert_eq!(ladders.rung(exercise(0)), 0, "forgotten: it begins again");
    assert_eq!(ladders.rung(exercise(1)), 3);
    assert_eq!(ladders.rung(exercise(LADDERS_LIMIT)), 3);
}

#[test]
fn the_fullest_ladders_take_at_most_400_bytes() {
    let mut ladders = Ladders::default();
    for number in 0..100 {
        ladders.given(exercise(number), 5, Climbed::Yes, at(u32::MAX));
        for _ in 0..300 {
            ladders.attempted(exercise(number), Standing::Closed);
            ladders.sought(exercise(number));
        }
    }
    let bytes = postcard::to_stdvec(&ladders).unwrap();
    assert!(bytes.len() <= 400, "{}", bytes.len());
    assert_eq!(postcard::from_bytes::<Ladders>(&bytes).unwrap(), ladders);
}

#[derive(Debug, Clone)]
enum Op {
    Hint(usize),
    Try(usize),
    Seek(usize),
    Wait(u32),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..3_usize).prop_map(Op::Hint),
        2 => (0..3_usize).prop_map(Op::Try),
        1 => (0..3_usize).prop_map(Op::Seek),
        2 => (0..90_u32).prop_map(Op::Wait),
    ]
}

proptest! {
    #[test]
    fn no_sequence_skips_a_rung_or_reaches_the_solution_too_early(
        ops in prop::collection::vec(op(), 0..120),
        highest_rung in 0..=7_u8,
    ) {
        let policy = Policy { highest_rung };
        let mut ladders = Ladders::default();
        let mut now_s = 5_000;
        let mut tries_since = [0_u32; 3];
        let mut climbed_at = [0_u32; 3];
        for op in ops {
            match op {
                Op::Wait(seconds) => now_s += seconds,
                Op::Try(who) => {
                    ladders.attempted(exercise(who), Standing::Open);
                    tries_since[who] += 1;
                }
                Op::Seek(who) => {
                    let before = ladders.rung(exercise(who));
                    ladders.sought(exercise(who));
                    prop_assert_eq!(ladders.rung(exercise(who)), before);
                }
                Op::Hint(who) => {
                    let before = ladders.rung(exercise(who));
                    let given = ladders.ask(exercise(who), policy, at(now_s));
                    match given {
                        Given::Climbed { rung } => {
                            prop_assert_eq!(rung, before + 1);
                            prop_assert!(rung <= highest_rung.clamp(1, 5));
                            let waited = now_s - climbed_at[who] >= 60;
                            prop_assert!(before == 0 || tries_since[who] > 0 || waited);
                            if rung == SOLUTION_RUNG {
                                prop_assert!(ladders.attempts(exercise(who)) >= 3);
                            }
                            ladders.given(exercise(who), rung, Climbed::Yes, at(now_s));
                            tries_since[who] = 0;
                            climbed_at[who] = now_s;
                        }
                        Given::Repeated { rung, .. } => {
                            prop_assert_eq!(rung, before);
                            ladders.given(exercise(who), rung, Climbed::No, at(now_s));
                        }
                    }
                }
            }
        }
    }
}
