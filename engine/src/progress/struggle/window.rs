//! Recent things: when they were, which event says so, and lists that forget the oldest.
//!
//! Packed into fixed bytes, because a session's state has room for 700 of them.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::course::CourseKey;

macro_rules! four_bytes {
    ($name:ident, $bytes:expr, $from:expr) => {
        impl From<[u8; 4]> for $name {
            fn from(bytes: [u8; 4]) -> Self {
                Self($from(bytes))
            }
        }

        impl From<$name> for [u8; 4] {
            fn from(packed: $name) -> Self {
                $bytes(packed.0)
            }
        }
    };
}

/// Whole seconds since the epoch, until 2106.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(from = "[u8; 4]", into = "[u8; 4]")]
pub(super) struct Second(u32);

/// The number of a student's event, up to 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(from = "[u8; 4]", into = "[u8; 4]")]
pub(super) struct Number(u32);

/// A topic or an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u8; 4]", into = "[u8; 4]")]
pub(super) struct Key(pub(super) CourseKey);

four_bytes!(Second, u32::to_le_bytes, u32::from_le_bytes);
four_bytes!(Number, u32::to_le_bytes, u32::from_le_bytes);
four_bytes!(Key, CourseKey::to_bytes, CourseKey::from_bytes);

impl Second {
    /// The second in which a moment lies.
    pub(super) fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_micros().max(0) / 1_000_000).unwrap_or(u32::MAX))
    }

    /// Seconds from `earlier` to this one; 0 when `earlier` is later.
    pub(super) const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment so many seconds after this one begins.
    pub(super) fn plus(self, seconds: u32) -> Timestamp {
        Timestamp::from_millis((i64::from(self.0) + i64::from(seconds)) * 1_000)
    }
}

impl From<i64> for Number {
    fn from(event: i64) -> Self {
        Self(u32::try_from(event.max(0)).unwrap_or(u32::MAX))
    }
}

impl From<Number> for i64 {
    fn from(number: Number) -> Self {
        Self::from(number.0)
    }
}

/// When something was, and which event says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) at: Second,
    pub(super) event: Number,
}

impl Stamp {
    pub(super) fn new(at: Timestamp, event: i64) -> Self {
        Self { at: Second::of(at), event: event.into() }
    }
}

/// Something of a closed list that may have a topic, in 13 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tagged {
    tag: u8,
    topic: Key,
    pub(super) stamp: Stamp,
}

impl Tagged {
    /// Set in the tag where there is a topic.
    const HAS_TOPIC: u8 = 0x80;

    /// `tag` stays below 128.
    pub(super) fn new(tag: u8, topic: Option<CourseKey>, stamp: Stamp) -> Self {
        let mark = if topic.is_some() { Self::HAS_TOPIC } else { 0 };
        let topic = topic.map_or(Key::from([0; 4]), Key);
        Self { tag: tag | mark, topic, stamp }
    }

    pub(super) const fn tag(self) -> u8 {
        self.tag & !Self::HAS_TOPIC
    }

    pub(super) fn topic(self) -> Option<CourseKey> {
        (self.tag & Self::HAS_TOPIC != 0).then_some(self.topic.0)
    }
}

/// The last `N` of something, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Last<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Default for Last<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const N: usize> Last<T, N> {
    /// Adds one, and forgets the oldest if there are too many.
    pub(super) fn push(&mut self, item: T) {
        while self.0.len() >= N {
            self.0.remove(0);
        }
        self.0.push(item);
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= N
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Takes out the first that fits.
    pub(super) fn take(&mut self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let place = self.0.iter().position(fits)?;
        Some(self.0.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_takes_eight_bytes_and_comes_back() {
        let stamps = [
            Stamp::default(),
            Stamp::new(Timestamp::from_millis(1_700_000_000_999), 7),
            Stamp::new(Timestamp::from_micros(i64::MAX), i64::MAX),
            Stamp::new(Timestamp::from_micros(-5), -1),
        ];
        assert_eq!(stamps[1], Stamp { at: Second(1_700_000_000), event: Number(7) });
        assert_eq!(stamps[2], Stamp { at: Second(u32::MAX), event: Number(u32::MAX) });
        assert_eq!(stamps[3], Stamp::default());
        for stamp in stamps {
            let bytes = postcard::to_stdvec(&stamp).unwrap();
            assert_eq!(bytes.len(), 8);
            assert_eq!(postcard::from_bytes::<Stamp>(&bytes).unwrap(), stamp);
        }
    }

    #[test]
    fn a_tag_keeps_its_number_and_its_topic() {
        let topics = [None, Some([0; 4]), Some([0xff; 4])];
        for topic in topics.map(|bytes| bytes.map(CourseKey::from_bytes)) {
            for tag in [0, 1, 127] {
                let tagged = Tagged::new(tag, topic, Stamp::default());
                assert_eq!((tagged.tag(), tagged.topic()), (tag, topic));
                assert_eq!(postcard::to_stdvec(&tagged).unwrap().len(), 13);
            }
        }
    }

    #[test]
    fn seconds_never_run_backwards() {
        let (early, late) = (Second(100), Second(160));
        assert_eq!((late.since(early), early.since(late)), (60, 0));
        assert_eq!(early.plus(60), Timestamp::from_millis(160_000));
        assert_eq!(Second::of(early.plus(60)), late);
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut last: Last<u8, 3> = Last::default();
        for item in 1..=5 {
            last.push(item);
        }
        assert_eq!(last.iter().copied().collect::<Vec<_>>(), [3, 4, 5]);
        assert!(last.is_full());
        assert_eq!(last.take(|item| *item == 4), Some(4));
        assert_eq!(last.take(|item| *item == 4), None);
    }
}
