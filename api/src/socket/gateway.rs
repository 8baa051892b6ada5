//! What all sockets of this process share: the slot, who is here, and the way to them.

use std::collections::HashMap;
use std::sync::Arc;

use actix::prelude::{Actor, Addr};
use axum::extract::ws::WebSocket;
use axum::http::HeaderMap;
use futures_util::StreamExt;
use learnflow_engine::clock::Clock;
use learnflow_engine::course::model::Course;
use learnflow_engine::id::{CommandId, SocketId, StudentId};
use learnflow_engine::port::log::{Log, NewCommand, Reply};
use learnflow_engine::port::vault::{Place, StudentKey, Vault};
use learnflow_engine::session::command::Command;
use learnflow_storage::pool::Database;
use learnflow_storage::session_token::TokenHash;
use learnflow_storage::ticket;
use parking_lot::{Mutex, RwLock};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::arbiters::Arbiters;
use super::connection::{Arguments, Connection, MAILBOX, Told};
use super::frame::{CloseCode, ModelHealth};
use super::outbox::outbox;
use super::{lease, tasks};
use crate::origin;
use crate::state::Config;

/// Sockets that are open.
pub(super) const SOCKETS_OPEN: &str = "learnflow_api_sockets_open";
/// Passing frames that a slow client didn't get.
pub(super) const PASSING_DROPPED: &str = "learnflow_api_passing_frames_dropped_total";
/// Replies to nobody: the student has left.
const REPLIES_UNCLAIMED: &str = "learnflow_api_replies_unclaimed_total";
/// Sockets of one student on one gateway.
const SOCKETS_LIMIT: usize = 5;

/// Tells whether answers come from the model at the moment.
pub type ModelHealthProbe = Arc<dyn Fn() -> ModelHealth + Send + Sync>;

/// What a gateway is made of.
pub struct Parts {
    /// Accounts, tickets, journal.
    pub db: Database,
    /// Seals commands, opens frames.
    pub vault: Arc<dyn Vault>,
    /// Commands out, replies in.
    pub log: Arc<dyn Log>,
    /// Time and randomness.
    pub clock: Arc<dyn Clock>,
    /// The course, for ids in frames.
    pub course: Arc<Course>,
    /// Where connections live.
    pub arbiters: Arbiters,
    /// Settings of the edge: which origins are ours.
    pub config: Config,
    /// How many slots the reply topic has.
    pub reply_slots: i32,
    /// Whether answers come from the model.
    pub model_health: ModelHealthProbe,
    /// Owns every task.
    pub tasks: TaskTracker,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("log", &self.log).finish_non_exhaustive()
    }
}

/// A slot that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The slot.
    pub slot: i32,
    /// The lease's number.
    pub epoch: i64,
}

/// Shared by all sockets of this process.
pub struct Gateway {
    pub(super) db: Database,
    pub(super) vault: Arc<dyn Vault>,
    pub(super) log: Arc<dyn Log>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) course: Arc<Course>,
    arbiters: Arbiters,
    config: Config,
    pub(super) reply_slots: i32,
    model_health: ModelHealthProbe,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    lease: RwLock<Option<Lease>>,
    present: Mutex<HashMap<StudentId, Vec<Present>>>,
}

/// A socket that is open.
struct Present {
    socket: SocketId,
    token_hash: TokenHash,
    address: Addr<Connection>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("lease", &self.lease()).finish_non_exhaustive()
    }
}

/// What a good ticket gives.
#[derive(Debug)]
pub(super) struct Admitted {
    key: StudentKey,
    token_hash: TokenHash,
}

impl Gateway {
    /// Starts the gateway: its slot, its reader of replies, its look at who is still signed in.
    pub fn start(parts: Parts) -> Arc<Self> {
        let gateway = Arc::new(Self {
            db: parts.db,
            vault: parts.vault,
            log: parts.log,
            clock: parts.clock,
            course: parts.course,
            arbiters: parts.arbiters,
            config: parts.config,
            reply_slots: parts.reply_slots,
            model_health: parts.model_health,
            tasks: parts.tasks,
            stop: CancellationToken::new(),
            lease: RwLock::new(None),
            present: Mutex::new(HashMap::new()),
        });
        gateway.tasks.spawn(lease::keep(Arc::clone(&gateway)));
        gateway.tasks.spawn(tasks::watch_standing(Arc::clone(&gateway)));
        gateway
    }

    /// The slot that is ours, once its position in the reply topic is known.
    pub fn lease(&self) -> Option<Lease> {
        *self.lease.read()
    }

    pub(super) fn set_lease(&self, lease: Option<Lease>) {
        *self.lease.write() = lease;
    }

    pub(super) fn model_health(&self) -> ModelHealth {
        (self.model_health)()
    }

    /// A W3C trace context for a frame: the trace begins here.
    pub(super) fn new_traceparent(&self) -> String {
        // Neither id may be all zeros.
        let span = u64::try_from(self.clock.seed() >> 64).unwrap_or(0) | 1;
        format!("00-{:032x}-{span:016x}-01", self.clock.seed() | 1)
    }

    /// Whether the request comes from a foreign page. Clients that aren't browsers don't say.
    pub(super) fn is_foreign(&self, headers: &HeaderMap) -> bool {
        origin::is_ours(&self.config, headers) == Some(false)
    }

