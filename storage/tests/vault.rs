//! The vault from outside: whatever is changed, moved or cut doesn't open.
#![cfg(test)]

use learnflow_engine::id::{CommandId, StudentId};
use learnflow_engine::port::vault::{Place, StudentKey, Vault, VaultError, WrappedKey};
use learnflow_storage::keys::{MasterKeys, StoreVault};
use uuid::Uuid;

const MASTER: [u8; 32] = [0x5a; 32];
const OLDER: [u8; 32] = [0x17; 32];

fn vault() -> StoreVault {
    StoreVault::new(MasterKeys::new(MASTER, Vec::new()))
}

fn student(number: u128) -> StudentId {
    StudentId::new(Uuid::from_u128(number))
}

fn key_of(vault: &StoreVault, student: StudentId) -> StudentKey {
    vault.unwrap_key(student, &vault.create_key(student).unwrap()).unwrap()
}

fn places() -> Vec<Place> {
    vec![
        Place::Command(CommandId::new(Uuid::from_u128(1))),
        Place::Command(CommandId::new(Uuid::from_u128(2))),
        Place::Reply,
        Place::JournalFacts(1),
        Place::JournalFacts(2),
        Place::JournalText(1),
        Place::JournalText(2),
        Place::Snapshot(1),
        Place::Snapshot(2),
    ]
}

/// A small generator, so that a failure repeats: `SplitMix64`.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[test]
fn what_is_sealed_opens_in_its_place_and_in_no_other() {
    let vault = vault();
    let key = key_of(&vault, student(1));
    for sealed_for in places() {
        let sealed = vault.seal(&key, sealed_for, b"while True: pass").unwrap();
        for opened_as in places() {
            let opened = vault.open(&key, opened_as, &sealed);
            if opened_as == sealed_for {
                assert_eq!(opened.unwrap(), b"while True: pass");
            } else {
                assert_eq!(opened, Err(VaultError::Broken), "{sealed_for:?} as {opened_as:?}");
            }
        }
    }
}

#[test]
fn nothing_opens_for_another_student_even_under_the_same_key_bytes() {
    let vault = vault();
    let mine = StudentKey::new(student(1), vec![(1, [9; 32])]);
    let yours = StudentKey::new(student(2), vec![(1, [9; 32])]);
    let other_key = key_of(&vault, student(1));
    let sealed = vault.seal(&mine, Place::JournalText(5), b"mine").unwrap();
    assert_eq!(vault.open(&mine, Place::JournalText(5), &sealed).unwrap(), b"mine");
    assert_eq!(vault.open(&yours, Place::JournalText(5), &sealed), Err(VaultError::Broken));
    assert_eq!(vault.open(&other_key, Place::JournalText(5), &sealed), Err(VaultError::Broken));
}

#[test]
fn every_flipped_bit_breaks_the_seal() {
    let vault = vault();
    let key = key_of(&vault, student(1));
    let place = Place::Snapshot(8);
    let sealed = vault.seal(&key, place, b"for i in range(3):").unwrap();
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            let error = vault.open(&key, place, &changed).unwrap_err();
            // Bytes 1 to 4 are the data-key version, of which this student has only one.
            let names_version = matches!(error, VaultError::UnknownVersion(_));
            assert_eq!(names_version, (1..5).contains(&at), "byte {at}, bit {bit}: {error}");
        }
    }
}

#[test]
fn what_is_cut_or_grown_does_not_open() {
    let vault = vault();
    let key = key_of(&vault, student(1));
    let sealed = vault.seal(&key, Place::Reply, b"x = 1").unwrap();
    for length in 0..sealed.len() {
        let opened = vault.open(&key, Place::Reply, &sealed[..length]);
        assert_eq!(opened, Err(VaultError::Broken), "{length} bytes");
    }
    let grown = [sealed, vec![0]].concat();
    assert_eq!(vault.open(&key, Place::Reply, &grown), Err(VaultError::Broken));
}

