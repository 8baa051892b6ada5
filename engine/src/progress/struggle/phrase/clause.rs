//! From a text to the words of its clauses, each word in one spelling.

/// Bytes of a text that are read.
const TEXT_LIMIT_BYTES: usize = 4_096;
/// Shortest word that is corrected, in letters.
const CORRECTED_FROM: usize = 5;

/// The words of one clause.
pub(super) type Clause = Vec<String>;

/// The clauses of a text, without what is quoted or code.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let text = &text[..text.floor_char_boundary(TEXT_LIMIT_BYTES)];
    let mut clauses = vec![Clause::new()];
    let mut end = |clause: &mut Clause| clauses.push(std::mem::take(clause));
    for line in own_lines(text) {
        // A call's empty brackets end no clause.
        let line = without_quotes(line).to_lowercase().replace("()", " ");
        let mut clause = Clause::new();
        for part in line.split(['.', '!', '?', ';', ':', ',', '(', ')', '…', '–', '—']) {
            let bare = part.replace(['\'', '’', '´', '`'], "");
            for word in bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
                match word {
                    "but" | "however" => end(&mut clause),
                    _ => push(&mut clause, word),
                }
            }
            end(&mut clause);
        }
    }
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// A clause without words that only stress others.
pub(super) fn without<'a>(clause: &'a Clause, fillers: &str) -> Vec<&'a str> {
    clause.iter().map(String::as_str).filter(|word| !is_among(word, fillers)).collect()
}

/// Whether a word is one of a list, which is parted by white space.
pub(super) fn is_among(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == word)
}

/// Lines outside of fences that aren't quoted from somebody else.
fn own_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced && !line.trim_start().starts_with('>')
    })
}

/// A line without what stands in quotes. An apostrophe inside of a word is none.
fn without_quotes(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut own = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let end = quote_end(&chars, at);
        own.push(if end.is_some() { ' ' } else { c });
        at = end.unwrap_or(at) + 1;
    }
    own
}

fn quote_end(chars: &[char], at: usize) -> Option<usize> {
    let in_word = |place: usize| chars.get(place).is_some_and(|c| c.is_alphanumeric());
    let closing: &[char] = match chars[at] {
        '"' => &['"'],
        '“' | '„' => &['”', '“'],
        '«' => &['»'],
        '`' if !at.checked_sub(1).is_some_and(in_word) => &['`'],
        '\'' | '‘' if !at.checked_sub(1).is_some_and(in_word) => &['\'', '’'],
        _ => return None,
    };
    let single = closing.contains(&'\'');
    (at + 1..chars.len())
        .find(|end| closing.contains(&chars[*end]) && !(single && in_word(end + 1)))
}

/// Adds a word in its usual spelling; two that belong together become one.
fn push(clause: &mut Clause, word: &str) {
    for word in spelled(word).split(' ') {
        let joined = match (clause.last().map(String::as_str), word) {
            (Some("do"), "not") | (Some("don"), "t") => "dont",
            (Some("does"), "not") => "doesnt",
            (Some("did"), "not") => "didnt",
            (Some("can" | "could"), "not") => "cant",
            (Some("i"), "am" | "m") => "im",
            _ => {
                clause.push(word.to_owned());
                continue;
            }
        };
        clause.pop();
        clause.push(joined.to_owned());
    }
}

/// The usual spelling of a word.
fn spelled(word: &str) -> &str {
    let known = SPELLINGS.iter().find(|(others, _)| is_among(word, others));
    if let Some((_, usual)) = known {
        return usual;
    }
    let meant =
        CORRECTED.iter().find(|meant| word.len() >= CORRECTED_FROM && one_slip(word, meant));
    meant.copied().unwrap_or(word)
}

const SPELLINGS: &[(&str, &str)] = &[
    ("dnt donot", "dont"),
    ("cannot couldnt", "cant"),
    ("idk", "i dont know"),
    ("dunno", "dont know"),
    ("iam", "im"),
    ("stuk stcuk stukc stuckk stucked", "stuck"),
    ("confuzed confussed confsed confued confusd conufsed", "confused"),
    ("confusin confuseing", "confusing"),
    ("gimme", "give me"),
    ("giv", "give"),
    ("u ya", "you"),
    ("ur", "your"),
    ("pls plz plss plzz plzzz plsss", "please"),
    ("whats wats", "what is"),
    ("wat", "what"),
    ("wanna", "want to"),
    ("anymore", "any more"),
    ("answers", "answer"),
    ("solutions", "solution"),
];

/// Words that are recognised with one slip.
const CORRECTED: &[&str] =
    &["understand", "understood", "solution", "answer", "homework", "exercise", "assignment"];

/// Whether two words differ by one letter too many, too few, another, or two swapped.
fn one_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (word.as_bytes(), meant.as_bytes());
    let same = word.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (word, meant) = (&word[same..], &meant[same..]);
    let end = word.iter().rev().zip(meant.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&word[..word.len() - end], &meant[..meant.len() - end]) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_clauses_of_usual_words() {
        let cases: [(&str, &[&str]); 10] = [
            ("I don't get it!", &["i dont get it"]),
            ("I do not know, but I can not stop", &["i dont know", "i cant stop"]),
            ("I'm stuk. Idk why", &["im stuck", "i dont know why"]),
            ("i am; i m", &["im", "im"]),
            ("he says \"I am lost\" today", &["he says today"]),
            ("what does 'I don't understand' mean", &["what does mean"]),
            ("> I am lost\nplz undrestand", &["please understand"]),
            ("see\n```\nI am lost\n```\nthere", &["see", "there"]),
            ("print('I am lost') and `stuck`", &["print", "and"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<String> = clauses(text).iter().map(|words| words.join(" ")).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn one_slip_is_one_letter_or_two_swapped() {
        let cases = [
            ("anwser", true),
            ("anser", true),
            ("answeer", true),
            ("onswer", true),
            ("answer", true),
            ("answered", false),
            ("swerna", false),
            ("", false),
        ];
        for (word, expected) in cases {
            assert_eq!(one_slip(word, "answer"), expected, "{word}");
        }
    }

    #[test]
    fn endless_texts_are_cut() {
        for text in ["ä".repeat(10_000), "'".repeat(100_000), "i dont ".repeat(10_000)] {
            let words: usize = clauses(&text).iter().map(Vec::len).sum();
            assert!(words <= TEXT_LIMIT_BYTES);
        }
    }
}
