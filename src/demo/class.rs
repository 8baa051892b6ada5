//! The demo's class: simulated students who ask real questions through the log, while somebody
//! watches.

use std::sync::Arc;
use std::time::Duration;

use learnflow_actors::completion::offline::PIECE_DELAY;
use learnflow_api::socket::gateway::Gateway;
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::model::Course;
use learnflow_engine::id::{CommandId, SectionId};
use learnflow_engine::port::log::{Log, NewCommand};
use learnflow_engine::port::vault::{Place, StudentKey, Vault};
use learnflow_engine::session::command::Command;
use learnflow_engine::simulated::{self, SimulatedAction, SimulatedMind, SimulatedStudent};
use learnflow_storage::account::{self, Account, NewAccount, Role};
use learnflow_storage::keys::{self, StoreVault};
use learnflow_storage::pool::Database;
use learnflow_storage::{retention, session_token};
use tokio_util::sync::CancellationToken;

use crate::commands::Failure;
use crate::wiring::Assembly;

/// Students of the class.
const STUDENTS: usize = 30;
/// The same class at each start.
const SEED: u64 = 20_261_125;
/// Pause between looks at who wants to do something.
const TICK: Duration = Duration::from_millis(500);
/// What the class did is kept for a day, and looked through once an hour.
const KEPT_MS: i64 = 86_400_000;
/// See [`KEPT_MS`].
const TRIM_EVERY_MS: i64 = 3_600_000;
/// Somebody whose last request is so old has gone away.
const WATCHED_MS: i64 = 600_000;

/// Whether the class moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    /// Students ask while somebody is signed in.
    Moving,
    /// They are there, and still.
    Still,
}

/// What the class needs of the server.
pub(crate) struct World {
    db: Database,
    vault: Arc<StoreVault>,
    log: Arc<dyn Log>,
    course: Arc<Course>,
    clock: Arc<dyn Clock>,
    gateway: Arc<Gateway>,
    stop: CancellationToken,
    partitions: u32,
    class_code: Option<String>,
}

impl World {
    /// Takes what it needs of a running server.
    pub(crate) fn of(
        assembly: &Assembly,
        partitions: u32,
        section: Option<(SectionId, String)>,
    ) -> Self {
        Self {
            db: assembly.db.clone(),
            vault: Arc::clone(&assembly.vault),
            log: Arc::clone(&assembly.log),
            course: Arc::clone(&assembly.course),
            clock: Arc::clone(&assembly.clock),
            gateway: Arc::clone(&assembly.gateway),
            stop: assembly.stop.clone(),
            partitions,
            class_code: section.map(|(_, code)| code),
        }
    }
}

/// A simulated student with a real session.
struct Pupil {
    key: StudentKey,
    mind: SimulatedMind,
    acts_at: Timestamp,
}

/// Makes the class, and moves it while somebody is signed in.
pub(crate) async fn run(world: World, movement: Movement) {
    let mut pupils = Vec::new();
    for (place, student) in simulated::class(SEED, STUDENTS).into_iter().enumerate() {
        if world.stop.is_cancelled() {
            return;
        }
        match enrol(&world, place, student).await {
            Ok(pupil) => pupils.push(pupil),
            Err(error) => tracing::warn!(%error, "a simulated student could not be made"),
        }
    }
    let mut trimmed_at = Timestamp::EPOCH;
    while movement == Movement::Moving && !world.stop.is_cancelled() {
        let now = world.clock.now();
        if now.millis_since(trimmed_at) >= TRIM_EVERY_MS {
            trimmed_at = now;
            trim(&world, &pupils, now).await;
        }
        tokio::select! {
            () = world.stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        if somebody_watches(&world).await {
            for pupil in &mut pupils {
                act(&world, pupil).await;
            }
        }
    }
}

/// Deletes what the class did more than a day ago: nobody needs it, and the demo may run for weeks.
async fn trim(world: &World, pupils: &[Pupil], now: Timestamp) {
    let before = now.plus_millis(-KEPT_MS);
    let mut rows = 0;
    for pupil in pupils {
        match retention::trim(&world.db, pupil.key.student(), before).await {
            Ok(gone) => rows += gone,
            Err(error) => tracing::warn!(%error, "the class's old rows could not be deleted"),
        }
    }
    tracing::debug!(rows, "the class's old rows were deleted");
}

/// Whether somebody is signed in: a student by an open socket, others by their last request.
async fn somebody_watches(world: &World) -> bool {
    let since = world.clock.now().plus_millis(-WATCHED_MS);
    world.gateway.open_sockets() > 0
        || session_token::used_since(&world.db, since).await.is_ok_and(|used| used > 0)
}

/// Finds a simulated student's account, or makes it. It has no password: nobody signs in as it.
async fn enrol(world: &World, place: usize, student: SimulatedStudent) -> Result<Pupil, Failure> {
    let email = format!("pupil-{:02}@class.demo.learnflow.example", place + 1);
    let known = account::find_by_email(&world.db, &email).await.map_err(Failure::because)?;
    let account = match known {
        Some(account) => account,
        None => make(world, email, &student).await?,
    };
    let id = account.student_id.ok_or_else(|| Failure::because("it is no student"))?;
    let wrapped = keys::key_row(&world.db, id)
        .await
        .map_err(Failure::because)?
        .ok_or_else(|| Failure::because("its key is gone"))?;
    let key = world.vault.unwrap_key(id, &wrapped).map_err(Failure::because)?;
    // Not all at once: the first acts soon, the last within a minute.
    let delay_ms = i64::try_from(place).unwrap_or(0) * 2_000;
    let acts_at = world.clock.now().plus_millis(delay_ms);
    Ok(Pupil { key, mind: student.mind(), acts_at })
}

async fn make(
    world: &World,
    email: String,
    student: &SimulatedStudent,
) -> Result<Account, Failure> {
    let new = NewAccount {
        role: Role::Student,
        email,
        display_name: student.display_name.clone(),
        password_hash: None,
        birth_year: None,
        class_code: world.class_code.clone(),
    };
    let (now, seed) = (world.clock.now(), world.clock.seed());
    account::create(&world.db, world.vault.as_ref(), world.partitions, new, now, seed)
        .await
        .map_err(Failure::because)
}

/// Lets a student do what it wants, when its time has come.
async fn act(world: &World, pupil: &mut Pupil) {
    let now = world.clock.now();
    if pupil.acts_at > now {
        return;
    }
    match simulated::next_step(&mut pupil.mind, &world.course) {
        SimulatedAction::Idle { ms } => {
            pupil.acts_at = now.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        }
        SimulatedAction::Ask { text, code } => {
            pupil.acts_at = now.plus_millis(
                i64::try_from(PIECE_DELAY.as_millis()).unwrap_or(1).saturating_mul(1_000),
            );
            let ask = Command::Ask { text, code, exercise: None, topic: None };
            if let Err(error) = append(world, pupil, &ask).await {
                tracing::warn!(%error, "a simulated question was not taken");
            }
        }
    }
}

async fn append(world: &World, pupil: &Pupil, command: &Command) -> Result<(), Failure> {
    let id = CommandId::from_seed(world.clock.now(), world.clock.seed());
    let body = world
        .vault
        .seal(&pupil.key, Place::Command(id), &command.encode())
        .map_err(Failure::because)?;
    let command = NewCommand {
        student: pupil.key.student(),
        command: id,
        kind: command.kind(),
        traceparent: None,
        body: body.into(),
    };
    world.log.append(command).await.map_err(Failure::because)
}
