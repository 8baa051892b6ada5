//! The simulated world: what outlives processes, processes that can be cut off, and students.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use learnflow_actors::completion::offline::OfflineTutor;
use learnflow_actors::completion::scripted::{ScriptedModel, Step};
use learnflow_actors::completion::{self, CompletionHandle, Parts};
use learnflow_actors::config::Config;
use learnflow_actors::session::pace::Pace;
use learnflow_actors::supervisor::EngineHandle;
use learnflow_actors::world::{Pseudonym, World};
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::model::Course;
use learnflow_engine::event;
use learnflow_engine::event::v1::{AgeBand, AttemptCause, Consent, Event, Policy};
use learnflow_engine::id::{CommandId, PartitionId, SocketId, StudentId, TurnId, partition_of};
use learnflow_engine::port::log::{NewCommand, Outgoing, ReplyHeader};
use learnflow_engine::port::store::JournalRow;
use learnflow_engine::port::vault::{Place, StudentKey, Vault};
use learnflow_engine::session::command::Command;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::log::{Life, SimLog, Topic};
use crate::store::{SimStore, Tables};
use crate::vault::SimVault;

static COURSE: LazyLock<Arc<Course>> = LazyLock::new(|| Course::builtin().unwrap());

/// The only partition of most tests.
pub(crate) const P0: PartitionId = PartitionId(0);
/// How long a fact may take, in simulated time.
const PATIENCE: Duration = Duration::from_mins(20);

/// Time as tokio has it, and seeds that count.
#[derive(Debug)]
pub(crate) struct SimClock {
    start: Instant,
    seeds: AtomicU64,
    /// Whoever asks next panics: set by the store, so that it is the committer.
    pub(crate) panics: AtomicBool,
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "the clock panics as the test wants");
        let passed = Instant::now().duration_since(self.start).as_micros();
        Timestamp::from_micros(1_800_000_000_000_000 + i64::try_from(passed).unwrap())
    }

    fn seed(&self) -> u128 {
        let count = u128::from(self.seeds.fetch_add(1, Ordering::SeqCst) + 1);
        count << 64
    }
}

/// What outlives processes.
pub(crate) struct Universe {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) topic: Arc<Topic>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) vault: Arc<SimVault>,
    pub(crate) model: Arc<ScriptedModel>,
    pub(crate) config: Config,
}

/// A running engine.
pub(crate) struct Process {
    pub(crate) engine: EngineHandle,
    pub(crate) log: Arc<SimLog>,
    pub(crate) tasks: TaskTracker,
    life: Arc<Life>,
    /// Every holder of the world holds one more of these.
    world: Pseudonym,
}

impl Process {
    /// How many actors and tasks hold the world: it counts what was leaked.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.world)
    }

    /// Cuts the process off: nothing that it does from now on has any effect.
    pub(crate) fn die(&self) {
        self.life.end();
    }

    pub(crate) async fn serves(&self, partition: PartitionId) {
        use learnflow_actors::supervisor::status::PartitionStatus::Served;
        until("the partition is served", || {
            self.engine.status().partitions().get(&partition) == Some(&Served)
        })
        .await;
    }
}

impl Universe {
    pub(crate) fn new(usual: &[Step]) -> Self {
        Self::with_partitions(1, usual)
    }

    pub(crate) fn with_partitions(partitions: usize, usual: &[Step]) -> Self {
        let sim_clock = Arc::new(SimClock {
            start: Instant::now(),
            seeds: AtomicU64::new(0),
            panics: AtomicBool::new(false),
        });
        let tables = Tables::new(Arc::clone(&sim_clock));
        let clock: Arc<dyn Clock> = sim_clock;
        for slot in [1, 2] {
            tables.lease(slot, 1, clock.now().plus_millis(86_400_000));
        }
        Self {
            topic: Topic::new(Arc::clone(&clock), partitions),
            clock,
            tables,
            vault: Arc::default(),
            model: Arc::new(ScriptedModel::new(usual.to_vec())),
            config: Config::default(),
        }
    }

