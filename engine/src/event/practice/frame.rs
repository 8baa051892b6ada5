//! Durable frames of practice. Source: protocol `learnflow.v1`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Climb, Practice};
use crate::event::StepTexts;
use crate::progress::struggle::Trigger;
use crate::progress::{Component, Components, Correctness, Points};

/// A frame without its number: its type first, as in every frame.
#[derive(Debug, Serialize)]
pub(in crate::event) struct PracticeBody {
    #[serde(rename = "type")]
    kind: Value,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The frames of a fact, without their numbers, in order.
pub(in crate::event) fn bodies(practice: &Practice, texts: &StepTexts) -> Vec<PracticeBody> {
    let values = match practice {
        Practice::QuizAnswered { command, .. } => {
            vec![json!({"type": "ack", "cmd": command}), quiz_graded(practice, texts)]
        }
        Practice::Submitted { command, .. } => vec![json!({"type": "ack", "cmd": command})],
        Practice::Graded { .. } => vec![graded(practice, texts)],
        Practice::MasteryChanged { .. } => vec![mastery(practice)],
        Practice::ReviewsDue { topics, .. } => {
            vec![json!({"type": "review_due", "topics": topics})]
        }
        Practice::HintGiven { .. } => hint(practice, texts),
        Practice::AlertRaised { trigger, severity, topic, exercise, .. } => vec![json!({
            "type": "alert",
            "trigger": trigger.as_str(),
            "severity": severity.as_str(),
            "topic": topic,
            "exercise": exercise,
            "text": kindly(*trigger),
        })],
        Practice::QuotaTold { limit, remaining, reset_at } => vec![json!({
            "type": "quota",
            "limit": limit,
            "remaining": remaining,
            "reset_at": reset_at.to_string(),
        })],
        Practice::Learned { .. }
        | Practice::ReviewScheduled { .. }
        | Practice::Opened { .. }
        | Practice::AnswerSought { .. }
        | Practice::Confused { .. }
        | Practice::ErrorSeen { .. }
        | Practice::AlertCleared { .. }
        | Practice::AnswerGuarded { .. }
        | Practice::Exposed { .. } => Vec::new(),
    };
    values.into_iter().filter_map(body).collect()
}

/// A frame of a value; something that is no object would say nothing.
fn body(value: Value) -> Option<PracticeBody> {
    let Value::Object(mut rest) = value else { return None };
    Some(PracticeBody { kind: rest.remove("type").unwrap_or_default(), rest })
}

/// What the student reads of an alert: help, never a reproach.
const fn kindly(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::RepeatedError => {
            "The same kind of error has come a few times now. That happens to everybody: shall we \
             look at what it means, step by step?"
        }
        Trigger::StuckOnExercise => {
            "You have been at this exercise for a while. A hint, or a short break, often helps \
             more than trying on."
        }
        Trigger::LowQuiz => {
            "That quiz was a hard one. Let us go through the idea once more, and try again after."
        }
        Trigger::Confusion => {
            "It is fine not to understand something at once. Tell me the last thing that was \
             clear, and we go on from there."
        }
        Trigger::FailedRuns => {
            "A few runs in a row have failed. Let us look at the last error together, from its \
             last line upwards."
        }
        Trigger::WheelSpinning => {
            "You have practised this a lot. Another way to look at it may help now: shall I \
             explain it with a different example?"
        }
        Trigger::HintAbuse => {
            "Hints help most when you try something between them. Which part would you like to \
             try first?"
        }
        Trigger::AnswerSeeking => {
            "I won't take the solving away from you, because that is where the learning is. Which \
             part is the hard one? We can look at just that."
        }
    }
}

fn quiz_graded(practice: &Practice, texts: &StepTexts) -> Value {
    let Practice::QuizAnswered { command, item, choice, answer, correctness, .. } = practice else {
        return Value::Null;
    };
    let correct = *correctness == Correctness::Correct;
    json!({
        "type": "graded",
        "cmd": command,
        "item": item,
        "topic": item.topic(),
        "correct": correct,
        "score": if correct { 100.0 } else { 0.0 },
        "choice": choice,
        "answer": answer,
        "text": texts.answer.as_deref().unwrap_or_default(),
    })
}

fn graded(practice: &Practice, texts: &StepTexts) -> Value {
    let Practice::Graded {
        command,
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
        "type": "graded",
        "cmd": command,
        "exercise": exercise,
        "topic": exercise.topic(),
        "correct": *points == Points::FULL,
        "score": points.as_f64(),
        "tests": {"passed": passed_total, "total": tests_total},
        "attempt": attempt,
        "hint_rung": rung,
        "misconception": misconception,
        "text": texts.answer.as_deref().unwrap_or_default(),
    })
}

fn mastery(practice: &Practice) -> Value {
    let Practice::MasteryChanged {
        topic,
        components,
        score,
        estimate,
        level,
        level_before,
        known,
        graded_total,
        ..
    } = practice
    else {
        return Value::Null;
    };
    json!({
        "type": "mastery",
        "topic": topic,
        "score": score.as_f64(),
        "estimate": estimate.map(Points::as_f64),
        "level": level.as_str(),
        "level_before": level_before.as_str(),
        "colour": level.colour(),
        "components": ComponentsBody::of(components),
        "missing": components.missing().into_iter().map(Component::as_str).collect::<Vec<_>>(),
        "known": known.as_f64(),
        "graded_total": graded_total,
    })
}

/// The components as the wire has them: points or null.
#[derive(Debug, Serialize)]
struct ComponentsBody {
    exercises: Option<f64>,
    quizzes: Option<f64>,
    quality: Option<f64>,
    streak: Option<f64>,
}

impl ComponentsBody {
    fn of(components: &Components) -> Self {
        let points = |component| components.get(component).map(Points::as_f64);
        Self {
            exercises: points(Component::Exercises),
            quizzes: points(Component::Quizzes),
            quality: points(Component::Quality),
            streak: points(Component::Streak),
        }
    }
}

/// A hint is a turn that begins and ends in one step.
fn hint(practice: &Practice, texts: &StepTexts) -> Vec<Value> {
    let Practice::HintGiven { turn, command, exercise, rung, climb, wait_ms, .. } = practice else {
        return Vec::new();
    };
    vec![
        json!({"type": "ack", "cmd": command, "turn": turn}),
        json!({
            "type": "route",
            "turn": turn,
            "agent": "exercise",
            "topic": exercise.topic(),
            "confidence": 1.0,
        }),
        json!({
            "type": "done",
            "turn": turn,
            "status": "complete",
            "text": texts.answer.as_deref().unwrap_or_default(),
            "agent": "exercise",
            "source": "authored",
            "exercise": exercise,
            "hint_rung": rung,
            "repeated": *climb == Climb::Repeated,
            "next_rung_ms": wait_ms,
            "ms": 0,
        }),
    ]
}
