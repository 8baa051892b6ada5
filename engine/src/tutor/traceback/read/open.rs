//! A traceback whose last line hasn't come yet.

use std::ops::Range;

use super::FRAME_LIMIT;
use crate::tutor::traceback::FrameRef;
use crate::tutor::traceback::headline::{Headline, headline, last_line};
use crate::tutor::traceback::line::{Kind, Line, Place};

/// Frames at the beginning that stay when there are too many.
const FIRST_FRAMES: usize = 16;

/// Lines that may be more code of a place, where no indentation tells.
const UNTOLD_LINES: u8 = 4;

/// What a line is to a traceback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Inside,
    Last(Headline<'a>),
    Outside,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Awaits {
    /// The code of the last frame.
    #[default]
    Code,
    /// The marks below it; its first character stands in this column.
    Carets(usize),
    Nothing,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    /// The column of the group that it belongs to.
    pub(super) group: usize,
    pub(super) frames: Vec<FrameRef>,
    pub(super) caret: Option<Range<usize>>,
    headed: bool,
    frames_left_out: bool,
    frame_indent: usize,
    awaits: Awaits,
    /// Lines that may still be code although no indentation tells.
    untold_lines: u8,
}

impl Open {
    /// Begins with its header.
    pub(super) fn headed(line: &Line<'_>) -> Self {
        Self { group: line.group, headed: true, ..Self::default() }
    }

    /// Begins with a place: of a program that can't be read, or because the header is missing.
    pub(super) fn bare(line: &Line<'_>) -> Self {
        Self { group: line.group, ..Self::default() }
    }

    /// Whether it is more than a place that somebody names.
    pub(super) fn is_traceback(&self) -> bool {
        self.headed || self.frames.iter().any(|frame| !frame.function.is_empty())
    }

    /// Whether its beginning or its middle is missing.
    pub(super) fn is_cut(&self) -> bool {
        self.frames_left_out || (!self.headed && self.is_traceback())
    }

    pub(super) fn push(&mut self, line: &Line<'_>, place: &Place<'_>) {
        if self.frames.len() == FRAME_LIMIT {
            self.frames.remove(FIRST_FRAMES);
            self.frames_left_out = true;
        }
        self.frames.push(FrameRef {
            file: place.file.to_owned(),
            line: place.line,
            function: place.function.to_owned(),
            ..FrameRef::default()
        });
        self.caret = None;
        self.frame_indent = line.indent;
        self.awaits = Awaits::Code;
        self.untold_lines = 0;
    }

    pub(super) fn set_code(&mut self, code: &str) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.code.is_empty()) {
            code.clone_into(&mut frame.code);
        }
        self.awaits = Awaits::Nothing;
    }

    /// Takes a line that says something about the last frame.
    pub(super) fn mark(&mut self, line: &Line<'_>) {
        let Some(frame) = self.frames.last_mut() else { return };
        match line.kind {
            Kind::Repeated(count) => frame.repeated = count,
            Kind::Arrow(number, code) => {
                if frame.line == 0 {
                    frame.line = number;
                }
                code.clone_into(&mut frame.code);
                self.awaits = Awaits::Nothing;
            }
            Kind::Carets => {
                if let Awaits::Carets(column) = self.awaits {
                    self.caret = marked(line, column);
                    self.awaits = Awaits::Nothing;
                }
            }
            Kind::Blank
            | Kind::Fence
            | Kind::Header(_)
            | Kind::Chain(_)
            | Kind::Members
            | Kind::Member
            | Kind::End
            | Kind::Frame(_)
            | Kind::Rule
            | Kind::Text => {}
        }
    }

    /// Takes a line of text.
    pub(super) fn take<'a>(&mut self, line: &Line<'a>) -> Part<'a> {
        if line.group != self.group {
            return Part::Outside;
        }
        if self.headed
            && let Some(place) = notebook_place(line.text)
        {
            self.push(line, &place);
            return Part::Inside;
        }
        if !self.frames.is_empty() {
            let error = headline(line.text);
            let awaits_code = self.awaits == Awaits::Code;
            let deeper = line.indent > self.frame_indent;
            // Where all indentation was lost, the code stands below its place.
            let code = deeper || (line.indent == self.frame_indent && error.is_none());
            if awaits_code && code {
                self.set_code(line.text);
                self.awaits = Awaits::Carets(line.indent);
                self.untold_lines = if deeper { 0 } else { UNTOLD_LINES };
                return Part::Inside;
            }
            if deeper && error.is_none() {
                return Part::Inside;
            }
        }
        if let Some(last) = last_line(line.text) {
            return Part::Last(last);
        }
        if self.untold_lines > 0 {
            self.untold_lines -= 1;
            return Part::Inside;
        }
        Part::Outside
    }
}

/// What the `^` of a line mark, or the `~` where there are none.
fn marked(line: &Line<'_>, column: usize) -> Option<Range<usize>> {
    let start = line.indent.checked_sub(column)?;
    let range = match (line.text.find('^'), line.text.rfind('^')) {
        (Some(first), Some(last)) => first..last + 1,
        (None, _) | (_, None) => 0..line.text.len(),
    };
    Some(start + range.start..start + range.end)
}

/// Reads an older notebook's `<ipython-input-1-0a> in f(x)` and `~/main.py in f(x)`.
fn notebook_place(text: &str) -> Option<Place<'_>> {
    let (file, function) = text.split_once(" in ")?;
    let is_place = file.starts_with("<ipython-input") || file.rsplit('.').next() == Some("py");
    let function = function.split('(').next().unwrap_or(function).trim();
    (is_place && !file.contains(' ')).then_some(Place { file, line: 0, function, rest: "" })
}
