//! Pages of a list: a limit, and an opaque cursor that holds the last key that was seen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Items of a page when nobody says how many.
pub const LIMIT_DEFAULT: u32 = 50;
/// Items of a page at most.
pub const LIMIT_MAX: u32 = 200;
/// The cursor format that this program writes.
const FORMAT: u8 = 1;

/// The text is not a cursor of this kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidCursor;

/// What a list is ordered by.
pub trait Key: Copy {
    /// Tells cursors of lists with other keys apart.
    const KIND: u8;

    /// The key's bytes.
    fn to_bytes(self) -> Vec<u8>;

    /// The key of [`Key::to_bytes`]'s bytes.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Key for Uuid {
    const KIND: u8 = b'u';

    fn to_bytes(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

impl Key for i64 {
    const KIND: u8 = b'n';

    fn to_bytes(self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<K> {
    limit: u32,
    after: Option<K>,
}

impl<K: Key> PageRequest<K> {
    /// The first page of `limit` items, brought into 1 to [`LIMIT_MAX`].
    pub fn first(limit: u32) -> Self {
        Self { limit: limit.clamp(1, LIMIT_MAX), after: None }
    }

    /// From `?limit=&cursor=`.
    ///
    /// # Errors
    /// [`InvalidCursor`] for a cursor that no list with this key gave out.
    pub fn parse(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, InvalidCursor> {
        let first = Self::first(limit.unwrap_or(LIMIT_DEFAULT));
        let after = cursor.map(decode).transpose()?;
        Ok(Self { after, ..first })
    }

    /// The key after which the page begins.
    pub const fn after(&self) -> Option<K> {
        self.after
    }

    /// Rows to read: one more than the page holds tells whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes the page of what was read.
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(|row| encode(key(row))) } else { None };
        Page { items: rows, next_cursor }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to ask for next; `None` on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(change).collect();
        Page { items, next_cursor: self.next_cursor }
    }
}

fn encode<K: Key>(key: K) -> String {
    let mut bytes = vec![FORMAT, K::KIND];
    bytes.extend(key.to_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode<K: Key>(cursor: &str) -> Result<K, InvalidCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
    match bytes.split_at_checked(2) {
        Some(([FORMAT, kind], key)) if *kind == K::KIND => K::from_bytes(key).ok_or(InvalidCursor),
        _ => Err(InvalidCursor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_the_last_names_the_next() {
        let request = PageRequest::<i64>::first(2);
        let page = request.page(vec![10, 20, 30], |row| *row);
        assert_eq!(page.items, [10, 20]);
        let next = PageRequest::<i64>::parse(Some(2), page.next_cursor.as_deref()).unwrap();
        assert_eq!(next.after(), Some(20));
        let last = next.page(vec![30], |row| *row);
        assert_eq!(last, Page { items: vec![30], next_cursor: None });
    }

    #[test]
    fn a_cursor_belongs_to_its_kind_of_list() {
        let number = encode(7_i64);
        let id = encode(Uuid::from_u128(7));
        let cases = ["", "x", "AQ", "AW4", number.as_str(), "____", "AW4AAAAAAAAABwA"];
        for cursor in cases {
            let parsed = PageRequest::<Uuid>::parse(None, Some(cursor));
            assert_eq!(parsed, Err(InvalidCursor), "{cursor}");
        }
        assert_eq!(PageRequest::parse(None, Some(&id)).unwrap().after(), Some(Uuid::from_u128(7)));
        assert!(PageRequest::<i64>::parse(None, Some(&id)).is_err());
    }

    #[test]
    fn limits_are_brought_into_range() {
        for (limit, rows) in [(0, 2), (1, 2), (200, 201), (u32::MAX, 201)] {
            assert_eq!(PageRequest::<i64>::first(limit).rows(), rows, "{limit}");
        }
        assert_eq!(PageRequest::<i64>::parse(None, None).unwrap().rows(), 51);
    }
}
