//! A migrated database of its own for each case, and what a case does to it.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_storage::account::{self, Account, AccountError, NewAccount, Role};
use learnflow_storage::keys::{MasterKeys, StoreVault};
use learnflow_storage::pool::Database;
use learnflow_storage::section::Section;
use learnflow_storage::testing::Scratch;
use uuid::Uuid;

/// The time of these tests: in November 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_123_456);
/// Partitions of the command log.
pub(crate) const PARTITIONS: u32 = 12;
/// The master key of these tests.
pub(crate) const MASTER: [u8; 32] = [0x5a; 32];

/// A database, and the vault over it.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) vault: StoreVault,
    scratch: Scratch,
}

/// A turn that ran, or runs.
pub(crate) struct Turn {
    pub(crate) number: u128,
    pub(crate) question_rev: i64,
    pub(crate) answer_rev: Option<i64>,
}

/// A student called Maya.
pub(crate) fn new_student(email: &str) -> NewAccount {
    NewAccount {
        role: Role::Student,
        email: email.to_owned(),
        display_name: " Maya ".to_owned(),
        password_hash: None,
        birth_year: None,
        class_code: None,
    }
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        Self::new(Scratch::sqlite().await.unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "the tests may be given a server")]
    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("DATABASE_URL").ok();
        Self::new(Scratch::postgres(server).await.unwrap())
    }

    fn new(scratch: Scratch) -> Self {
        let vault = StoreVault::new(MasterKeys::new(MASTER, Vec::new()));
        Self { db: scratch.database().clone(), vault, scratch }
    }

    pub(crate) async fn end(self) {
        self.scratch.end().await.unwrap();
    }

    pub(crate) async fn create(
        &self,
        new: NewAccount,
        seed: u128,
    ) -> Result<Account, AccountError> {
        account::create(&self.db, &self.vault, PARTITIONS, new, NOW, seed).await
    }

    pub(crate) async fn student(&self, email: &str, seed: u128) -> StudentId {
        self.create(new_student(email), seed << 96 | seed).await.unwrap().student_id.unwrap()
    }

    pub(crate) async fn student_of(&self, section: &Section, email: &str, seed: u128) -> StudentId {
        let class_code = Some(section.class_code.clone());
        let new = NewAccount { class_code, ..new_student(email) };
        self.create(new, seed << 96 | seed).await.unwrap().student_id.unwrap()
    }
}

/// Runs one statement on whichever database it is; the body is compiled for each.
macro_rules! on_either {
    ($world:expr, |$conn:ident| $body:expr) => {
        match &$world.db {
            Database::Postgres(pool) => {
                let mut connection = pool.pool().acquire().await.unwrap();
                let $conn = &mut *connection;
                $body
            }
            Database::Sqlite(_) => {
                let mut connection = $world.scratch.sqlite_connection().await.unwrap();
                let $conn = &mut connection;
                $body
            }
        }
    };
}

impl World {
    pub(crate) async fn number(&self, statement: &'static str, argument: i64) -> i64 {
        let (number,): (i64,) = on_either!(self, |conn| {
            sqlx::query_as(statement).bind(argument).fetch_one(conn).await.unwrap()
        });
        number
    }

    pub(crate) async fn count_of_bytes(&self, statement: &'static str, bytes: &[u8]) -> i64 {
        let (number,): (i64,) = on_either!(self, |conn| {
            sqlx::query_as(statement).bind(bytes.to_vec()).fetch_one(conn).await.unwrap()
        });
        number
    }

    pub(crate) async fn execute(&self, statement: &'static str, argument: &str) {
        on_either!(self, |conn| {
            let done = sqlx::query(statement).bind(argument).execute(conn).await.unwrap();
            assert_eq!(done.rows_affected(), 1, "{statement}");
        });
    }

    pub(crate) async fn execute_number(&self, statement: &'static str, argument: i64) {
        self.try_execute_number(statement, argument).await.unwrap();
    }

    pub(crate) async fn try_execute_number(
        &self,
        statement: &'static str,
        argument: i64,
    ) -> sqlx::Result<()> {
        on_either!(self, |conn| {
            sqlx::query(statement).bind(argument).execute(conn).await.map(|_| ())
        })
    }

