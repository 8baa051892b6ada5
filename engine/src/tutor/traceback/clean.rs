//! Makes a text readable line by line: its end if it is too long, without colours.

use std::borrow::Cow;

/// The last lines of a text that fit into so many bytes, and whether that is less than all.
pub(super) fn tail(text: &str, limit_bytes: usize) -> (&str, bool) {
    if text.len() <= limit_bytes {
        return (text, false);
    }
    let start = (text.len() - limit_bytes..=text.len()).find(|at| text.is_char_boundary(*at));
    let tail = &text[start.unwrap_or(text.len())..];
    (tail.split_once('\n').map_or(tail, |(_, lines)| lines), true)
}

/// A text without the sequences that colour a terminal, also where their first byte was lost.
pub(super) fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains("\u{1b}[") && !has_bare_colour(text) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before.strip_suffix('\u{1b}').unwrap_or(before));
        let end = colour_end(from);
        if end.is_none() {
            plain.push('[');
        }
        rest = &from[end.unwrap_or(1)..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn has_bare_colour(text: &str) -> bool {
    text.match_indices('[').any(|(at, _)| colour_end(&text[at..]).is_some())
}

/// Where `[1;35m` ends. Digits are no `[`, so no byte is looked at twice.
fn colour_end(text: &str) -> Option<usize> {
    let codes = text[1..].bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    (codes > 0 && text.as_bytes().get(1 + codes) == Some(&b'm')).then_some(codes + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_vanish_and_code_stays() {
        let cases = [
            ("\u{1b}[1;35mNameError\u{1b}[0m: \u{1b}[35mx\u{1b}[0m", "NameError: x"),
            ("[31mKeyError[0m: 'a'", "KeyError: 'a'"),
            ("x[0] + y[10:] + m[1]m", "x[0] + y[10:] + m[1]m"),
            ("[[[[1;1;1", "[[[[1;1;1"),
            ("", ""),
        ];
        for (text, plain) in cases {
            assert_eq!(without_colours(text), plain);
        }
    }

    #[test]
    fn the_end_of_a_long_text_begins_with_a_whole_line() {
        assert_eq!(tail("one\ntwo\nthree", 100), ("one\ntwo\nthree", false));
        assert_eq!(tail("one\ntwo\nthree", 8), ("three", true));
        assert_eq!(tail("ääää", 3), ("ä", true));
    }
}
