//! The embedded log under the kit, and what only it promises: one process, no offset twice, and a
//! file that survives `kill -9`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use learnflow_engine::id::PartitionId;
use learnflow_engine::port::log::{Log, LogError};
use learnflow_kafka_bridge::config::EmbeddedConfig;
use learnflow_kafka_bridge::embedded::EmbeddedLog;
use learnflow_kafka_bridge::record::RawRecord;
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::io::AsyncBufReadExt as _;

use crate::kit::{
    Counting, Harness, PARTITIONS, Reader, command, content, eventually, soon, student_in,
};

crate::conforms!(fresh);

struct Embedded {
    folder: TempDir,
    log: Arc<EmbeddedLog>,
}

async fn fresh() -> Option<Embedded> {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), &[]).await.unwrap();
    Some(Embedded { folder, log })
}

async fn open(folder: &Path, tops: &[(PartitionId, i64)]) -> Result<Arc<EmbeddedLog>, LogError> {
    let config =
        EmbeddedConfig { trim_after_records: 1, ..EmbeddedConfig::new(file(folder), PARTITIONS) };
    EmbeddedLog::open(config, tops, Arc::new(Counting::default())).await
}

fn file(folder: &Path) -> PathBuf {
    folder.join("log.sqlite")
}

#[async_trait]
impl Harness for Embedded {
    fn log(&self) -> Arc<dyn Log> {
        Arc::clone(&self.log) as Arc<dyn Log>
    }

    async fn plant(&mut self, partition: PartitionId, raw: RawRecord) {
        self.log.stop().await;
        plant_row(&file(self.folder.path()), partition, raw).await;
        self.log = open(self.folder.path(), &[]).await.unwrap();
    }

    async fn dead_letters(&mut self, count: usize) -> Vec<(i32, i64, String)> {
        let letters = self.log.dead_letters(100).await.unwrap();
        assert_eq!(letters.len(), count);
        letters.into_iter().map(|l| (l.partition.0, l.offset, l.reason)).collect()
    }

    async fn recreate(&mut self) {
        self.log.stop().await;
        self.folder = tempfile::tempdir().unwrap();
        self.log = open(self.folder.path(), &[]).await.unwrap();
    }

    async fn finish(self) {
        self.log.stop().await;
    }
}

async fn plant_row(file: &Path, partition: PartitionId, raw: RawRecord) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let mut headers = Vec::new();
    for (name, value) in &raw.headers {
        headers.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        headers.extend_from_slice(name.as_bytes());
        headers.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
        headers.extend_from_slice(value);
    }
    sqlx::query(
        "INSERT INTO record SELECT $1, next_offset, last_at, $2, $3, $4 FROM log_partition
         WHERE partition = $1",
    )
    .bind(partition.0)
    .bind(raw.key.as_deref())
    .bind(headers)
    .bind(raw.value.as_deref())
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::query("UPDATE log_partition SET next_offset = next_offset + 1 WHERE partition = $1")
        .bind(partition.0)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_lost_file_gives_no_offset_twice() {
    let first = tempfile::tempdir().unwrap();
    let log = open(first.path(), &[]).await.unwrap();
    let student = student_in(0);
    for _ in 0..3 {
        log.append(command(student, "x")).await.unwrap();
    }
    let before = log.inspect(PartitionId(0), 3).await.unwrap();
    log.stop().await;
    // The store knows of positions up to 2 in partition 0 and 41 in partition 1.
    let second = tempfile::tempdir().unwrap();
    let tops = [(PartitionId(0), 2), (PartitionId(1), 41)];
    let log = open(second.path(), &tops).await.unwrap();
    let after = log.inspect(PartitionId(0), 3).await.unwrap();
    assert_eq!((after.start, after.end, after.digest), (3, 3, None));
    assert_ne!(after.cluster_id, before.cluster_id);
    log.append(command(student_in(1), "y")).await.unwrap();
    let mut reader = Reader::join(&*log);
    reader.take_until(4, |partition| if partition.0 == 1 { 42 } else { 0 }).await;
    assert_eq!(reader.record(PartitionId(1)).await.offset, 42);
    log.stop().await;
    // A file that is ahead of the store keeps its own end.
    let log = open(second.path(), &[(PartitionId(1), 7)]).await.unwrap();
    assert_eq!(log.inspect(PartitionId(1), 43).await.unwrap().end, 43);
    log.stop().await;
}

#[tokio::test]
async fn settled_records_are_deleted_up_to_the_last() {
    let harness = fresh().await.unwrap();
    let student = student_in(0);
    for number in 0..10 {
        harness.log.append(command(student, format!("{number}"))).await.unwrap();
    }
    harness.log.settled(PartitionId(0), 6).await;
    harness.log.append(command(student, "10")).await.unwrap();
    let seen = harness.log.inspect(PartitionId(0), 6).await.unwrap();
    assert_eq!((seen.start, seen.end), (5, 11));
    assert!(seen.digest.is_some());
    harness.finish().await;
}

