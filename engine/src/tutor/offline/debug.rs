//! Helps to find what is wrong: says what an error means, where to look, and asks a question.
//! Never shows mended code.

mod knowledge;

use super::{OfflineBrief, add, review};
use crate::course::model::Topic;
use crate::tutor::traceback::{
    ErrorClass, ErrorReport, Follows, FrameRef, Parsed, mention, parse, signature,
};
use knowledge::{Advice, advice};

/// Longest name of an error that is said again, in bytes.
const NAME_LIMIT_BYTES: usize = 40;
/// Longest line of code that is shown again, in bytes.
const CODE_LIMIT_BYTES: usize = 80;

/// Answers a question about something that goes wrong.
pub(super) fn answer(topic: Option<&Topic>, brief: &OfflineBrief<'_>) -> String {
    let mut text = match read(brief) {
        Some(parsed) => explain(&parsed, brief),
        None => no_message(brief),
    };
    if let Some(note) = review::first_problem(&review::source(brief)) {
        add(&mut text, format_args!("\n**Something I noticed in your code:** {note}\n"));
    }
    if let Some(topic) = topic.filter(|topic| !topic.is_planned()) {
        add(
            &mut text,
            format_args!(
                "\nIf you want to read up on it, the topic is **{}**: {}\n",
                topic.title,
                topic.summary.trim()
            ),
        );
    }
    text.push_str("\nTry it, and tell me what you see. We go on from there.\n");
    text
}

/// The errors that came along, or the one that is spoken of.
fn read(brief: &OfflineBrief<'_>) -> Option<Parsed> {
    let shown = [Some(brief.text), brief.code].into_iter().flatten().map(parse);
    let found = shown.into_iter().find(|parsed| !parsed.errors.is_empty());
    found.or_else(|| {
        let error = mention(brief.text)?;
        Some(Parsed { errors: vec![error], truncated: false })
    })
}

fn explain(parsed: &Parsed, brief: &OfflineBrief<'_>) -> String {
    let (Some(error), Some(shown)) = (to_mend(parsed), parsed.shown()) else {
        return no_message(brief);
    };
    let Advice { meaning, look, question } = advice(signature(error));
    let mut text = format!("### {}\n\n", heading(error));
    if !std::ptr::eq(error, shown) {
        add(&mut text, format_args!("{}\n\n", beginning(error, shown)));
    } else if let Some(root) = parsed.root().filter(|root| !std::ptr::eq(*root, error)) {
        let caught = place(root).map_or(String::new(), |frame| format!(" at line {}", frame.line));
        add(
            &mut text,
            format_args!(
                "The first error in your message, `{}`{caught}, was caught. While your program \
                 handled it, this one came up.\n\n",
                heading(root)
            ),
        );
    }
    add(&mut text, format_args!("**What it means.** {meaning}\n\n"));
    if let Some(subject) = quoted(&error.message) {
        add(&mut text, format_args!("Your message names `{subject}`, so begin there.\n\n"));
    }
    add(&mut text, format_args!("**Where to look.** {} {look}\n\n", whereabouts(error)));
    add(&mut text, format_args!("**A question to think about.** {question}\n"));
    if brief.previous.is_some_and(|previous| previous.answer.contains(meaning)) {
        text.push_str(
            "\nSince we have met this one just now: print the value and its type with \
             `print(repr(x), type(x))` one line before the error, with your own name in place of \
             `x`. The surprise is nearly always there.\n",
        );
    }
    text
}

/// The error to begin with: the first of a chain, unless it was caught and the last is a slip in
/// the lines that handle it.
fn to_mend(parsed: &Parsed) -> Option<&ErrorReport> {
    let (root, shown) = (parsed.root()?, parsed.shown()?);
    let raised_again = place(shown).is_some_and(|frame| frame.code.starts_with("raise"));
    if shown.follows == Follows::Handling && !raised_again { Some(shown) } else { Some(root) }
}

/// Says that what was shown last began earlier.
fn beginning(error: &ErrorReport, shown: &ErrorReport) -> String {
    match shown.follows {
        Follows::Members => format!(
            "`{}` holds several errors, shown one below the other. Take them one by one; this is \
             the first.",
            heading(shown)
        ),
        Follows::Nothing | Follows::Cause | Follows::Handling | Follows::Sibling => format!(
            "Your message shows a chain of errors. The last one, `{}`, follows from the first, \
             `{}`: mend that, and the others go with it.",
            heading(shown),
            heading(error)
        ),
    }
}

/// The error's name, if it is one that can be said again.
fn heading(error: &ErrorReport) -> &str {
    let name = error.name.rsplit('.').next().unwrap_or(&error.name);
    if error.class == ErrorClass::Custom && name.len() > NAME_LIMIT_BYTES {
        return "An error stopped your program";
    }
    name
}

/// The place in the student's own program.
fn place(error: &ErrorReport) -> Option<&FrameRef> {
    error.own_frame().filter(|frame| frame.line > 0)
}

/// Names the line, and the function and the code where they are known.
fn whereabouts(error: &ErrorReport) -> String {
    let Some(frame) = place(error) else {
        return "The traceback names a line number just above its last line.".to_owned();
    };
    let mut text = format!("At line {}", frame.line);
    if !frame.function.starts_with('<') && is_plain(&frame.function) {
        add(&mut text, format_args!(", in `{}`", frame.function));
    }
    let shown = !frame.code.is_empty() && frame.code.len() <= CODE_LIMIT_BYTES;
    if shown && !frame.code.contains('`') {
        add(&mut text, format_args!(": `{}`", frame.code));
    }
    text.push('.');
    if frame.repeated > 0 {
        add(&mut text, format_args!(" It ran {} times more in a row.", frame.repeated));
    }
    text
}

/// There is no error message: a way to find the mistake.
fn no_message(brief: &OfflineBrief<'_>) -> String {
    let mut text = String::from(
        "### Let us find it together\n\nWhen a program runs but does something else than you want, \
         it does exactly what is written, and one line means something else than you think. This \
         finds it:\n\n\
         1. **Say what you expect.** Which output, for which input?\n\
         2. **Say what you get.** What is the first place where the two differ?\n\
         3. **Look at the values there.** Put `print(repr(x))` before that place, with your own \
         name in place of `x`.\n\
         4. **Change one thing, then run it again.** Two changes at once hide each other.\n\n",
    );
    text.push_str(if review::source(brief).trim().is_empty() {
        "Please paste your code and, if there is one, the whole error message. What did you expect \
         to happen, and what happened instead?\n"
    } else {
        "Which line is the first that doesn't do what you expect, and which values does it use at \
         that moment?\n"
    });
    text
}

/// The name in quotes of an error message, if it is a plain one.
fn quoted(message: &str) -> Option<&str> {
    message.split('\'').nth(1).filter(|name| is_plain(name))
}

fn is_plain(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain && !name.is_empty() && name.len() <= NAME_LIMIT_BYTES
}
