//! The relay: carries intents (writes by REST that a session owns) into the log.
//!
//! A row of the intent table stands until the step that settles it is committed. Any process may
//! relay any row: a second append of the same command is recognised by its id.

use std::sync::Arc;
use std::time::Duration;

use learnflow_engine::id::CommandId;
use learnflow_engine::port::log::{CommandKind, NewCommand};
use learnflow_engine::port::store::IntentRow;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::metrics;
use crate::world::World;

/// Pause between looks when nobody says that there is something.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Intents that are taken at once.
const PAGE: u32 = 64;

/// Wakes the relay of this process: whoever wrote an intent needn't wait for its next look.
#[derive(Debug, Clone, Default)]
pub struct RelayBell(Arc<Notify>);

impl RelayBell {
    /// Says that there is something to relay.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Relays until told to stop.
pub(crate) async fn run(world: World, bell: RelayBell, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = bell.0.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        while relay_page(&world).await && !stop.is_cancelled() {}
    }
}

/// Relays a page; whether there may be another.
async fn relay_page(world: &World) -> bool {
    let rows = match world.store.intents(world.clock.now(), PAGE).await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::debug!(%error, "intents can't be read at the moment");
            return false;
        }
    };
    let full = rows.len() == PAGE as usize;
    for row in rows {
        let id = row.id;
        let Some(command) = command(row) else {
            tracing::error!(%id, "an intent of an unknown kind waits for another version");
            continue;
        };
        if let Err(error) = world.log.append(command).await {
            // Taking it has set its next time: it comes again after 5 s, then seldomer.
            tracing::warn!(%id, %error, "an intent was not appended; it is tried again");
            return false;
        }
        ::metrics::counter!(metrics::INTENTS_RELAYED).increment(1);
    }
    full
}

fn command(row: IntentRow) -> Option<NewCommand> {
    let IntentRow { id, student, kind, body } = row;
    let kind = CommandKind::parse(&kind)?;
    let command = CommandId::new(id.as_uuid());
    Some(NewCommand { student, command, kind, traceparent: None, body: body.into() })
}
