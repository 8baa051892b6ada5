//! What the read models know of a student, as the engine's own types: for what comes next.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::{CourseKey, ExerciseId, ItemId, TopicId};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::StoreError;
use learnflow_engine::progress::review::Card;
use learnflow_engine::progress::{Known, Learning, Points, TopicProgress};
use learnflow_storage::pool::Database;
use learnflow_storage::read::learning::{self, MasteryRow, ReviewRow};
use learnflow_storage::read::student::{self, TopicProgress as Asked};

use crate::state::State;

/// Quiz items that count as recent.
const RECENT_ITEMS: u32 = 32;

/// Everything that is known of a student's progress.
pub(crate) struct Standing {
    pub(super) mastery: Vec<MasteryRow>,
    pub(super) reviews: Vec<ReviewRow>,
    pub(super) asked: Vec<Asked>,
    pub(crate) learning: Learning,
}

impl Standing {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError`]: try again.
    pub(super) async fn of(state: &State, student: StudentId) -> Result<Self, StoreError> {
        Self::read(&state.db, student).await
    }

    /// The same without a server.
    ///
    /// # Errors
    /// [`StoreError`]: try again.
    pub(crate) async fn read(db: &Database, student: StudentId) -> Result<Self, StoreError> {
        let mastery = learning::mastery(db, student).await?;
        let reviews = learning::reviews(db, student).await?;
        let asked = student::progress(db, student).await?;
        let passed = learning::passed(db, student).await?;
        let recent = learning::recent_items(db, student, RECENT_ITEMS).await?;
        let mut topics: Vec<(CourseKey, TopicProgress)> = Vec::new();
        for row in &asked {
            if let Ok(topic) = TopicId::parse(&row.topic) {
                let asked_total = u16::try_from(row.asked_total).unwrap_or(u16::MAX);
                progress(&mut topics, topic.key()).asked_total = asked_total;
            }
        }
        for row in &mastery {
            if let Ok(topic) = TopicId::parse(&row.topic) {
                let one = progress(&mut topics, topic.key());
                one.known = Known::from_millionths(u32::try_from(row.known).unwrap_or(0));
                one.graded_total = u16::try_from(row.graded_total).unwrap_or(u16::MAX);
                one.exercises = row.exercises.map(points);
                one.quizzes = row.quizzes.map(points);
                one.quality = row.quality.map(points);
            }
        }
        for row in &reviews {
            if let Ok(topic) = TopicId::parse(&row.topic) {
                progress(&mut topics, topic.key()).card = Some(card(row));
            }
        }
        let passed = passed.iter().filter_map(|id| ExerciseId::parse(id).ok()).map(|id| id.key());
        // Newest first in the store; the engine remembers the oldest first.
        let recent = recent.iter().rev().filter_map(|(item, _)| ItemId::parse(item).ok());
        let learning = Learning::of_parts(topics, passed, recent.map(|item| item.key()));
        Ok(Self { mastery, reviews, asked, learning })
    }
}

fn progress(topics: &mut Vec<(CourseKey, TopicProgress)>, key: CourseKey) -> &mut TopicProgress {
    let place = topics.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        topics.push((key, TopicProgress::default()));
        topics.len() - 1
    });
    &mut topics[place].1
}

fn points(hundredths: i64) -> Points {
    Points::from_hundredths(u16::try_from(hundredths).unwrap_or(0))
}

fn card(row: &ReviewRow) -> Card {
    let count = |count: i64| u32::try_from(count).unwrap_or(0);
    Card::of_parts(
        count(row.stability),
        count(row.difficulty),
        seconds(row.reviewed_at),
        seconds(row.due_at),
    )
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.as_micros() / 1_000_000).unwrap_or(0)
}
