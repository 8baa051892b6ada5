//! What holds whatever a student does, in whatever order.

use std::collections::BTreeSet;

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::CourseKey;
use learnflow_engine::progress::struggle::{
    ALERT_LIMIT, FirstTry, LIMIT_BYTES, Observation, Severity, Struggle, Trigger, Verdict,
};
use learnflow_engine::tutor::traceback::{ErrorClass, Signature, Template};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::play::{Fact, Play, apply, key};

/// Something that happens, so many milliseconds after the thing before.
#[derive(Debug, Clone)]
enum Op {
    See(Observation),
    /// The timers are looked at, when they are due or at any other time.
    Timer,
    /// An instructor clears the alert of this place.
    Resolve(prop::sample::Index),
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let topic = (0..4_u8).prop_map(key);
    let exercise = (100..106_u8).prop_map(key);
    let maybe = || option::weighted(0.8, (0..4_u8).prop_map(key));
    let classes = vec![ErrorClass::NameError, ErrorClass::TypeError, ErrorClass::Custom];
    let tries = vec![FirstTry::Correct, FirstTry::NotCorrect, FirstTry::NotCorrect];
    prop_oneof![
        4 => (select(classes), maybe()).prop_map(|(class, topic)| Observation::Error {
            signature: Signature { class, template: Template::Other },
            topic,
        }),
        1 => maybe().prop_map(|topic| Observation::RunSucceeded { topic }),
        4 => maybe().prop_map(|topic| Observation::RunFailed { topic }),
        1 => (topic.clone(), exercise.clone())
            .prop_map(|(topic, exercise)| Observation::ExercisePassed { topic, exercise }),
        6 => (topic.clone(), exercise.clone(), select(tries)).prop_map(
            |(topic, exercise, first_try)| Observation::Attempt { topic, exercise, first_try }
        ),
        2 => (topic.clone(), 0..=100_u8)
            .prop_map(|(topic, percent)| Observation::QuizRound { topic, percent }),
        2 => maybe().prop_map(|topic| Observation::Confused { topic }),
        4 => (topic.clone(), exercise.clone(), 1..=5_u8).prop_map(
            |(topic, exercise, rung)| Observation::HintTaken { topic, exercise, rung }
        ),
        3 => (maybe(), option::of(exercise.clone()))
            .prop_map(|(topic, exercise)| Observation::AnswerSought { topic, exercise }),
        2 => (topic, exercise)
            .prop_map(|(topic, exercise)| Observation::Opened { topic, exercise }),
        4 => Just(Observation::Active),
        1 => Just(Observation::Left),
    ]
}

fn any_gap_ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => 0..6_000_i64,
        5 => 0..200_000_i64,
        2 => 0..2_000_000_i64,
        1 => 0..2_000_000_000_i64,
    ]
}

fn any_op() -> impl Strategy<Value = (Op, i64)> {
    let op = prop_oneof![
        12 => any_observation().prop_map(Op::See),
        3 => Just(Op::Timer),
        1 => any::<prop::sample::Index>().prop_map(Op::Resolve),
    ];
    (op, any_gap_ms())
}

fn take(play: &mut Play, op: &Op, at: Timestamp) -> Vec<Verdict> {
    match op {
        Op::See(seen) => play.see(*seen, at),
        Op::Timer => play.timer(at),
        Op::Resolve(index) => {
            let open: Vec<_> = play.state.alerts().copied().collect();
            if !open.is_empty() {
                let alert = index.get(&open);
                let (trigger, topic) = (alert.trigger, alert.topic);
                play.decide(vec![Verdict::Clear { trigger, topic }], at);
            }
            Vec::new()
        }
    }
}

fn playing(ops: &[(Op, i64)], mut each: impl FnMut(&Play, &[Verdict], Timestamp)) -> Play {
    let mut play = Play::default();
    let mut now = Timestamp::from_millis(1_700_000_000_000);
    for (op, gap_ms) in ops {
        now = now.plus_millis(*gap_ms);
        let verdicts = take(&mut play, op, now);
        each(&play, &verdicts, now);
    }
    play
}

