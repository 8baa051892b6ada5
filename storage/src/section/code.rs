//! Class codes: 8 characters that can be read aloud, 40 random bits.

/// Crockford's base 32: no I, L, O or U, so nothing is mistaken and no word comes out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
const CHARACTERS: usize = 8;
/// The context under which codes are derived from a seed.
const CONTEXT: &str = "learnflow storage 2026-11 class code";

/// A code from a seed; another attempt gives another.
pub(super) fn make(seed: u128, attempt: u8) -> String {
    let mut material = seed.to_be_bytes().to_vec();
    material.push(attempt);
    let digest = blake3::derive_key(CONTEXT, &material);
    digest.iter().take(CHARACTERS).map(|byte| letter(byte & 31)).collect()
}

/// The stored form of what somebody typed; `None` for what can't be a code. Case, spaces and
/// hyphens don't matter, and letters that look like digits count as those.
pub(crate) fn normalise(typed: &str) -> Option<String> {
    if typed.len() > 4 * CHARACTERS {
        return None;
    }
    let mut code = String::with_capacity(CHARACTERS);
    for character in typed.chars() {
        let upper = match character.to_ascii_uppercase() {
            ' ' | '-' => continue,
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = u8::try_from(upper).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known {
            return None;
        }
        code.push(upper);
    }
    (code.len() == CHARACTERS).then_some(code)
}

fn letter(five_bits: u8) -> char {
    ALPHABET.get(usize::from(five_bits)).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_own_normal_form_and_attempts_differ() {
        for seed in 0..200 {
            let code = make(seed, 0);
            assert_eq!(normalise(&code), Some(code.clone()), "{code}");
            assert_ne!(code, make(seed, 1));
        }
    }

    #[test]
    fn what_is_typed_is_forgiven_what_cannot_be_mistaken() {
        let cases = [
            ("abcd-2345", Some("ABCD2345")),
            (" ABCD 2345 ", Some("ABCD2345")),
            ("oIlo0110", Some("01100110")),
            ("ABCD234", None),
            ("ABCD23456", None),
            ("ABCD234U", None),
            ("ABCD234é", None),
            ("", None),
            ("- - - - - - - - - - - - - - - - - - ABCD2345", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(normalise(typed).as_deref(), expected, "{typed}");
        }
    }
}
