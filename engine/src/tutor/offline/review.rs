//! Looks at code by fixed rules: praise first, then at most three things to think about.

mod check;

use super::{OfflineBrief, add};
use crate::course::model::Topic;
use crate::tutor::triage::source::{LineKind, lines};

/// Observations in one answer: more would discourage.
const SHOWN: usize = 3;

/// Reviews the code that came along.
pub(super) fn answer(topic: Option<&Topic>, brief: &OfflineBrief<'_>) -> String {
    let code = source(brief);
    if code.trim().is_empty() {
        return String::from(
            "I would love to look at it. Please paste your code here, all of it or the part you \
             are unsure of, and tell me in a sentence what it should do.\n\n\
             While you copy it, have a first look yourself, the way reviewers do:\n\n\
             - Does each name say what it holds?\n\
             - Could you say in one sentence what each part is for?\n\
             - Is something written twice that could be written once?\n\
             - What happens with the smallest input, and with none at all?\n\n\
             Often you will find something nice to improve before I say a word.\n",
        );
    }
    let mut text = String::from("### A look at your code\n\n");
    add(&mut text, format_args!("**What I like:** {}\n\n", check::praise(&code)));
    let notes = check::notes(&code);
    if notes.is_empty() {
        text.push_str(
            "By the rules I can check on my own I found nothing to complain about. Three \
             questions that a good reviewer would still ask:\n\n\
             - What happens with an empty or an unusual input?\n\
             - Would a friend understand it without your help?\n\
             - Is there a part that you could give a name, as a function?\n",
        );
    } else {
        text.push_str("**To think about:**\n\n");
        for (number, note) in (1..).zip(notes.iter().take(SHOWN)) {
            add(&mut text, format_args!("{number}. {note}\n"));
        }
        if notes.len() > SHOWN {
            text.push_str("\nThere is a little more, but one step at a time.\n");
        }
    }
    text.push_str(
        "\nThese are observations by fixed rules: I read how it is written, I did not run it. \
         Which of them would you change first, and why?\n",
    );
    if let Some(topic) = topic.filter(|topic| !topic.is_planned()) {
        add(&mut text, format_args!("\nThe course's page for this is **{}**.\n", topic.title));
    }
    text
}

/// The code of a brief: what came as code, or the lines of the question that are code.
pub(super) fn source(brief: &OfflineBrief<'_>) -> String {
    if let Some(code) = brief.code.filter(|code| !code.trim().is_empty()) {
        return code.to_owned();
    }
    let code = lines(brief.text).filter(|(kind, _)| *kind == LineKind::Code);
    code.fold(String::new(), |code, (_, line)| code + line + "\n")
}

/// The first observation that may be the cause of a mistake.
pub(super) fn first_problem(code: &str) -> Option<String> {
    check::problems(code).into_iter().next()
}
