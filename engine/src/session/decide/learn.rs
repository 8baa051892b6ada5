//! What follows from graded work: progress, mastery, reviews, the streak.

use super::Draft;
use crate::clock::Timestamp;
use crate::course::model::TopicId;
use crate::event::practice::Practice;
use crate::event::v1::{Event, Timer};
use crate::progress::decide::decide_streak;
use crate::progress::{Change, MasteryLevel, day_of};
use crate::session::input::Context;

/// Takes up what an answer changed, and says how the topic stands now.
pub(super) fn take_up(
    draft: &mut Draft,
    topic: &TopicId,
    changes: &[Change],
    context: &Context<'_>,
) {
    if changes.is_empty() {
        return;
    }
    let level_before = draft.state.learning.mastery(topic.key()).level;
    for change in changes {
        draft.learned(&Practice::Learned { change: *change }, context);
    }
    mastery(draft, topic, level_before, context);
    let reviewed = changes.iter().any(|change| matches!(change, Change::Reviewed { .. }));
    if reviewed {
        review_scheduled(draft, topic, context);
    }
}

/// The first thing that a student does on a UTC day goes on with their streak.
pub(super) fn streak(draft: &mut Draft, context: &Context<'_>) {
    if let Some(change) = decide_streak(&draft.state.learning, day_of(context.now)) {
        draft.practised(Practice::Learned { change });
    }
}

fn mastery(draft: &mut Draft, topic: &TopicId, level_before: MasteryLevel, context: &Context<'_>) {
    let learning = &draft.state.learning;
    let mastery = learning.mastery(topic.key());
    let graded_total = learning.topic(topic.key()).map_or(0, |progress| progress.graded_total);
    let known = learning.known(topic.key());
    draft.practised(Practice::MasteryChanged {
        topic: topic.clone(),
        components: mastery.components,
        score: mastery.score,
        estimate: mastery.estimate,
        level: mastery.level,
        level_before,
        known,
        graded_total,
        at: context.now,
    });
}

fn review_scheduled(draft: &mut Draft, topic: &TopicId, context: &Context<'_>) {
    let card = draft.state.learning.topic(topic.key()).and_then(|progress| progress.card);
    let Some(card) = card else { return };
    let due_at = card.due_at();
    draft.practised(Practice::ReviewScheduled { topic: topic.clone(), due_at, at: context.now });
    set_review_timer(draft, context.now);
}

/// One timer for all cards: the earliest that isn't due yet.
fn set_review_timer(draft: &mut Draft, now: Timestamp) {
    let cards = draft.state.learning.topics().values().filter_map(|progress| progress.card);
    let next = cards.map(|card| card.due_at()).filter(|due_at| *due_at > now).min();
    let stands = draft.state.timers.iter().find(|(_, timer)| *timer == Timer::ReviewDue);
    match (next, stands.map(|(due, _)| *due)) {
        (Some(due), stands) if stands != Some(due) => {
            draft.emit(Event::TimerSet { timer: Timer::ReviewDue, due });
        }
        (None, Some(_)) => draft.emit(Event::TimerCleared { timer: Timer::ReviewDue }),
        (Some(_) | None, _) => {}
    }
}

/// The timer has fired: says what is due, and sets it for what comes next.
pub(super) fn reviews_due(draft: &mut Draft, context: &Context<'_>) {
    let due =
        crate::progress::next_step::reviews(context.course, &draft.state.learning, context.now);
    let topics: Vec<TopicId> = due.into_iter().map(|review| review.topic).collect();
    if !topics.is_empty() {
        draft.practised(Practice::ReviewsDue { topics, at: context.now });
    }
    set_review_timer(draft, context.now);
}
