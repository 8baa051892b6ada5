//! The watermark of a partition: every record below it is settled.
//!
//! Offsets may be sparse (a log skips control records), so the order of arrival is kept, not
//! arithmetic. Never the batch's maximum: one unsettled record holds it back.

use std::collections::VecDeque;

/// Records in order of arrival, and how far they are settled.
#[derive(Debug)]
pub(super) struct Watermark {
    next_offset: i64,
    digest: Option<[u8; 16]>,
    open: VecDeque<Open>,
}

#[derive(Debug)]
struct Open {
    offset: i64,
    digest: [u8; 16],
    settled: bool,
}

impl Watermark {
    /// Starts at the store's next offset.
    pub(super) const fn new(next_offset: i64, digest: Option<[u8; 16]>) -> Self {
        Self { next_offset, digest, open: VecDeque::new() }
    }

    /// Notes a record that has arrived.
    pub(super) fn received(&mut self, offset: i64, digest: [u8; 16]) {
        self.open.push_back(Open { offset, digest, settled: false });
    }

    /// Settles a record; unknown offsets are ignored.
    pub(super) fn settle(&mut self, offset: i64) {
        if let Ok(place) = self.open.binary_search_by_key(&offset, |open| open.offset) {
            self.open[place].settled = true;
        }
        while self.open.front().is_some_and(|open| open.settled) {
            if let Some(open) = self.open.pop_front() {
                self.next_offset = open.offset + 1;
                self.digest = Some(open.digest);
            }
        }
    }

    /// Every record below it is settled.
    pub(super) const fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// The digest of the record at `next_offset - 1`, where it passed here.
    pub(super) const fn digest(&self) -> Option<[u8; 16]> {
        self.digest
    }

    /// Records that are not below the watermark.
    pub(super) fn open_records(&self) -> usize {
        self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(received: &[i64], settled: &[i64], expected: i64) {
        let mut watermark = Watermark::new(0, None);
        for offset in received {
            watermark.received(*offset, [u8::try_from(*offset).unwrap(); 16]);
        }
        for offset in settled {
            watermark.settle(*offset);
        }
        assert_eq!(watermark.next_offset(), expected, "{received:?} {settled:?}");
        let digest = (expected > 0).then(|| [u8::try_from(expected - 1).unwrap(); 16]);
        assert_eq!(watermark.digest(), digest);
    }

    #[test]
    fn an_unsettled_record_holds_the_watermark_back() {
        check(&[0, 1, 2], &[], 0);
        check(&[0, 1, 2], &[1, 2], 0);
        check(&[0, 1, 2], &[1, 0], 2);
        check(&[0, 1, 2], &[2, 1, 0], 3);
    }

    #[test]
    fn offsets_may_be_sparse_and_repeated_settling_is_harmless() {
        check(&[3, 7, 9], &[3, 3], 4);
        check(&[3, 7, 9], &[7, 3, 42], 8);
    }
}
