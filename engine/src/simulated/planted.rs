//! Struggles that are planted: known beforehand, so that alerts can be held against them.

use std::collections::BTreeSet;

use super::random::SplitMix64;
use crate::course::model::{Course, TopicId};

/// Of a hundred students so many struggle.
const STRUGGLERS_PCT: u8 = 30;
/// With so many topics each.
const TOPICS: usize = 2;
/// Of the first so many of the course: whoever is slow must come to them, too.
const AMONG_FIRST: usize = 9;
/// Parts these draws from all others of the same student.
const SALT: u64 = 0x5057_5547_474c_4553;

/// The topics at which the student of this seed struggles; most students have none.
pub(super) fn topics(seed: u64, course: &Course) -> BTreeSet<TopicId> {
    let mut random = SplitMix64::new(seed ^ SALT);
    if !random.chance(STRUGGLERS_PCT) {
        return BTreeSet::new();
    }
    let written = course.topics().iter().filter(|topic| !topic.is_planned());
    let mut first: Vec<&TopicId> = written.map(|topic| &topic.id).take(AMONG_FIRST).collect();
    random.shuffle(&mut first);
    first.into_iter().take(TOPICS).cloned().collect()
}
