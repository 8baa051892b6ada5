//! From lines to errors: a fold that looks at each line once and keeps a bounded state.

mod open;

use super::clean::{tail, without_colours};
use super::headline::{Headline, embedded, headline, last_in_line, last_line};
use super::line::{Kind, Line, Place};
use super::{
    ERROR_LIMIT, ErrorClass, ErrorReport, FRAME_LIMIT, Follows, INPUT_LIMIT_BYTES, Parsed, pattern,
};
use open::{Open, Part};

/// Lines that a message may go on for.
const MESSAGE_LINES: u8 = 16;
/// Groups inside of groups that are kept apart.
const GROUP_LIMIT: usize = 8;

/// Reads a text.
pub(super) fn read(text: &str) -> Parsed {
    let (text, truncated) = tail(text, INPUT_LIMIT_BYTES);
    let mut reader = Reader { truncated, ..Reader::default() };
    for raw in without_colours(text).lines() {
        reader.line(&Line::read(raw));
    }
    reader.finish()
}

/// Whether there was more than the error's last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Alone,
    WithTraceback,
}

#[derive(Debug, Default)]
struct Reader {
    errors: Vec<(Seen, ErrorReport)>,
    /// The traceback that is being read.
    open: Option<Open>,
    /// How the next error follows from the last.
    follows: Option<Follows>,
    /// Groups whose members are being read, with the column of these.
    groups: Vec<(usize, ErrorReport)>,
    /// How many lines the last message may still go on for.
    message_lines: u8,
    truncated: bool,
}

impl Reader {
    fn line(&mut self, line: &Line<'_>) {
        let goes_on = std::mem::take(&mut self.message_lines);
        if line.kind != Kind::Blank && line.kind != Kind::End {
            self.leave_groups(line.group + 1);
        }
        match line.kind {
            Kind::Blank | Kind::Rule => {}
            Kind::Fence => self.abandon(),
            Kind::Header(rest) => {
                self.abandon();
                self.open = Some(Open::headed(line));
                self.one_line(rest);
            }
            Kind::Chain(follows) => {
                self.abandon();
                self.follows = Some(follows);
            }
            Kind::Members => self.members(line.group + 2),
            Kind::Member => {
                self.abandon();
                self.follows = Some(Follows::Sibling);
            }
            Kind::End => {
                self.abandon();
                self.leave_groups(line.group);
            }
            Kind::Frame(place) => self.frame(line, &place),
            Kind::Arrow(..) | Kind::Repeated(_) | Kind::Carets => {
                if let Some(open) = &mut self.open {
                    open.mark(line);
                }
            }
            Kind::Text => self.text(line, goes_on),
        }
    }

    fn frame(&mut self, line: &Line<'_>, place: &Place<'_>) {
        let last = last_in_line(place.rest);
        let headed = self.open.as_ref().is_some_and(|open| open.group == line.group);
        if !headed {
            self.abandon();
            if last.is_none() && !place.rest.is_empty() {
                return self.outside(line);
            }
        }
        let open = self.open.get_or_insert_with(|| Open::bare(line));
        open.push(line, place);
        if let Some(last) = last {
            let code = place.rest.find(last.path).map_or("", |end| place.rest[..end].trim());
            open.set_code(code);
            self.close(&last);
        }
    }

    /// A traceback whose line ends were lost.
    fn one_line(&mut self, text: &str) {
        let Some((_, mut rest)) = text.split_once("File \"") else { return };
        loop {
            let (this, next) =
                rest.split_once("File \"").map_or((rest, None), |(this, next)| (this, Some(next)));
            let line = format!("File \"{this}");
            let line = Line::read(&line);
            if let Kind::Frame(place) = line.kind {
                self.frame(&line, &place);
                if let Some(open) = self.open.as_mut() {
                    open.set_code(place.rest);
                }
            }
            let Some(next) = next else { return };
            rest = next;
        }
    }

