//! Sealing and opening under a student's key: a short text and a long one.
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up must stop")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use learnflow_engine::id::StudentId;
use learnflow_engine::port::vault::{Place, Vault};
use learnflow_storage::keys::{MasterKeys, StoreVault};
use uuid::Uuid;

fn seal_and_open(c: &mut Criterion) {
    let vault = StoreVault::new(MasterKeys::new([7; 32], Vec::new()));
    let student = StudentId::new(Uuid::from_u128(1));
    let wrapped = vault.create_key(student).expect("random bytes");
    let key = vault.unwrap_key(student, &wrapped).expect("our own key");
    let place = Place::JournalText(1);
    let mut group = c.benchmark_group("vault");
    for size in [256_usize, 4_096] {
        let plain = vec![b'a'; size];
        let sealed = vault.seal(&key, place, &plain).expect("it seals");
        assert_eq!(vault.open(&key, place, &sealed).as_ref(), Ok(&plain), "it opens");
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(format!("seal {size} B"), |b| {
            b.iter(|| vault.seal(&key, place, black_box(&plain)));
        });
        group.bench_function(format!("open {size} B"), |b| {
            b.iter(|| vault.open(&key, place, black_box(&sealed)));
        });
    }
    group.bench_function("unwrap a student's key", |b| {
        b.iter(|| vault.unwrap_key(student, black_box(&wrapped)));
    });
    group.finish();
}

criterion_group!(benches, seal_and_open);
criterion_main!(benches);
