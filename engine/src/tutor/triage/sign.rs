//! Signs of a question: the named features that the learned weights speak about.
//!
//! `w:` a word, `c:` four letters of a word (so that a misspelt word counts too), `b:` two words in
//! a row, `m:` and `t:` two and three words in a row of which some are masked, `f:` a fact about
//! the whole question. Masked means that what belongs to a topic is written `<t>`, a number `<n>`,
//! a word that nobody knows `<?>`: `what is a <t>` holds for each topic of each course.

use std::fmt::Write;

use super::TriageContext;
use super::feature::{Features, Seen, Token};

/// Ten times the weight from which a topic or a cue counts as strong.
const STRONG_TENTHS: u32 = 60;
/// Words that are read: the beginning says what is wanted.
const WORD_LIMIT: usize = 60;

/// Names each sign of a question to a function, some of them more than once.
pub(super) fn each_sign(features: &Features, context: &TriageContext, each: &mut impl FnMut(&str)) {
    let mut name = String::with_capacity(64);
    let mut tell = |arguments: std::fmt::Arguments<'_>| {
        name.clear();
        if name.write_fmt(arguments).is_ok() {
            each(&name);
        }
    };
    facts(features, context, &mut tell);
    let tokens = features.tokens.get(..WORD_LIMIT).unwrap_or(&features.tokens);
    for token in tokens {
        let word = if token.mask == Some("<n>") { "<n>" } else { &token.word };
        tell(format_args!("w:{word}"));
        each_part(word, |part| tell(format_args!("c:{part}")));
    }
    for pair in tokens.windows(2) {
        if let [a, b] = pair {
            tell(format_args!("b:{} {}", a.word, b.word));
        }
    }
    let row = masked(tokens);
    for pair in row.windows(2) {
        if let [a, b] = pair {
            tell(format_args!("m:{a} {b}"));
        }
    }
    for three in row.windows(3) {
        if let [a, b, c] = three {
            tell(format_args!("t:{a} {b} {c}"));
        }
    }
}

/// What is known of the question as a whole.
fn facts(
    features: &Features,
    context: &TriageContext,
    tell: &mut impl FnMut(std::fmt::Arguments<'_>),
) {
    tell(format_args!("f:any"));
    let strength = |tenths: u32| match tenths {
        0 => "no",
        1..STRONG_TENTHS => "weak",
        STRONG_TENTHS.. => "strong",
    };
    let length = match features.tokens.len() {
        0 => "0",
        1 => "1",
        2..=3 => "2-3",
        4..=6 => "4-6",
        7..=12 => "7-12",
        13..=24 => "13-24",
        25.. => "25+",
    };
    let topic = strength(features.best().map_or(0, |best| best.tenths));
    let code = match (features.code, features.traceback) {
        (_, Seen::Yes) => "error",
        (Seen::Yes, Seen::No) => "code",
        (Seen::No, Seen::No) => "text",
    };
    let question = match features.question {
        Seen::Yes => "asks",
        Seen::No => "says",
    };
    tell(format_args!("f:{length} words"));
    tell(format_args!("f:{code}"));
    tell(format_args!("f:{question}"));
    tell(format_args!("f:topic {topic}"));
    tell(format_args!("f:{code} {length}"));
    tell(format_args!("f:{code} {question}"));
    tell(format_args!("f:{code} topic {topic}"));
    tell(format_args!("f:{length} topic {topic}"));
    tell(format_args!("f:topics {}", features.topics.len().min(3)));
    tell(format_args!("f:strange {}", features.strange.min(3)));
    tell(format_args!("f:strange {} topic {topic}", features.strange.min(3)));
    if !features.code_topics.is_empty() {
        tell(format_args!("f:python in {code}"));
    }
    if features.code_like == Seen::Yes {
        tell(format_args!("f:like {code}"));
        tell(format_args!("f:like {question}"));
    }
    for (cue, tenths) in features.cues() {
        tell(format_args!("f:{cue:?} {}", strength(tenths)));
        tell(format_args!("f:{cue:?} {code}"));
        tell(format_args!("f:{cue:?} topic {topic}"));
    }
    if let Some(last) = context.last_agent.filter(|agent| agent.is_specialist()) {
        tell(format_args!("f:last"));
        tell(format_args!("f:last {}", last.as_str()));
        tell(format_args!("f:last {length}"));
        tell(format_args!("f:last topic {topic}"));
        tell(format_args!("f:last {code}"));
    }
}

/// The words with a beginning and an end, some of them masked; a mask twice in a row is one.
fn masked(tokens: &[Token]) -> Vec<&str> {
    let mut row = Vec::with_capacity(tokens.len() + 2);
    row.push("^");
    for token in tokens {
        match token.mask {
            None => row.push(token.word.as_str()),
            Some(mask) if row.last() == Some(&mask) => {}
            Some(mask) => row.push(mask),
        }
    }
    row.push("$");
    row
}

/// Each four letters in a row of a word with its borders, `<` and `>`.
fn each_part(word: &str, mut each: impl FnMut(&str)) {
    if word.len() < 4 || !word.is_ascii() || word == "<n>" {
        return;
    }
    let bordered = format!("<{word}>");
    for start in 0..bordered.len() - 3 {
        each(&bordered[start..start + 4]);
    }
}