    fn text(&mut self, line: &Line<'_>, goes_on: u8) {
        let part = self.open.as_mut().map(|open| open.take(line));
        match part {
            Some(Part::Inside) => {}
            Some(Part::Last(last)) => self.close(&last),
            Some(Part::Outside) => {
                self.abandon();
                self.words(line);
            }
            None if goes_on > 0 => {
                if let Some((_, error)) = self.errors.last_mut() {
                    error.message.push('\n');
                    error.message.push_str(line.text);
                }
                self.message_lines = goes_on - 1;
            }
            None => self.words(line),
        }
    }

    /// A line of words, unless the line ends behind them were lost.
    fn words(&mut self, line: &Line<'_>) {
        if line.text.contains(" File \"") && last_in_line(line.text).is_some() {
            self.one_line(line.text);
        } else {
            self.outside(line);
        }
    }

    /// A line that belongs to no traceback.
    fn outside(&mut self, line: &Line<'_>) {
        let member = !self.groups.is_empty();
        let found = if member { last_line(line.text) } else { headline(line.text) };
        if let Some(found) = found.or_else(|| embedded(line.text)) {
            let report = report(&found, Open::bare(line), self.next_follows());
            self.push(if member { Seen::WithTraceback } else { Seen::Alone }, report);
        }
    }

    /// The traceback that is being read has come to its last line.
    fn close(&mut self, last: &Headline<'_>) {
        let Some(open) = self.open.take() else { return };
        self.truncated |= open.is_cut();
        let report = report(last, open, self.next_follows());
        // What Python says itself is one line; others may say more.
        if pattern::worded(report.class, &report.message).is_none() {
            self.message_lines = MESSAGE_LINES;
        }
        self.push(Seen::WithTraceback, report);
    }

    /// The traceback that is being read never comes to its last line.
    fn abandon(&mut self) {
        self.truncated |= self.open.take().is_some_and(|open| open.is_traceback());
    }

    fn next_follows(&mut self) -> Follows {
        let follows = self.follows.take().unwrap_or(Follows::Nothing);
        if self.errors.is_empty() { Follows::Nothing } else { follows }
    }

    /// The last error is a group, and its members follow.
    fn members(&mut self, column: usize) {
        self.abandon();
        if self.groups.len() == GROUP_LIMIT {
            self.truncated = true;
            return;
        }
        if let Some((_, mut group)) = self.errors.pop() {
            self.follows = Some(std::mem::replace(&mut group.follows, Follows::Members));
            self.groups.push((column, group));
        }
    }

    /// Groups whose members stand at this column or further right have no more of them.
    fn leave_groups(&mut self, column: usize) {
        while let Some((_, group)) = self.groups.pop_if(|(members, _)| *members >= column) {
            self.push(Seen::WithTraceback, group);
        }
    }

    /// Keeps an error: the first is a cause, and the last ones are what is seen.
    fn push(&mut self, seen: Seen, report: ErrorReport) {
        if self.errors.len() == ERROR_LIMIT {
            self.truncated = true;
            let (_, gone) = self.errors.remove(1);
            if let Some((_, next)) = self.errors.get_mut(1).filter(|_| gone.starts()) {
                next.follows = Follows::Nothing;
            }
        }
        self.errors.push((seen, report));
    }

    fn finish(mut self) -> Parsed {
        self.abandon();
        self.leave_groups(0);
        // Beside a traceback a lone line says the same again.
        let traceback = self.errors.iter().any(|(seen, _)| *seen == Seen::WithTraceback);
        let kept = self.errors.into_iter().filter(|(seen, report)| {
            !traceback || *seen == Seen::WithTraceback || !report.starts()
        });
        Parsed { errors: kept.map(|(_, report)| report).collect(), truncated: self.truncated }
    }
}

impl ErrorReport {
    fn starts(&self) -> bool {
        self.follows == Follows::Nothing
    }
}

fn report(last: &Headline<'_>, open: Open, follows: Follows) -> ErrorReport {
    ErrorReport {
        class: ErrorClass::of_name(last.path),
        name: last.path.to_owned(),
        message: last.message.to_owned(),
        frames: open.frames,
        caret: open.caret,
        follows,
    }
}