#[tokio::test]
async fn a_start_outside_the_file_reads_nothing() {
    let harness = fresh().await.unwrap();
    harness.log.append(command(student_in(0), "x")).await.unwrap();
    let mut reader = Reader::start_all(&*harness.log, 7).await;
    harness.log.append(command(student_in(0), "y")).await.unwrap();
    harness.log.reopen(PartitionId(1));
    assert!(matches!(reader.next().await, learnflow_engine::port::log::Assignment::Assigned(_)));
    assert!(reader.at_once(PartitionId(0)).is_none());
    harness.finish().await;
}

#[tokio::test]
async fn the_second_user_of_a_file_is_refused() {
    let harness = fresh().await.unwrap();
    let second = open(harness.folder.path(), &[]).await;
    assert!(
        matches!(&second, Err(LogError::Refused(why)) if why.contains("in use by another")),
        "{second:?}"
    );
    harness.log.stop().await;
    let third = open(harness.folder.path(), &[]).await.unwrap();
    third.stop().await;
}

#[tokio::test]
async fn another_partition_count_is_refused() {
    let harness = fresh().await.unwrap();
    harness.log.stop().await;
    let config = EmbeddedConfig::new(file(harness.folder.path()), PARTITIONS + 1);
    let opened = EmbeddedLog::open(config, &[], Arc::new(Counting::default())).await;
    assert!(
        matches!(&opened, Err(LogError::Refused(why)) if why.contains("has 4 partitions")),
        "{opened:?}"
    );
}

#[tokio::test]
async fn the_files_are_their_owners_alone() {
    let harness = fresh().await.unwrap();
    harness.log.append(command(student_in(0), "x")).await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(harness.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 3, "file, lock and write-ahead log");
    harness.finish().await;
}

#[tokio::test]
async fn a_log_that_was_dropped_lets_go_of_its_file() {
    let harness = fresh().await.unwrap();
    drop(Reader::start_all(&*harness.log, 0).await);
    drop(harness.log);
    let folder = harness.folder;
    let log =
        eventually("the file is free", || async { open(folder.path(), &[]).await.ok() }).await;
    log.stop().await;
}

/// Set for the child process of the next test: the folder it appends in until it is killed.
const CHILD_FOLDER: &str = "LEARNFLOW_TEST_APPEND_IN";

/// The child's part; without its folder it has nothing to do.
#[tokio::test]
async fn child_appends_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "how the parent test speaks to its child")]
    let Ok(folder) = std::env::var(CHILD_FOLDER) else { return };
    let log = open(Path::new(&folder), &[]).await.unwrap();
    let student = "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
    for number in 0.. {
        log.append(command(student, format!("{number}"))).await.unwrap();
        println!("acknowledged {number}");
    }
}

#[tokio::test]
async fn kill_9_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut total = 0;
    for _ in 0..3 {
        total = append_and_kill(folder.path(), total).await;
    }
    let log = open(folder.path(), &[]).await.unwrap();
    let student = "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
    let partition = learnflow_engine::id::partition_of(student, PARTITIONS);
    let mut reader = Reader::start_all(&*log, 0).await;
    for record in reader.records(partition, total).await {
        assert!(!content(record).body.is_empty());
    }
    log.append(command(student, Bytes::from("goes on"))).await.unwrap();
    log.stop().await;
}

/// Starts a child, kills it after it has acknowledged some, and checks what the file holds: all of
/// the acknowledged, in order. Gives the number of records in the file.
async fn append_and_kill(folder: &Path, before: usize) -> usize {
    let own_binary = std::env::current_exe().unwrap();
    let mut child = Command::new(own_binary)
        .args(["embedded::child_appends_until_it_is_killed", "--exact", "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = tokio::process::ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
    let mut lines = tokio::io::BufReader::new(output).lines();
    let mut acknowledged = 0;
    while acknowledged < 100 {
        let line = soon("a line of the child", lines.next_line()).await.unwrap().unwrap();
        acknowledged += usize::from(line.contains("acknowledged"));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    while let Some(line) = soon("the child's last lines", lines.next_line()).await.unwrap() {
        acknowledged += usize::from(line.contains("acknowledged "));
    }
    let log = open(folder, &[]).await.unwrap();
    let student = "0192f0c1-2345-7abc-8def-0123456789ab".parse().unwrap();
    let partition = learnflow_engine::id::partition_of(student, PARTITIONS);
    let end = log.inspect(partition, 0).await.unwrap().end;
    let held = usize::try_from(end).unwrap();
    assert!(held >= before + acknowledged, "{held} of {before} + {acknowledged}");
    let mut reader = Reader::join(&*log);
    let start = |p| if p == partition { i64::try_from(before).unwrap() } else { 0 };
    reader.take_until(PARTITIONS as usize, start).await;
    for number in 0..acknowledged {
        assert_eq!(content(reader.record(partition).await).body, Bytes::from(number.to_string()));
    }
    log.stop().await;
    held
}
