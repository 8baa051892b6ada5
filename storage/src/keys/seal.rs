//! The sealed format: `1 | data-key version (4, big-endian) | nonce (12) | ciphertext | tag (16)`.
//!
//! The subkey is HKDF-SHA256 of the data key with the purpose of the place. The associated data is
//! the format, the data-key version, the student, the place's name, its schema and its row, each
//! behind its length: a value that is moved to another student, place or row doesn't open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{Place, StudentKey, VaultError};

use super::{KEY_BYTES, NONCE_BYTES, TAG_BYTES, length_prefixed};

/// The format that this program writes.
const FORMAT: u8 = 1;
/// Format and data-key version.
const HEADER_BYTES: usize = 1 + 4;
/// The salt of every subkey.
const SUBKEY_SALT: &[u8] = b"learnflow data key v1";

/// Seals `plain` under a nonce that has never been used with this key.
pub(super) fn seal(
    key: &StudentKey,
    place: Place,
    plain: &[u8],
    nonce: &[u8; NONCE_BYTES],
) -> Result<Vec<u8>, VaultError> {
    let (version, data_key) = key.newest().ok_or(VaultError::Broken)?;
    let mut sealed = Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + plain.len() + TAG_BYTES);
    sealed.push(FORMAT);
    sealed.extend_from_slice(&version.to_be_bytes());
    sealed.extend_from_slice(nonce);
    let start = sealed.len();
    sealed.extend_from_slice(plain);
    let tag = subkey(data_key, place)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(associated_data(key.student(), place, version)),
            &mut sealed[start..],
        )
        .map_err(|_| VaultError::Broken)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made.
pub(super) fn open(key: &StudentKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (header, rest) = sealed.split_first_chunk::<HEADER_BYTES>().ok_or(VaultError::Broken)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Broken)?;
    let [format, version @ ..] = *header;
    if format != FORMAT {
        return Err(VaultError::Broken);
    }
    let version = u32::from_be_bytes(version);
    let data_key = key.version(version).ok_or(VaultError::UnknownVersion(version))?;
    let mut plain = body.to_vec();
    let plain_bytes = subkey(data_key, place)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(associated_data(key.student(), place, version)),
            &mut plain,
        )
        .map_err(|_| VaultError::Broken)?
        .len();
    plain.truncate(plain_bytes);
    Ok(plain)
}

/// The key of one purpose.
fn subkey(data_key: &[u8; KEY_BYTES], place: Place) -> Result<LessSafeKey, VaultError> {
    let purpose: [&[u8]; 1] = [binding(place).name.as_bytes()];
    let derived = Salt::new(HKDF_SHA256, SUBKEY_SALT).extract(data_key);
    let okm = derived.expand(&purpose, &AES_256_GCM).map_err(|_| VaultError::Broken)?;
    Ok(LessSafeKey::new(UnboundKey::from(okm)))
}

fn associated_data(student: StudentId, place: Place, version: u32) -> Vec<u8> {
    let Binding { name, schema, row } = binding(place);
    length_prefixed(&[
        &[FORMAT],
        &version.to_be_bytes(),
        student.as_uuid().as_bytes(),
        name.as_bytes(),
        &[schema],
        &row,
    ])
}

/// What a place binds into the seal. All of it is stored format: never change an entry.
struct Binding {
    name: &'static str,
    /// Of what is bound, not of the plaintext, which carries a version of its own.
    schema: u8,
    row: Vec<u8>,
}

fn binding(place: Place) -> Binding {
    let (name, row) = match place {
        Place::Command(command) => ("command", command.as_uuid().as_bytes().to_vec()),
        Place::Reply => ("reply", Vec::new()),
        Place::JournalFacts(rev) => ("journal.facts", rev.to_be_bytes().to_vec()),
        Place::JournalText(rev) => ("journal.text", rev.to_be_bytes().to_vec()),
        Place::Snapshot(rev) => ("session.state", rev.to_be_bytes().to_vec()),
    };
    Binding { name, schema: 1, row }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDENT: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
    const COMMAND: &str = "0192f0c1-9999-7abc-8def-0123456789ab";

    fn key() -> StudentKey {
        StudentKey::new(STUDENT.parse().unwrap(), vec![(1, [0x11; 32]), (2, [0x22; 32])])
    }

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    /// Made by a program of its own in another language over OpenSSL (`tests/vault_vectors.py`).
    #[test]
    fn the_format_agrees_with_another_implementation() {
        let cases = [
            (
                Place::Command(COMMAND.parse().unwrap()),
                "why?",
                "0100000002070707070707070707070707fa366e3454510eb695d394ab223c204e8c48fc9e",
            ),
            (
                Place::Reply,
                "",
                "0100000002070707070707070707070707feb7ccfcd132d94ccee5afaaf6ae5b31",
            ),
            (
                Place::JournalFacts(7),
                "facts",
                "0100000002070707070707070707070707d8492883afc054c7ec87b113f3229d96641c580864",
            ),
            (
                Place::JournalText(7),
                "text",
                "010000000207070707070707070707070744104179659776f029fd8f7e65361beaec5c187d",
            ),
            (
                Place::Snapshot(16),
                "state",
                "0100000002070707070707070707070707cc6272e692e8fc07aab296697ec534946c3736de36",
            ),
        ];
        for (place, plain, expected) in cases {
            let sealed = seal(&key(), place, plain.as_bytes(), &[0x07; 12]).unwrap();
            assert_eq!(hex(&sealed), expected, "{place:?}");
            assert_eq!(open(&key(), place, &sealed).unwrap(), plain.as_bytes(), "{place:?}");
        }
    }

    #[test]
    fn an_older_version_still_opens_and_an_unknown_one_says_which() {
        let old = StudentKey::new(key().student(), vec![(1, [0x11; 32])]);
        let place = Place::JournalText(3);
        let by_old = seal(&old, place, b"print(x)", &[1; 12]).unwrap();
        let by_new = seal(&key(), place, b"print(x)", &[1; 12]).unwrap();
        assert_eq!(open(&key(), place, &by_old).unwrap(), b"print(x)");
        assert_eq!(open(&old, place, &by_new), Err(VaultError::UnknownVersion(2)));
    }

    #[test]
    fn a_key_without_versions_seals_nothing() {
        let empty = StudentKey::new(key().student(), Vec::new());
        assert_eq!(seal(&empty, Place::Reply, b"", &[1; 12]), Err(VaultError::Broken));
    }
}
