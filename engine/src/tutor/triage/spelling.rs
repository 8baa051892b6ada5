//! Misspelt words: one letter too many, too few, another or two in the wrong order.
//!
//! Two words that are one such slip apart share a form with one letter left out (or are that
//! form), so the words of a course are kept by these forms and a lookup costs a few searches.

/// Shortest word that is corrected, in letters: below, every word is one slip from another.
const SHORTEST: usize = 5;

/// Looks misspelt words up.
#[derive(Debug, Clone, Default)]
pub(super) struct Spelling {
    /// (hash of a form, index of the word), sorted.
    forms: Vec<(u64, u16)>,
}

impl Spelling {
    /// Prepares the words that may be meant, given with their indices.
    pub(super) fn new<'a>(words: impl Iterator<Item = (u16, &'a str)>) -> Self {
        let mut forms = Vec::new();
        for (index, word) in words.filter(|(_, word)| is_correctable(word)) {
            for_each_form(word, |form| forms.push((form, index)));
        }
        forms.sort_unstable();
        forms.dedup();
        Self { forms }
    }

    /// The first word that is one slip away; `word_at` gives the word of an index.
    pub(super) fn nearest<'a>(
        &self,
        misspelt: &str,
        word_at: impl Fn(u16) -> &'a str,
    ) -> Option<u16> {
        if !is_correctable(misspelt) {
            return None;
        }
        let mut nearest: Option<u16> = None;
        for_each_form(misspelt, |form| {
            let start = self.forms.partition_point(|(known, _)| *known < form);
            for (_, index) in self.forms[start..].iter().take_while(|(known, _)| *known == form) {
                let better = nearest.is_none_or(|found| *index < found);
                if better && one_slip(misspelt, word_at(*index)) {
                    nearest = Some(*index);
                }
            }
        });
        nearest
    }
}

fn is_correctable(word: &str) -> bool {
    word.len() >= SHORTEST && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The hash of the word and of each form with one letter left out.
fn for_each_form(word: &str, mut each: impl FnMut(u64)) {
    let bytes = word.as_bytes();
    each(hash(bytes, bytes.len()));
    for left_out in 0..bytes.len() {
        each(hash(bytes, left_out));
    }
}

/// FNV-1a over the bytes but one.
fn hash(bytes: &[u8], left_out: usize) -> u64 {
    let kept = bytes.iter().enumerate().filter(|(at, _)| *at != left_out);
    kept.fold(0xcbf2_9ce4_8422_2325, |hash, (_, byte)| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether two ASCII words differ by exactly one slip.
fn one_slip(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let same_start = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[same_start..], &right[same_start..]);
    match (left, right) {
        ([], [_]) | ([_], []) => true,
        ([a, b, left_rest @ ..], [c, d, right_rest @ ..])
            if a == d && b == c && left_rest == right_rest =>
        {
            true
        }
        ([_, left_rest @ ..], [_, right_rest @ ..]) if left_rest == right_rest => true,
        ([_, left_rest @ ..], _) if left_rest == right => true,
        (_, [_, right_rest @ ..]) => left == right_rest,
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_found_and_two_are_not() {
        let words = ["variable", "string", "dictionary", "while"];
        let spelling = Spelling::new((0..).zip(words));
        let cases = [
            ("varible", Some("variable")),
            ("varaible", Some("variable")),
            ("variabble", Some("variable")),
            ("bariable", Some("variable")),
            ("strang", Some("string")),
            ("dictonary", Some("dictionary")),
            ("dictionaryy", Some("dictionary")),
            ("dctonary", None),
            ("whil", None),
            ("vrble", None),
            ("", None),
        ];
        for (misspelt, expected) in cases {
            let found = spelling.nearest(misspelt, |at| words[usize::from(at)]);
            assert_eq!(found.map(|at| words[usize::from(at)]), expected, "{misspelt}");
        }
    }
}
