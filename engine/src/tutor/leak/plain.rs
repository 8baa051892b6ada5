//! Takes disguises off a line: characters that can't be seen, letters of other alphabets that look
//! like ours, escapes; and finds what is encoded.

use std::borrow::Cow;

/// An encoded run that decodes to so many bytes of text is one, whatever it says.
const ENCODED_BYTES: usize = 15;
/// So many single letters in a row are a text that is spelt.
const SPELT_LETTERS: usize = 12;

/// The line in plain ASCII as far as it can be; other letters stay.
pub(super) fn plain(line: &str) -> Cow<'_, str> {
    let escaped = line.contains("\\x") || line.contains("\\u") || line.contains("&#");
    if line.is_ascii() && !escaped && !line.contains('%') {
        return Cow::Borrowed(line);
    }
    let unescaped = unescape(line);
    let mut text = String::with_capacity(unescaped.len());
    for character in unescaped.chars() {
        if character.is_ascii() {
            text.push(character);
        } else if !is_unseen(character) {
            look_alike(character, &mut text);
        }
    }
    Cow::Owned(text)
}

/// Whether a character shows nothing: zero-width, joiners, marks on letters, tags.
const fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Writes what a character looks like.
fn look_alike(character: char, text: &mut String) {
    const ALIKE: &str = "аaеeоoрpсcуyхxіiјjѕsԁdһhԛqѡwɡgАAВBЕEКKМMНHОOРPСCТTУYХXтtкkмmнhвbοoαaιiνvρp\
                         υuκkχxηnΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXıiɑaՕOоo";
    const SIGNS: [(char, &str); 22] = [
        ('→', "->"),
        ('←', "="),
        ('⇐', "="),
        ('×', "*"),
        ('÷', "/"),
        ('−', "-"),
        ('–', "-"),
        ('—', "-"),
        ('≥', ">="),
        ('≤', "<="),
        ('≠', "!="),
        ('“', "\""),
        ('”', "\""),
        ('„', "\""),
        ('‘', "'"),
        ('’', "'"),
        ('…', "."),
        ('·', " "),
        ('∙', " "),
        ('⋅', " "),
        ('│', "|"),
        ('，', ","),
    ];
    if character.is_whitespace() {
        text.push(' ');
    } else if let Some(ascii) = from_block(character) {
        text.push(ascii);
    } else if let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| *sign == character) {
        text.push_str(sign);
    } else {
        let mut pairs = ALIKE.chars();
        while let (Some(other), Some(ours)) = (pairs.next(), pairs.next()) {
            if other == character {
                text.push(ours);
                return;
            }
        }
        text.push(character);
    }
}

/// The ASCII character that a full-width, mathematical or circled one stands for.
fn from_block(character: char) -> Option<char> {
    let code = u32::from(character);
    let letter = |offset: u32| {
        let base = if offset < 26 { u32::from(b'A') } else { u32::from(b'a') - 26 };
        char::from_u32(base + offset)
    };
    match code {
        0xff01..=0xff5e => char::from_u32(code - 0xff01 + 0x21),
        0x1d400..=0x1d6a3 => letter((code - 0x1d400) % 52),
        0x1d7ce..=0x1d7ff => char::from_u32(u32::from(b'0') + (code - 0x1d7ce) % 10),
        0x24b6..=0x24e9 => letter(code - 0x24b6),
        0x1f130..=0x1f149 => char::from_u32(u32::from(b'A') + code - 0x1f130),
        _ => None,
    }
}

/// Resolves `\x41`, `\u0041`, `&#65;`, `&#x41;` and `%41`.
fn unescape(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['\\', '&', '%']) {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        let found = escape(tail);
        let taken = found.map_or(1, |(_, length)| length);
        match found {
            Some((character, _)) => text.push(character),
            None => text.push_str(&tail[..1]),
        }
        rest = &tail[taken..];
    }
    text.push_str(rest);
    text
}

/// The escape at the beginning, and its length in bytes.
fn escape(tail: &str) -> Option<(char, usize)> {
    let number = |from: usize, length: usize, radix: u32| {
        let code = u32::from_str_radix(tail.get(from..from + length)?, radix).ok()?;
        let character = char::from_u32(code).filter(|character| !character.is_control())?;
        Some((character, from + length))
    };
    if tail.starts_with("\\x") {
        number(2, 2, 16)
    } else if tail.starts_with("\\u") {
        number(2, 4, 16)
    } else if tail.starts_with('%') {
        number(1, 2, 16)
    } else if let Some(code) = tail.strip_prefix("&#") {
        let end = tail.get(..12.min(tail.len())).and_then(|start| start.find(';'))?;
        let (from, radix) = if code.starts_with(['x', 'X']) { (3, 16) } else { (2, 10) };
        let (character, _) = number(from, end.checked_sub(from)?, radix)?;
        Some((character, end + 1))
    } else {
        None
    }
}

/// What a line has encoded in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Encoded {
    /// The decoded texts.
    pub(super) texts: Vec<String>,
    /// Whether one of them is so long that nobody could mean well by it.
    pub(super) long: bool,
}