    /// Starts a process that is assigned nothing yet.
    pub(crate) async fn start(&self) -> Process {
        let life = Arc::new(Life::default());
        let log = SimLog::new(Arc::clone(&self.topic), Arc::clone(&life));
        let parts = Parts {
            config: completion::Config::default(),
            model: Arc::clone(&self.model) as _,
            endpoint: "test".to_owned(),
            authored: Arc::new(OfflineTutor::new(Arc::clone(&COURSE), Duration::ZERO)),
            clock: Arc::clone(&self.clock),
        };
        let tasks = TaskTracker::new();
        let pseudonym: Pseudonym = Arc::new(|_| "somebody".to_owned());
        let world = World {
            log: Arc::clone(&log) as _,
            store: Arc::new(SimStore::new(Arc::clone(&self.tables), Arc::clone(&life))),
            vault: Arc::clone(&self.vault) as _,
            clock: Arc::clone(&self.clock),
            course: Arc::clone(&COURSE),
            completion: CompletionHandle::start(parts, None).await.unwrap(),
            pseudonym: Arc::clone(&pseudonym),
            config: Arc::new(self.config.clone()),
            tasks: tasks.clone(),
            pace: Pace::new(self.config.coalesce_ms),
            restores: Arc::new(tokio::sync::Semaphore::new(50)),
        };
        let engine = EngineHandle::start(world).await.unwrap();
        Process { engine, log, tasks, life, world: pseudonym }
    }

    /// Starts a process that serves the first partition.
    pub(crate) async fn boot(&self) -> Process {
        let process = self.start().await;
        process.log.assign(P0);
        process.serves(P0).await;
        process
    }

    /// Somebody who never signed up.
    pub(crate) fn stranger(&self, number: u128) -> Pupil<'_> {
        let id = StudentId::from_seed(Timestamp::EPOCH, number << 64);
        Pupil { universe: self, id, key: StudentKey::new(id, vec![(1, [7; 32])]) }
    }

    /// Signs a student up.
    pub(crate) fn student(&self, number: u128) -> Pupil<'_> {
        let pupil = self.stranger(number);
        let id = pupil.id;
        let created = Event::Created {
            age_band: AgeBand::Adult,
            consent: Consent::NotNeeded,
            sections: Vec::new(),
            policy: Policy { highest_rung: 4 },
            at: self.clock.now(),
        };
        let facts = event::encode_facts(&[created]);
        let partitions = self.topic.partition_count();
        let row = JournalRow {
            student: id,
            rev: 0,
            partition: partition_of(id, partitions),
            epoch: 0,
            generation: 0,
            position: -1,
            at: self.clock.now(),
            last_frame: 0,
            last_event: 1,
            out_seq: 0,
            facts: self.vault.seal(&pupil.key, Place::JournalFacts(0), &facts).unwrap(),
            text: None,
        };
        self.tables.sign_up(self.vault.create_key(id).unwrap(), row);
        pupil
    }

    /// Waits until the store says that everything below the offset is settled.
    pub(crate) async fn settles(&self, next_offset: i64) {
        until("all is settled", || self.tables.owner(P0).next_offset == next_offset).await;
    }
}

/// A student at gateway slot 1.
pub(crate) struct Pupil<'a> {
    universe: &'a Universe,
    pub(crate) id: StudentId,
    key: StudentKey,
}

