//! Shows how far a run is: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use learnflow_bench::measure::{Board, Count, Measure};

/// Between two looks on a terminal.
const BAR_PERIOD: Duration = Duration::from_millis(200);

/// Between two lines elsewhere.
const LINE_PERIOD: Duration = Duration::from_secs(5);

/// Where progress goes.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    /// A terminal.
    Bar(ProgressBar),
    /// A file or a pipe.
    Lines,
}

impl Progress {
    /// What fits standard error.
    pub(super) fn new() -> Self {
        if io::stderr().is_terminal() { Self::Bar(ProgressBar::new(0)) } else { Self::Lines }
    }

    /// Begins to count something up to `total`.
    pub(super) fn begin(&self, what: &'static str, total: u64) {
        match self {
            Self::Bar(bar) => {
                let template = "{prefix:>9} {bar:30} {pos}/{len} {msg}";
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                bar.reset();
                bar.set_length(total);
                bar.set_prefix(what);
            }
            Self::Lines => line(&format!("{what}: {total}")),
        }
    }

    /// Tells how far the counting is.
    pub(super) fn at(&self, place: u64) {
        match self {
            Self::Bar(bar) => bar.set_position(place),
            Self::Lines => {}
        }
    }

    /// Follows a run until it is dropped.
    pub(super) async fn follow(&self, board: Arc<Board>) {
        loop {
            match self {
                Self::Bar(bar) => {
                    tokio::time::sleep(BAR_PERIOD).await;
                    bar.set_position(ended(&board));
                    bar.set_message(summary(&board));
                }
                Self::Lines => {
                    tokio::time::sleep(LINE_PERIOD).await;
                    line(&format!("{} ended, {}", ended(&board), summary(&board)));
                }
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Lines => {}
        }
    }
}

fn ended(board: &Board) -> u64 {
    let ends = [Count::Answered, Count::Failed, Count::Refused, Count::Unanswered];
    ends.into_iter().map(|count| board.value(count)).sum()
}

fn summary(board: &Board) -> String {
    let p99 = |measure| board.percentiles(measure).p99_ms;
    format!(
        "p99 ack {:.1} ms, first token {:.1} ms, own stall {:.1} ms; {} failed, {} lost",
        p99(Measure::Ack),
        p99(Measure::FirstToken),
        p99(Measure::Stall),
        board.value(Count::Failed),
        board.value(Count::Lost),
    )
}

fn line(text: &str) {
    // Progress that nobody can see is no reason to stop.
    let _unseen = writeln!(io::stderr(), "{text}");
}
