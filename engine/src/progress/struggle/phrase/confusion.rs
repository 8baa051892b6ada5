//! Hears that somebody doesn't understand or is stuck.

use super::clause::{Clause, is_among, without};
use super::pattern::{Found, any, find, no_noun};

/// What a clause says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// They are confused.
    Confused,
    /// They were, and it is over.
    Over,
}

/// Whether the last clause that speaks of it says so.
pub(super) fn is_said(clauses: &[Clause]) -> bool {
    let mut signals = clauses.iter().filter_map(|clause| signal(&without(clause, FILLERS)));
    signals.next_back() == Some(Signal::Confused)
}

fn signal(words: &[&str]) -> Option<Signal> {
    let said = |phrases: &[&str], counts: &dyn Fn(Found) -> bool| {
        phrases.iter().any(|phrase| find(phrase, words, no_noun).any(counts))
    };
    if said(PERSONAL, &|at| is_own(words, at))
        || said(OBTAINED, &|at| is_own(words, at) && !is_obtained(words, at.end))
        || said(IMPERSONAL, &|at| is_of_this(words, at))
    {
        return Some(Signal::Confused);
    }
    any(OVER, words, no_noun).then_some(Signal::Over)
}

/// Words that only stress others.
const FILLERS: &str = "really just still even quite totally completely so very kinda actually \
                       honestly simply literally absolutely pretty truly fully also somehow bit \
                       little bloody damn officially";

/// What somebody says of themselves.
const PERSONAL: &[&str] = &[
    "i/we dont/cant/didnt/never understand/understood/follow/grasp/comprehend",
    "^ dont/cant/didnt/never understand/understood/follow/grasp",
    "and/because/cause/then dont/cant/didnt understand/follow/grasp",
    "i/we wish i/we understood",
    "i/we dont/cant see why/how/what",
    "i/we dont/cant see it $",
    "im a? more? stuck/lost/confused/puzzled/baffled/clueless/struggling",
    "im getting/feeling/becoming more? stuck/lost/confused",
    "im at a loss",
    "i/we feel/felt stuck/lost/confused",
    "i/we always? got/get stuck",
    "i/we got/get confused",
    "i/we keep getting stuck/lost/confused",
    "i/we have been stuck/lost/confused",
    "ive/weve been stuck/lost/confused",
    "we are stuck/lost/confused",
    "^ stuck/lost/confused on/at/with/here/again/about/by",
    "^ stuck/lost/confused $",
    "you/youve have? lost me",
    "find this/that/it/these/them confusing",
    "why is this/that/it/everything confusing/complicated",
    "what the heck/hell",
    "no idea/clue what/how/where/why",
    "i/we have no idea/clue",
    "^ no idea/clue $",
    "dont/havent have? a clue",
    "i/we dont know what to do/write/try",
    "^ dont know what to do/write/try",
    "i/we dont know what im/we doing",
    "i/we dont know where/how to start/begin/continue/proceed/go/approach",
    "^ dont know where/how to start/begin/continue/proceed/go",
    "i/we dont know how to do/solve/answer/fix this/that/it/the/these",
    "^ dont know how to do/solve/answer/fix this/that/it/the/these",
    "i/we dont know what this/that/it/these means/mean",
    "i/we dont know what is going/happening/wrong",
    "^ i dont know $",
    "i/we cant figure out",
    "i/we cant figure this/that/it out",
    "cant wrap/get my head/mind around/round",
    "cant make sense of",
    "over my head",
    "beyond me",
    "too hard/difficult/complicated/much/advanced for me/us",
    "i/we give up",
    "im not following/getting/understanding",
    "not sure i/we/if/that i/we? understand/get/follow",
    "not sure i/we understand/get/follow",
    "i/we understand/understood/get nothing",
    "i/we barely/hardly understand",
    "i/we understand none/nothing/zero",
    "have/having trouble/difficulty/difficulties/problems with? understanding/following",
];

/// As above, unless what they don't get is a thing.
const OBTAINED: &[&str] = &[
    "i/we dont/didnt/cant/never get",
    "^ dont/didnt/cant get",
    "and/because/cause/then dont/didnt/cant get",
];

