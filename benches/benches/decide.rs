//! What a session's decision costs: an ask of an idle student whose conversation window is full.
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up must stop")]

#[path = "setting/session.rs"]
mod session;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use session::Session;

fn decide_ask(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide");
    for turns in [0, 20] {
        let session = Session::after_turns(turns);
        let ask = session.ask();
        assert!(!session.decide(&ask).events.is_empty(), "it is accepted");
        group.bench_function(format!("ask after {turns} turns"), |b| {
            b.iter(|| session.decide(black_box(&ask)));
        });
    }
    group.finish();
}

fn apply_ask(c: &mut Criterion) {
    let session = Session::after_turns(20);
    let ask = session.ask();
    let (head, decision) = (session.head(&ask), session.decide(&ask));
    c.bench_function("evolve/ask after 20 turns", |b| {
        b.iter_batched_ref(
            || session.state.clone(),
            |state| learnflow_engine::session::evolve::apply(state, &head, &decision.events),
            BatchSize::SmallInput,
        );
    });
}

fn decide_and_apply_ask(c: &mut Criterion) {
    let session = Session::after_turns(20);
    let ask = session.ask();
    let head = session.head(&ask);
    c.bench_function("decide and evolve/ask after 20 turns", |b| {
        b.iter_batched_ref(
            || session.state.clone(),
            |state| {
                let decision = session.decide(black_box(&ask));
                learnflow_engine::session::evolve::apply(state, &head, &decision.events);
            },
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, decide_ask, apply_ask, decide_and_apply_ask);
criterion_main!(benches);
