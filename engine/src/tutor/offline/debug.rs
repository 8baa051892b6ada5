//! Helps to find what is wrong: says what an error means, where to look, and asks a question.
//! Never shows mended code.

mod knowledge;

use super::{OfflineBrief, add, review};
use crate::course::model::Topic;
use crate::tutor::triage::source::{ErrorLine, last_error_line};
use knowledge::{Advice, advice};

/// Answers a question about something that goes wrong.
pub(super) fn answer(topic: Option<&Topic>, brief: &OfflineBrief<'_>) -> String {
    let code = brief.code.unwrap_or_default();
    let read = last_error_line(brief.text).or_else(|| last_error_line(code));
    let named = read.or_else(|| named_error(brief.text));
    let mut text = match named {
        Some(error) => explain(&error, brief),
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

fn explain(error: &ErrorLine<'_>, brief: &OfflineBrief<'_>) -> String {
    let Advice { name, meaning, look, question } = advice(error);
    let mut text = format!("### {name}\n\n**What it means.** {meaning}\n\n");
    if let Some(subject) = quoted(error.message) {
        add(&mut text, format_args!("Your message names `{subject}`, so begin there.\n\n"));
    }
    match line_number(brief.text).or_else(|| brief.code.and_then(line_number)) {
        Some(number) => {
            add(&mut text, format_args!("**Where to look.** At line {number}. {look}\n\n"));
        }
        None => {
            add(
                &mut text,
                format_args!(
                    "**Where to look.** The traceback names a line number just above its last line. \
                 {look}\n\n"
                ),
            );
        }
    }
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

/// An error that is named in a sentence.
fn named_error(text: &str) -> Option<ErrorLine<'_>> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .find(|word| word.len() > 5 && word.ends_with("Error"))
        .map(|name| ErrorLine { name, message: "" })
}

/// The name in quotes of an error message, if it is a plain one.
fn quoted(message: &str) -> Option<&str> {
    let name = message.split('\'').nth(1)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (plain && !name.is_empty() && name.len() <= 40).then_some(name)
}

/// The line number of the last `File "…", line N` of a traceback.
fn line_number(text: &str) -> Option<u32> {
    let line = text.lines().rev().find(|line| line.trim_start().starts_with("File \""))?;
    let (_, after) = line.rsplit_once(", line ")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
