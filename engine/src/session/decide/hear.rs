//! What a question shows of the student besides what is asked: an error, confusion, the wish for
//! a finished answer. Facts of closed lists; the words stay sealed.

use super::{Draft, struggle};
use crate::course::model::{ExerciseId, TopicId};
use crate::event::practice::Practice;
use crate::progress::struggle::phrase::{self, Heard};
use crate::session::input::Context;
use crate::tutor::traceback;

/// A question as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) exercise: Option<&'a ExerciseId>,
}

/// Notes what the words show, in the student's time: that of the record.
pub(super) fn hear(draft: &mut Draft, said: &Said<'_>, context: &Context<'_>) {
    if let Some(exercise) = said.exercise {
        struggle::opened(draft, exercise, context);
    }
    let topic = topic(draft, said, context);
    let at = context.now;
    let errors =
        [Some(said.text), said.code].into_iter().flatten().filter(|text| shows_error(text));
    for text in errors {
        if let Some(error) = traceback::parse(text).root() {
            let signature = traceback::signature(error);
            draft.learned(&Practice::ErrorSeen { signature, topic: topic.clone(), at }, context);
        }
    }
    if phrase::confusion(said.text) == Heard::Yes {
        draft.learned(&Practice::Confused { topic: topic.clone(), at }, context);
    }
    if phrase::answer_seeking(said.text) == Heard::Yes {
        let exercise = said.exercise.cloned();
        draft.learned(&Practice::AnswerSought { exercise, topic, at }, context);
    }
    struggle::active(draft, context);
}

/// What the question is about: where triage put it, if it runs already, else where the page is.
fn topic(draft: &Draft, said: &Said<'_>, context: &Context<'_>) -> Option<TopicId> {
    let newest = draft.state.queue.back();
    match (newest, &draft.state.running) {
        (Some(queued), _) => queued
            .topic
            .and_then(|key| context.course.topic_by_key(key))
            .map(|topic| topic.id.clone())
            .or_else(|| said.exercise.map(ExerciseId::topic))
            .or_else(|| draft.state.last_route.as_ref().and_then(|(_, topic)| topic.clone())),
        (None, Some(running)) => running.topic.clone(),
        (None, None) => None,
    }
}

/// Whether it is worth reading for an error: most questions aren't.
fn shows_error(text: &str) -> bool {
    ["Error", "Exception", "Traceback", "Interrupt"].iter().any(|word| text.contains(word))
}
