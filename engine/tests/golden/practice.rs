//! Samples of practice.

use learnflow_engine::course::CourseKey;
use learnflow_engine::course::model::{ExerciseId, ItemId, TopicId};
use learnflow_engine::event::practice::{Climb, Practice};
use learnflow_engine::event::v1::{Event, Policy, Timer};
use learnflow_engine::id::SectionId;
use learnflow_engine::progress::quiz_round::{QuizRound, RoundEnd};
use learnflow_engine::progress::review::Card;
use learnflow_engine::progress::struggle::{Severity, Trigger};
use learnflow_engine::progress::{Change, Components, Correctness, Known, MasteryLevel, Points};
use learnflow_engine::tutor::leak::{Exposure, LeakReason};
use learnflow_engine::tutor::traceback::{self, Signature};
use uuid::Uuid;

use super::{Sample, StepTexts, at, command, turn};

fn topic() -> TopicId {
    TopicId::parse("control_flow.for_loops").unwrap()
}

fn exercise() -> ExerciseId {
    ExerciseId::parse("control_flow.for_loops.last_round").unwrap()
}

fn item() -> ItemId {
    ItemId::parse("control_flow.for_loops.range_numbers").unwrap()
}

fn key() -> CourseKey {
    topic().key()
}

fn points(points: f64) -> Points {
    Points::from_f64(points)
}

fn name_error() -> Signature {
    let parsed = traceback::parse("NameError: name 'scoer' is not defined");
    traceback::signature(parsed.root().unwrap())
}

fn sample(name: &'static str, practice: Practice) -> Sample {
    Sample { name, events: vec![Event::Practice(practice)], texts: StepTexts::default() }
}

fn answering(name: &'static str, practice: Practice, answer: &str) -> Sample {
    let texts = StepTexts { answer: Some(answer.to_owned()), ..StepTexts::default() };
    Sample { texts, ..sample(name, practice) }
}

fn quiz_answered(correctness: Correctness) -> Practice {
    Practice::QuizAnswered {
        command: command(11),
        item: item(),
        choice: 1,
        answer: 2,
        correctness,
        misconception: Some("range_includes_stop".to_owned()),
        at: at(20),
    }
}

fn graded(score: f64, signature: Option<Signature>) -> Practice {
    Practice::Graded {
        command: command(12),
        exercise: exercise(),
        points: points(score),
        passed_total: 3,
        tests_total: 4,
        attempt: 2,
        rung: 1,
        signature,
        misconception: None,
        at: at(21),
    }
}

fn changes() -> Vec<Practice> {
    let quiz = |end| Change::Quiz {
        topic: key(),
        item: item().key(),
        correctness: Correctness::Wrong,
        component: points(66.67),
        round: QuizRound { base: Some(points(50.0)), correct: 2, answered: 3 },
        end,
    };
    let changes = [
        Change::Exercise {
            topic: key(),
            exercise: exercise().key(),
            points: points(75.0),
            correctness: Correctness::Correct,
            component: points(80.5),
        },
        quiz(RoundEnd::Open),
        quiz(RoundEnd::Ended { percent: points(40.0) }),
        Change::Quality { topic: key(), points: points(90.0), component: points(88.0) },
        Change::Traced { topic: key(), known: Known::from_millionths(692_683) },
        Change::Reviewed {
            topic: key(),
            card: Card::of_parts(230_650, 2_118_104, 1_800_000_000, 1_800_172_800),
        },
        Change::StreakDay { day: 20_833, days: 7 },
    ];
    changes.map(|change| Practice::Learned { change }).to_vec()
}

fn mastery_changed() -> Practice {
    Practice::MasteryChanged {
        topic: topic(),
        components: Components {
            exercises: Some(points(60.0)),
            quizzes: Some(points(53.33)),
            quality: None,
            streak: Some(points(70.0)),
        },
        score: points(47.0),
        estimate: Some(points(58.75)),
        level: MasteryLevel::Learning,
        level_before: MasteryLevel::Beginner,
        known: Known::from_millionths(692_683),
        graded_total: 4,
        at: at(22),
    }
}

