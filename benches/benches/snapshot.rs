//! The snapshot's codec: a young session, and one with a long history.
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up must stop")]

#[path = "setting/session.rs"]
mod session;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use learnflow_engine::snapshot::{decode, encode};
use session::Session;

fn codec(c: &mut Criterion) {
    let mut group = c.benchmark_group("snapshot");
    for turns in [1, 400] {
        let session = Session::after_turns(turns);
        let state = &session.state;
        let bytes = encode(state);
        assert_eq!(decode(&bytes).as_ref(), Ok(state), "it comes back whole");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(format!("encode after {turns} turns"), |b| {
            b.iter(|| encode(black_box(state)));
        });
        group.bench_function(format!("decode after {turns} turns"), |b| {
            b.iter(|| decode(black_box(&bytes)));
        });
    }
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
