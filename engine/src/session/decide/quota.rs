//! Decisions on how many answers of the model a student has on a day.

use super::Draft;
use crate::clock::Timestamp;
use crate::event::practice::Practice;
use crate::progress::day_of;
use crate::session::input::Context;
use crate::session::state::State;

/// Answers left at which the student is told.
const TOLD_AT: [u16; 4] = [10, 5, 1, 0];
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Whether the student has had all of today's answers.
pub(super) fn is_used_up(state: &State, context: &Context<'_>) -> bool {
    let limit = context.limits.daily_answers;
    limit > 0 && state.quota.used_on(day_of(context.now)) >= limit
}

/// The model has answered: says what is left, at the first answer of a day and near the end.
pub(super) fn answered(draft: &mut Draft, context: &Context<'_>) {
    let limit = context.limits.daily_answers;
    if limit == 0 {
        return;
    }
    let day = day_of(context.now);
    let used = draft.state.quota.used_on(day);
    let remaining = limit.saturating_sub(used);
    if used == 1 || TOLD_AT.contains(&remaining) {
        let reset_at = Timestamp::from_millis((i64::from(day) + 1) * DAY_MS);
        draft.practised(Practice::QuotaTold { limit, remaining, reset_at });
    }
}