fn hint(rung: u8, climb: Climb, wait_ms: u32) -> Practice {
    Practice::HintGiven {
        turn: turn(7),
        command: command(13),
        exercise: exercise(),
        rung,
        climb,
        wait_ms,
        tokens: 60,
        at: at(23),
    }
}

fn alert(trigger: Trigger) -> Practice {
    Practice::AlertRaised {
        trigger,
        severity: Severity::High,
        topic: Some(topic()),
        exercise: Some(exercise()),
        evidence: vec![3, 17, 300],
        replaces: Some(301),
        at: at(24),
    }
}

const LEAKS: [LeakReason; 5] = [
    LeakReason::CodeTooLong,
    LeakReason::Solution,
    LeakReason::ExpectedAnswer,
    LeakReason::QuizAnswer,
    LeakReason::Encoded,
];

fn guarded(reason: LeakReason) -> Practice {
    Practice::AnswerGuarded { turn: turn(3), attempt: 1, reason, at: at(28) }
}

pub(crate) fn exposed() -> Vec<Event> {
    let shown = Exposure::from_bits(0b1011);
    vec![Event::Practice(Practice::Exposed { exercise: exercise(), shown, at: at(28) })]
}

/// One sample a variant, and the closed lists inside them.
pub(crate) fn samples() -> Vec<Sample> {
    let events = |name, practice: Vec<Practice>| Sample {
        name,
        events: practice.into_iter().map(Event::Practice).collect(),
        texts: StepTexts::default(),
    };
    let scheduled = Practice::ReviewScheduled { topic: topic(), due_at: at(90_000), at: at(22) };
    let sought =
        Practice::AnswerSought { exercise: Some(exercise()), topic: Some(topic()), at: at(25) };
    let seen = Practice::ErrorSeen { signature: name_error(), topic: None, at: at(26) };
    let cleared = Practice::AlertCleared {
        trigger: Trigger::LowQuiz,
        topic: Some(key()),
        raised: 41,
        at: at(27),
    };
    let enrolled = Event::EnrolmentChanged {
        command: command(30),
        version: 1_800_000_000_000_000,
        sections: vec![SectionId::new(Uuid::from_u128(0x5e))],
        policy: Policy { highest_rung: 3 },
    };
    let timers = [Timer::ReviewDue, Timer::Stuck]
        .map(|timer| Event::TimerSet { timer, due: at(600) })
        .to_vec();
    vec![
        Sample { name: "enrolment_changed", events: vec![enrolled], texts: StepTexts::default() },
        Sample { name: "list_timers", events: timers, texts: StepTexts::default() },
        answering("practice_quiz_answered", quiz_answered(Correctness::Wrong), "It stops before."),
        answering("practice_quiz_right", quiz_answered(Correctness::Correct), "Four numbers."),
        sample(
            "practice_submitted",
            Practice::Submitted {
                command: command(12),
                exercise: exercise(),
                attempt: 2,
                at: at(21),
            },
        ),
        answering("practice_graded", graded(75.0, Some(name_error())), "Not yet."),
        answering("practice_graded_full", graded(100.0, None), "Well done!"),
        events("practice_learned", changes()),
        sample("practice_mastery_changed", mastery_changed()),
        sample("practice_review_scheduled", scheduled),
        sample(
            "practice_reviews_due",
            Practice::ReviewsDue { topics: vec![topic()], at: at(90_000) },
        ),
        answering("practice_hint_given", hint(2, Climb::Climbed, 0), "Is it still printed?"),
        answering("practice_hint_repeated", hint(2, Climb::Repeated, 45_000), "The same."),
        sample("practice_opened", Practice::Opened { exercise: exercise(), at: at(24) }),
        sample("practice_answer_sought", sought),
        sample("practice_confused", Practice::Confused { topic: Some(topic()), at: at(25) }),
        sample("practice_error_seen", seen),
        events("practice_alert_raised", Trigger::ALL.map(alert).to_vec()),
        sample("practice_alert_cleared", cleared),
        sample(
            "practice_quota_told",
            Practice::QuotaTold { limit: 15, remaining: 5, reset_at: at(3_600) },
        ),
        events("practice_answer_guarded", LEAKS.map(guarded).to_vec()),
        Sample { name: "practice_exposed", events: exposed(), texts: StepTexts::default() },
    ]
}