/// Looks for base64, hexadecimal, numbers of characters and spelt letters.
pub(super) fn encoded(line: &str) -> Encoded {
    let mut found = Encoded::default();
    let bytes = line.as_bytes();
    let is_run =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && is_run(bytes[at]) {
            at += 1;
        }
        let run = &bytes[start..at];
        let padding = bytes[at..].iter().take_while(|byte| **byte == b'=').count();
        let after = bytes.get(at + padding).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let padded = (run.len() + padding).is_multiple_of(4) && after;
        let mixed = run.iter().any(u8::is_ascii_uppercase) && run.len() >= 4 || padding > 0;
        if run.len() >= 8 || padded && mixed && run.len() >= 2 {
            found.take(run);
        }
        at += 1;
    }
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2 {
        found.numbers(line);
    }
    found.spelt(line);
    found
}

impl Encoded {
    fn take(&mut self, run: &[u8]) {
        let hex = run.len().is_multiple_of(2).then(|| from_hex(run)).flatten();
        let texts = [hex, from_base64(run)];
        for text in texts.into_iter().flatten() {
            self.long |= text.len() >= ENCODED_BYTES;
            self.texts.push(text);
        }
    }

    /// Codes of characters that stand apart: `72 65`, `0x72, 0x65`, `114, 101`, `chr(114)`,
    /// `01110010`.
    fn numbers(&mut self, line: &str) {
        for radix in [16, 10, 2] {
            let (mut bytes, mut others) = (Vec::new(), 0);
            for word in line.split(|c: char| !c.is_ascii_alphanumeric()) {
                let digits = word.strip_prefix("0x").unwrap_or(word);
                let fits = match radix {
                    16 => digits.len() == 2,
                    10 => (2..=3).contains(&digits.len()),
                    _ => (7..=8).contains(&digits.len()),
                };
                if fits && let Ok(byte) = u8::from_str_radix(digits, radix) {
                    bytes.push(byte);
                } else {
                    others += word.len();
                }
            }
            if (bytes.len() >= 5 || others == 0 && !bytes.is_empty())
                && let Some(text) = as_text(bytes)
            {
                // A list of numbers may look like text, but seldom one with spaces in it.
                self.long |= text.len() >= ENCODED_BYTES && text.contains(' ') && others == 0;
                self.texts.push(text);
            }
        }
    }

    /// `r e t u r n`, with more space between words.
    fn spelt(&mut self, line: &str) {
        let bytes = line.as_bytes();
        let (mut letters, mut text, mut at, mut runs) = (0, String::new(), 0, 0);
        let is_sep =
            |byte: Option<&u8>| byte.is_none_or(|b| matches!(b, b' ' | b'.' | b'-' | b'_' | b'|'));
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1);
            // A separator between spaces is one that is spelt.
            let spelt = byte != b' ' && at > 0 && bytes[at - 1] == b' ' && next == Some(&b' ');
            let alone = byte.is_ascii_graphic() && is_sep(next);
            let after_sep = at == 0 || is_sep(bytes.get(at - 1));
            if alone && after_sep && (spelt || !is_sep(Some(&byte))) {
                letters += usize::from(byte.is_ascii_alphabetic());
                text.push(char::from(byte));
                at += 1;
            } else if is_sep(Some(&byte)) {
                // One separator stands inside a word, more end it.
                if at > 0 && byte == b' ' && bytes[at - 1] == b' ' {
                    text.push(' ');
                }
                at += 1;
            } else {
                self.spelt_run(letters, &mut text);
                (letters, runs) = (0, 1);
                at += bytes[at..].iter().take_while(|byte| !is_sep(Some(byte))).count().max(1);
            }
        }
        // A line that has nothing else may be as short as it likes.
        let short = runs == 0 && text.len() >= 2;
        self.spelt_run(if short { letters.max(3) } else { letters }, &mut text);
    }

    fn spelt_run(&mut self, letters: usize, text: &mut String) {
        let run = std::mem::take(text);
        if letters >= 3 {
            self.long |= letters >= SPELT_LETTERS;
            self.texts.push(run);
        }
    }
}

fn from_hex(run: &[u8]) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> =
        run.chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect();
    as_text(bytes?)
}

fn from_base64(run: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for &byte in run {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            let byte = u8::try_from(buffer >> bits).ok().filter(|byte| is_text(*byte))?;
            bytes.push(byte);
            buffer &= (1 << bits) - 1;
        }
    }
    as_text(bytes)
}

/// Bytes as a text, if they are one that a person could have written.
fn as_text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    (!text.is_empty() && text.bytes().all(is_text)).then_some(text)
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r')
}

/// The line with each letter moved by 13.
pub(super) fn rotated(line: &str) -> String {
    let turn = |character: char| match character {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(character) + 13).unwrap_or(character),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(character) - 13).unwrap_or(character),
        other => other,
    };
    line.chars().map(turn).collect()
}

/// The line from its end.
pub(super) fn reversed(line: &str) -> String {
    line.chars().rev().collect()
}
