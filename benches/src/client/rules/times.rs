//! The times by which a client goes.

use std::time::Duration;

/// The times by which a client goes.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Ticket, upgrade and welcome take at most this long each.
    pub open: Duration,
    /// A command is unanswered for this long: hello again.
    pub command: Duration,
    /// A running turn is silent for this long: hello again.
    pub silent_turn: Duration,
    /// Between two pings.
    pub ping: Duration,
    /// A ping is unanswered for this long: the connection is dead.
    pub pong: Duration,
    /// Between two `active`.
    pub active: Duration,
    /// Between two hellos because something was missed.
    pub hello_gap: Duration,
    /// The first pause before coming back; doubled with each failure.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(10),
            command: Duration::from_secs(5),
            silent_turn: Duration::from_secs(15),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            active: Duration::from_mins(1),
            hello_gap: Duration::from_secs(1),
            first_pause: Duration::from_millis(400),
            longest_pause: Duration::from_secs(15),
        }
    }
}
