//! Query parameters of lists: `?limit=&cursor=`, and `?after_seq=` where events are listed.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use learnflow_engine::error_code::ErrorCode;
use learnflow_storage::read::page::{Key, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// How many items at most: 1 to 200, 50 if nothing is said.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// How many items at most: 1 to 200, 50 if nothing is said.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// The last event that is known already; 0 for none.
    #[param(value_type = Option<i64>, minimum = 0)]
    pub(crate) after_seq: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items, in the list's order.
    pub(crate) items: Vec<T>,
    /// What to send as `cursor` for more; null on the last page.
    pub(crate) next_cursor: Option<String>,
}

impl ListQuery {
    /// The page that is wanted of a list with this key.
    pub(crate) fn page<K: Key>(&self) -> Result<PageRequest<K>, Problem> {
        let limit = limit(self.limit.as_deref())?;
        PageRequest::parse(limit, self.cursor.as_deref()).map_err(|_| {
            Problem::new(ErrorCode::InvalidCursor).with_field("/cursor", "is no cursor")
        })
    }
}

/// A limit; what is above the maximum means the maximum.
pub(crate) fn limit(text: Option<&str>) -> Result<Option<u32>, Problem> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<u64>() {
        Ok(limit @ 1..) => Ok(Some(u32::try_from(limit).unwrap_or(u32::MAX))),
        Ok(0) | Err(_) => Err(Problem::field("/limit", "is not a number from 1 to 200")),
    }
}

macro_rules! from_query {
    ($name:ident) => {
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                let Query(query) = Query::<Self>::from_request_parts(parts, state)
                    .await
                    .map_err(|_| Problem::field("", "the query string can't be read"))?;
                Ok(query)
            }
        }
    };
}

from_query!(ListQuery);
from_query!(EventQuery);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_positive_number() {
        for (text, expected) in
            [("1", Some(1)), ("200", Some(200)), ("99999999999", Some(u32::MAX))]
        {
            assert_eq!(limit(Some(text)).unwrap(), expected);
        }
        for wrong in ["0", "-1", "", "ten", "1.5"] {
            assert_eq!(limit(Some(wrong)).unwrap_err().status(), 422, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_that_nobody_gave_out_is_refused() {
        let query = ListQuery { cursor: Some("made up".to_owned()), ..ListQuery::default() };
        assert_eq!(query.page::<i64>().unwrap_err().code(), ErrorCode::InvalidCursor);
    }
}
