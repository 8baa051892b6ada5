//! The tasks around a connection actor, on the main runtime: read, write, append, and the look at
//! who is still signed in.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;
use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use learnflow_engine::port::log::{Log, NewCommand};
use learnflow_storage::ticket::{self, Presence};
use tokio::sync::mpsc;

use super::connection::{Connection, SignIn, Told};
use super::frame::CloseCode;
use super::gateway::Gateway;
use super::outbox::{Outbound, Outgoing};

/// Commands of one socket that may wait for the log.
pub(super) const APPEND_LIMIT: usize = 64;
/// A write that takes longer means that the client is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// A client that was told to close has so long to answer.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Pause between looks at newest frames and sign-ins.
const STANDING_EVERY: Duration = Duration::from_secs(10);
/// Students that are asked about in one query.
const STANDING_CHUNK: usize = 500;

/// Reads the client's frames into the actor's mailbox; a full mailbox holds the socket back.
pub(super) async fn read(mut stream: SplitStream<WebSocket>, address: Addr<Connection>) {
    loop {
        let told = match stream.next().await {
            Some(Ok(Message::Text(text))) => Told::Text(text.to_string()),
            Some(Ok(Message::Binary(_))) => Told::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Told::Heard,
            Some(Ok(Message::Close(_))) | None => Told::Ended(None),
            Some(Err(error)) => Told::Ended(close_code(&error)),
        };
        let last = matches!(told, Told::Ended(_));
        // `send` waits for room in the mailbox: that is the backpressure.
        if address.send(told).await.is_err() || last {
            return;
        }
    }
}

/// What a read error tells the client, if there is still one.
fn close_code(error: &Error) -> Option<CloseCode> {
    // axum hides its WebSocket library's error type; its texts are stable and tested here.
    let text = error.to_string();
    if text.contains("too long") || text.contains("Space limit") {
        Some(CloseCode::TooLarge)
    } else if text.contains("UTF-8") || text.contains("utf-8") {
        Some(CloseCode::NotUtf8)
    } else {
        None
    }
}

/// Writes what waits; ends the socket after a close.
pub(super) async fn write(mut sink: SplitSink<WebSocket, Message>, mut outgoing: Outgoing) {
    while let Some(next) = outgoing.next().await {
        let message = match next {
            Outbound::Text(text) => Message::Text(text.into()),
            Outbound::Ping => Message::Ping(Vec::new().into()),
            Outbound::Close(code) => {
                let frame = CloseFrame { code: code.as_u16(), reason: code.reason().into() };
                let close = async {
                    drop(sink.send(Message::Close(Some(frame))).await);
                    drop(sink.close().await);
                };
                drop(tokio::time::timeout(CLOSE_WITHIN, close).await);
                return;
            }
        };
        if !matches!(tokio::time::timeout(WRITE_WITHIN, sink.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Appends a socket's commands one after the other: their order is the client's.
pub(super) async fn append(
    log: Arc<dyn Log>,
    mut commands: mpsc::Receiver<NewCommand>,
    address: Addr<Connection>,
) {
    while let Some(command) = commands.recv().await {
        let id = command.command;
        if let Err(error) = log.append(command).await {
            tracing::warn!(%error, "a command was not appended");
            drop(address.try_send(Told::NotAppended(id)));
        }
    }
}

/// Reads newest frame, key and sign-in of everybody here: what `pong` reports, and who must go.
pub(super) async fn watch_standing(gateway: Arc<Gateway>) {
    loop {
        tokio::select! {
            () = gateway.stop.cancelled() => return,
            () = tokio::time::sleep(STANDING_EVERY) => {}
        }
        let here = gateway.standing();
        for chunk in here.chunks(STANDING_CHUNK) {
            let asked: Vec<_> = chunk.iter().map(|(student, hash, _)| (*student, *hash)).collect();
            match ticket::standing(&gateway.db, &asked, gateway.clock.now()).await {
                Ok(answers) => {
                    for ((_, _, address), answer) in chunk.iter().zip(answers) {
                        let sign_in = match (answer.key, answer.sign_in) {
                            (Presence::Present, Presence::Present) => SignIn::Stands,
                            (Presence::Gone, _) | (_, Presence::Gone) => SignIn::Gone,
                        };
                        let told = Told::Standing(answer.newest_seq, sign_in, answer.rests_until);
                        drop(address.try_send(told));
                    }
                }
                Err(error) => tracing::warn!(%error, "sign-ins could not be checked"),
            }
        }
    }
}