    /// Takes a ticket: once, and only while its sign-in stands.
    pub(super) async fn redeem(&self, ticket: &str) -> Result<Admitted, CloseCode> {
        if self.lease().is_none() {
            return Err(CloseCode::Restarting);
        }
        let redeemed = ticket::redeem(&self.db, ticket, self.clock.now())
            .await
            .map_err(|error| {
                tracing::warn!(%error, "a ticket could not be redeemed");
                CloseCode::Restarting
            })?
            .ok_or(CloseCode::NotSignedIn)?;
        let key = self
            .vault
            .unwrap_key(redeemed.student, &redeemed.wrapped_key)
            .map_err(|error| {
                tracing::error!(student = %redeemed.student, %error, "a student's key does not open");
                CloseCode::NotAllowed
            })?;
        Ok(Admitted { key, token_hash: redeemed.token_hash })
    }

    /// Starts a connection actor and the two tasks that carry its frames.
    pub(super) fn serve(self: &Arc<Self>, socket: WebSocket, admitted: Admitted) {
        let Admitted { key, token_hash } = admitted;
        let student = key.student();
        let id = SocketId::from_seed(self.clock.now(), self.clock.seed());
        let (outbox, outgoing) = outbox();
        let (append, appended) = tokio::sync::mpsc::channel(tasks::APPEND_LIMIT);
        let (sink, stream) = socket.split();
        self.tasks.spawn(tasks::write(sink, outgoing));
        if self.count(student) >= SOCKETS_LIMIT {
            return outbox.close(CloseCode::TooManySockets);
        }
        let arguments = Arguments { gateway: Arc::clone(self), socket: id, key, outbox, append };
        let address = Connection::start_in_arbiter(self.arbiters.next(), |context| {
            context.set_mailbox_capacity(MAILBOX);
            Connection::new(arguments)
        });
        self.present.lock().entry(student).or_default().push(Present {
            socket: id,
            token_hash,
            address: address.clone(),
        });
        self.tasks.spawn(tasks::append(Arc::clone(&self.log), appended, address.clone()));
        self.tasks.spawn(tasks::read(stream, address));
    }

    fn count(&self, student: StudentId) -> usize {
        self.present.lock().get(&student).map_or(0, Vec::len)
    }

    /// A connection has ended. After the last one of a student here, the session need not send
    /// us its frames any more.
    pub(super) fn left(gateway: &Arc<Self>, key: &StudentKey, socket: SocketId) {
        let student = key.student();
        let last = {
            let mut present = gateway.present.lock();
            let Some(sockets) = present.get_mut(&student) else { return };
            sockets.retain(|one| one.socket != socket);
            let last = sockets.is_empty();
            if last {
                present.remove(&student);
            }
            last
        };
        if !last || gateway.stop.is_cancelled() {
            return;
        }
        let Some(Lease { slot, epoch }) = gateway.lease() else { return };
        let command = Command::Detach { slot, slot_epoch: epoch };
        let id = CommandId::from_seed(gateway.clock.now(), gateway.clock.seed());
        let Ok(body) = gateway.vault.seal(key, Place::Command(id), &command.encode()) else {
            return;
        };
        let kind = command.kind();
        let detach =
            NewCommand { student, command: id, kind, traceparent: None, body: body.into() };
        let owner = Arc::clone(gateway);
        gateway.tasks.spawn(async move {
            // A lost detach is harmless: the lease ends some day, and frames to nobody are dropped.
            if owner.count(student) == 0 {
                drop(owner.log.append(detach).await);
            }
        });
    }

    /// Hands a reply to every socket of its student.
    pub(super) fn dispatch(&self, reply: Reply) {
        let present = self.present.lock();
        let Some(sockets) = present.get(&reply.student) else {
            ::metrics::counter!(REPLIES_UNCLAIMED).increment(1);
            return;
        };
        let reply = Arc::new(reply);
        for one in sockets {
            // A full mailbox means that durable frames get lost here; the next one shows the gap.
            drop(one.address.try_send(Told::Reply(Arc::clone(&reply))));
        }
    }

    /// Tells every socket something.
    pub(super) fn tell_all(&self, told: impl Fn(usize) -> Told) {
        let present = self.present.lock();
        for (place, one) in present.values().flatten().enumerate() {
            // Closing must get through, whatever waits in the mailbox.
            one.address.do_send(told(place));
        }
    }

    /// Students and sign-ins that are here.
    pub(super) fn standing(&self) -> Vec<(StudentId, TokenHash, Addr<Connection>)> {
        let present = self.present.lock();
        present
            .iter()
            .flat_map(|(student, sockets)| {
                sockets.iter().map(|one| (*student, one.token_hash, one.address.clone()))
            })
            .collect()
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        self.present.lock().values().map(Vec::len).sum()
    }

    /// Says goodbye to every client, spread over a moment so that they don't all come back at
    /// once, and gives the slot back.
    pub async fn drain(&self) {
        /// Clients come back within so long.
        const SPREAD_MS: u64 = 2_000;
        self.stop.cancel();
        let count = self.open_sockets().max(1) as u64;
        self.tell_all(|place| {
            let after_ms = 200 + SPREAD_MS * place as u64 / count;
            Told::Shut(CloseCode::Restarting, Some(after_ms))
        });
        if let Some(lease) = self.lease() {
            lease::release(self, lease).await;
        }
    }

    /// Ends the arbiters: after [`Gateway::drain`], when the tasks have ended.
    pub fn stop_arbiters(&self) {
        self.arbiters.stop();
    }
}
