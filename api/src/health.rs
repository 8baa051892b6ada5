//! Whether the process lives, has started, and may get work.
//!
//! *Live* says nothing of others: a process whose database is away must not be killed for it.
//! *Ready* asks log and store at that moment and adds what the parts have reported; it names each
//! cause. A model that doesn't answer is named but takes nobody out of service: authored answers,
//! grading and pages go on without it.

pub(crate) mod live;
pub(crate) mod ready;
pub(crate) mod startup;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde::Serialize;
use utoipa::ToSchema;

/// What the process is made of, as readiness names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// The process as a whole: it starts, or drains.
    Process,
    /// The command log.
    Log,
    /// The database.
    Store,
    /// The claim of partitions: the log is the one that the store knows.
    Claim,
    /// The model.
    Model,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 5] = [Self::Process, Self::Log, Self::Store, Self::Claim, Self::Model];

    /// Whether the process can't do its work without it.
    pub(crate) const fn is_needed(self) -> bool {
        match self {
            Self::Process | Self::Log | Self::Store | Self::Claim => true,
            Self::Model => false,
        }
    }
}

/// What the parts have reported; cheap to clone.
#[derive(Debug, Clone)]
pub struct HealthHandle(Arc<RwLock<Reported>>);

#[derive(Debug)]
struct Reported {
    causes: BTreeMap<Component, String>,
    start: Start,
}

/// Whether the start is over; it never begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Running,
    Over,
}

/// Why a component doesn't work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Cause {
    pub(crate) component: Component,
    pub(crate) detail: String,
}

impl Default for HealthHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl HealthHandle {
    /// A process that has not started yet.
    pub fn new() -> Self {
        let causes = BTreeMap::from([(Component::Process, "starting".to_owned())]);
        Self(Arc::new(RwLock::new(Reported { causes, start: Start::Running })))
    }

    /// Reports that a component works, or why it doesn't (without text of students or secrets).
    /// `set(Component::Process, Ok(()))` says that the start is over.
    pub fn set(&self, component: Component, health: Result<(), String>) {
        let mut reported = self.0.write();
        if component == Component::Process && health.is_ok() {
            reported.start = Start::Over;
        }
        match health {
            Ok(()) => drop(reported.causes.remove(&component)),
            Err(cause) => drop(reported.causes.insert(component, cause)),
        }
    }

    /// What was reported and holds.
    pub(crate) fn causes(&self) -> BTreeMap<Component, String> {
        self.0.read().causes.clone()
    }

    /// Whether the start is over.
    pub(crate) fn start(&self) -> Start {
        self.0.read().start
    }
}