/// What is said of a thing.
const IMPERSONAL: &[&str] = &[
    "this/that/it/everything/stuff is all? confusing",
    "its all? confusing",
    "are all? confusing",
    "^ confusing $",
    "confuse/confuses/confusing/confused me/us",
    "makes/make no sense",
    "doesnt/dont make any? sense",
    "not making any? sense",
    "nothing makes sense",
    "none of this/that/it/these makes/make sense",
    "hard/difficult/impossible to understand/follow",
    "not/isnt clear",
    "is/its unclear",
];

/// What says that it is over.
const OVER: &[&str] = &[
    "now i/we understand/get/see/understood/got",
    "i/we understand/understood/get/got/see it/this/that/them? now",
    "i/we get/got it $",
    "^ got it",
    "makes/make sense now",
    "now it/this/that/everything makes/make sense",
    "figured it/this/that/them? out",
    "i/we solved/fixed it/this/that",
    "finally understand/understood/get/got/see",
    "clear now",
    "not/longer stuck/confused/lost",
];

/// Whether it is said in earnest, of oneself and now.
fn is_own(words: &[&str], at: Found) -> bool {
    let (before, after) = (&words[..at.start], &words[at.end..]);
    !is_supposed(before) && !is_denied(before) && !is_wonder(after) && !is_program(after)
}

/// Only supposed, or what somebody or something says.
fn is_supposed(before: &[&str]) -> bool {
    const SAID: &str = "if when whenever once until unless like though case say says said saying \
                        print prints answer reply replies output outputs display displays show \
                        shows write writes type types called does phrase words text message string";
    before.last().is_some_and(|word| is_among(word, SAID))
        || before.iter().any(|word| is_among(word, "pretend imagine suppose assume"))
}

/// "It's not that I don't understand it", "I don't think I'm stuck".
fn is_denied(before: &[&str]) -> bool {
    let near = &before[before.len().saturating_sub(2)..];
    matches!(near, ["dont" | "doesnt", "think" | "believe" | "say"])
        || near.iter().any(|word| is_among(word, "not never nothing nobody"))
}

/// "… why this works so well": not a question about the matter, but joy or wonder.
fn is_wonder(after: &[&str]) -> bool {
    const PEOPLE: &str = "people everyone everybody anyone anybody someone others";
    const SUCCESS: &str = "work works worked passes passed fast faster easy easier";
    const TROUBLE: &str = "not no never doesnt dont didnt isnt wont cant only sometimes fails error \
                           wrong twice without";
    let has = |list: &str| after.iter().any(|word| is_among(word, list));
    match after {
        ["why", who, ..] if is_among(who, PEOPLE) => true,
        ["why", ..] => has(SUCCESS) && !has(TROUBLE),
        ["how", "you", ..] => true,
        _ => false,
    }
}

/// "I'm stuck in an infinite loop": that is the program.
fn is_program(after: &[&str]) -> bool {
    let has = |list: &str| after.iter().any(|word| is_among(word, list));
    after.first() == Some(&"in")
        && has("loop loops")
        && !has("exercise task topic chapter lesson section question part")
}

/// "I don't get an error": that is no matter of understanding.
fn is_obtained(words: &[&str], end: usize) -> bool {
    const THINGS: &str = "a an any anything error errors output outputs result results paid points \
                          credit numbers text one two all every enough more my back stuck lost \
                          confused bored homework marks grades feedback help hints";
    const THE: &str = "same right correct expected output result results error errors value values \
                       number message last";
    match words[end..] {
        ["any", "of", ..] | [] => false,
        ["it" | "this" | "that", "to", ..] => true,
        ["the", what, ..] => is_among(what, THE),
        [what, ..] => is_among(what, THINGS),
    }
}

/// Whether what is said of a thing means that oneself is confused by it here and now.
fn is_of_this(words: &[&str], at: Found) -> bool {
    const ASKING: &str = "is are was were does do did why which what who would will can could \
                          should how";
    let asked = words.first().is_some_and(|word| is_among(word, ASKING));
    // "confusing for beginners", "makes no sense to use a list", "confusing me with somebody".
    let of_others = match words[at.end..] {
        ["for" | "to", who, ..] => !matches!(who, "me" | "us"),
        ["with", ..] | ["me" | "us", "with", ..] => true,
        _ => false,
    };
    !asked && !of_others && is_own(words, at)
}
