//! The demo's class: simulated students who ask, practise and struggle through the log as real
//! ones do, while somebody watches. The tutor's own next step says what they do.

use std::sync::Arc;
use std::time::Duration;

use learnflow_actors::completion::offline::PIECE_DELAY;
use learnflow_api::demo;
use learnflow_api::socket::gateway::Gateway;
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::model::Course;
use learnflow_engine::id::{CommandId, SectionId};
use learnflow_engine::port::log::{Log, NewCommand};
use learnflow_engine::port::vault::{Place, StudentKey, Vault};
use learnflow_engine::session::command::Command;
use learnflow_engine::simulated::{self, Action, Mind, SimulatedStudent, guide};
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
/// Whoever has done enough comes back after so long.
const REST_MS: i64 = 120_000;
/// Whoever could not reach the store or the log tries again after so long.
const AGAIN_MS: i64 = 30_000;
/// An answer is waited for so long before anything else.
const ANSWER_PIECES: i64 = 1_000;
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
    mind: Mind,
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
    let mut mind = student.mind(&world.course, acts_at);
    mind.sit_down(acts_at);
    Ok(Pupil { key, mind, acts_at })
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

/// Lets a student do what it wants, when its time has come. What the session refuses is nothing
/// to worry about: a student does something else then.
async fn act(world: &World, pupil: &mut Pupil) {
    let now = world.clock.now();
    if pupil.acts_at > now {
        return;
    }
    if let Err(error) = step(world, pupil, now).await {
        tracing::warn!(%error, "a simulated student could not do what it wants");
        pupil.acts_at = now.plus_millis(AGAIN_MS);
    }
}

async fn step(world: &World, pupil: &mut Pupil, now: Timestamp) -> Result<(), Failure> {
    if pupil.mind.is_free() {
        let student = pupil.key.student();
        let learning = demo::learning(&world.db, student).await.map_err(Failure::because)?;
        if let Some(proposal) = guide::recommended(&world.course, &learning, now) {
            pupil.mind.take_up(&proposal, &world.course);
        }
    }
    let action = pupil.mind.next(&world.course, now);
    pupil.acts_at = now.plus_millis(wait_ms(&action));
    if action == Action::Stop {
        pupil.mind.sit_down(pupil.acts_at);
    }
    match action.command() {
        Some(command) => append(world, pupil, &command).await,
        None => Ok(()),
    }
}

/// How long it takes until the next thing can follow.
fn wait_ms(action: &Action) -> i64 {
    match action {
        Action::Pause { ms } => i64::try_from(*ms).unwrap_or(i64::MAX),
        Action::Ask { .. } => {
            let piece_ms = i64::try_from(PIECE_DELAY.as_millis()).unwrap_or(1);
            piece_ms.saturating_mul(ANSWER_PIECES)
        }
        Action::Active | Action::Quiz { .. } | Action::Submit { .. } | Action::Hint { .. } => 0,
        Action::Stop => REST_MS,
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
