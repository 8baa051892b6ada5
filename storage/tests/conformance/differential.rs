//! The two databases agree: the same random history gives the same answers on both.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::{IntentId, PartitionId, StudentId};
use learnflow_engine::port::store::{
    Batch, LooseSnapshot, ReadChange, Step, StoreError, Work, WorkChange, WorkKind,
};
use learnflow_storage::pool::Database;
use learnflow_storage::read::learning::{self, AlertScope, TimelineEntry};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::read::student;
use uuid::Uuid;

use crate::change;
use crate::world::{NOW, World, Writer, snapshot, together};

const PARTITIONS: i32 = 3;
const STUDENTS: u128 = 6;
const ROUNDS: u32 = 60;
const TOPICS: [&str; 3] = ["basics.loops", "basics.strings", "basics.variables"];
/// Entries of a timeline that a history makes in all, at least.
const ENTRIES_MIN: usize = 20;

/// A generator that repeats (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        let (factor, addend) = (6_364_136_223_846_793_005_u64, 1_442_695_040_888_963_407_u64);
        self.0 = self.0.wrapping_mul(factor).wrapping_add(addend);
        (self.0 >> 33) % sides
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

/// What two processes that fight for the partitions believe.
struct History {
    dice: Dice,
    /// Writers that may be stale, by partition.
    writers: Vec<Vec<Writer>>,
    /// The rev of each student's newest durable row.
    revs: Vec<i64>,
    last: Option<Batch>,
}

/// Students live where their number says.
fn partition_of(number: usize) -> i32 {
    i32::try_from(number).unwrap() % PARTITIONS
}

fn id_of(number: usize) -> StudentId {
    crate::world::student(number as u128)
}

impl History {
    fn step(&mut self, writer: &mut Writer, number: usize, rev: i64) -> Step {
        let student = id_of(number);
        let position = if self.dice.often() { writer.owner.top + 1 } else { -1 };
        let mut step = writer.step(student, rev, position);
        step.snapshot = (!self.dice.often()).then(|| snapshot(rev));
        step.next_timer = match self.dice.below(4) {
            0 => Some(None),
            1 => Some(Some(Timestamp::from_micros(i64::try_from(self.dice.below(900)).unwrap()))),
            _ => None,
        };
        let id = Uuid::from_u128(u128::from(self.dice.below(4)));
        step.work = vec![if self.dice.often() {
            let crashes = i16::try_from(self.dice.below(3)).unwrap();
            WorkChange::Put(Work { student, id, kind: WorkKind::Answer, attempt: 1, crashes })
        } else {
            WorkChange::Remove { id }
        }];
        let intent = IntentId::new(Uuid::from_u128(u128::from(self.dice.below(50))));
        step.intent = (!self.dice.often()).then_some((intent, "applied"));
        // Each step has ten numbers for its events.
        for seq in rev * 10..rev * 10 + i64::try_from(self.dice.below(4)).unwrap() {
            step.reads.push(self.read(number, seq));
        }
        step
    }

    /// Any change of a read model. Few things, so that they are met again; of a student's alerts
    /// the first two are of the same topic, so that some batches are refused.
    fn read(&mut self, number: usize, seq: i64) -> ReadChange {
        let topic = TOPICS[usize::try_from(self.dice.below(3)).unwrap()];
        let (score, at) = (i64::try_from(self.dice.below(3)).unwrap() * 5_000, change::at(seq));
        let rung = i16::try_from(self.dice.below(4)).unwrap();
        let place = self.dice.below(3);
        let alert = u128::from(place) + 10 * (number as u128 + 1);
        match self.dice.below(9) {
            0 => {
                let (turns_total, complete_total) = (seq, score);
                ReadChange::Activity { turns_total, complete_total, last_active_at: at }
            }
            1 => ReadChange::Topic { topic: topic.to_owned(), asked_total: score, last_at: at },
            2 => change::mastery(topic, score, seq),
            3 => change::review(topic, at, score),
            4 => change::attempt("exercise", "a", topic, score, seq),
            5 => change::attempt("quiz", "q", topic, score, seq),
            6 => change::hint(topic, rung, seq),
            7 => change::leveled(topic, "proficient", score, seq),
            _ if self.dice.often() => change::closed(alert, at),
            _ => {
                let topic = TOPICS[usize::from(place == 2)];
                change::alert(alert, Some(topic), seq, (!self.dice.often()).then_some(at))
            }
        }
    }

