//! `GET /v1/students/{id}/events`: what happened, as facts without text.
//!
//! `seq` counts a student's events from 1 without a gap. It is the `seq` of public events
//! (docs/events.md) and has nothing to do with the `seq` of the socket's frames.

mod fact;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::read::journal;
use learnflow_storage::read::page::{LIMIT_DEFAULT, LIMIT_MAX};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::opened::Opener;
use crate::guard::Record;
use crate::problem::Problem;
use crate::query::{EventQuery, List, limit};
use crate::state::State;

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// Its number.
    seq: i64,
    /// What happened: a word of a closed list.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    #[schema(format = DateTime)]
    at: String,
    /// Ids, numbers and words of closed lists; never text.
    #[schema(value_type = Object)]
    data: Value,
}

/// Lists a student's events, oldest first.
#[utoipa::path(get, path = "/v1/students/{id}/events", tag = "students",
    operation_id = "list_events",
    params(("id" = String, Path, description = "the student, or `me`"), EventQuery),
    responses((status = 200, description = "Events", body = List<EventBody>),
        (status = 410, description = "Events from there on were deleted: go on at `floor`")))]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Record(student): Record,
    query: EventQuery,
) -> Result<Json<List<EventBody>>, Problem> {
    let after = after(&query)?;
    let limit = limit(query.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let opener = Opener::of(&state, student).await?;
    let position = journal::position(&state.db, student).await?.ok_or(ErrorCode::NotYours)?;
    if after < position.event_floor {
        return Err(gone(position.event_floor));
    }
    // Each row holds at least one event that is wanted, so as many rows are enough.
    let rows = u32::try_from(limit).unwrap_or(LIMIT_MAX);
    let steps = journal::events_after(&state.db, student, after, rows).await?;
    let mut items = Vec::new();
    for step in &steps {
        let events = opener.events(step)?;
        let first = step.last_event - i64::try_from(events.len()).unwrap_or(0) + 1;
        for (seq, event) in (first..).zip(&events).filter(|(seq, _)| *seq > after) {
            let at = step.at.to_string();
            items.push(EventBody { seq, kind: fact::kind(event), at, data: fact::data(event) });
        }
    }
    items.truncate(limit);
    let last = items.last().map(|item| item.seq);
    let next = last.filter(|seq| *seq < position.last_event);
    Ok(Json(List { items, next_cursor: next.map(|seq| seq.to_string()) }))
}

/// Where to begin: the cursor of the page before, else `after_seq`, else at the beginning.
fn after(query: &EventQuery) -> Result<i64, Problem> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|seq| *seq >= 0);
    match (&query.cursor, &query.after_seq) {
        (Some(cursor), _) => number(cursor).ok_or_else(|| {
            Problem::new(ErrorCode::InvalidCursor).with_field("/cursor", "is no cursor")
        }),
        (None, Some(after)) => {
            number(after).ok_or_else(|| Problem::field("/after_seq", "is not a number from 0 on"))
        }
        (None, None) => Ok(0),
    }
}

fn gone(floor: i64) -> Problem {
    Problem::new(ErrorCode::InvalidCursor)
        .with_status(StatusCode::GONE)
        .with_detail("events up to `floor` were deleted; ask for what comes after it")
        .with_extension("floor", json!(floor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(cursor: Option<&str>, after_seq: Option<&str>) -> Result<i64, ErrorCode> {
        let (cursor, after_seq) = (cursor.map(str::to_owned), after_seq.map(str::to_owned));
        after(&EventQuery { limit: None, cursor, after_seq }).map_err(|problem| problem.code())
    }

    #[test]
    fn a_cursor_goes_before_after_seq() {
        assert_eq!(asked(None, None), Ok(0));
        assert_eq!(asked(None, Some("41")), Ok(41));
        assert_eq!(asked(Some("43"), Some("41")), Ok(43));
        for wrong in ["-1", "x", "", "9999999999999999999"] {
            assert_eq!(asked(Some(wrong), None), Err(ErrorCode::InvalidCursor), "{wrong}");
            assert_eq!(asked(None, Some(wrong)), Err(ErrorCode::InvalidField), "{wrong}");
        }
    }
}