fn stored_and_back(state: &Struggle) -> Struggle {
    let bytes = postcard::to_stdvec(state).expect("a state encodes");
    assert!(bytes.len() <= LIMIT_BYTES, "{} bytes", bytes.len());
    postcard::from_bytes(&bytes).expect("a state decodes")
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(0x1ea7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_stored_prefix_and_the_later_facts_give_the_same_alerts(
        ops in vec(any_op(), 1..120),
        cut in any::<prop::sample::Index>(),
    ) {
        let live = playing(&ops, |_, _, _| {});
        let cut = cut.index(live.journal.len() + 1);
        let mut state = Struggle::default();
        for stored in &live.journal[..cut] {
            apply(&mut state, stored);
        }
        let mut state = stored_and_back(&state);
        for (place, stored) in live.journal.iter().enumerate().skip(cut) {
            apply(&mut state, stored);
            // What is decided next follows from the restored state as it did from the live one.
            if let (Fact::Seen(seen), _, at) = stored {
                let decided = state.verdicts(*seen, *at);
                let rest = live.journal[place + 1..].iter();
                let next: Vec<Verdict> = rest
                    .map_while(|(fact, _, _)| match fact {
                        Fact::Decided(verdict) => Some(verdict.clone()),
                        Fact::Seen(_) => None,
                    })
                    .take(decided.len())
                    .collect();
                prop_assert_eq!(decided, next);
            }
        }
        prop_assert_eq!(state, live.state);
    }

    #[test]
    fn an_alert_is_open_once_and_the_state_stays_small(ops in vec(any_op(), 1..200)) {
        playing(&ops, |play, _, _| {
            let open: Vec<_> = play.state.alerts().map(|a| (a.trigger, a.topic)).collect();
            let mut distinct = open.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(open.len(), distinct.len(), "{open:?}");
            assert!(open.len() <= ALERT_LIMIT);
            assert_eq!(&stored_and_back(&play.state), &play.state);
        });
    }

    #[test]
    fn what_raises_an_alert_was_seen_and_stands_in_order(ops in vec(any_op(), 1..200)) {
        playing(&ops, |play, verdicts, _| {
            for verdict in verdicts {
                let Verdict::Raise { evidence, .. } = verdict else { continue };
                assert!(!evidence.is_empty(), "{verdict:?}");
                assert!(evidence.is_sorted_by(|a, b| a < b), "{verdict:?}");
                for event in evidence {
                    let stored = play.journal.iter().find(|(_, number, _)| number == event);
                    assert!(matches!(stored, Some((Fact::Seen(_), _, _))), "{verdict:?}");
                }
            }
        });
    }

    #[test]
    fn an_alert_comes_again_only_cleared_or_worse_or_after_a_quarter_of_an_hour(
        ops in vec(any_op(), 1..200),
    ) {
        let play = playing(&ops, |_, _, _| {});
        let mut open: Vec<(Trigger, Option<CourseKey>, Severity, Timestamp)> = Vec::new();
        for (fact, _, at) in &play.journal {
            let Fact::Decided(verdict) = fact else { continue };
            match verdict {
                Verdict::Raise { trigger, topic, severity, .. } => {
                    let known = open.iter().position(|(t, of, ..)| t == trigger && of == topic);
                    if let Some(place) = known {
                        let (.., before, since) = open.remove(place);
                        let waited = at.millis_since(since) >= 899_000;
                        prop_assert!(waited || before < *severity, "{:?}", verdict);
                    }
                    open.push((*trigger, *topic, *severity, *at));
                }
                Verdict::Clear { trigger, topic } => {
                    let known = open.iter().position(|(t, of, ..)| t == trigger && of == topic);
                    prop_assert!(known.is_some(), "{:?} clears nothing", verdict);
                    open.remove(known.unwrap());
                }
            }
        }
        prop_assert_eq!(open.len(), play.state.alerts().count());
    }

    #[test]
    fn a_timer_that_is_due_raises_or_clears_and_none_is_overdue(ops in vec(any_op(), 1..120)) {
        playing(&ops, |play, _, _| {
            for due in [play.state.stuck_due(), play.state.expiry_due()].into_iter().flatten() {
                assert!(!play.state.verdicts_at_timer(due).is_empty(), "{due}: {:?}", play.state);
            }
            if let Some(due) = play.state.stuck_due() {
                let early = due.plus_millis(-1_000);
                let (_, _, last) = play.journal.last().unwrap();
                if early > *last {
                    let told = play.state.verdicts_at_timer(early);
                    let stuck = |verdict: &Verdict| matches!(
                        verdict, Verdict::Raise { .. }
                    );
                    assert!(!told.iter().any(stuck), "{told:?}");
                }
            }
        });
    }

    /// Numbers and times of any size: the bytes stay within their bound.
    #[test]
    fn the_fullest_state_takes_at_most_its_limit(
        ops in vec((any_observation(), any::<i64>(), any::<i64>()), 1..150),
    ) {
        let mut state = Struggle::default();
        for (seen, event, micros) in &ops {
            let at = Timestamp::from_micros(*micros);
            state.observe(*seen, *event, at);
            for verdict in state.verdicts(*seen, at) {
                match verdict {
                    Verdict::Raise { trigger, topic, severity, .. } => {
                        state.raised(trigger, topic, severity, *event, at);
                    }
                    Verdict::Clear { trigger, topic } => state.cleared(trigger, topic),
                }
            }
            prop_assert_eq!(&stored_and_back(&state), &state);
        }
    }
}

/// The random students are no use if they never need help.
#[test]
fn random_students_meet_every_trigger_and_lose_it_again() {
    let mut runner = TestRunner::new(config());
    let (mut raised, mut cleared) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..40 {
        let ops = vec(any_op(), 200).new_tree(&mut runner).expect("a value").current();
        playing(&ops, |_, verdicts, _| {
            for verdict in verdicts {
                match verdict {
                    Verdict::Raise { trigger, severity, .. } => {
                        raised.insert((*trigger, *severity));
                    }
                    Verdict::Clear { trigger, .. } => {
                        cleared.insert(*trigger);
                    }
                }
            }
        });
    }
    let severities = [
        (Trigger::RepeatedError, Severity::High),
        (Trigger::StuckOnExercise, Severity::Medium),
        (Trigger::LowQuiz, Severity::Medium),
        (Trigger::Confusion, Severity::Low),
        (Trigger::Confusion, Severity::High),
        (Trigger::FailedRuns, Severity::High),
        (Trigger::WheelSpinning, Severity::High),
        (Trigger::HintAbuse, Severity::Low),
        (Trigger::AnswerSeeking, Severity::Low),
    ];
    assert_eq!(raised.into_iter().collect::<Vec<_>>(), severities);
    assert_eq!(cleared.into_iter().collect::<Vec<_>>(), Trigger::ALL);
}

/// Every list full, every number as large as it gets.
#[test]
fn a_state_that_is_full_in_every_part_stays_below_the_limit() {
    let mut state = Struggle::default();
    let event = i64::from(u32::MAX);
    let now = |step: i64| Timestamp::from_millis(4_100_000_000_000 + step);
    for number in 0..30_u8 {
        let (topic, exercise) = (key(number), key(100 + number));
        let seen = [
            Observation::Error {
                signature: Signature { class: ErrorClass::ValueError, template: Template::Other },
                topic: Some(topic),
            },
            Observation::RunFailed { topic: Some(key(0)) },
            Observation::Attempt { topic, exercise, first_try: FirstTry::NotCorrect },
            Observation::Confused { topic: Some(topic) },
            Observation::HintTaken { topic, exercise, rung: 4 },
            Observation::AnswerSought { topic: Some(topic), exercise: None },
            Observation::Opened { topic, exercise: key(200) },
        ];
        for seen in &seen {
            state.observe(*seen, event, now(i64::from(number)));
        }
        state.raised(Trigger::LowQuiz, Some(topic), Severity::High, event, now(0));
    }
    for minute in 0..100_000_i64 {
        state.observe(Observation::Active, event, now(minute * 60_000));
    }
    let bytes = postcard::to_stdvec(&state).unwrap().len();
    println!("the fullest state takes {bytes} bytes");
    assert!(bytes <= LIMIT_BYTES, "{bytes}");
    assert!(bytes > LIMIT_BYTES - 60, "{bytes}: not the fullest state, or the limit is too high");
}
