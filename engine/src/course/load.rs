//! From files to a course, or to a list of everything that is wrong with them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::document::{
    CourseDocument, ExerciseDocument, FORMAT, ModuleDocument, QuizDocument, TopicDocument,
    TopicEntry,
};
use super::fault::{CourseError, Fault, Faults};
use super::id::{CourseKey, ExerciseId, ItemId, TopicId, is_part};
use super::model::{AnswerKey, Course, CourseVersion, Exercise, Module, QuizItem, Topic, folded};
use super::quiz_index::QuizIndex;
use super::validate;
use crate::tutor::triage::Index;

/// The file that names the modules and topics.
pub(super) const COURSE_FILE: &str = "course.toml";

impl Course {
    /// Reads a course from its files: (path relative to the course's folder, text).
    ///
    /// # Errors
    ///
    /// [`CourseError`] with every fault that was found; loading again won't help.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, CourseError> {
        let mut found = Vec::new();
        let course = Loader { files, found: &mut found }.course();
        match course {
            Some(course) if found.is_empty() => Ok(course),
            Some(_) | None => Err(CourseError { faults: found }),
        }
    }
}

struct Loader<'a> {
    files: &'a [(&'a str, &'a str)],
    found: &'a mut Vec<Fault>,
}

impl Loader<'_> {
    fn course(mut self) -> Option<Course> {
        let document: CourseDocument = self.read(COURSE_FILE)?;
        self.check_header(&document);
        let (modules, topics) = self.topics(&document.modules);
        self.note_strangers(&topics);
        validate::course(&topics, self.found);
        let positions: BTreeMap<TopicId, usize> =
            topics.iter().enumerate().map(|(at, topic)| (topic.id.clone(), at)).collect();
        let index = Index::new(&topics);
        Some(Course {
            version: CourseVersion { semantic: document.version, digest: digest(self.files) },
            id: document.id,
            title: document.title,
            modules,
            keys: keys(&topics),
            positions,
            questions: questions(&topics),
            index,
            quiz_index: QuizIndex::new(&topics),
            topics,
        })
    }

    /// Reads one file; what is wrong with its form is noted.
    fn read<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let text = self.files.iter().find(|(path, _)| *path == file).map(|(_, text)| *text);
        let mut faults = Faults::new(file, self.found);
        let Some(text) = text else {
            faults.note("the file", "it is missing", "add it, or take its topic out of the course");
            return None;
        };
        match toml::from_str(text) {
            Ok(document) => Some(document),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, span.start));
                let problem = error.message().replace('\n', " ");
                faults.note(
                    &format!("line {line}"),
                    problem,
                    "write it as the files of the built-in course are",
                );
                None
            }
        }
    }

    fn check_header(&mut self, document: &CourseDocument) {
        let mut faults = Faults::new(COURSE_FILE, self.found);
        if document.format != FORMAT {
            faults.note("format", "this format is unknown", "write format = 1");
        }
        if !is_part(&document.id) {
            faults.note("id", "it is not an id", "use lower-case letters, digits and underscores");
        }
        if document.title.trim().is_empty() {
            faults.note("title", "it is empty", "name the course");
        }
        if !is_semantic(&document.version) {
            faults.note("version", "it is not a semantic version", "write it like \"1.2.0\"");
        }
        if document.modules.is_empty() {
            faults.note("module", "there is none", "add a [[module]] with a [[module.topic]]");
        }
    }

    fn topics(&mut self, documents: &[ModuleDocument]) -> (Vec<Module>, Vec<Topic>) {
        let mut modules: Vec<Module> = Vec::new();
        let mut topics = Vec::new();
        for document in documents {
            let place = format!("module {}", document.id);
            let mut faults = Faults::new(COURSE_FILE, self.found);
            if modules.iter().any(|module| module.id == document.id) {
                faults.note(&place, "its id stands twice", "give each module an id of its own");
            }
            if document.title.trim().is_empty() {
                faults.note(&place, "its title is empty", "name the module");
            }
            if document.topics.is_empty() {
                faults.note(&place, "it has no topic", "add a [[module.topic]]");
            }
            let read: Vec<Topic> = document
                .topics
                .iter()
                .filter_map(|entry| self.topic(&document.id, entry))
                .collect();
            modules.push(Module {
                id: document.id.clone(),
                title: document.title.clone(),
                topics: read.iter().map(|topic| topic.id.clone()).collect(),
            });
            topics.extend(read);
        }
        (modules, topics)
    }

    fn topic(&mut self, module: &str, entry: &TopicEntry) -> Option<Topic> {
        let place = format!("topic {module}.{}", entry.id);
        let mut faults = Faults::new(COURSE_FILE, self.found);
        let Ok(id) = TopicId::parse(&format!("{module}.{}", entry.id)) else {
            faults.note(&place, "it is not an id", "use lower-case letters, digits, underscores");
            return None;
        };
        let mut requires = Vec::new();
        for text in &entry.requires {
            match TopicId::parse(text) {
                Ok(known) => requires.push(known),
                Err(error) => faults.note(
                    &format!("{place}.requires"),
                    format!("{text:?} is {error}"),
                    "write module.topic",
                ),
            }
        }
        let file = file_of(&id);
        let document: TopicDocument = self.read(&file)?;
        let mut faults = Faults::new(&file, self.found);
        if document.planned == document.explanations.is_some() {
            faults.note(
                "planned",
                "a topic is either planned or has explanations",
                "write planned = true, or [explanations]",
            );
        }
        Some(topic(id, requires, document, &mut faults))
    }

    /// A file that no topic names is a mistake, not spare.
    fn note_strangers(&mut self, topics: &[Topic]) {
        for (path, _) in self.files {
            let known =
                *path == COURSE_FILE || topics.iter().any(|topic| file_of(&topic.id) == *path);
            let faulty = self.found.iter().any(|fault| fault.file == *path);
            if !known && !faulty {
                Faults::new(path, self.found).note(
                    "the file",
                    "no topic of course.toml names it",
                    "add its topic to course.toml, or take the file away",
                );
            }
        }
    }
}

