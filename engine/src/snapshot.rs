//! The snapshot: a session's state as it rests. A version byte, the encoded state, a checksum.
//! Version 3 is written; 2 and 1 are read.
//!
//! **Invariant:** base snapshot + later events = full replay; at most
//! [`LIMIT_BYTES`] in the fullest state.

use serde::de::DeserializeOwned;

use crate::event::DecodeError;
use crate::session::state::State;

mod v1;

/// The version byte of what is written.
const VERSION: u8 = 3;
/// The version byte of what programs wrote before answers were guarded.
const VERSION_2: u8 = 2;
/// What version 3 has at the end of the state and version 2 had not: nothing shown, no rewrite.
const SINCE_2: [u8; 2] = [0, 0];
/// The version byte of what earlier programs wrote.
const VERSION_1: u8 = 1;
/// Bytes of the BLAKE3 checksum at the end.
const CHECKSUM_BYTES: usize = 4;

/// The most that an encoded snapshot may take.
pub const LIMIT_BYTES: usize = 8 * 1_024;

/// Encodes a state.
pub fn encode(state: &State) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    // Plain data into a vector has no way to fail; a body of no bytes never decodes.
    bytes.extend(postcard::to_stdvec(state).unwrap_or_default());
    let sum = checksum(&bytes);
    bytes.extend(sum);
    bytes
}

/// Decodes what [`encode`] made.
///
/// # Errors
/// [`DecodeError`]: the session is restored from its events instead.
pub fn decode(bytes: &[u8]) -> Result<State, DecodeError> {
    let Some(end) = bytes.len().checked_sub(CHECKSUM_BYTES) else {
        return Err(DecodeError::Damaged);
    };
    let (content, sum) = bytes.split_at(end);
    match content.split_first() {
        Some((&VERSION, body)) if sum == checksum(content) => whole(body),
        Some((&VERSION_2, body)) if sum == checksum(content) => whole(&[body, &SINCE_2].concat()),
        Some((&VERSION_1, body)) if sum == checksum(content) => {
            whole::<v1::StateV1>(body).map(State::from)
        }
        Some((&(VERSION | VERSION_2 | VERSION_1), _)) | None => Err(DecodeError::Damaged),
        Some((&version, _)) => Err(DecodeError::UnknownVersion(version)),
    }
}

/// Decodes a value that takes all of the bytes.
fn whole<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        Ok((_, _)) | Err(_) => Err(DecodeError::Damaged),
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = blake3::hash(bytes);
    let mut sum = [0_u8; CHECKSUM_BYTES];
    sum.copy_from_slice(&hash.as_bytes()[..CHECKSUM_BYTES]);
    sum
}
