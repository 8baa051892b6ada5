//! The gateway's slot: leased, renewed, and given up when the lease lapses.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use learnflow_engine::port::log::{BoxStream, Reply};
use learnflow_storage::slot;

use super::connection::Told;
use super::frame::CloseCode;
use super::gateway::{Gateway, Lease};

/// A lease lapses after so long without renewal.
const LEASE_MS: i64 = 30_000;
/// It is renewed so often.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Pause before another try.
const AGAIN: Duration = Duration::from_millis(500);

/// Leases a slot and reads its replies; takes a new one whenever the lease is lost.
pub(super) async fn keep(gateway: Arc<Gateway>) {
    while !gateway.stop.is_cancelled() {
        if let Some((lease, replies)) = acquire(&gateway).await {
            tracing::info!(slot = lease.slot, epoch = lease.epoch, "the gateway has a slot");
            // Its position is known now: sockets may append.
            gateway.set_lease(Some(lease));
            hold(&gateway, lease, replies).await;
            gateway.set_lease(None);
            if !gateway.stop.is_cancelled() {
                tracing::warn!(slot = lease.slot, "the gateway lost its slot");
                gateway.tell_all(|_| Told::Shut(CloseCode::Restarting, None));
            }
        }
        tokio::select! {
            () = gateway.stop.cancelled() => {}
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

async fn acquire(gateway: &Gateway) -> Option<(Lease, BoxStream<Reply>)> {
    let now = gateway.clock.now();
    let until = now.plus_millis(LEASE_MS);
    let leased = match slot::lease(&gateway.db, gateway.reply_slots, now, until).await {
        Ok(leased) => leased?,
        Err(error) => {
            tracing::warn!(%error, "no slot could be leased");
            return None;
        }
    };
    let lease = Lease { slot: leased.slot, epoch: leased.epoch };
    match gateway.log.replies(lease.slot).await {
        Ok(replies) => Some((lease, replies)),
        Err(error) => {
            tracing::warn!(%error, "replies can't be read yet");
            release(gateway, lease).await;
            None
        }
    }
}

/// Reads replies until the lease is lost, the stream ends, or the gateway stops.
async fn hold(gateway: &Gateway, lease: Lease, mut replies: BoxStream<Reply>) {
    let mut renew = tokio::time::interval(RENEW_EVERY);
    let mut stands_until = gateway.clock.now().plus_millis(LEASE_MS);
    loop {
        tokio::select! {
            () = gateway.stop.cancelled() => return,
            reply = replies.next() => match reply {
                // A reply of an older lease of this slot is for somebody else.
                Some(reply) if reply.slot_epoch == lease.epoch => gateway.dispatch(reply),
                Some(_) => {}
                None => return,
            },
            _ = renew.tick() => {
                let now = gateway.clock.now();
                let until = now.plus_millis(LEASE_MS);
                match slot::renew(&gateway.db, lease.slot, lease.epoch, now, until).await {
                    Ok(true) => stands_until = until,
                    Ok(false) => return,
                    // The store is away: the lease stands until it lapses.
                    Err(error) if now >= stands_until => {
                        tracing::warn!(%error, "the slot's lease lapsed");
                        return;
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

/// Gives a slot back.
pub(super) async fn release(gateway: &Gateway, lease: Lease) {
    if let Err(error) = slot::release(&gateway.db, lease.slot, lease.epoch).await {
        tracing::warn!(%error, slot = lease.slot, "the slot was not given back; its lease lapses");
    }
}
