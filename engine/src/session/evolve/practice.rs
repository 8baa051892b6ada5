//! How practice changes a session's state.

use crate::clock::Timestamp;
use crate::course::model::{ExerciseId, TopicId};
use crate::event::practice::{Climb, Practice};
use crate::progress::quiz_round::RoundEnd;
use crate::progress::struggle::{FirstTry, Observation};
use crate::progress::{Change, Correctness, Points};
use crate::session::state::{State, WindowTurn};
use crate::tutor::hint::{Climbed, Standing};
use crate::tutor::triage::Agent;

/// Applies one fact of practice. Frames and event number are counted already.
pub(super) fn evolve(state: &mut State, practice: &Practice) {
    for (seen, at) in observed(state, practice) {
        state.struggle.observe(seen, state.last_event, at);
    }
    match practice {
        // A command's `ack` is the first of its frames.
        Practice::QuizAnswered { command, at, .. } => {
            state.commands.push(*command, state.last_frame - 1);
            state.last_active_at = state.last_active_at.max(*at);
        }
        Practice::Submitted { command, at, .. } => {
            state.commands.push(*command, state.last_frame);
            state.last_active_at = state.last_active_at.max(*at);
        }
        Practice::Learned { change } => state.learning.apply(change),
        Practice::HintGiven { .. } => hint_given(state, practice),
        Practice::Graded { exercise, points, .. } => {
            let solved = *points == Points::FULL;
            let standing = if solved { Standing::Closed } else { Standing::Open };
            state.ladders.attempted(exercise.key(), standing);
        }
        Practice::AnswerSought { exercise: Some(exercise), .. } => {
            state.ladders.sought(exercise.key());
        }
        Practice::Opened { exercise, .. } => state.open_exercise = Some(exercise.key()),
        Practice::AlertRaised { trigger, severity, topic, at, .. } => {
            let topic = topic.as_ref().map(TopicId::key);
            state.struggle.raised(*trigger, topic, *severity, state.last_event, *at);
        }
        Practice::AlertCleared { trigger, topic, .. } => state.struggle.cleared(*trigger, *topic),
        Practice::Exposed { exercise, shown, .. } => state.shown.set(exercise.key(), *shown),
        Practice::AnswerGuarded { .. }
        | Practice::ErrorSeen { .. }
        | Practice::QuotaTold { .. }
        | Practice::MasteryChanged { .. }
        | Practice::ReviewScheduled { .. }
        | Practice::ReviewsDue { .. }
        | Practice::AnswerSought { exercise: None, .. }
        | Practice::Confused { .. } => {}
    }
}

/// What a fact shows of the student: at most two observations.
pub(in crate::session) fn observed(
    state: &State,
    practice: &Practice,
) -> Vec<(Observation, Timestamp)> {
    let key = |topic: &Option<TopicId>| topic.as_ref().map(TopicId::key);
    match practice {
        Practice::QuizAnswered { item, correctness, at, .. } => {
            let first_try = match correctness {
                Correctness::Correct => FirstTry::Correct,
                Correctness::Wrong => FirstTry::NotCorrect,
            };
            // Each item is an opportunity to show what was learned.
            let (topic, exercise) = (item.topic().key(), item.key());
            vec![(Observation::Attempt { topic, exercise, first_try }, *at)]
        }
        Practice::Graded { exercise, points, attempt, at, .. } => {
            let (topic, exercise) = (exercise.topic().key(), exercise.key());
            let passed = *points == Points::FULL;
            let first = passed && *attempt == 1;
            let first_try = if first { FirstTry::Correct } else { FirstTry::NotCorrect };
            let mut seen = vec![(Observation::Attempt { topic, exercise, first_try }, *at)];
            seen.extend(passed.then_some((Observation::ExercisePassed { topic, exercise }, *at)));
            seen
        }
        Practice::Learned {
            change: Change::Quiz { topic, end: RoundEnd::Ended { percent }, .. },
        } => {
            let percent = u8::try_from(percent.hundredths() / 100).unwrap_or(100);
            vec![(Observation::QuizRound { topic: *topic, percent }, state.last_active_at)]
        }
        Practice::HintGiven { exercise, rung, at, .. } => {
            let (topic, exercise) = (exercise.topic().key(), exercise.key());
            vec![(Observation::HintTaken { topic, exercise, rung: *rung }, *at)]
        }
        Practice::Opened { exercise, at } => {
            let (topic, exercise) = (exercise.topic().key(), exercise.key());
            vec![(Observation::Opened { topic, exercise }, *at)]
        }
        Practice::AnswerSought { exercise, topic, at } => {
            let exercise = exercise.as_ref().map(ExerciseId::key);
            vec![(Observation::AnswerSought { topic: key(topic), exercise }, *at)]
        }
        Practice::Confused { topic, at } => {
            vec![(Observation::Confused { topic: key(topic) }, *at)]
        }
        Practice::ErrorSeen { signature, topic, at } => {
            vec![(Observation::Error { signature: *signature, topic: key(topic) }, *at)]
        }
        Practice::Submitted { .. }
        | Practice::Learned { .. }
        | Practice::MasteryChanged { .. }
        | Practice::ReviewScheduled { .. }
        | Practice::ReviewsDue { .. }
        | Practice::AlertRaised { .. }
        | Practice::AlertCleared { .. }
        | Practice::QuotaTold { .. }
        | Practice::AnswerGuarded { .. }
        | Practice::Exposed { .. } => Vec::new(),
    }
}

/// A hint is a turn that begins and ends in one step, whatever runs meanwhile.
fn hint_given(state: &mut State, practice: &Practice) {
    let Practice::HintGiven { turn, command, exercise, rung, climb, tokens, at, .. } = practice
    else {
        return;
    };
    let climbed = match climb {
        Climb::Climbed => Climbed::Yes,
        Climb::Repeated => Climbed::No,
    };
    state.ladders.given(exercise.key(), *rung, climbed, *at);
    state.commands.push(*command, state.last_frame - 2);
    state.last_active_at = state.last_active_at.max(*at);
    state.turns_total += 1;
    state.complete_total += 1;
    state.last_route = Some((Agent::Exercise, Some(exercise.topic())));
    state.window.push_back(WindowTurn {
        turn: *turn,
        question_rev: state.rev,
        answer_rev: state.rev,
        tokens: *tokens,
    });
}