    /// A batch of one or two partitions, by whichever of their writers.
    fn batch(&mut self) -> Batch {
        let mut batches = Vec::new();
        for partition in 0..PARTITIONS {
            let place = usize::try_from(partition).unwrap();
            if self.writers[place].is_empty() || !self.dice.often() {
                continue;
            }
            let stale = usize::from(self.dice.below(4) == 0 && self.writers[place].len() > 1);
            let at = self.writers[place].len() - 1 - stale;
            let mut writer = self.writers[place][at].clone();
            let mut revs = self.revs.clone();
            let mut steps = Vec::new();
            for number in (0..revs.len()).filter(|number| partition_of(*number) == partition) {
                for _ in 0..self.dice.below(3) {
                    revs[number] += 1;
                    steps.push(self.step(&mut writer, number, revs[number]));
                }
            }
            let mut batch = writer.batch(steps);
            if !self.dice.often() {
                let student = id_of(usize::try_from(partition).unwrap());
                let rev = i64::try_from(self.dice.below(9)).unwrap();
                let (partition, next_timer) = (PartitionId(partition), None);
                let snapshot = snapshot(rev);
                batch.snapshots.push(LooseSnapshot { partition, student, snapshot, next_timer });
            }
            batches.push(batch);
        }
        together(batches)
    }

    /// What a batch that was committed changes in everybody's mind.
    fn learn(&mut self, batch: &Batch, fenced: &[PartitionId]) {
        for update in batch.owners.iter().filter(|o| !fenced.contains(&o.partition)) {
            let place = usize::try_from(update.partition.0).unwrap();
            let writer = self.writers[place].last_mut().unwrap();
            writer.owner.batch = update.batch;
            writer.owner.out_seq = update.out_seq;
            writer.owner.top = update.top;
            writer.owner.next_offset = update.next_offset;
        }
        for step in batch.steps.iter().filter(|s| !fenced.contains(&s.row.partition)) {
            let number = usize::try_from(step.row.student.as_uuid().as_u128()).unwrap();
            self.revs[number] = self.revs[number].max(step.row.rev);
        }
    }
}

/// One thing happens on both; the answers must be the same.
async fn round(history: &mut History, server: &World, file: &World) {
    match history.dice.below(10) {
        0 => {
            let partition = i32::try_from(history.dice.below(PARTITIONS.unsigned_abs().into()));
            let partition = partition.unwrap();
            let claimed = server.claim(partition).await;
            assert_eq!(claimed.owner, file.claim(partition).await.owner);
            history.writers[usize::try_from(partition).unwrap()].push(claimed);
        }
        1 => {
            let student = crate::world::student(u128::from(history.dice.below(8)));
            let count = i16::try_from(history.dice.below(4)).unwrap();
            let until = history.dice.often().then_some(NOW);
            server.store.quarantine(student, until, count).await.unwrap();
            file.store.quarantine(student, until, count).await.unwrap();
        }
        2 => {
            // The outcome of the last one was unknown to somebody.
            let Some(batch) = history.last.clone() else { return };
            commit_on_both(history, server, file, &batch).await;
        }
        _ => {
            let batch = history.batch();
            commit_on_both(history, server, file, &batch).await;
            history.last = Some(batch);
        }
    }
}

async fn commit_on_both(history: &mut History, server: &World, file: &World, batch: &Batch) {
    let one = server.store.commit(batch).await;
    let other = file.store.commit(batch).await;
    match (one, other) {
        (Ok(one), Ok(other)) => {
            assert_eq!(one, other);
            history.learn(batch, &one.fenced);
        }
        (Err(StoreError::Refused(_)), Err(StoreError::Refused(_))) => {}
        (one, other) => panic!("{one:?} but {other:?}"),
    }
}

