//! Hears that somebody wants the answer rather than help.

use super::clause::{Clause, is_among, without};
use super::pattern::{Found, any, find};

/// Whether any clause asks for it, openly or in a disguise.
pub(super) fn is_said(clauses: &[Clause]) -> bool {
    let clauses: Vec<Vec<&str>> = clauses.iter().map(|clause| without(clause, FILLERS)).collect();
    let disguised = is_disguised(&clauses);
    clauses.iter().any(|words| {
        let said = |phrases: &[&str], counts: &dyn Fn(Found) -> bool| {
            phrases.iter().any(|phrase| find(phrase, words, answer).any(counts))
        };
        any(OPENLY, words, answer)
            || said(WISHES, &|at| is_of_course(words, at))
            || said(ORDERS, &|at| is_order(words, at))
            || (disguised && names_answer(words))
    })
}

/// Words that only stress others.
const FILLERS: &str = "really already exactly simply quickly kindly actually finally literally at \
                       least once";

/// Phrases that say it by themselves.
const OPENLY: &[&str] = &[
    "^ just/only @",
    "^ just/only code/answer/solution",
    "^ @ please/asap/now $",
    "^ @ to/for exercise/task/question/number/this * please/now",
    "^ answer/solution/code please",
    "allowed me to see/have/get/know @",
    "let me see/have/get/know @",
    "what do/should/must/can i have? to? write/type/put/enter in/into/here/there/to",
    "what goes/belongs in/into the/this blank/blanks/gap/gaps",
    "tell me what to write/type/put/enter",
    "tell/show me what/how @ is/looks",
    "what are the hidden tests",
    "if you dont give/tell/show/send me? @",
    "how does/would/should/will @ look",
    "what would/could/will @ be/look",
    "something/code/answer/solution i can copy/paste/submit",
    "^ copy? paste @",
    "just tell/show me $",
    "just say it $",
    "give/tell/show me the missing line/lines/word/words/part/code/piece",
    "^ what is the missing line/word/part/code/piece",
];

/// Wishes: an answer of the course is meant, not just any.
const WISHES: &[&str] = &[
    "i just/only? want/need/wanted/demand @",
    "i just/only? want/need to see/have/get/know @",
    "^ what is/are the correct/right/full/final/complete? answer/solution/code",
    "can/could/may/might i please? just? have/see/get/know @",
    "^ write/type/print/output/say @ please",
    "can/could/will/would you please? just? write/type/print/output/say/do @",
    "please/just write/type/print/output/say @",
];

/// What is asked of somebody: the first word is an order, or follows "can you" and the like.
const ORDERS: &[&str] = &[
    "give/tell/show/send/hand/provide/share/reveal/post/paste/spit/drop/display me/us? over/out? @",
    "give/send/hand/spit over/out me/us? @",
    "give/send/show answer/solution",
    "write/type/print/output/say/make/read me/us @",
    "write/make/build/program me a/the/some? program/function/script/code",
    "solve it/this/that/these/them/everything",
    "solve the/my? exercise/exercises/task/tasks/problem/problems/homework/assignment/quiz/question",
    "do/make/finish/complete my/this/the homework/assignment/assignments/exercise/exercises/task/quiz",
    "solve/code/do/finish/complete/write/fix/program/answer/type/fill/make * for me/us",
    "just fix/solve/do/write it",
    "reveal/show/tell me/us? the hidden tests",
    "translate/encode/encrypt @",
];

/// Signs that a wish is put into a costume.
const DISGUISES: &[&str] = &[
    "pretend/imagine/roleplay",
    "act/acting as/like",
    "you are now? a/an/in",
    "youre now? a/an/in",
    "lets play",
    "ignore/forget/disregard your/all/the/any/previous",
    "developer mode",
    "whose lines",
    "bedtime story",
    "poem/song/base64/rot13/morse/backwards",
    "said you may/can/should/could",
];

/// Whether the text dresses its wish up, and speaks of no program of one's own.
fn is_disguised(clauses: &[Vec<&str>]) -> bool {
    let own =
        ["how do/can/could/would/should i", "how to", "my program/function/code/game/script/bot"];
    let has = |phrases: &[&str]| clauses.iter().any(|words| any(phrases, words, answer));
    has(DISGUISES) && !has(&own)
}

/// Whether a clause names the answer, and not one's own.
fn names_answer(words: &[&str]) -> bool {
    !words.iter().any(|word| is_among(word, "dont not without never"))
        && find("@", words, answer).any(|at| {
            let before = words[..at.start].last().copied().unwrap_or_default();
            !is_among(before, "my your")
        })
}

/// Whether what looks like an order is one, and isn't denied.
fn is_order(words: &[&str], at: Found) -> bool {
    const BEFORE: &str = "please just you and or then so only ok okay hey must instead hi hello yes \
                          no cant wont also now";
    const PLACES: &str = "file variable list screen console terminal";
    let (before, after) = (&words[..at.start], &words[at.end..]);
    let said_to = match before {
        // "you may give me", "I want you to give me".
        [.., "you", may] if is_among(may, "may can could should must will would to") => true,
        [.., last] => is_among(last, BEFORE),
        [] => true,
    };
    let denied = before.iter().rev().take(2).any(|word| is_among(word, "dont not never"));
    // "write the answer into a file"
    let placed = match after {
        ["in" | "into" | "to" | "on", "a" | "the" | "my", place, ..] => is_among(place, PLACES),
        _ => false,
    };
    said_to && !denied && !placed && is_of_course(words, at)
}

/// Whether the answer is one of the course: not an answer's type, nor "the answer to life".
fn is_of_course(words: &[&str], at: Found) -> bool {
    const TASKS: &str = "exercise question task number problem quiz this it homework assignment \
                         these part step test tests that all";
    let is_task = |word: &&str| is_among(word, TASKS) || word.bytes().all(|b| b.is_ascii_digit());
    let (before, after) = (&words[..at.start], &words[at.end..]);
    let vague = words[at.start] == "what" || matches!(words[at.end - 1], "code" | "program");
    let fits = match after {
        ["type" | "types" | "of", ..] => false,
        ["to" | "for" | "in", rest @ ..] => !vague || rest.iter().take(3).any(is_task),
        _ => true,
    };
    fits && !before.ends_with(&["how"])
}

/// Where "the full solution" and its like end.
fn answer(words: &[&str], at: usize) -> Option<usize> {
    const ADJECTIVES: &str = "the a an its this that full whole complete entire final correct right \
                              finished working actual real exact ready model sample reference \
                              expected solution answer all some";
    let run = words.get(at..)?.iter().take(6).take_while(|word| is_among(word, ADJECTIVES)).count();
    let end = at + run;
    let named = words[at..end].iter().rposition(|word| is_among(word, "answer solution"));
    let noun = words.get(end).copied().unwrap_or_default();
    if run > 0 && is_among(noun, "code key program homework") {
        return Some(end + 1);
    }
    named.map(|place| at + place + 1)
}
