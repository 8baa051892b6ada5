//! The fenced group commit of 64 steps of 64 students in 12 partitions: on SQLite, and on
//! PostgreSQL when `DATABASE_URL` names a server where databases may be made.
//!
//! Steps are what an ask costs: 512 bytes of sealed facts, 1 KiB of sealed text, and a work row.
#![expect(clippy::expect_used, reason = "a benchmark that can't be set up must stop")]

use std::collections::BTreeMap;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{PartitionId, StudentId, partition_of};
use learnflow_engine::port::store::{
    Batch, JournalRow, Owner, OwnerUpdate, Step, Store, Work, WorkChange, WorkKind,
};
use learnflow_storage::account::{self, NewAccount, Role};
use learnflow_storage::keys::{MasterKeys, StoreVault};
use learnflow_storage::testing::Scratch;
use tokio::runtime::Runtime;
use uuid::Uuid;

const STUDENTS: u32 = 64;
const PARTITIONS: u32 = 12;
const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// Makes batches, as partition actors and the committer do together.
struct Writer {
    owners: BTreeMap<PartitionId, Owner>,
    students: Vec<(StudentId, PartitionId)>,
    rev: i64,
}

impl Writer {
    async fn new(scratch: &Scratch, store: &dyn Store) -> Self {
        let vault = StoreVault::new(MasterKeys::new([7; 32], Vec::new()));
        let mut students = Vec::new();
        for number in 0..STUDENTS {
            let new = NewAccount {
                role: Role::Student,
                email: format!("student-{number}@learnflow.test"),
                display_name: format!("Student {number}"),
                password_hash: None,
                birth_year: Some(1990),
                class_code: None,
            };
            let seed = u128::from(number + 1) << 64 | 1;
            let made =
                account::create(scratch.database(), &vault, PARTITIONS, new, NOW, seed).await;
            let student = made.expect("an account").student_id.expect("a student");
            students.push((student, partition_of(student, PARTITIONS)));
        }
        let partitions: Vec<PartitionId> =
            (0..PARTITIONS).map(|n| PartitionId(i32::try_from(n).expect("few"))).collect();
        let owners = store.claim(&partitions).await.expect("nobody else owns them");
        let owners = owners.into_iter().map(|owner| (owner.partition, owner)).collect();
        Self { owners, students, rev: 0 }
    }

    /// The next step of every student.
    fn batch(&mut self) -> Batch {
        self.rev += 1;
        let mut batch = Batch::default();
        for (student, partition) in self.students.clone() {
            batch.steps.push(self.step(student, partition));
        }
        let touched = self.owners.values_mut();
        batch.owners = touched
            .filter(|owner| batch.steps.iter().any(|step| step.row.partition == owner.partition))
            .map(next_update)
            .collect();
        batch
    }

    fn step(&mut self, student: StudentId, partition: PartitionId) -> Step {
        let owner = self.owners.get_mut(&partition).expect("all are claimed");
        owner.out_seq += 1;
        owner.top += 1;
        owner.next_offset = owner.top + 1;
        let turn = u128::from(self.rev.unsigned_abs());
        let id = Uuid::from_u128(student.as_uuid().as_u128() ^ turn);
        let work = Work { student, id, kind: WorkKind::Answer, attempt: 1, crashes: 0 };
        Step {
            row: JournalRow {
                student,
                rev: self.rev,
                partition,
                epoch: owner.epoch,
                generation: owner.generation,
                position: owner.top,
                at: NOW.plus_millis(self.rev),
                last_frame: self.rev * 2,
                last_event: self.rev * 2,
                out_seq: owner.out_seq,
                facts: vec![7; 512],
                text: Some(vec![8; 1_024]),
            },
            snapshot: None,
            next_timer: None,
            work: vec![WorkChange::Put(work)],
            reads: Vec::new(),
            intent: None,
        }
    }
}

fn next_update(owner: &mut Owner) -> OwnerUpdate {
    owner.batch += 1;
    OwnerUpdate {
        partition: owner.partition,
        epoch: owner.epoch,
        batch: owner.batch,
        next_offset: owner.next_offset,
        top: owner.top,
        out_seq: owner.out_seq,
        published_seq: owner.out_seq,
        cluster_id: "cluster".to_owned(),
        digest: None,
        clean: false,
    }
}

fn bench_on(c: &mut Criterion, runtime: &Runtime, name: &str, scratch: Scratch) {
    let store: &dyn Store = scratch.database();
    let mut writer = runtime.block_on(Writer::new(&scratch, store));
    let mut group = c.benchmark_group("commit");
    group.throughput(Throughput::Elements(u64::from(STUDENTS)));
    group.bench_function(format!("64 steps on {name}"), |b| {
        b.iter_batched(
            || writer.batch(),
            |batch| {
                let committed = runtime.block_on(store.commit(&batch)).expect("it commits");
                assert!(committed.fenced.is_empty(), "nobody fences");
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(scratch.end()).expect("it is removed");
}

fn group_commit(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let sqlite = runtime.block_on(Scratch::sqlite()).expect("a file");
    bench_on(c, &runtime, "SQLite", sqlite);
    #[expect(clippy::disallowed_methods, reason = "benchmarks may be given a server")]
    let url = std::env::var("DATABASE_URL").ok().filter(|url| url.starts_with("postgres"));
    if url.is_some() {
        let postgres = runtime.block_on(Scratch::postgres(url)).expect("a database");
        bench_on(c, &runtime, "PostgreSQL", postgres);
    }
}

criterion_group!(benches, group_commit);
criterion_main!(benches);