    /// Does what a thief with all rights would do first.
    pub(crate) async fn unlock_audit(&self) {
        let statements: &[&'static str] = match &self.db {
            Database::Postgres(_) => &["DROP TRIGGER audit_append_only ON audit"],
            Database::Sqlite(_) => {
                &["DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete"]
            }
        };
        for statement in statements {
            on_either!(self, |conn| {
                sqlx::query(*statement).execute(conn).await.unwrap();
            });
        }
    }

    pub(crate) async fn step(
        &self,
        student: StudentId,
        rev: i64,
        last_frame: i64,
        last_event: i64,
        facts: &[u8],
        text: Option<&[u8]>,
    ) {
        on_either!(self, |conn| {
            sqlx::query(
                "INSERT INTO journal (student_id, rev, partition, epoch, generation, position,
                     at, last_frame, last_event, out_seq, facts, text)
                 SELECT $1, $2, partition, 1, 0, $2, $3, $4, $5,
                     (SELECT max(out_seq) + 1 FROM journal), $6, $7
                 FROM journal WHERE student_id = $1 ORDER BY rev LIMIT 1",
            )
            .bind(student.as_uuid())
            .bind(rev)
            .bind(NOW.as_micros())
            .bind(last_frame)
            .bind(last_event)
            .bind(facts.to_vec())
            .bind(text.map(<[u8]>::to_vec))
            .execute(conn)
            .await
            .unwrap();
        });
    }

    pub(crate) async fn turn(&self, student: StudentId, turn: &Turn) {
        let ended_at = turn.answer_rev.map(|_| NOW.plus_millis(1).as_micros());
        on_either!(self, |conn| {
            sqlx::query(
                "INSERT INTO turn (student_id, turn, question_rev, answer_rev, status, agent,
                     topic, source, asked_at, ended_at)
                 VALUES ($1, $2, $3, $4, $5, 'explain', NULL, NULL, $6, $7)",
            )
            .bind(student.as_uuid())
            .bind(Uuid::from_u128(turn.number))
            .bind(turn.question_rev)
            .bind(turn.answer_rev)
            .bind(if turn.answer_rev.is_some() { "complete" } else { "running" })
            .bind(NOW.as_micros())
            .bind(ended_at)
            .execute(conn)
            .await
            .unwrap();
        });
    }

    pub(crate) async fn topic(
        &self,
        student: StudentId,
        topic: &str,
        asked_total: i64,
        last_at: Timestamp,
    ) {
        on_either!(self, |conn| {
            sqlx::query(
                "INSERT INTO topic_activity (student_id, topic, asked_total, last_at)
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(student.as_uuid())
            .bind(topic)
            .bind(asked_total)
            .bind(last_at.as_micros())
            .execute(conn)
            .await
            .unwrap();
        });
    }

    pub(crate) async fn activity(
        &self,
        student: StudentId,
        turns_total: i64,
        complete_total: i64,
        last_active_at: Timestamp,
    ) {
        on_either!(self, |conn| {
            sqlx::query(
                "UPDATE activity SET turns_total = $2, complete_total = $3, last_active_at = $4
                 WHERE student_id = $1",
            )
            .bind(student.as_uuid())
            .bind(turns_total)
            .bind(complete_total)
            .bind(last_active_at.as_micros())
            .execute(conn)
            .await
            .unwrap();
        });
    }

    pub(crate) async fn work(&self, student: StudentId, turn: u128) {
        on_either!(self, |conn| {
            sqlx::query(
                "INSERT INTO work (partition, student_id, id, kind, attempt, crashes)
                 SELECT partition, $1, $2, 1, 1, 0 FROM journal
                 WHERE student_id = $1 ORDER BY rev LIMIT 1",
            )
            .bind(student.as_uuid())
            .bind(Uuid::from_u128(turn))
            .execute(conn)
            .await
            .unwrap();
        });
    }
}

/// Makes two tests of each case: one on each database.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                let world = $crate::world::World::sqlite().await;
                super::$case(&world).await;
                world.end().await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                let world = $crate::world::World::postgres().await;
                super::$case(&world).await;
                world.end().await;
            })+
        }
    };
}

pub(crate) use on_both;