async fn assert_same(server: &World, file: &World) {
    for partition in 0..PARTITIONS {
        assert_eq!(server.outbox(partition).await, file.outbox(partition).await);
        let id = PartitionId(partition);
        assert_eq!(server.store.work(id).await.unwrap(), file.store.work(id).await.unwrap());
        let due = |world: &World| {
            let store = std::sync::Arc::clone(&world.store);
            async move {
                let mut due = store.due(id, NOW, 100).await.unwrap();
                due.sort_unstable_by_key(|(student, at)| (*at, *student));
                due
            }
        };
        assert_eq!(due(server).await, due(file).await);
        assert_eq!(server.claim(partition).await.owner, file.claim(partition).await.owner);
    }
    for number in 0..STUDENTS {
        let student = crate::world::student(number);
        let one = server.store.restore(student).await.unwrap();
        assert_eq!(one, file.store.restore(student).await.unwrap());
    }
}

/// A student's whole timeline, in small pages.
async fn timeline(db: &Database, student: StudentId) -> Vec<TimelineEntry> {
    let (mut cursor, mut entries): (Option<String>, _) = (None, Vec::new());
    loop {
        let request = PageRequest::parse(Some(3), cursor.as_deref()).unwrap();
        let page = learning::timeline(db, student, &request).await.unwrap();
        entries.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return entries;
        }
    }
}

/// Compares what is read of learning; answers how many entries the timelines have.
async fn assert_same_reads(server: &World, file: &World) -> usize {
    let (one, other) = (server.db(), file.db());
    let mut entries = 0;
    for student in (0..STUDENTS).map(crate::world::student) {
        macro_rules! same {
            ($read:path $(, $argument:expr)*) => {
                assert_eq!(
                    $read(one, student $(, $argument)*).await.unwrap(),
                    $read(other, student $(, $argument)*).await.unwrap(),
                )
            };
        }
        same!(student::progress);
        same!(learning::mastery);
        same!(learning::reviews);
        same!(learning::hints);
        same!(learning::passed);
        same!(learning::recent_items, 50);
        same!(learning::alerts, AlertScope::Open);
        same!(learning::alerts, AlertScope::All);
        for topic in TOPICS {
            same!(learning::attempts, topic, &PageRequest::first(100));
        }
        let told = timeline(one, student).await;
        assert_eq!(told, timeline(other, student).await);
        assert!(told.is_sorted_by(|newer, older| newer.seq > older.seq), "{told:?}");
        entries += told.len();
    }
    entries
}

async fn check(seed: u64) {
    let (server, file) = (World::postgres().await, World::sqlite().await);
    for number in 0..STUDENTS {
        server.student(number).await;
        file.student(number).await;
    }
    let mut history = History {
        dice: Dice(seed),
        writers: vec![Vec::new(); usize::try_from(PARTITIONS).unwrap()],
        revs: vec![0; usize::try_from(STUDENTS).unwrap()],
        last: None,
    };
    for partition in 0..PARTITIONS {
        let claimed = server.claim(partition).await;
        assert_eq!(claimed.owner, file.claim(partition).await.owner);
        history.writers[usize::try_from(partition).unwrap()].push(claimed);
    }
    for _ in 0..ROUNDS {
        round(&mut history, &server, &file).await;
    }
    assert!(history.revs.iter().sum::<i64>() > 20, "seed {seed} does too little");
    assert_same(&server, &file).await;
    let entries = assert_same_reads(&server, &file).await;
    assert!(entries >= ENTRIES_MIN, "seed {seed} makes {entries} entries");
    server.end().await;
    file.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_history_gives_the_same_answers() {
    for seed in [1, 20, 300, 4_000, 50_000] {
        check(seed).await;
    }
}
