//! How a partition says again what may not have been said: rows of the outbox, page by page.
//!
//! The next page is read when the last is published, so that a long outage costs time and not
//! memory. A page that isn't published in time (a session failed with it) is read again: frames
//! that come twice are dropped by their number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::JournalRow;
use ractor::{ActorProcessingErr, ActorRef};

use super::behavior::Partition;
use super::{Message, PAGE_ROWS, Page};
use crate::session::Message as SessionMessage;

/// Ticks after which a page is read again.
const PATIENCE_TICKS: u32 = 30;

/// What is being read back.
#[derive(Debug)]
pub(super) struct ReadBack {
    until: i64,
    page_end: i64,
    ticks: u32,
}

impl Partition {
    /// Reads the next page once the last is published.
    pub(super) fn continue_reading_back(&mut self, myself: &ActorRef<Message>) {
        let (_, published) = self.ledger.out_seqs();
        let Some(reading) = &mut self.read_back else { return };
        reading.ticks += 1;
        let (until, page_end, ticks) = (reading.until, reading.page_end, reading.ticks);
        if published >= until {
            self.read_back = None;
        } else if published >= page_end || ticks >= PATIENCE_TICKS {
            self.read_page(myself, until);
        }
    }

    /// Reads what follows the last published row. All up to `until` is durable.
    pub(super) fn read_page(&mut self, myself: &ActorRef<Message>, until: i64) {
        let until = self.read_back.as_ref().map_or(until, |reading| reading.until.max(until));
        self.read_back = Some(ReadBack { until, page_end: i64::MAX, ticks: 0 });
        let (store, myself) = (Arc::clone(&self.world.store), myself.clone());
        let (partition, (_, after)) = (self.ledger.partition, self.ledger.out_seqs());
        self.world.tasks.spawn(async move {
            match store.outbox(partition, after, PAGE_ROWS).await {
                Ok(rows) => drop(myself.cast(Message::Unpublished(Page { after, until, rows }))),
                Err(error) => tracing::warn!(%partition, %error, "rows were not read back"),
            }
        });
    }

    /// Gives a page to the sessions whose rows it holds.
    pub(super) async fn republish(
        &mut self,
        myself: &ActorRef<Message>,
        page: Page,
    ) -> Result<(), ActorProcessingErr> {
        let Page { after, until, rows } = page;
        let is_last = rows.len() < PAGE_ROWS as usize;
        let page_end = match rows.last() {
            Some(row) if !is_last => row.out_seq,
            Some(_) | None => until,
        };
        // Rows that are no longer there will never be published.
        let there: BTreeSet<i64> = rows.iter().map(|row| row.out_seq).collect();
        for missing in (after + 1..=page_end).filter(|out_seq| !there.contains(out_seq)) {
            self.ledger.published(missing);
        }
        self.read_back = (after < until).then_some(ReadBack { until, page_end, ticks: 0 });
        let mut by_student: BTreeMap<StudentId, Vec<JournalRow>> = BTreeMap::new();
        // What the publisher had to drop again is little by little less.
        for row in rows.into_iter().filter(|row| !self.ledger.is_published(row.out_seq)) {
            by_student.entry(row.student).or_default().push(row);
        }
        for (student, rows) in by_student {
            self.tell(myself, student, SessionMessage::Republish(rows)).await?;
        }
        Ok(())
    }
}
