//! What holds of a student's progress, whatever they do and whenever.
#![cfg(test)]

use std::sync::{Arc, LazyLock};

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::{Course, CourseKey};
use learnflow_engine::progress::decide::{
    decide_exercise, decide_quality, decide_quiz, decide_streak,
};
use learnflow_engine::progress::evidence::Recall;
use learnflow_engine::progress::learning::RECENT_LIMIT;
use learnflow_engine::progress::mastery::smoothed;
use learnflow_engine::progress::next_step::{
    NextStep, SITTING_REVIEWS, next_exercise, next_quiz_item, next_step, reviews,
};
use learnflow_engine::progress::quiz_round::{QuizRound, RoundEnd};
use learnflow_engine::progress::review::{Card, Rating, rating, retrievability, review};
use learnflow_engine::progress::tracing::{Evidence, Parameters, traced, update};
use learnflow_engine::progress::{
    Attempt, Change, Component, Components, Correctness, ExerciseEvidence, Known, Learning,
    Mastery, MasteryLevel, Pace, Points, QuizEvidence, day_of,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEED: RngSeed = RngSeed::Fixed(0x1ea7);
const START_S: i64 = 1_760_000_000;
const DAY_S: i64 = 86_400;

static COURSE: LazyLock<Arc<Course>> =
    LazyLock::new(|| Course::builtin().expect("the course that comes with the engine is valid"));

fn points() -> impl Strategy<Value = Points> {
    (0..=10_000_u16).prop_map(Points::from_hundredths)
}

fn components() -> impl Strategy<Value = Components> {
    let four = [points(), points(), points(), points()].map(option::of);
    four.prop_map(|[exercises, quizzes, quality, streak]| Components {
        exercises,
        quizzes,
        quality,
        streak,
    })
}

fn with(components: Components, component: Component, points: Points) -> Components {
    let points = Some(points);
    match component {
        Component::Exercises => Components { exercises: points, ..components },
        Component::Quizzes => Components { quizzes: points, ..components },
        Component::Quality => Components { quality: points, ..components },
        Component::Streak => Components { streak: points, ..components },
    }
}

fn correctness() -> impl Strategy<Value = Correctness> {
    prop_oneof![Just(Correctness::Correct), Just(Correctness::Wrong)]
}

fn evidence() -> impl Strategy<Value = Evidence> {
    prop_oneof![Just(Evidence::Correct), Just(Evidence::CorrectWithHints), Just(Evidence::Wrong)]
}

fn any_rating() -> impl Strategy<Value = Rating> {
    prop_oneof![Just(Rating::Again), Just(Rating::Hard), Just(Rating::Good), Just(Rating::Easy)]
}

fn pace() -> impl Strategy<Value = Pace> {
    prop_oneof![Just(Pace::Fast), Just(Pace::Usual), Just(Pace::Slow), Just(Pace::Unknown)]
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis((START_S + seconds) * 1_000)
}

/// Something that a student does, in a topic of the course, after a pause in seconds.
#[derive(Debug, Clone)]
enum Work {
    Submit { points: Points, rung: u8, pace: Pace },
    Answer(Correctness),
    Write(Points),
    Ask,
}

fn work() -> impl Strategy<Value = (Work, usize, i64)> {
    let submit = (prop_oneof![points(), Just(Points::FULL)], 0..=5_u8, pace())
        .prop_map(|(points, rung, pace)| Work::Submit { points, rung, pace });
    let kind = prop_oneof![
        3 => submit,
        4 => correctness().prop_map(Work::Answer),
        1 => points().prop_map(Work::Write),
        1 => Just(Work::Ask),
    ];
    (kind, 0..COURSE.topics().len(), prop_oneof![0..1_000_i64, 0..10 * DAY_S])
}

/// What the engine decides, and the progress that follows.
fn play(work: &[(Work, usize, i64)]) -> (Learning, Vec<Change>, i64) {
    let (mut learning, mut all, mut now_s) = (Learning::default(), Vec::new(), 0);
    for (work, place, pause_s) in work {
        now_s += pause_s;
        let topic = &COURSE.topics()[*place];
        let mut changes = decide(&learning, work, *place, at(now_s));
        changes.extend(decide_streak(&learning, day_of(at(now_s))));
        if matches!(work, Work::Ask) {
            learning.ask(topic.id.key());
        }
        for change in &changes {
            learning.apply(change);
        }
        all.extend(changes);
    }
    (learning, all, now_s)
}

fn decide(learning: &Learning, work: &Work, place: usize, now: Timestamp) -> Vec<Change> {
    let topic = &COURSE.topics()[place];
    let key = topic.id.key();
    match work {
        Work::Submit { points, rung, pace } => {
            let Some(exercise) = next_exercise(&COURSE, learning, &topic.id) else {
                return Vec::new();
            };
            let evidence = ExerciseEvidence {
                topic: key,
                exercise: exercise.key(),
                points: *points,
                attempt: Attempt::First,
                rung: *rung,
                pace: *pace,
            };
            decide_exercise(learning, &evidence, now)
        }
        Work::Answer(correctness) => {
            let Some(item) = next_quiz_item(&COURSE, learning, &topic.id) else {
                return Vec::new();
            };
            let evidence = QuizEvidence { topic: key, item: item.key(), correctness: *correctness };
            decide_quiz(learning, evidence, now)
        }
        Work::Write(points) => decide_quality(learning, key, *points),
        Work::Ask => Vec::new(),
    }
}

fn check_card(card: &Card) {
    assert!(card.stability_days() > 0.0, "{card:?}");
    assert!((1.0..=10.0).contains(&card.difficulty()), "{card:?}");
    assert!(card.due_at_s > card.reviewed_at_s, "{card:?}");
    assert!(i64::from(card.due_at_s - card.reviewed_at_s) <= 365 * DAY_S, "{card:?}");
    assert!(card.reviews >= 1, "{card:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: SEED,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_score_rises_with_each_component_and_the_estimate_is_never_below(
        components in components(),
        component in prop::sample::select(&Component::ALL[..]),
        (low, high) in (points(), points()).prop_map(|(a, b)| (a.min(b), a.max(b))),
        graded_items in 0..10_u32,
    ) {
        let absent = Mastery::of(components, graded_items);
        prop_assert!(absent.estimate.is_none_or(|estimate| estimate >= absent.score));
        prop_assert_eq!(absent.estimate.is_none(), absent.missing.len() == 4);
        if absent.missing.is_empty() {
            prop_assert_eq!(absent.estimate, Some(absent.score));
        }
        let [less, more] = [low, high]
            .map(|points| Mastery::of(with(components, component, points), graded_items));
        prop_assert!(less.score <= more.score && less.estimate <= more.estimate);
        prop_assert!(less.level <= more.level);
        prop_assert!(more.level < MasteryLevel::Mastered || graded_items >= 3);
        prop_assert!(more.score <= Points::FULL);
        if components.get(component).is_none() {
            prop_assert!(absent.score <= less.score, "a missing component counts nothing");
        }
    }

    #[test]
    fn an_average_lies_between_its_inputs_and_rises_with_both(
        component in prop::sample::select(&Component::ALL[..]),
        (previous, next) in (points(), points()),
        more in points(),
    ) {
        let found = smoothed(Some(previous), next, component);
        prop_assert!(previous.min(next) <= found && found <= previous.max(next));
        prop_assert!(smoothed(Some(previous), next.max(more), component) >= found);
        prop_assert!(smoothed(Some(previous.max(more)), next, component) >= found);
        prop_assert_eq!(smoothed(None, next, component), next);
    }

    #[test]
    fn a_round_ends_with_the_average_of_its_score_in_whatever_order(
        base in option::of(points()),
        mut answers in vec(correctness(), 5),
    ) {
        let play = |answers: &[Correctness]| {
            let mut round = QuizRound { base, correct: 0, answered: 0 };
            let mut last = (round, Points::ZERO, RoundEnd::Open);
            for answer in answers {
                last = round.answer(*answer);
                round = last.0;
            }
            last
        };
        let last = play(&answers);
        let correct = answers.iter().filter(|answer| **answer == Correctness::Correct).count();
        let percent = Points::percent(u32::try_from(correct).expect("at most five"), 5);
        prop_assert_eq!(last.2, RoundEnd::Ended { percent });
        prop_assert_eq!(last.1, smoothed(base, percent, Component::Quizzes));
        answers.reverse();
        prop_assert_eq!(play(&answers), last);
    }

    #[test]
    fn tracing_keeps_its_bounds_and_its_order(
        (low, high) in (0.1..0.999_999_f64, 0.1..0.999_999_f64),
        evidence in evidence(),
    ) {
        let after = |known, evidence| traced(known, evidence, &Parameters::DEFAULT);
        let (low, high) = (low.min(high), low.max(high));
        prop_assert!(after(low, evidence) <= after(high, evidence) + 1e-12);
        let [correct, hinted, wrong] =
            [Evidence::Correct, Evidence::CorrectWithHints, Evidence::Wrong]
                .map(|evidence| after(low, evidence));
        prop_assert!(0.1 < wrong && wrong < hinted && hinted < correct && correct < 1.0);
        prop_assert!(low < hinted, "a right answer is good news");
    }

    #[test]
    fn what_is_stored_is_what_is_computed_to_a_millionth(evidence in vec(evidence(), 0..60)) {
        let mut stored = Known::PRIOR;
        for evidence in evidence {
            let exact = traced(stored.as_f64(), evidence, &Parameters::DEFAULT);
            stored = update(stored, evidence);
            prop_assert!((exact - stored.as_f64()).abs() <= 1e-6, "{exact} {stored:?}");
            // What an answer teaches keeps everybody above .1, and nothing is certain.
            prop_assert!(0.1 < stored.as_f64() && stored.as_f64() < 1.0);
        }
    }

    #[test]
    fn a_card_keeps_its_bounds_and_better_ratings_last_longer(
        steps in vec((any_rating(), prop_oneof![0..DAY_S, 0..900 * DAY_S]), 1..30),
    ) {
        let (mut card, mut now_s) = (None, 0);
        for (rating, gap_s) in steps {
            now_s += gap_s;
            let next = review(card, rating, at(now_s));
            check_card(&next);
            let [again, hard, good, easy] =
                [Rating::Again, Rating::Hard, Rating::Good, Rating::Easy]
                    .map(|rating| review(card, rating, at(now_s)));
            for (worse, better) in [(again, hard), (hard, good), (good, easy)] {
                prop_assert!(worse.stability_days() <= better.stability_days());
                prop_assert!(worse.difficulty() >= better.difficulty());
                prop_assert!(worse.due_at_s <= better.due_at_s);
            }
            let recall = retrievability(&next, at(now_s));
            let later = retrievability(&next, at(now_s + 2 * DAY_S));
            prop_assert!(0.0 < later && later < recall && recall <= 1.0);
            card = Some(next);
        }
    }

    #[test]
    fn more_help_never_gives_a_better_rating(
        correctness in correctness(),
        pace in pace(),
        rung in 0..=4_u8,
    ) {
        let rate = |rung, attempt| rating(Recall { correctness, attempt, rung, pace });
        for attempt in [Attempt::First, Attempt::Later] {
            prop_assert!(rate(rung + 1, attempt) <= rate(rung, attempt));
        }
        prop_assert!(rate(rung, Attempt::Later) <= rate(rung, Attempt::First));
    }
}

proptest! {
    // Few and long: what goes wrong goes wrong late.
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: SEED,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn decided_facts_alone_give_the_same_progress(work in vec(work(), 0..80)) {
        let (learning, changes, _) = play(&work);
        let mut replayed = Learning::default();
        for ((work, place, _), _) in work.iter().zip(moments(&work)) {
            if matches!(work, Work::Ask) {
                replayed.ask(COURSE.topics()[*place].id.key());
            }
        }
        for change in &changes {
            let bytes = postcard::to_stdvec(change).expect("plain data");
            replayed.apply(&postcard::from_bytes(&bytes).expect("what was encoded"));
        }
        prop_assert_eq!(&replayed, &learning);
        let bytes = postcard::to_stdvec(&learning).expect("plain data");
        prop_assert_eq!(postcard::from_bytes::<Learning>(&bytes).expect("decodes"), learning);
    }

    #[test]
    fn progress_keeps_its_bounds(work in vec(work(), 0..80)) {
        let (learning, _, now_s) = play(&work);
        for (topic, progress) in learning.topics() {
            prop_assert!(progress.round.answered < 5);
            prop_assert_eq!(progress.card.is_some(), progress.graded_total > 0);
            prop_assert!(progress.card.is_none_or(|card| i64::from(card.reviewed_at_s) <= START_S + now_s));
            progress.card.iter().for_each(check_card);
            let mastery = learning.mastery(*topic);
            prop_assert!(mastery.estimate.is_none_or(|estimate| estimate >= mastery.score));
        }
        let items: Vec<CourseKey> = COURSE
            .topics()
            .iter()
            .flat_map(|topic| &topic.quiz)
            .map(|item| item.id.key())
            .filter(|item| learning.recent_place(*item).is_some())
            .collect();
        prop_assert!(items.len() <= RECENT_LIMIT);
    }

    #[test]
    fn there_is_a_step_until_everything_is_known(work in vec(work(), 0..80), later_s in 0..DAY_S) {
        let (learning, _, now_s) = play(&work);
        let now = at(now_s + later_s);
        let written: Vec<_> = COURSE.topics().iter().filter(|topic| !topic.is_planned()).collect();
        let all_known =
            written.iter().all(|topic| learning.known(topic.id.key()).is_mastered());
        let step = next_step(&COURSE, &learning, None, now);
        prop_assert_eq!(&step, &next_step(&COURSE, &learning, None, now));
        match step {
            NextStep::Done => prop_assert!(all_known),
            NextStep::Topic(step) => {
                prop_assert!(written.iter().any(|topic| topic.id == step.topic));
            }
            NextStep::PendingQuestion(pending) => prop_assert!(false, "{:?}", pending),
        }
        let due = reviews(&COURSE, &learning, now);
        prop_assert!(due.len() <= SITTING_REVIEWS);
        prop_assert!(due.is_sorted_by_key(|due| due.recall));
    }
}

fn moments(work: &[(Work, usize, i64)]) -> Vec<i64> {
    work.iter()
        .scan(0, |now_s, (_, _, pause_s)| {
            *now_s += pause_s;
            Some(*now_s)
        })
        .collect()
}
