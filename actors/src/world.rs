//! What every actor needs: the ports, the course, the settings, and an owner for its tasks.

use std::sync::Arc;

use learnflow_engine::clock::Clock;
use learnflow_engine::course::model::Course;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::log::Log;
use learnflow_engine::port::store::Store;
use learnflow_engine::port::vault::Vault;
use tokio_util::task::TaskTracker;

use crate::completion::handle::CompletionHandle;
use crate::config::Config;
use crate::session::pace::Pace;

/// Gives the pseudonym under which a student is known to a provider.
pub type Pseudonym = Arc<dyn Fn(StudentId) -> String + Send + Sync>;

/// The ports, cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Commands in, replies and events out.
    pub log: Arc<dyn Log>,
    /// The only commit point.
    pub store: Arc<dyn Store>,
    /// Seals and opens.
    pub vault: Arc<dyn Vault>,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// The course.
    pub course: Arc<Course>,
    /// The cached request actor.
    pub completion: CompletionHandle,
    /// The provider's name for a student.
    pub pseudonym: Pseudonym,
    /// Settings.
    pub config: Arc<Config>,
    /// Owns every task that an actor spawns; the drain waits for it.
    pub tasks: TaskTracker,
    /// How often streaming answers say something.
    pub pace: Arc<Pace>,
    /// At most so many sessions are restored at once.
    pub restores: Arc<tokio::sync::Semaphore>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("log", &self.log)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
