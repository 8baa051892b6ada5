//! The wrapped format: entries one after another, each
//! `1 | master id (4) | data-key version (4) | nonce (12) | wrapped key (32) | tag (16)`, numbers
//! big-endian.
//!
//! The associated data is the format, the student, the version and the master's id, each behind
//! its length: an entry that is moved to another student, or relabelled, doesn't open.

use aws_lc_rs::aead::{Aad, Nonce};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{VaultError, WrappedKey};
use zeroize::Zeroizing;

use super::master::{MasterKey, MasterKeys};
use super::{KEY_BYTES, NONCE_BYTES, TAG_BYTES, length_prefixed};

/// The format that this program writes.
const FORMAT: u8 = 1;
/// Format, master id and data-key version.
const HEADER_BYTES: usize = 1 + 4 + 4;
/// A whole entry.
const ENTRY_BYTES: usize = HEADER_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Versions of a data key, oldest first.
pub(super) type Versions = Vec<(u32, Zeroizing<[u8; KEY_BYTES]>)>;

/// One entry: a version of a student's key, wrapped.
pub(super) fn entry(
    master: &MasterKey,
    student: StudentId,
    version: u32,
    key: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
) -> Result<Vec<u8>, VaultError> {
    let mut wrapped = Zeroizing::new(*key);
    let tag = master
        .wrapping()?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(associated_data(student, version, master.id())),
            wrapped.as_mut_slice(),
        )
        .map_err(|_| VaultError::Broken)?;
    let mut bytes = Vec::with_capacity(ENTRY_BYTES);
    bytes.push(FORMAT);
    bytes.extend_from_slice(&master.id().to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(wrapped.as_slice());
    bytes.extend_from_slice(tag.as_ref());
    Ok(bytes)
}

/// Unwraps every version. One entry that doesn't open fails the whole key.
pub(super) fn open(
    masters: &MasterKeys,
    student: StudentId,
    wrapped: &WrappedKey,
) -> Result<Versions, VaultError> {
    let mut versions = Vec::new();
    for entry in entries(wrapped)? {
        let header = Header::read(entry)?;
        let master = masters.find(header.master).ok_or(VaultError::UnknownMaster(header.master))?;
        versions.push((header.version, open_entry(master, student, &header, entry)?));
    }
    versions.sort_by_key(|(version, _)| *version);
    Ok(versions)
}

/// Whether every entry is wrapped by this master.
pub(super) fn all_under(wrapped: &WrappedKey, master_id: u32) -> Result<bool, VaultError> {
    for entry in entries(wrapped)? {
        if Header::read(entry)?.master != master_id {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Header {
    master: u32,
    version: u32,
}

impl Header {
    fn read(entry: &[u8]) -> Result<Self, VaultError> {
        match entry {
            [FORMAT, m0, m1, m2, m3, v0, v1, v2, v3, ..] => Ok(Self {
                master: u32::from_be_bytes([*m0, *m1, *m2, *m3]),
                version: u32::from_be_bytes([*v0, *v1, *v2, *v3]),
            }),
            _ => Err(VaultError::Broken),
        }
    }
}

fn entries(wrapped: &WrappedKey) -> Result<std::slice::ChunksExact<'_, u8>, VaultError> {
    let chunks = wrapped.0.chunks_exact(ENTRY_BYTES);
    if wrapped.0.is_empty() || !chunks.remainder().is_empty() {
        return Err(VaultError::Broken);
    }
    Ok(chunks)
}

fn open_entry(
    master: &MasterKey,
    student: StudentId,
    header: &Header,
    entry: &[u8],
) -> Result<Zeroizing<[u8; KEY_BYTES]>, VaultError> {
    let rest = entry.get(HEADER_BYTES..).ok_or(VaultError::Broken)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Broken)?;
    let mut body = Zeroizing::new(body.to_vec());
    let plain = master
        .wrapping()?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(associated_data(student, header.version, header.master)),
            body.as_mut_slice(),
        )
        .map_err(|_| VaultError::Broken)?;
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    if plain.len() != KEY_BYTES {
        return Err(VaultError::Broken);
    }
    key.copy_from_slice(plain);
    Ok(key)
}

fn associated_data(student: StudentId, version: u32, master_id: u32) -> Vec<u8> {
    length_prefixed(&[
        &[FORMAT],
        student.as_uuid().as_bytes(),
        &version.to_be_bytes(),
        &master_id.to_be_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn student() -> StudentId {
        "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap()
    }

    /// Made by a program of its own in another language over OpenSSL (`tests/vault_vectors.py`).
    const GOLDEN: &str = "01815ae5ee00000001090909090909090909090909b0eb4aa7f805456df36e17aaf0192081642e08269db31711\
                          b41dde558c03d068bc15b0bd2efa35f49e752e1073d38ad6";

    #[test]
    fn the_format_agrees_with_another_implementation() {
        let masters = MasterKeys::new([0x33; 32], Vec::new());
        let bytes = entry(masters.current(), student(), 1, &[0x44; 32], &[0x09; 12]).unwrap();
        let golden: Vec<u8> = (0..GOLDEN.len() / 2)
            .map(|at| u8::from_str_radix(&GOLDEN[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        assert_eq!(bytes, golden);
        let versions = open(&masters, student(), &WrappedKey(golden)).unwrap();
        assert_eq!(versions, [(1, Zeroizing::new([0x44; 32]))]);
    }

    #[test]
    fn versions_come_oldest_first_whatever_their_order_at_rest() {
        let masters = MasterKeys::new([0x33; 32], Vec::new());
        let made =
            |version| entry(masters.current(), student(), version, &[7; 32], &[0x09; 12]).unwrap();
        let wrapped = WrappedKey([made(3), made(1), made(2)].concat());
        let versions: Vec<u32> = open(&masters, student(), &wrapped)
            .unwrap()
            .iter()
            .map(|(version, _)| *version)
            .collect();
        assert_eq!(versions, [1, 2, 3]);
    }
}
