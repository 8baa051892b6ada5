//! What the tutor's mind costs: triage of a question, an answer's worth of knowledge tracing, and
//! reading an answer before the student does.
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up must stop")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use learnflow_engine::course::model::Course;
use learnflow_engine::progress::Known;
use learnflow_engine::progress::tracing::{Evidence, update};
use learnflow_engine::tutor::leak::{Exposure, Guard, Secret};
use learnflow_engine::tutor::triage::{AskText, TriageContext, triage};

/// The part of the labelled set that triage is judged by.
const QUESTIONS: &str = include_str!("../../engine/tests/data/triage_held.tsv");
/// Tokens of a model are about so long.
const PIECE_BYTES: usize = 4;

fn course() -> Arc<Course> {
    Course::builtin().expect("the course that comes along is valid")
}

fn questions(c: &mut Criterion) {
    let course = course();
    let rows = QUESTIONS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let asked: Vec<(String, Option<String>)> = rows
        .map(|row| {
            let cells: Vec<String> =
                row.split('\t').map(|cell| cell.replace("\\n", "\n")).collect();
            (cells[0].clone(), cells.last().filter(|code| *code != "-").cloned())
        })
        .collect();
    let mut group = c.benchmark_group("triage");
    group.throughput(Throughput::Elements(asked.len() as u64));
    group.bench_function("the questions that it is judged by", |b| {
        b.iter(|| {
            for (text, code) in &asked {
                let ask = AskText { text, code: code.as_deref() };
                black_box(triage(&course, black_box(&ask), &TriageContext::default()));
            }
        });
    });
    group.finish();
}

fn tracing(c: &mut Criterion) {
    let evidence = [Evidence::Correct, Evidence::Wrong, Evidence::CorrectWithHints];
    let mut group = c.benchmark_group("tracing");
    group.throughput(Throughput::Elements(evidence.len() as u64));
    group.bench_function("updates", |b| {
        let mut known = Known::PRIOR;
        b.iter(|| {
            for seen in evidence {
                known = update(black_box(known), black_box(seen));
            }
            known
        });
    });
    group.finish();
}

fn guard(c: &mut Criterion) {
    let course = course();
    let topic = course.topics().get(6).expect("the course has topics");
    let exercise = topic.exercises.first().expect("a topic has exercises");
    // A long answer as good tutors give them: explanations of the course, without their programs.
    let paragraphs: Vec<&str> = course
        .topics()
        .iter()
        .filter_map(|topic| topic.explanations.as_ref())
        .flat_map(|explanations| explanations.proficient.split("\n\n"))
        .filter(|paragraph| !paragraph.contains("```"))
        .collect();
    let prose = paragraphs.join("\n\n");
    let pieces: Vec<&str> = prose
        .as_bytes()
        .chunks(PIECE_BYTES)
        .filter_map(|piece| std::str::from_utf8(piece).ok())
        .collect();
    let mut group = c.benchmark_group("guard");
    group.throughput(Throughput::Bytes(pieces.iter().map(|piece| piece.len() as u64).sum()));
    let secret = Secret::exercise(&course, exercise, 1, Exposure::default());
    group.bench_function("prose in pieces of 4 bytes", |b| {
        b.iter(|| {
            let mut guard = Guard::new(vec![secret.clone()], &["why is it wrong?"]);
            for piece in &pieces {
                black_box(guard.push(piece));
            }
            guard.finish()
        });
    });
    group.bench_function("prose at once", |b| {
        b.iter(|| {
            let mut guard = Guard::new(vec![secret.clone()], &["why is it wrong?"]);
            black_box(guard.push(&prose));
            guard.finish()
        });
    });
    group.bench_function("made", |b| {
        b.iter(|| {
            let secret = Secret::exercise(&course, exercise, 1, Exposure::default());
            Guard::new(vec![secret], &["why is it wrong?"])
        });
    });
    group.finish();
}

criterion_group!(benches, questions, tracing, guard);
criterion_main!(benches);