fn topic(
    id: TopicId,
    requires: Vec<TopicId>,
    document: TopicDocument,
    faults: &mut Faults<'_>,
) -> Topic {
    let exercises = document
        .exercises
        .into_iter()
        .filter_map(|document| exercise(&id, document, faults))
        .collect();
    let quiz =
        document.quiz.into_iter().filter_map(|document| item(&id, document, faults)).collect();
    Topic {
        id,
        title: document.title,
        summary: document.summary,
        requires,
        keywords: document.keywords,
        code_signs: document.code_signs,
        explanations: document.explanations,
        examples: document.examples,
        exercises,
        misconceptions: document.misconceptions,
        quiz,
        follow_ups: document.follow_ups,
        suggested_questions: document.suggested_questions,
    }
}

fn exercise(
    topic: &TopicId,
    document: ExerciseDocument,
    faults: &mut Faults<'_>,
) -> Option<Exercise> {
    let place = format!("exercise {}", document.id);
    let Ok(id) = ExerciseId::parse(&format!("{topic}.{}", document.id)) else {
        faults.note(&place, "its id has another shape", "use lower-case letters, digits, _");
        return None;
    };
    let Ok(hints) = <[String; 4]>::try_from(document.hints) else {
        faults.note(
            &format!("{place}.hints"),
            "there are not exactly four",
            "write one hint for each rung from 1 to 4",
        );
        return None;
    };
    Some(Exercise {
        id,
        title: document.title,
        kind: document.kind,
        difficulty: document.difficulty,
        statement: document.statement,
        starter: document.starter,
        hints,
        key: AnswerKey {
            tests: document.tests,
            solution: document.solution,
            wrong: document.wrong,
        },
    })
}

fn item(topic: &TopicId, document: QuizDocument, faults: &mut Faults<'_>) -> Option<QuizItem> {
    let QuizDocument { id, stem, code, correct, options } = document;
    let Ok(parsed) = ItemId::parse(&format!("{topic}.{id}")) else {
        let place = format!("quiz {id}");
        faults.note(&place, "its id has another shape", "use lower-case letters, digits, _");
        return None;
    };
    Some(QuizItem { id: parsed, stem, code, options, correct })
}

/// Where a topic's text stands.
pub(super) fn file_of(topic: &TopicId) -> String {
    format!("{}.toml", topic.as_str().replace('.', "/"))
}

/// Where topics and exercises stand, by their keys.
fn keys(topics: &[Topic]) -> BTreeMap<CourseKey, (usize, Option<usize>)> {
    let mut keys = BTreeMap::new();
    for (place, topic) in topics.iter().enumerate() {
        keys.insert(topic.id.key(), (place, None));
        for (exercise, one) in topic.exercises.iter().enumerate() {
            keys.insert(one.id.key(), (place, Some(exercise)));
        }
    }
    keys
}

/// The course's own questions by their folded text; a repeated one is a fault found elsewhere.
fn questions(topics: &[Topic]) -> BTreeMap<String, (TopicId, u16)> {
    let mut questions = BTreeMap::new();
    for topic in topics {
        for (index, text) in (0_u16..).zip(topic.authored_questions()) {
            questions.insert(folded(text), (topic.id.clone(), index));
        }
    }
    questions
}

/// BLAKE3 over the length-prefixed paths and texts, in the order of the paths.
fn digest(files: &[(&str, &str)]) -> String {
    let mut sorted: Vec<_> = files.to_vec();
    sorted.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for part in sorted.iter().flat_map(|(path, text)| [path, text]) {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(12).collect()
}

fn line_of(text: &str, at_byte: usize) -> usize {
    text.bytes().take(at_byte).filter(|byte| *byte == b'\n').count() + 1
}

fn is_semantic(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| part.parse::<u32>().is_ok_and(|n| n.to_string() == *part))
}
