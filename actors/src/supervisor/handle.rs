//! The address of the running engine: start it, ask how it is, drain it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Arguments, DRAIN, EngineStatus, Message, Supervisor};
use crate::relay::{self, RelayBell};
use crate::world::World;

/// The running engine.
#[derive(Debug, Clone)]
pub struct EngineHandle {
    supervisor: ActorRef<Message>,
    status: EngineStatus,
    relay: RelayBell,
    stop: CancellationToken,
}

impl EngineHandle {
    /// Starts the engine: claims whatever the log assigns to this process.
    ///
    /// # Errors
    /// When an actor can't be started.
    pub async fn start(world: World) -> Result<Self, ActorProcessingErr> {
        let status = EngineStatus::default();
        let (relay, stop) = (RelayBell::default(), CancellationToken::new());
        world.tasks.spawn(relay::run(world.clone(), relay.clone(), stop.clone()));
        let log = Arc::clone(&world.log);
        let tasks = world.tasks.clone();
        let arguments = Arguments { world, status: status.clone() };
        let (supervisor, _) = Actor::spawn(None, Supervisor, arguments).await?;
        let reader = supervisor.clone();
        tasks.spawn(async move {
            let mut assignments = log.assignments();
            while let Some(assignment) = assignments.next().await {
                if reader.cast(Message::Assignment(assignment)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { supervisor, status, relay, stop })
    }

    /// Which partitions are served, and why others aren't.
    pub const fn status(&self) -> &EngineStatus {
        &self.status
    }

    /// Wakes what carries writes by REST to their sessions.
    pub const fn relay(&self) -> &RelayBell {
        &self.relay
    }

    /// Waits until the engine has ended by itself: it failed again and again.
    pub async fn failed(&self) {
        // Without a deadline there is nothing that could time out.
        drop(self.supervisor.wait(None).await);
    }

    /// Hands every partition over and stops, within 6 s.
    pub async fn drain(&self) {
        self.stop.cancel();
        let (done, wait) = oneshot::channel();
        if self.supervisor.cast(Message::Drain(done)).is_ok() {
            drop(tokio::time::timeout(DRAIN + Duration::from_secs(1), wait).await);
        }
        self.supervisor.stop(None);
    }
}