impl Pupil<'_> {
    /// Puts a command into the log.
    pub(crate) fn send(&self, number: u128, command: &Command) -> i64 {
        let id = command_id(number);
        let place = Place::Command(id);
        let body = self.universe.vault.seal(&self.key, place, &command.encode()).unwrap();
        self.universe.topic.put(NewCommand {
            student: self.id,
            command: id,
            kind: command.kind(),
            traceparent: None,
            body: Bytes::from(body),
        })
    }

    /// Puts a command of this student into the log under somebody else's name.
    pub(crate) fn send_as(&self, somebody: StudentId, number: u128) {
        let place = Place::Command(command_id(number));
        let plain = Command::Active.encode();
        self.universe.topic.put(NewCommand {
            student: somebody,
            command: command_id(number),
            kind: Command::Active.kind(),
            traceparent: None,
            body: Bytes::from(self.universe.vault.seal(&self.key, place, &plain).unwrap()),
        });
    }

    /// Opens a page at a slot.
    pub(crate) fn attach(&self, number: u128, slot: i32) -> i64 {
        let socket = SocketId::from_seed(Timestamp::EPOCH, number << 64);
        self.send(number, &Command::Attach { slot, slot_epoch: 1, socket })
    }

    /// Asks something that only a model can answer.
    pub(crate) fn ask(&self, number: u128, text: &str) -> i64 {
        let code = Some("numbers = [1, 2]\nprint(numbers[2])".to_owned());
        let text = format!("IndexError: list index out of range, why? {text}");
        self.send(number, &Command::Ask { text, code, exercise: None, topic: None })
    }

    /// Stops a turn.
    pub(crate) fn cancel(&self, number: u128, turn: TurnId) -> i64 {
        self.send(number, &Command::Cancel { turn })
    }

    /// Everything that was said to a slot, oldest first, one JSON value a frame.
    pub(crate) fn heard_at(&self, slot: i32) -> Vec<Value> {
        let published = self.universe.topic.published();
        let replies = published.into_iter().filter_map(|outgoing| match outgoing {
            Outgoing::Reply(reply) => Some(reply),
            Outgoing::Event(_) => None,
        });
        let mine = replies.filter(|reply| reply.student == self.id && reply.slot == slot);
        mine.flat_map(|reply| self.open(&reply.header, &reply.body)).collect()
    }

    /// Everything that was said to slot 1.
    pub(crate) fn heard(&self) -> Vec<Value> {
        self.heard_at(1)
    }

    /// Frames of a kind that were said to slot 1.
    pub(crate) fn heard_of(&self, kind: &str) -> Vec<Value> {
        self.heard().into_iter().filter(|frame| frame["type"] == kind).collect()
    }

    /// Waits until so many frames of a kind were said to slot 1.
    pub(crate) async fn hears(&self, count: usize, kind: &str) -> Vec<Value> {
        until(&format!("{count} × {kind}"), || self.heard_of(kind).len() >= count).await;
        self.heard_of(kind)
    }

    /// What the journal says of this student.
    pub(crate) fn events(&self) -> Vec<Event> {
        let rows = self.universe.tables.journal(self.id);
        let open = |row: &JournalRow| {
            let place = Place::JournalFacts(row.rev);
            let sealed = row.facts.strip_prefix(format!("{} {place:?}\0", self.id).as_bytes());
            event::decode_facts(sealed.unwrap()).unwrap()
        };
        rows.iter().flat_map(open).collect()
    }

    /// Why attempts were raised, so far.
    pub(crate) fn raised(&self) -> Vec<AttemptCause> {
        let cause = |event: &Event| {
            let Event::AttemptRaised { cause, .. } = event else { return None };
            Some(*cause)
        };
        self.events().iter().filter_map(cause).collect()
    }

    /// Whether the journal has so many ends.
    pub(crate) fn ended(&self, count: usize) -> bool {
        self.events().iter().filter(|event| matches!(event, Event::Ended { .. })).count() == count
    }

    /// The kinds of frame that were said to slot 1, in order, repeated tokens left out.
    pub(crate) fn order(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self
            .heard()
            .iter()
            .map(|frame| frame["type"].as_str().unwrap_or_default().to_owned())
            .collect();
        kinds.dedup_by(|a, b| a == b && a == "token");
        kinds
    }

    /// The turn that was said to have started as the so-many-th.
    pub(crate) async fn turn(&self, count: usize) -> TurnId {
        let routes = self.hears(count, "route").await;
        routes[count - 1]["turn"].as_str().unwrap().parse().unwrap()
    }

    fn open(&self, header: &ReplyHeader, body: &[u8]) -> Vec<Value> {
        let body = self.universe.vault.open(&self.key, Place::Reply, body).unwrap();
        let text = String::from_utf8(body).unwrap();
        let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        match header {
            ReplyHeader::Frames { first_seq, last_seq } => {
                let frames: Vec<Value> = text.lines().map(parse).collect();
                let seqs: Vec<i64> =
                    frames.iter().map(|frame| frame["seq"].as_i64().unwrap()).collect();
                assert_eq!(seqs, (*first_seq..=*last_seq).collect::<Vec<_>>());
                frames
            }
            ReplyHeader::Passing | ReplyHeader::Refused { .. } => vec![parse(&text)],
            ReplyHeader::Attached { seq, turn, attempt, .. } => vec![json!({
                "type": "attached", "seq": seq, "turn": turn, "attempt": attempt, "text": text,
            })],
            ReplyHeader::Repeated { command, seq } => {
                vec![json!({"type": "repeated", "cmd": command, "seq": seq})]
            }
        }
    }
}

/// A client's id of a command.
pub(crate) fn command_id(number: u128) -> CommandId {
    CommandId::from_seed(Timestamp::EPOCH, number << 64)
}

/// Waits for a fact, in simulated time.
pub(crate) async fn until(what: &str, fact: impl Fn() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let begun = Instant::now();
    while !fact() {
        assert!(begun.elapsed() < PATIENCE, "it never came true: {what}");
        look.tick().await;
    }
}

/// Lets everything happen that happens within so long.
pub(crate) async fn pass(time: Duration) {
    let begun = Instant::now();
    until("time passes", || begun.elapsed() >= time).await;
}
