//! Committer and publisher: what every step passes.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef};

use super::Message;
use crate::committer::{self, Committer, CommitterHandle};
use crate::publisher::{self, Publisher, PublisherHandle};
use crate::world::World;

/// What every step passes: a committer and its publisher. They live and end together, since the
/// one hands the other what it made durable.
#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    pub(super) committer: CommitterHandle,
    committer_cell: ActorCell,
    pub(super) publisher: PublisherHandle,
    publisher_cell: ActorCell,
}

impl Pipeline {
    /// Starts both under the supervisor.
    pub(super) async fn start(
        world: &World,
        supervisor: &ActorRef<Message>,
    ) -> Result<Self, ActorProcessingErr> {
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let arguments = publisher::Arguments {
            world: world.clone(),
            supervisor: supervisor.clone(),
            waiting_bytes: Arc::clone(&waiting_bytes),
        };
        let (actor, _) =
            Actor::spawn_linked(None, Publisher, arguments, supervisor.get_cell()).await?;
        let publisher_cell = actor.get_cell();
        let publisher = PublisherHandle::new(actor, waiting_bytes, world.config.backlog_bytes);
        let arguments = committer::Arguments {
            world: world.clone(),
            publisher: publisher.clone(),
            supervisor: supervisor.clone(),
        };
        let (actor, _) =
            Actor::spawn_linked(None, Committer, arguments, supervisor.get_cell()).await?;
        let committer_cell = actor.get_cell();
        let committer = CommitterHandle::new(actor);
        Ok(Self { committer, committer_cell, publisher, publisher_cell })
    }

    /// Whether this is one of the two.
    pub(super) fn holds(&self, id: ActorId) -> bool {
        [&self.committer_cell, &self.publisher_cell].iter().any(|one| one.get_id() == id)
    }

    /// Stops what is left of the two.
    pub(super) fn stop(&self) {
        self.stop_committer();
        self.publisher_cell.stop(None);
    }

    /// Stops the committer; the publisher goes on with what is durable.
    pub(super) fn stop_committer(&self) {
        self.committer_cell.stop(None);
    }
}
