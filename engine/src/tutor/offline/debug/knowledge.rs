//! What Python's usual errors mean, in plain words: by message, else by class.

mod calls;
mod lookups;
mod mismatches;
mod syntax;
mod values;

use crate::tutor::traceback::{ErrorClass, Signature, Template};

/// What to say about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advice {
    /// What it means.
    pub(super) meaning: &'static str,
    /// Where to look.
    pub(super) look: &'static str,
    /// A question that leads on.
    pub(super) question: &'static str,
}

/// [meaning, where to look, question]
type Words = [&'static str; 3];
/// What to say about any of these messages.
type Row = (&'static [Template], Words);

const TABLES: [&[Row]; 5] =
    [calls::TABLE, mismatches::TABLE, values::TABLE, lookups::TABLE, syntax::TABLE];

/// The advice for an error.
pub(super) fn advice(signature: Signature) -> Advice {
    let mut rows = TABLES.iter().flat_map(|table| table.iter());
    let by_message = rows.find(|(templates, _)| templates.contains(&signature.template));
    let by_class = || CLASSES.iter().find(|(classes, _)| classes.contains(&signature.class));
    let words = by_message.map(|(_, words)| words).or_else(|| by_class().map(|(_, words)| words));
    let [meaning, look, question] = *words.unwrap_or(&UNKNOWN);
    Advice { meaning, look, question }
}

const UNKNOWN: Words = [
    "Python met something that it can't do and stopped there. The last line of the message says \
     what, the lines above it say where.",
    "Read that line slowly, and every value it uses.",
    "What did you expect this line to do, and which value could be different from what you think?",
];

/// For messages that somebody wrote, and for classes that say enough by themselves.
const CLASSES: &[(&[ErrorClass], Words)] = &[
    (
        &[ErrorClass::TypeError],
        [
            "An operation got a value of a type that it can't work with, for example text where a \
             number is needed.",
            "Check for each value in that line which type it has: `type(x)` tells you.",
            "Which value has another type than you expect?",
        ],
    ),
    (
        &[ErrorClass::ValueError, ErrorClass::ArithmeticError],
        [
            "The type is right, but this value makes no sense here.",
            "Look at the value that you hand to the function in that line.",
            "Which values does this function accept, and which one did it get?",
        ],
    ),
    (
        &[ErrorClass::NameError, ErrorClass::UnboundLocalError],
        [
            "Python doesn't know a name that you use. Either it is spelt in another way than where \
             you made it, or the line that makes it hasn't run yet.",
            "Compare the spelling with the place where you gave it a value: capital letters count \
             too.",
            "In which line does this name get its value, and does that line run before this one?",
        ],
    ),
    (
        &[ErrorClass::IndexError],
        [
            "You ask for a place that isn't there. Places are counted from 0.",
            "Look at the number in the square brackets and at what it counts in.",
            "What is the smallest and the biggest value that your index takes?",
        ],
    ),
    (
        &[ErrorClass::AttributeError],
        [
            "This kind of value doesn't have what you ask for after the dot.",
            "Check the spelling after the dot, and the type of what stands before it.",
            "Do you have the type in front of the dot that you think you have?",
        ],
    ),
    (
        &[ErrorClass::ImportError],
        [
            "Something that you import can't be brought in.",
            "Check the spelling of the name, and the names of your own files.",
            "Is one of your files called like the module that you import?",
        ],
    ),
    (&[ErrorClass::SyntaxError, ErrorClass::IndentationError], syntax::UNREADABLE),
    (
        &[ErrorClass::AssertionError],
        [
            "An `assert` says what must be true at that place, and it wasn't.",
            "Read the condition after `assert` and print both sides of it.",
            "Is the condition wrong, or does an earlier line break it?",
        ],
    ),
    (
        &[ErrorClass::KeyboardInterrupt],
        [
            "Somebody stopped the program by hand with Ctrl+C. If you did it because it never \
             ended, then the loop is what to look at.",
            "Look at the condition of the loop in which it was stopped.",
            "Which line inside the loop makes the condition become false one day?",
        ],
    ),
    (
        &[ErrorClass::StopIteration, ErrorClass::StopAsyncIteration],
        [
            "`next(...)` asked for one more item, and there was none left.",
            "Look at what `next` reads from, and how many items that has.",
            "What should happen when the last item has been read?",
        ],
    ),
    (
        &[ErrorClass::NotImplementedError],
        [
            "Somebody wrote this method as a promise only: it raises an error until a class of its \
             own fills it in.",
            "Look for the class of the object, and whether it has a method of this name.",
            "Which class should say what this method does?",
        ],
    ),
    (
        &[ErrorClass::IsADirectoryError, ErrorClass::NotADirectoryError],
        [
            "You treat a folder as if it were a file, or a file as if it were a folder.",
            "Look at the path that the message names: what is really there?",
            "Is the file's own name missing at the end of the path?",
        ],
    ),
    (
        &[ErrorClass::FileExistsError],
        [
            "You want to create something whose name is taken already.",
            "Look into the folder that the message names.",
            "What should your program do when it is there already: keep it, or write over it?",
        ],
    ),
    (
        &[ErrorClass::PermissionError],
        [
            "The system doesn't let your program read or write there. Often the path names a \
             folder, or the file is open in another program.",
            "Look at the path, and whether another program has the file open.",
            "Is this the file that you meant, and may you change it?",
        ],
    ),
    (
        &[
            ErrorClass::ConnectionError,
            ErrorClass::ConnectionRefusedError,
            ErrorClass::ConnectionResetError,
            ErrorClass::ConnectionAbortedError,
            ErrorClass::BrokenPipeError,
            ErrorClass::TimeoutError,
        ],
        [
            "Your program wanted to talk to another computer or program, and that didn't answer.",
            "Check the address letter by letter, and whether you are on line.",
            "Does the same address answer in a browser?",
        ],
    ),
    (
        &[ErrorClass::MemoryError],
        [
            "The program wants more memory than there is. Usually something grows in a loop that \
             never ends.",
            "Look for a list or a text that grows inside a loop.",
            "How big should it become, and what stops it?",
        ],
    ),
    (
        &[ErrorClass::ExceptionGroup, ErrorClass::BaseExceptionGroup],
        [
            "Several errors happened at once, and Python shows them together.",
            "Take the first one of the group by itself.",
            "Which of them would go away if the first were mended?",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_message_has_one_row_and_words_of_its_own() {
        let mut seen = BTreeSet::new();
        let mut meanings = BTreeSet::new();
        for (templates, [meaning, look, question]) in TABLES.iter().copied().flatten() {
            for template in *templates {
                assert!(seen.insert(*template), "{template:?} has two rows");
            }
            assert!(meanings.insert(*meaning), "{templates:?}: the same meaning twice");
            assert!(question.ends_with('?'), "{templates:?}: {question}");
            for words in [meaning, look, question] {
                assert!(!words.contains("  ") && !words.is_empty(), "{templates:?}: {words}");
            }
        }
        let left: Vec<_> = Template::ALL.iter().filter(|one| !seen.contains(one)).collect();
        assert_eq!(left, [&Template::Other]);
    }
}
