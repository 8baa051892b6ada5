//! Reads Python's tracebacks (3.8 to 3.13) out of whatever a student sends, and says what an error
//! is without a word of theirs.
//!
//! [`parse`] finds errors between words, quoted, indented, in a fence, coloured, cut off, pasted
//! as one long line, from IDLE or a notebook. [`signature`] reduces one to a class and a message
//! of closed lists. Read in this order: `clean` and `line` (one line at a time), `headline` (the
//! last line of a traceback), `read` (from lines to errors), `class`, `template` and `pattern`.
//!
//! Each line is looked at once and in a time linear in its length, so a text is too.

mod class;
mod clean;
mod headline;
mod line;
mod pattern;
mod read;
mod template;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use class::ErrorClass;
pub use template::Template;

pub(crate) use headline::headline;

/// Bytes that are read; of a longer text its end, where a traceback says the most.
pub const INPUT_LIMIT_BYTES: usize = 65_536;
/// Errors that are kept: the first and the last ones.
pub const ERROR_LIMIT: usize = 8;
/// Frames of an error that are kept: the first and the last ones.
pub const FRAME_LIMIT: usize = 64;

/// What a text says about errors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// What went wrong, in the order in which it happened: a cause before its effect, the members
    /// of a group before the group.
    pub errors: Vec<ErrorReport>,
    /// Whether something is missing: an end, a beginning, or more than the limits let in.
    pub truncated: bool,
}

impl Parsed {
    /// The last error: what stopped the program.
    pub fn shown(&self) -> Option<&ErrorReport> {
        self.errors.last()
    }

    /// The first error of the chain that ends in [`Self::shown`].
    pub fn root(&self) -> Option<&ErrorReport> {
        let starts = |error: &&ErrorReport| error.follows == Follows::Nothing;
        self.errors.iter().rev().find(starts).or_else(|| self.errors.first())
    }
}

/// How an error follows from the one before it in [`Parsed::errors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// It begins a chain.
    Nothing,
    /// It was raised from the one before.
    Cause,
    /// It was raised while the one before was handled.
    Handling,
    /// It is another member of the same group.
    Sibling,
    /// It is the group of the ones before.
    Members,
}

/// One error. Its texts are the student's, or name what is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorReport {
    /// Its class.
    pub class: ErrorClass,
    /// The class's name as it was printed, such as `shop.ShopError`.
    pub name: String,
    /// What follows the colon; its lines are parted by `\n`.
    pub message: String,
    /// Where it happened, outermost first. Of a program that can't be read, the place is last.
    pub frames: Vec<FrameRef>,
    /// What the `^` below the last frame's code mark, in characters of that code.
    pub caret: Option<Range<usize>>,
    /// How it follows from the one before.
    pub follows: Follows,
}

impl ErrorReport {
    /// The innermost place in the student's own code, or the innermost of all.
    pub fn own_frame(&self) -> Option<&FrameRef> {
        let own = self.frames.iter().rev().find(|frame| !frame.is_library());
        own.or_else(|| self.frames.last())
    }
}

/// A place in a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrameRef {
    /// The file, as it was printed.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function, or `<module>`; empty where a program can't be read.
    pub function: String,
    /// The line's code without its indentation; empty where it isn't known.
    pub code: String,
    /// How many more times the same place follows.
    pub repeated: u32,
}

impl FrameRef {
    /// Whether the file belongs to Python or to a package rather than to the student.
    pub fn is_library(&self) -> bool {
        let path = self.file.replace('\\', "/").to_ascii_lowercase();
        let marks = ["/lib/python3", "/lib64/python3", "site-packages/", "dist-packages/"];
        path.starts_with("<frozen ")
            || marks.iter().any(|mark| path.contains(mark))
            || (path.contains("/python3") && path.contains("/lib/"))
    }
}

/// What an error is, without a word of the student's: a class and a message of closed lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// The class.
    pub class: ErrorClass,
    /// What the message says.
    pub template: Template,
}

/// Finds the errors in a text. Total and deterministic.
pub fn parse(text: &str) -> Parsed {
    read::read(text)
}

/// The error that a sentence names without showing it, such as "why do I get a `NameError`?".
/// It may be no more than a question about it, so it counts as no error.
pub fn mention(text: &str) -> Option<ErrorReport> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = words.into_iter().find(|word| {
        ErrorClass::built_in(word).is_some_and(|class| class != ErrorClass::Warning)
            || (word.len() > "Error".len() && word.ends_with("Error"))
    })?;
    Some(ErrorReport {
        class: ErrorClass::of_name(name),
        name: name.to_owned(),
        message: String::new(),
        frames: Vec::new(),
        caret: None,
        follows: Follows::Nothing,
    })
}

/// What an error is.
pub fn signature(report: &ErrorReport) -> Signature {
    let template = pattern::template(report.class, &report.message);
    Signature { class: report.class, template }
}