#[test]
fn every_length_and_place_comes_back_and_no_ciphertext_repeats() {
    let vault = vault();
    let key = key_of(&vault, student(1));
    let mut numbers = Numbers(1);
    for round in 0..500 {
        let length = if round == 0 { 0 } else { numbers.below(2_000) };
        let plain = numbers.bytes(length);
        let place = places()[numbers.below(places().len())];
        let sealed = vault.seal(&key, place, &plain).unwrap();
        assert_eq!(sealed.len(), 1 + 4 + 12 + plain.len() + 16);
        assert_eq!(vault.open(&key, place, &sealed).unwrap(), plain);
        assert_ne!(vault.seal(&key, place, &plain).unwrap(), sealed, "a nonce came twice");
        let place_in_text = plain.len() >= 16 && sealed.windows(16).any(|w| w == &plain[..16]);
        assert!(!place_in_text, "the plaintext stands in the ciphertext");
    }
}

#[test]
fn a_wrapped_key_opens_only_whole_for_its_student_and_under_its_master() {
    let vault = vault();
    let wrapped = vault.create_key(student(1)).unwrap();
    assert!(vault.unwrap_key(student(1), &wrapped).is_ok());
    assert_eq!(vault.unwrap_key(student(2), &wrapped).err(), Some(VaultError::Broken));
    for at in 0..wrapped.0.len() {
        let mut changed = wrapped.clone();
        changed.0[at] ^= 1;
        let error = vault.unwrap_key(student(1), &changed).unwrap_err();
        let names_master = matches!(error, VaultError::UnknownMaster(_));
        assert_eq!(names_master, (1..5).contains(&at), "byte {at}: {error}");
        let cut = WrappedKey(wrapped.0[..at].to_vec());
        assert_eq!(vault.unwrap_key(student(1), &cut).err(), Some(VaultError::Broken), "{at}");
    }
    let stranger = StoreVault::new(MasterKeys::new(OLDER, Vec::new()));
    let error = stranger.unwrap_key(student(1), &wrapped).unwrap_err();
    assert!(matches!(error, VaultError::UnknownMaster(_)), "{error}");
}

#[test]
fn a_new_master_opens_what_the_old_one_wrapped_and_wraps_it_again() {
    let before = StoreVault::new(MasterKeys::new(OLDER, Vec::new()));
    let wrapped = before.create_key(student(1)).unwrap();
    let key = before.unwrap_key(student(1), &wrapped).unwrap();
    let sealed = before.seal(&key, Place::Reply, b"hello").unwrap();

    let between = StoreVault::new(MasterKeys::new(MASTER, vec![OLDER]));
    let again = between.rewrap(student(1), &wrapped).unwrap().unwrap();
    assert_eq!(between.rewrap(student(1), &again).unwrap(), None, "it is under the new one");

    let after = vault();
    assert!(after.unwrap_key(student(1), &wrapped).is_err());
    let key = after.unwrap_key(student(1), &again).unwrap();
    assert_eq!(after.open(&key, Place::Reply, &sealed).unwrap(), b"hello");
}

#[test]
fn a_renewed_key_seals_with_its_new_version_and_opens_the_old_ones() {
    let vault = vault();
    let first = vault.create_key(student(1)).unwrap();
    let old = vault.unwrap_key(student(1), &first).unwrap();
    let by_old = vault.seal(&old, Place::Reply, b"old").unwrap();
    let new = vault.unwrap_key(student(1), &vault.renew(student(1), &first).unwrap()).unwrap();
    let by_new = vault.seal(&new, Place::Reply, b"new").unwrap();
    assert_eq!(vault.open(&new, Place::Reply, &by_old).unwrap(), b"old");
    assert_eq!(vault.open(&new, Place::Reply, &by_new).unwrap(), b"new");
    assert_eq!(vault.open(&old, Place::Reply, &by_new), Err(VaultError::UnknownVersion(2)));
}

#[test]
fn no_two_students_get_the_same_key() {
    let vault = vault();
    let one = key_of(&vault, student(1));
    let two = key_of(&vault, student(1));
    assert_ne!(one.newest().unwrap().1, two.newest().unwrap().1);
}
