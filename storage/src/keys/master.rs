//! Master keys: the configuration's, never the store's. One is current, others still open.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::VaultError;
use zeroize::Zeroizing;

use super::KEY_BYTES;

/// The context under which a master key's id is derived. Stored format: never change it.
const ID_CONTEXT: &str = "learnflow storage 2026-11 master key id";
/// The salt of every key that is derived from a master key. Stored format too.
const MASTER_SALT: &[u8] = b"learnflow master key v1";

/// A master key's text is not 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// Not base64 of the standard alphabet.
    #[error("a master key is not base64")]
    NotBase64,
    /// Another length.
    #[error("a master key has {0} bytes, not 32")]
    WrongLength(usize),
}

/// One master key.
pub(crate) struct MasterKey {
    id: u32,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl MasterKey {
    fn new(key: [u8; KEY_BYTES]) -> Self {
        let digest = blake3::derive_key(ID_CONTEXT, &key);
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Self { id, key: Zeroizing::new(key) }
    }

    /// What a wrapped key names it by: 4 bytes that say nothing of the key.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    /// The key that wraps data keys.
    pub(super) fn wrapping(&self) -> Result<LessSafeKey, VaultError> {
        let prk = self.derived();
        let okm = prk.expand(&[b"wrap"], &AES_256_GCM).map_err(|_| VaultError::Broken)?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }

    /// A key of HMAC-SHA256 for a purpose that isn't sealing.
    pub(crate) fn hmac_key(&self, purpose: &'static str) -> Option<hmac::Key> {
        let info: [&[u8]; 1] = [purpose.as_bytes()];
        self.derived().expand(&info, hmac::HMAC_SHA256).ok().map(hmac::Key::from)
    }

    fn derived(&self) -> Prk {
        Salt::new(HKDF_SHA256, MASTER_SALT).extract(self.key.as_slice())
    }
}

/// The current master key, which wraps, and any number of older ones, which still unwrap.
pub struct MasterKeys {
    current: MasterKey,
    previous: Vec<MasterKey>,
}

impl MasterKeys {
    /// From the bytes of the current key and of the older ones.
    pub fn new(current: [u8; KEY_BYTES], previous: Vec<[u8; KEY_BYTES]>) -> Self {
        Self {
            current: MasterKey::new(current),
            previous: previous.into_iter().map(MasterKey::new).collect(),
        }
    }

    /// From base64, as the settings `keys.master` and `keys.previous` have them.
    ///
    /// # Errors
    /// [`MasterKeyError`], which never repeats the key.
    pub fn parse<S: AsRef<str>>(current: &str, previous: &[S]) -> Result<Self, MasterKeyError> {
        let previous: Result<Vec<_>, _> =
            previous.iter().map(|text| parse_key(text.as_ref())).collect();
        Ok(Self::new(parse_key(current)?, previous?))
    }

    /// The key that wraps.
    pub(crate) const fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The key with this id.
    pub(crate) fn find(&self, id: u32) -> Option<&MasterKey> {
        std::iter::once(&self.current).chain(&self.previous).find(|master| master.id == id)
    }

    /// See [`super::StoreVault::pseudonym`].
    pub(super) fn pseudonym(&self, student: StudentId) -> String {
        use fmt::Write as _;
        let Some(key) = self.current.hmac_key("pseudonym") else { return String::new() };
        let tag = hmac::sign(&key, student.as_uuid().as_bytes());
        tag.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a string has no way to fail.
            write!(text, "{byte:02x}").ok();
            text
        })
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeys")
            .field("current", &format_args!("{:08x}", self.current.id))
            .field("previous", &self.previous.len())
            .finish()
    }
}

fn parse_key(text: &str) -> Result<[u8; KEY_BYTES], MasterKeyError> {
    let bytes =
        Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| MasterKeyError::NotBase64)?);
    bytes.as_slice().try_into().map_err(|_| MasterKeyError::WrongLength(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_32_bytes_in_base64() {
        let good = STANDARD.encode((0_u8..32).collect::<Vec<_>>());
        let short = STANDARD.encode([1_u8; 16]);
        let none: [&str; 0] = [];
        let check = |text: &str| MasterKeys::parse(text, &none).map(|_| ());
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&format!("  {good}\n")), Ok(()));
        assert_eq!(check(&short), Err(MasterKeyError::WrongLength(16)));
        assert_eq!(check(""), Err(MasterKeyError::WrongLength(0)));
        assert_eq!(check("no base64!"), Err(MasterKeyError::NotBase64));
        let previous = MasterKeys::parse(&good, &[short]).map(|_| ());
        assert_eq!(previous, Err(MasterKeyError::WrongLength(16)));
    }

    #[test]
    fn an_id_never_changes_and_finds_its_key() {
        let masters = MasterKeys::new([0x33; 32], vec![[0x55; 32]]);
        assert_eq!(masters.current().id(), 0x815a_e5ee);
        let older = MasterKey::new([0x55; 32]).id();
        assert!(masters.find(older).is_some());
        assert!(masters.find(older ^ 1).is_none());
    }

    #[test]
    fn a_pseudonym_is_64_hex_digits_of_one_student_under_one_master() {
        let masters = MasterKeys::new([0x33; 32], Vec::new());
        let student: StudentId = "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
        let other: StudentId = "0192f0c1-2345-7abc-8def-0123456789ac".parse().unwrap();
        let name = masters.pseudonym(student);
        assert_eq!(name.len(), 64);
        assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(name, masters.pseudonym(student));
        assert_ne!(name, masters.pseudonym(other));
        assert_ne!(name, MasterKeys::new([0x34; 32], Vec::new()).pseudonym(student));
    }

    #[test]
    fn debug_output_holds_no_key() {
        let shown = format!("{:?}", MasterKeys::new([0xab; 32], vec![[0xcd; 32]]));
        assert!(!shown.contains("171") && !shown.contains("abab"), "{shown}");
    }
}
