//! How phrases are written: words in a row, with a few signs.
//!
//! `a/b` is one of several words, `a?` may be missing, `*` is up to four words, `^` the beginning
//! of the clause or what only opens it, `$` its end, `@` an answer (see `seeking`).

use super::clause::is_among;

/// Words that a clause may open with.
const OPENERS: &str = "ok okay so and because cause cuz sorry help hmm hm well please hi hello hey \
                       oh wait yes no still again now sir uh um ugh argh man";
/// Words that `*` stands for at most.
const ANY_WORDS: usize = 4;

/// Where a phrase was found: from its first word to behind its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What `@` stands for: the words from a place on, and where it ends.
pub(super) type Noun = fn(&[&str], usize) -> Option<usize>;

/// All places at which a phrase begins.
pub(super) fn find<'a>(
    phrase: &'a str,
    words: &'a [&'a str],
    noun: Noun,
) -> impl Iterator<Item = Found> + 'a {
    let pieces: Vec<&str> = phrase.split(' ').collect();
    (0..words.len()).filter_map(move |start| {
        let end = matched(&pieces, words, start, noun)?;
        Some(Found { start, end })
    })
}

/// Whether any of these phrases is found.
pub(super) fn any(phrases: &[&str], words: &[&str], noun: Noun) -> bool {
    phrases.iter().any(|phrase| find(phrase, words, noun).next().is_some())
}

/// There is no `@`.
pub(super) fn no_noun(_: &[&str], _: usize) -> Option<usize> {
    None
}

/// Where the pieces end if they stand at `at`. Phrases are short, so this doesn't go deep.
fn matched(pieces: &[&str], words: &[&str], at: usize, noun: Noun) -> Option<usize> {
    let Some((piece, rest)) = pieces.split_first() else { return Some(at) };
    match *piece {
        "^" => {
            let opens = words[..at].iter().all(|word| is_among(word, OPENERS));
            opens.then(|| matched(rest, words, at, noun))?
        }
        "$" => (at == words.len()).then(|| matched(rest, words, at, noun))?,
        "@" => matched(rest, words, noun(words, at)?, noun),
        "*" => (at..=at + ANY_WORDS)
            .find_map(|at| if at <= words.len() { matched(rest, words, at, noun) } else { None }),
        piece => {
            let (choices, optional) =
                piece.strip_suffix('?').map_or((piece, false), |choices| (choices, true));
            let here = words.get(at).is_some_and(|word| choices.split('/').any(|one| one == *word));
            let taken = if here { matched(rest, words, at + 1, noun) } else { None };
            taken.or_else(|| if optional { matched(rest, words, at, noun) } else { None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrase: &str, text: &str, expected: Option<(usize, usize)>) {
        let words: Vec<&str> = text.split(' ').collect();
        let noun: Noun = |words, at| (words.get(at) == Some(&"pie")).then_some(at + 1);
        let found = find(phrase, &words, noun).next().map(|found| (found.start, found.end));
        assert_eq!(found, expected, "{phrase}: {text}");
    }

    #[test]
    fn signs_mean_what_they_say() {
        check("a/b c", "x b c", Some((1, 3)));
        check("a b? c", "a c", Some((0, 2)));
        check("a b? b", "a b", Some((0, 2)));
        check("a * d", "a b c d", Some((0, 4)));
        check("a * d", "a x x x x x d", None);
        check("^ a", "ok so a", Some((2, 3)));
        check("^ a", "x a", None);
        check("a $", "a b", None);
        check("a $", "b a", Some((1, 2)));
        check("a @ b", "a pie b", Some((0, 3)));
        check("a @", "a cake", None);
    }
}
