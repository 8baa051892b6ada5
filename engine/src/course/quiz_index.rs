//! Which quiz items a text is about: who asks the tutor about an item usually copies it.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{QuizItem, Topic};

/// Of the words of an item's stem, so many in a hundred must stand in a text that is about it.
const WORDS_PCT: usize = 80;
/// The same for the lines of its program.
const LINES_PCT: usize = 60;
/// A program of fewer lines is found in too many texts: the stem must be there as well.
const TELLING_LINES: usize = 3;

/// Place of a topic, and of an item in it.
type Place = (usize, usize);

/// What is looked for in a text.
#[derive(Debug, Clone, Default)]
pub(super) struct QuizIndex {
    items: Vec<Wanted>,
    /// Items whose stem holds a word, as indices of `items`.
    by_word: BTreeMap<String, Vec<usize>>,
    /// The same by a line of code.
    by_line: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug, Clone)]
struct Wanted {
    place: Place,
    words: usize,
    lines: usize,
}

impl QuizIndex {
    pub(super) fn new(topics: &[Topic]) -> Self {
        let all: Vec<(Place, &QuizItem)> = topics
            .iter()
            .enumerate()
            .flat_map(|(topic, one)| {
                one.quiz.iter().enumerate().map(move |(item, quiz)| ((topic, item), quiz))
            })
            .collect();
        let mut index = Self::default();
        for (place, item) in all {
            let wanted = words(&item.stem);
            let lines = item.code.as_deref().map(lines).unwrap_or_default();
            let at = index.items.len();
            index.items.push(Wanted { place, words: wanted.len(), lines: lines.len() });
            for word in wanted {
                index.by_word.entry(word).or_default().push(at);
            }
            for line in lines {
                index.by_line.entry(line).or_default().push(at);
            }
        }
        index
    }

    /// Places of the items that a text is about.
    pub(super) fn about(&self, text: &str) -> Vec<Place> {
        let shared_words = counts(&self.by_word, &words(text), self.items.len());
        let shared_lines = counts(&self.by_line, &lines(text), self.items.len());
        let is_about = |(wanted, (words, lines)): (&Wanted, (usize, usize))| {
            let stem = words * 100 >= wanted.words * WORDS_PCT;
            let program = lines * 100 >= wanted.lines * LINES_PCT;
            // With a program, the question may be in other words.
            let found = program && (stem || wanted.lines >= TELLING_LINES);
            found.then_some(wanted.place)
        };
        let shared = shared_words.into_iter().zip(shared_lines);
        self.items.iter().zip(shared).filter_map(is_about).collect()
    }
}

fn counts(by: &BTreeMap<String, Vec<usize>>, keys: &BTreeSet<String>, items: usize) -> Vec<usize> {
    let mut counts = vec![0_usize; items];
    for at in keys.iter().filter_map(|key| by.get(key)).flatten() {
        if let Some(count) = counts.get_mut(*at) {
            *count += 1;
        }
    }
    counts
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Lines without white space: a copied program may have lost its indentation.
fn lines(text: &str) -> BTreeSet<String> {
    text.split(['\n', ';'])
        .map(|line| line.chars().filter(|c| !c.is_whitespace()).collect())
        .filter(|line: &String| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::course::{Course, Topic};

    #[test]
    fn who_copies_an_item_is_asking_about_it_and_who_copies_another_is_not() {
        let course = Course::builtin().unwrap();
        let (mut right, mut others, mut all) = (0, 0, 0);
        for topic in course.topics() {
            for item in &topic.quiz {
                let code = item.code.as_deref().unwrap_or_default();
                let text = format!("hey, {} ??\n{code}\nplease tell me", item.stem.to_lowercase());
                let found = course.asked_items(&text);
                right += usize::from(found.contains(&item));
                others += found.iter().filter(|other| **other != item).count();
                all += 1;
            }
        }
        assert_eq!(right, all);
        assert!(others * 4 <= all, "{others} items beside {all} right ones");
    }

    #[test]
    fn the_courses_own_questions_are_about_no_item() {
        let course = Course::builtin().unwrap();
        let asked = course.topics().iter().flat_map(Topic::authored_questions);
        let (mut about, mut all) = (0, 0);
        for question in asked {
            about += usize::from(!course.asked_items(question).is_empty());
            all += 1;
        }
        assert!(about * 20 <= all, "{about} of {all} questions");
    }
}
