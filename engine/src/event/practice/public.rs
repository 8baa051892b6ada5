//! Public events of practice. Text-free: ids of the course, our own ids, numbers, closed lists.

use serde_json::{Value, json};

use super::{Climb, Practice};
use crate::port::log::EventTopic;
use crate::progress::{Component, Correctness, Points};

/// The topic and data of a fact that the world may know.
pub fn data(practice: &Practice) -> Option<(EventTopic, Value)> {
    match practice {
        Practice::QuizAnswered { .. } => Some((EventTopic::ExerciseGraded, quiz(practice))),
        Practice::Graded { .. } => Some((EventTopic::ExerciseGraded, graded(practice))),
        Practice::MasteryChanged { .. } => Some((EventTopic::ProgressUpdated, mastery(practice))),
        Practice::AlertRaised { .. } => Some((EventTopic::StruggleDetected, alert(practice))),
        Practice::Submitted { exercise, attempt, .. } => Some((
            EventTopic::ExerciseSubmitted,
            json!({"exercise": exercise, "topic": exercise.topic(), "attempt": attempt}),
        )),
        Practice::ReviewScheduled { topic, due_at, .. } => Some((
            EventTopic::ReviewScheduled,
            json!({"topic": topic, "due_at": due_at.to_string()}),
        )),
        Practice::HintGiven { turn, exercise, rung, climb, .. } => Some((
            EventTopic::HintGiven,
            json!({
                "turn": turn,
                "exercise": exercise,
                "topic": exercise.topic(),
                "hint_rung": rung,
                "repeated": *climb == Climb::Repeated,
            }),
        )),
        Practice::Learned { .. }
        | Practice::ReviewsDue { .. }
        | Practice::Opened { .. }
        | Practice::AnswerSought { .. }
        | Practice::Confused { .. }
        | Practice::ErrorSeen { .. }
        | Practice::AlertCleared { .. }
        | Practice::QuotaTold { .. }
        | Practice::AnswerGuarded { .. }
        | Practice::Exposed { .. } => None,
    }
}

fn quiz(practice: &Practice) -> Value {
    let Practice::QuizAnswered { item, choice, correctness, misconception, .. } = practice else {
        return Value::Null;
    };
    let passed = *correctness == Correctness::Correct;
    json!({
        "kind": "quiz",
        "item": item,
        "topic": item.topic(),
        "choice": choice,
        "score": if passed { 100.0 } else { 0.0 },
        "passed": passed,
        "misconception": misconception,
    })
}

fn graded(practice: &Practice) -> Value {
    let Practice::Graded {
        exercise,
        points,
        passed_total,
        tests_total,
        attempt,
        rung,
        misconception,
        ..
    } = practice
    else {
        return Value::Null;
    };
    json!({
        "kind": "exercise",
        "exercise": exercise,
        "topic": exercise.topic(),
        "score": points.as_f64(),
        "passed": *points == Points::FULL,
        "tests": {"passed": passed_total, "total": tests_total},
        "attempt": attempt,
        "hint_rung": rung,
        "misconception": misconception,
    })
}

fn mastery(practice: &Practice) -> Value {
    let Practice::MasteryChanged { topic, components, score, level, level_before, known, .. } =
        practice
    else {
        return Value::Null;
    };
    let missing = components.missing().into_iter().map(Component::as_str);
    json!({
        "kind": "mastery",
        "topic": topic,
        "score": score.as_f64(),
        "level": level.as_str(),
        "level_before": level_before.as_str(),
        "known": known.as_f64(),
        "missing": missing.collect::<Vec<_>>(),
    })
}

fn alert(practice: &Practice) -> Value {
    let Practice::AlertRaised { trigger, severity, topic, exercise, evidence, .. } = practice
    else {
        return Value::Null;
    };
    json!({
        "trigger": trigger.as_str(),
        "severity": severity.as_str(),
        "topic": topic,
        "exercise": exercise,
        "evidence": evidence,
    })
}
