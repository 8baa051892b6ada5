//! Gives practice: statement and starter code of an exercise, never its solution.

use super::{OfflineBrief, add, guidance};
use crate::course::model::{Course, Difficulty, Exercise, ExerciseKind, Topic};

/// Offers an exercise of the topic, another one than in the answer before.
pub(super) fn answer(course: &Course, topic: Option<&Topic>, brief: &OfflineBrief<'_>) -> String {
    let has_exercises = |topic: &&Topic| !topic.exercises.is_empty();
    match topic {
        Some(topic) if has_exercises(&topic) => match choose(topic, brief) {
            Some(exercise) => offer(topic, exercise),
            None => guidance::no_topic(course),
        },
        Some(topic) => {
            let before = topic.requires.iter().rev().filter_map(|id| course.topic(id));
            let first = before.chain(course.topics()).find(has_exercises);
            let Some((first, exercise)) =
                first.and_then(|first| Some((first, choose(first, brief)?)))
            else {
                return guidance::no_topic(course);
            };
            format!(
                "The exercises for **{}** are still being written. Here is one for **{}**, \
                 which it builds on.\n\n{}",
                topic.title,
                first.title,
                offer(first, exercise)
            )
        }
        None => {
            let Some((first, exercise)) = course
                .topics()
                .iter()
                .find(has_exercises)
                .and_then(|first| Some((first, choose(first, brief)?)))
            else {
                return guidance::no_topic(course);
            };
            format!(
                "You didn't say a topic, so we begin at the beginning. Name another one any \
                 time.\n\n{}",
                offer(first, exercise)
            )
        }
    }
}

/// The exercise that fits the words: harder, easier, or simply the next unseen one.
fn choose<'a>(topic: &'a Topic, brief: &OfflineBrief<'_>) -> Option<&'a Exercise> {
    let asked = brief.text.to_lowercase();
    let wanted = [
        (["hard", "difficult", "challenge"], Difficulty::Hard),
        (["medium", "normal", "middle"], Difficulty::Medium),
        (["easy", "easier", "simple"], Difficulty::Easy),
    ]
    .into_iter()
    .find(|(words, _)| words.iter().any(|word| asked.contains(word)))
    .map(|(_, difficulty)| difficulty);
    let said = brief.said();
    let unseen = |exercise: &&Exercise| !said.contains(&exercise.title);
    let fits = |exercise: &&Exercise| wanted.is_none_or(|wanted| exercise.difficulty == wanted);
    let all = || topic.exercises.iter();
    all().filter(unseen).find(fits).or_else(|| all().find(unseen)).or_else(|| all().next())
}

pub(super) fn offer(topic: &Topic, exercise: &Exercise) -> String {
    let what = match exercise.kind {
        ExerciseKind::FillIn => "Fill in what is missing: replace each `____`.",
        ExerciseKind::BugFix => "There is a mistake in this program. Find it and mend it.",
        ExerciseKind::WriteFunction => "Write what is missing in the function.",
        ExerciseKind::PredictOutput => "Don't run it yet: what does it print?",
    };
    let how_hard = match exercise.difficulty {
        Difficulty::Easy => "easy",
        Difficulty::Medium => "medium",
        Difficulty::Hard => "hard",
    };
    let mut text = format!(
        "### Exercise: {}\n\n*{}, {how_hard}.* {what}\n\n{}\n\n```python\n{}\n```\n",
        exercise.title,
        topic.title,
        exercise.statement.trim(),
        exercise.starter.trim_end()
    );
    if exercise.kind != ExerciseKind::PredictOutput {
        let shown = exercise.visible_tests().filter_map(|test| {
            let call = test.call.as_ref()?;
            Some(format!("- `{call}` should give `{}`\n", test.expect.trim()))
        });
        let shown: String = shown.collect();
        if !shown.is_empty() {
            add(&mut text, format_args!("\nIt will be tried with, among others:\n\n{shown}"));
        }
    }
    text.push_str(
        "\nTake your time. A good first step is to say in your own words what goes in and what \
         should come out. If you get stuck, ask for a hint: it helps you on without giving the \
         answer away.\n",
    );
    text
}
