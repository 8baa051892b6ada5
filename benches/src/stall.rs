//! Watches this program itself: how late it wakes up is how much later than due it may have
//! started and seen things. A report shows it, so that our own stalls aren't taken for the server's.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::measure::{Board, Measure};

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(10);

/// Above this 99th percentile the report calls the generator saturated.
pub const SATURATED_P99_MS: f64 = 10.0;

/// Records, until it is dropped, how late it wakes. Every missed look counts, so a long stall
/// weighs as many samples as it lasted.
pub async fn watch(board: Arc<Board>) {
    let mut due = Instant::now() + PERIOD;
    loop {
        tokio::time::sleep_until(due).await;
        due = look(&board, due, Instant::now());
    }
}

fn look(board: &Board, mut due: Instant, now: Instant) -> Instant {
    while due <= now {
        board.record_span(Measure::Stall, now - due);
        due += PERIOD;
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_weighs_as_much_as_it_lasted() {
        let board = Board::default();
        let start = Instant::now();
        let mut due = start;
        for _ in 0..100 {
            due = look(&board, due, due);
        }
        let due = look(&board, due, due + Duration::from_secs(1));
        assert_eq!(due, start + Duration::from_millis(2_010));
        let stall = board.percentiles(Measure::Stall);
        assert_eq!(stall.count, 201);
        assert!(stall.p90_ms > 700.0 && stall.p50_ms < 20.0, "{stall:?}");
    }
}
